"""Who meters the engine's work, as the engine sees them: the one gate where all of it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from gradcli.engine.graph import Node
    from gradcli.engine.ops.table import Op
    from gradcli.engine.tensor import Tensor


class Keeper(Protocol):
    """What remembers values from call to call, such as an optimizer."""

    def renew(self, copies: Callable[[list[Any]], list[Any]]) -> Callable[[], None]:
        """Go on with copies of what it writes into; what is returned gives the former back."""


class Meter(Protocol):
    """The one gate that work is charged at, before it is done."""

    def charge(self, units: float) -> None:
        """Spend `units` (about a microsecond each) or raise LimitExceeded."""

    def allocate(self, shape: tuple[int, ...]) -> None:
        """Charge a tensor of this shape, about to be made of nothing."""

    def work(self, op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> float:
        """Charge one forward application by its shapes; its price, in nanoseconds."""

    def slope(self, node: Node, g: Any) -> None:
        """Charge running a node's rules on the cotangent g."""

    def hold(self, value: Any) -> None:
        """Enter a result into the ledger of live bytes, until it is freed."""

    def node(self) -> None:
        """Count a node about to be recorded."""

    def changing(self, owners: Sequence[Tensor]) -> None:
        """The `.grad` of these are about to change: whoever may have to restore them keeps them."""

    def writing(self, target: Tensor, base: Tensor) -> None:
        """The storage of a tensor, which may be a view of a base, is about to be written."""

    def overwriting(self, targets: Sequence[Tensor]) -> None:
        """Charge the writing of these constants' and leaves' storages, which are about to be."""

    def remembering(self, owner: Keeper) -> None:
        """What an optimizer remembers is about to change."""
