"""Modules: what becomes a member, how members are found, states, files, initialisers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcli import nn
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.randomness import manual_seed
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import (
    FileError,
    GradcliError,
    Overwritten,
    ShapeMismatch,
    UnknownAttribute,
    WrongIndex,
    WrongKey,
    WrongType,
    WrongValue,
)
from gradcli.nn import weights


class Net(nn.Module):
    """As it is written for PyTorch."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        self.scale = nn.Parameter(np.ones(3))
        self.register_buffer("count", tensor(0.0))
        self.register_buffer("passing", tensor(1.0), persistent=False)
        self.plain = tensor([1.0], requires_grad=True)

    def forward(self, x: Any) -> Any:
        return self.body(x) * self.scale


class Doubled(nn.Cell):
    """As it is written for MindSpore."""

    def construct(self, x: Any) -> Any:
        return x * 2


NAMES = ["scale", "body.0.weight", "body.0.bias"]


def test_the_package_brings_it() -> None:
    import gradcli

    assert gradcli.nn.Linear is nn.Linear
    assert gradcli.optim.SGD is nn.optim.SGD
    assert gradcli.manual_seed is manual_seed


# ---- members ------------------------------------------------------------------------------------


def test_what_is_assigned_becomes_a_member() -> None:
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [name for name, _ in net.named_modules()] == ["", "body", "body.0", "body.1"]
    assert [name for name, _ in net.named_children()] == ["body"]
    assert [name for name, _ in net.named_buffers()] == ["count", "passing"]
    assert [*net.state_dict()] == ["scale", "count", "body.0.weight", "body.0.bias"]
    assert isinstance(net.scale, nn.Parameter)
    assert not isinstance(net.plain, nn.Parameter)
    assert net.get_submodule("body.0") is net.body[0]
    assert net(tensor([[1.0, 2.0]])).shape == (1, 3)


def test_members_change() -> None:
    net = Net()
    net.body = nn.Identity()
    net.count = tensor(5.0)
    del net.scale
    net.extra = None
    net.extra = nn.Linear(1, 1, bias=False)
    assert [name for name, _ in net.named_parameters()] == ["extra.weight"]
    assert dict(net.named_buffers())["count"].item() == 5
    net.extra = None
    assert [*net.children()] == [net.body]
    assert "body" in dir(net)


def test_construct_is_forward_and_init_may_be_forgotten() -> None:
    class Forgetful(nn.Module):
        def __init__(self) -> None:
            self.inner = Doubled()

        def forward(self, x: Any) -> Any:
            return self.inner(x)

    assert Forgetful()(3) == 6


def test_what_is_shared_is_named_once_and_saved_by_every_path() -> None:
    layer = nn.Linear(1, 1)
    net = nn.Sequential(layer, layer)
    assert len([*net.parameters()]) == 2
    assert [*net.state_dict()] == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_modes_reach_all_modules() -> None:
    net = Net().eval()
    assert not any(module.training for module in net.modules())
    assert net.set_train() is net
    assert all(module.training for module in net.modules())
    net.requires_grad_(False)
    assert net.trainable_params() == []
    net.scale.requires_grad = True
    assert [x is net.scale for x in net.trainable_params()] == [True]
    net.scale.grad = tensor(np.ones(3))
    net.zero_grad()
    assert net.scale.grad is None
    assert {x.dtype for x in net.float().parameters()} == {np.dtype(np.float32)}


def test_a_graph_notices_that_its_module_was_cast() -> None:
    net = nn.Linear(2, 1)
    y = F["sum"](net(tensor([[1.0, 2.0]], requires_grad=True)))
    net.float()
    with pytest.raises(Overwritten):
        y.backward()


def test_apply_comes_to_the_innermost_first() -> None:
    seen: list[str] = []
    Net().apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "ReLU", "Sequential", "Net"]


def test_rows_of_modules() -> None:
    row = nn.ModuleList([nn.Identity(), nn.Flatten()])
    row.append(nn.ReLU())
    assert len(row) == 3
    assert [type(module).__name__ for module in row[1:]] == ["Flatten", "ReLU"]
    assert type(row[-1]) is nn.ReLU
    named = nn.Sequential({"first": nn.Identity(), "second": Doubled()})
    assert named(2) == 4
    assert [name for name, _ in named.named_children()] == ["first", "second"]
    assert type(named[:1]) is nn.Sequential


def test_modules_by_name() -> None:
    layers = nn.ModuleDict({"first": nn.Identity()})
    layers["second"] = nn.Linear(1, 1)
    assert [*layers] == layers.keys() == ["first", "second"]
    assert "first" in layers and len(layers) == 2
    assert layers.items()[1] == ("second", layers["second"])
    assert layers.values()[0] is layers["first"]
    assert [*layers.state_dict()] == ["second.weight", "second.bias"]
    with pytest.raises(WrongKey, match="third"):
        layers["third"]
    with pytest.raises(WrongType):
        layers["third"] = 3  # type: ignore[assignment]  # it is refused


def test_printing() -> None:
    assert repr(Net()) == (
        "Net(\n"
        "  (body): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=3, bias=True)\n"
        "    (1): ReLU()\n"
        "  )\n"
        ")"
    )


