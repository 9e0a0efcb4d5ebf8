"""`torch.autograd.forward_ad`: dual tensors, whose tangents are found when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradcli.engine.forward import ascending
from gradcli.engine.jacobians import tangent_of
from gradcli.engine.tensor import Tensor, edge
from gradcli.engine.transforms import matching, primal
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.values import Context, Module, Record


class Level:
    """The dual tensors that were made within `with dual_level():`, with their tangents."""

    def __init__(self) -> None:
        self.open = False
        self.duals: list[Tensor] = []
        self.tangents: list[Tensor] = []

    @contextmanager
    def entered(self) -> Iterator[None]:
        if self.open:
            raise WrongValue("a dual_level within another one does not exist")
        self.open = True
        try:
            yield
        finally:
            self.open = False
            self.duals.clear()
            self.tangents.clear()

    def make_dual(self, tensor: Any, tangent: Any) -> Tensor:
        """The tensor, with a direction that derivatives are taken along."""
        for x in (tensor, tangent):
            if type(x) is not Tensor:
                raise WrongType(f"make_dual takes tensors, not {described(x)}")
        if not self.open:
            raise WrongValue("make_dual needs a level", hint="with dual_level(): …")
        dual = primal(tensor)
        self.duals.append(dual)
        self.tangents.append(matching(dual, tangent))
        return dual

    def unpack_dual(self, tensor: Any) -> Record:
        """A tensor and its tangent, which is None where nothing leads to a dual tensor."""
        if type(tensor) is not Tensor:
            raise WrongType(f"unpack_dual takes a tensor, not {described(tensor)}")
        tangent = None
        if self.open and edge(tensor) is not None and self.reaches(tensor):
            tangent = tangent_of(tensor, self.duals, self.tangents)
        fields = {"primal": tensor, "tangent": tangent}
        return Record("torch.autograd.forward_ad.UnpackedDualTensor", fields)

    def reaches(self, tensor: Tensor) -> bool:
        """Does a dual tensor matter to this one?"""
        root, ends = edge(tensor), [edge(dual) for dual in self.duals]
        return root in ends or bool(ascending(root, ends))  # type: ignore[arg-type]  # not None


def forward_ad(path: str) -> Module:
    level = Level()
    return Module(
        f"{path}.forward_ad",
        builtins_of(
            f"{path}.forward_ad",
            {
                "dual_level": lambda: Context("dual_level", level.entered()),
                "make_dual": level.make_dual,
                "unpack_dual": level.unpack_dual,
            },
        ),
    )
