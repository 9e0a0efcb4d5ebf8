"""The framework modules: what their names return and print, and what they refuse."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError, Status
from gradcli.lang.session import Session
from gradcli.lang.source import Source

# What an expression prints after `import torch`; PyTorch prints the same (see test_torch_agrees).
TORCH = {
    "torch.tensor(2)": "tensor(2)",
    "torch.tensor([1, 2.5])": "tensor([1.0000, 2.5000])",
    "torch.tensor([True, False])": "tensor([ True, False])",
    "torch.tensor([1e-5, 1.0])": "tensor([1.0000e-05, 1.0000e+00])",
    "torch.tensor([1, -200])": "tensor([   1, -200])",
    "torch.tensor([float('nan'), 1.0])": "tensor([nan, 1.])",
    "torch.tensor([])": "tensor([])",
    "torch.zeros(0, 3)": "tensor([], size=(0, 3))",
    "torch.ones(2, dtype=torch.float64)": "tensor([1., 1.], dtype=torch.float64)",
    "torch.arange(1, 4) / 2": "tensor([0.5000, 1.0000, 1.5000])",
    "torch.arange(0, 1, 0.5)": "tensor([0.0000, 0.5000])",
    "torch.full((2,), 7)": "tensor([7, 7])",
    "torch.eye(2)": "tensor([[1., 0.],\n        [0., 1.]])",
    "torch.linspace(0, 1, 3)": "tensor([0.0000, 0.5000, 1.0000])",
    "torch.tensor(3.0, requires_grad=True) * 2": "tensor(6., grad_fn=<MulBackward0>)",
    "torch.tensor([1., 2., 4.]).std()": "tensor(1.5275)",
    "torch.tensor([1., 2., 4.]).var(unbiased=False)": "tensor(1.5556)",
    "torch.tensor([4., 1., 3., 2.]).median()": "tensor(2.)",
    "torch.tensor([[1., 2.], [3., 4.]]).transpose(0, 1)": "tensor([[1., 3.],\n        [2., 4.]])",
    "torch.tensor([1., 2.]).repeat(2)": "tensor([1., 2., 1., 2.])",
    "torch.tensor([3., 4.]).norm()": "tensor(5.)",
    "torch.tensor([[3., 4.], [6., 8.]]).norm(dim=1)": "tensor([ 5., 10.])",
    "torch.add(torch.tensor([1.]), torch.tensor([2.]), alpha=3)": "tensor([7.])",
    "torch.div(torch.tensor([7.]), 2, rounding_mode='floor')": "tensor([3.])",
    "torch.tensor([1., 5.]).max(dim=0)": (
        "torch.return_types.max(\nvalues=tensor(5.),\nindices=tensor(1))"
    ),
    "torch.meshgrid(torch.arange(2), torch.arange(2))[0]": "tensor([[0, 0],\n        [1, 1]])",
    "torch.tensor([1., 2.]).to(torch.float64).dtype": "torch.float64",
    "torch.equal(torch.ones(2), torch.ones(2))": "True",
    "torch.allclose(torch.ones(2), torch.ones(2) + 1e-9)": "True",
    "torch.tensor([[1., 2.]]).size(1)": "2",
    "torch.func.jacrev(lambda t: t**2)(torch.tensor([1., 3.]))": (
        "tensor([[2., 0.],\n        [0., 6.]])"
    ),
    "torch.func.grad(lambda t: t**3)(torch.tensor(2.))": "tensor(12.)",
    "torch.autograd.functional.vjp(lambda t: t * 2, torch.ones(2), torch.tensor([1., 3.]))[1]": (
        "tensor([2., 6.])"
    ),
    "torch.autograd.functional.jvp(lambda t: t**2, torch.ones(2), torch.ones(2))[1]": (
        "tensor([2., 2.])"
    ),
    "torch.nn.Linear(2, 3)": "Linear(in_features=2, out_features=3, bias=True)",
    "torch.nn.functional.relu(torch.tensor([-1., 2.]))": "tensor([0., 2.])",
    "f'{torch.tensor(0.5)}'": "0.5",
    "torch.nn.functional.cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3]))": "tensor(1.3863)",
    "torch.nn.functional.linear(torch.ones(2), torch.ones(1, 2), torch.ones(1))": "tensor([3.])",
    "torch.full((), 0.5, device=torch.device('cpu'))": "tensor(0.5000)",
    "torch.exp_(torch.zeros(1))": "tensor([1.])",
    "torch.func.hessian(lambda t: t**3)(torch.ones(1))": "tensor([[[6.]]])",
}


def prints(script: str, module: str = "torch") -> str:
    """What a script prints, once a module is imported."""
    found: list[str] = []
    Session(write=found.append).run(Source(f"import {module}\n{script}"), script=True)
    return "".join(found)


def refuses(script: str, module: str = "torch") -> GradcliError:
    with pytest.raises(GradcliError) as caught:
        prints(script, module)
    assert caught.value.status != Status.INTERNAL
    return caught.value


@pytest.mark.parametrize(("expression", "expected"), TORCH.items())
def test_torch(expression: str, expected: str) -> None:
    assert prints(f"print({expression})") == expected + "\n"


@pytest.mark.parametrize(("expression", "expected"), TORCH.items())
def test_torch_agrees(expression: str, expected: str) -> None:
    torch = pytest.importorskip("torch")
    assert str(eval(expression, {"torch": torch})) == expected  # our own table


REFUSED = {
    "torch.tensr([1.])": ("AttributeError", "did you mean tensor ?"),
    "torch.sin(2.0)": ("TypeError", "torch.tensor(x) makes one"),
    "torch.ones(2, requires_grad=True).sum().backward([1.0])": ("TypeError", "tensor([…])"),
    "torch.softmax(torch.ones(2))": ("TypeError", "softmax(x, dim=-1) takes the last one"),
    "torch.tensor('text')": ("TypeError", None),
    "torch.ones(2).cuda()": ("ValueError", None),
    "torch.ones(2, device='cuda')": ("ValueError", None),
    "torch.ones(2, requires_grad=True).numpy()": ("RuntimeError", "detach() first"),
    "torch.testing.assert_close(torch.ones(2), torch.zeros(2))": ("AssertionError", None),
    "torch.tensor([1, 2], requires_grad=True)": ("RuntimeError", None),
    "torch.nn.Module().foo": ("AttributeError", None),
    "torch.nn.Linear('a', 2)": ("TypeError", None),
    "torch.nn.init.normal_(torch.ones(2), 'a')": ("TypeError", None),
    "torch.optim.SGD([torch.ones(1)], lr='x')": ("TypeError", None),
    "torch.nn.ModuleList(3)": ("TypeError", None),
    "torch.ones(2).median('a')": ("TypeError", None),
}


@pytest.mark.parametrize(("script", "expected"), REFUSED.items())
def test_torch_refuses(script: str, expected: tuple[str, str | None]) -> None:
    error = refuses(script)
    kind, hint = expected
    assert kind in [base.__name__ for base in type(error).__mro__]
    assert hint is None or error.hint == hint


def test_dialect_ends_with_its_session() -> None:
    prints("print(torch.ones(2))")
    assert str(Session().evaluate(Source("[1, 2] / 3")).dtype) == "float64"


def test_a_failed_import_leaves_the_dialect() -> None:
    session = Session()
    with pytest.raises(GradcliError):
        session.run(Source("import torch, nothing"))
    assert session.dialect is None
    session.run(Source("import torch"))
    assert session.dialect is not None


CLASS = """
from torch import nn
class Scale(nn.Module):
    "Multiplies by a parameter."
    count = 2
    def __init__(self, start=3.0):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(start))
        self.calls = 0
    def forward(self, x):
        self.calls += 1
        return x * self.factor
    @staticmethod
    def double(x):
        return 2 * x