REFUSED: dict[str, tuple[Callable[[], Any], type[GradcliError]]] = {
    "no forward": (lambda: nn.Module()(1), UnknownAttribute),
    "an attribute": (lambda: Net().missing, UnknownAttribute),
    "a path": (lambda: Net().get_submodule("body.7"), UnknownAttribute),
    "a tensor for a parameter": (lambda: setattr(Net(), "scale", tensor([1.0])), WrongType),
    "a tensor as a parameter": (lambda: Net().register_parameter("w", tensor([1.0])), WrongType),
    "a dot": (lambda: Net().register_buffer("a.b", None), WrongValue),
    "no module": (lambda: nn.Sequential(3), WrongType),
    "an index": (lambda: nn.ModuleList([Doubled()])[1], WrongIndex),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    call, error = REFUSED[name]
    with pytest.raises(error):
        call()


# ---- states -------------------------------------------------------------------------------------


def test_a_state_is_copied_into_the_same_tensors() -> None:
    one, other = Net(), Net()
    before = other.scale
    nn.init.constant_(one.scale, 7)
    assert other.load_state_dict(one.state_dict()) == ([], [])
    assert other.scale is before
    assert other.scale.tolist() == [7, 7, 7]
    nn.init.constant_(one.scale, 8)
    assert other.scale.tolist() == [7, 7, 7]


def test_every_misfit_is_reported_and_nothing_changed() -> None:
    net = Net()
    state: dict[str, Any] = {**Net().state_dict(), "more": tensor(1.0), "scale": tensor([1.0])}
    del state["count"]
    weight = net.body[0].weight.tolist()
    with pytest.raises(ShapeMismatch) as caught:
        net.load_state_dict(state)
    for part in ("'count' is missing", "'more' is unexpected", "'scale' has shape (1,)"):
        assert part in caught.value.message
    assert net.body[0].weight.tolist() == weight
    del state["scale"]
    with pytest.raises(WrongKey):
        net.load_state_dict(state)
    assert net.load_state_dict(state, strict=False) == (["scale", "count"], ["more"])


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_weights_in_files(suffix: str, tmp_path: Path) -> None:
    if suffix == ".safetensors":
        pytest.importorskip("safetensors")
    path = tmp_path / f"net{suffix}"
    one, other = Net(), Net()
    one.count = tensor(3.0)
    weights.save(one, path)
    assert weights.restore(other, path) == ([], [])
    for name, value in one.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name].value, value.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    with pytest.raises(FileError):
        weights.load(path)
    for content in (b"", b"nothing of the kind"):
        path.write_bytes(content)
        with pytest.raises(FileError):
            weights.load(path)
    with pytest.raises(FileError):
        weights.save({}, tmp_path / "net.pkl")
    with pytest.raises(FileError):
        weights.save({}, tmp_path / "nowhere" / "net.npz")


# ---- initialisers -------------------------------------------------------------------------------

WIDE = (400, 100)
SPREADS: dict[str, tuple[Callable[[Tensor], Any], float, float]] = {
    # by what, the deviation, the largest size
    "uniform_": (lambda x: nn.init.uniform_(x, -1, 1), 3**-0.5, 1),
    "normal_": (lambda x: nn.init.normal_(x, std=2), 2, 10),
    "trunc_normal_": (lambda x: nn.init.trunc_normal_(x, a=-1, b=1), 0.5396, 1),
    "xavier_uniform_": (nn.init.xavier_uniform_, 0.004**0.5, 0.012**0.5),
    "xavier_normal_": (nn.init.xavier_normal_, 0.004**0.5, 1),
    "kaiming_uniform_": (nn.init.kaiming_uniform_, 0.02**0.5, 0.06**0.5),
    "kaiming_normal_": (lambda x: nn.init.kaiming_normal_(x, mode="fan_out"), 0.005**0.5, 1),
    "orthogonal_": (nn.init.orthogonal_, 0.05, 1),
}


@pytest.mark.parametrize("name", SPREADS)
def test_initialisers(name: str) -> None:
    fill, deviation, most = SPREADS[name]
    manual_seed(1)
    x = nn.Parameter(np.zeros(WIDE))
    fill(x)
    assert abs(x.value.std() / deviation - 1) < 0.02
    assert np.abs(x.value).max() <= most
    assert abs(x.value.mean()) < 0.05 * deviation
    manual_seed(1)
    y = nn.Parameter(np.zeros(WIDE))
    fill(y)
    np.testing.assert_array_equal(x.value, y.value)


def test_orthogonal_rows() -> None:
    x = nn.init.orthogonal_(nn.Parameter(np.zeros((3, 5))), gain=2)
    np.testing.assert_allclose(x.value @ x.value.T, 4 * np.eye(3), atol=1e-12)


def test_a_seed_makes_a_network_again() -> None:
    nets = []
    for _ in range(2):
        manual_seed(3)
        nets.append(nn.Sequential(nn.Linear(4, 8), nn.Conv2d(2, 3, 3)))
    for one, other in zip(*(net.parameters() for net in nets), strict=True):
        np.testing.assert_array_equal(one.value, other.value)
    bound = 1 / np.sqrt(4)
    assert np.abs(nets[0][0].weight.value).max() <= bound
    assert np.abs(nets[0][0].bias.value).max() <= bound


def test_a_network_learns() -> None:
    manual_seed(0)
    x = tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    target = tensor([[0.0], [1.0], [1.0], [0.0]])
    net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = nn.optim.Adam(net.parameters(), lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        loss = F["mse_loss"](net(x), target)
        loss.backward()
        optimizer.step()
    assert loss.item() < 1e-3