"""
CLASSES = {
    "net = Scale(); y = net(torch.tensor(2.)); print(y, net.calls)": (
        "tensor(6., grad_fn=<MulBackward0>) 1\n"
    ),
    "print(Scale(), Scale.count, Scale().count, Scale.double(3))": "Scale() 2 2 6\n",
    "print([name for name, _ in Scale().named_parameters()])": "['factor']\n",
    "print(nn.Sequential(Scale(), nn.ReLU())(torch.tensor(1.)).item())": "3.0\n",
    "net = Scale(); net.train(False); print(net.training, isinstance(net, nn.Module))": (
        "False True\n"
    ),
    "class Twice(Scale):\n    def forward(self, x):\n        return 2 * super().forward(x)\n"
    "print(Twice(start=5.0)(torch.tensor(1.)).item())": "10.0\n",
    "net = Scale(); f = torch.optim.SGD(net.parameters(), lr=0.5)\n"
    "net(torch.tensor(2.)).backward(); f.step(); f.zero_grad(); print(net.factor.item())": "2.0\n",
}


@pytest.mark.parametrize(("script", "expected"), CLASSES.items())
def test_classes(script: str, expected: str) -> None:
    assert prints(CLASS + script) == expected


BAD_CLASSES = {
    "class A(3): pass": "a class is based on a class, not on an integer",
    "class A(nn.Linear): pass": "Linear is complete: no class is based on it",
    "Scale.count = 3": "the class Scale is complete: 'count' is not assigned",
    "Scale().factr": "a module of nn has no attribute 'factr'",
    "Scale(1, 2)": "__init__(self, start) takes 2, not 3",
    "super().forward()": "super() stands in a method of a class",
    "class A(nn.Module): pass\nA()(1)": "A has no forward",
    "torch.autograd.Function()": "Function has no instances",
    "class F(torch.autograd.Function): pass\nF.apply(torch.ones(1))": "F has no forward",
}


@pytest.mark.parametrize(("script", "message"), BAD_CLASSES.items())
def test_bad_classes(script: str, message: str) -> None:
    assert refuses(CLASS + script).message == message


def test_a_failed_statement_takes_back_what_it_assigned_to_a_module() -> None:
    error = "try:\n    net.factor, net.extra = nn.Parameter(torch.ones(2)), 1 / net.nothing\n"
    script = f"net = Scale()\n{error}except AttributeError:\n    print(net.factor.shape)"
    assert prints(CLASS + script) == "torch.Size([])\n"


# ---- the others ---------------------------------------------------------------------------------

OTHERS = {
    ("oneflow", "oneflow.tensor([1., 2.]) * 2"): "tensor([2., 4.], dtype=oneflow.float32)",
    ("oneflow", "(2 * oneflow.ones(1, requires_grad=True)).grad_fn.next_functions"): (
        "((<accumulategrad>, 0),)"
    ),
    ("mindspore", "mindspore.Tensor([6., 16.])"): "[6. 16.]",
    ("mindspore", "mindspore.Tensor([1, 2]).dtype"): "Int64",
    ("mindspore", "mindspore.grad(lambda x: x**2)(mindspore.Tensor([3., 4.]))"): "[6. 8.]",
    ("mindspore", "mindspore.ops.zeros(2, mindspore.float32)"): "[0. 0.]",
    ("mindspore", "mindspore.ops.ReduceSum()(mindspore.Tensor([1., 2.]))"): "3.0",
    (
        "mindspore",
        "mindspore.ops.GradOperation(get_all=True)(lambda x, y: x * y)"
        "(mindspore.Tensor(2.), mindspore.Tensor(3.))[1]",
    ): "2.0",
    ("functools", "functools.partial(lambda x, y: x - y, 5)(3)"): "2",
    ("functools", "functools.reduce(lambda x, y: x * y, [2, 3, 4])"): "24",
    ("numpy", "numpy.array([1, 2]) / 2"): "[0.5 1. ]",
    ("numpy", "numpy.array([1, 2]).dtype"): "int64",
    ("numpy", "numpy.std(numpy.array([1., 3.]))"): "1.0",
    ("numpy", "[numpy.array([1.])]"): "[array([1.])]",
}


@pytest.mark.parametrize(("case", "expected"), OTHERS.items())
def test_other_frameworks(case: tuple[str, str], expected: str) -> None:
    module, expression = case
    assert prints(f"print({expression})", module) == expected + "\n"


MINDSPORE_REFUSES = {
    "mindspore.grad(lambda x: x, None)": "ValueError",
    "mindspore.grad(lambda x: x, (0, 0))": "ValueError",
    "mindspore.grad(lambda x: x, -1)": "ValueError",
    "mindspore.grad(lambda x: x, 'x')": "TypeError",
    "mindspore.grad(lambda x: x, has_aux=True)(mindspore.Tensor(1.))": "ValueError",
    "mindspore.set_context(device_target='Ascend')": "ValueError",
}


@pytest.mark.parametrize(("script", "kind"), MINDSPORE_REFUSES.items())
def test_mindspore_refuses(script: str, kind: str) -> None:
    error = refuses(script, "mindspore")
    assert kind in [base.__name__ for base in type(error).__mro__]


def test_create_graph_of_oneflow_keeps_the_graph() -> None:
    script = (
        "x = oneflow.tensor(3., requires_grad=True)\ny = x * x * x\n"
        "for k in range(2):\n"
        "    g, = oneflow.autograd.grad(y, x, retain_graph=False, create_graph=True)\n"
        "print(g.item())"
    )
    assert prints(script, "oneflow") == "27.0\n"


def test_networks_of_torchvision() -> None:
    script = """
import torch
net = torchvision.models.resnet18(num_classes=3)
print(net(torch.rand(2, 3, 16, 16)).shape)
"""
    assert prints(script, "torchvision") == "torch.Size([2, 3])\n"
