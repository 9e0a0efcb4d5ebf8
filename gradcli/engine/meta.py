"""What few tensors have beside their value and their place in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import weakref

    from gradcli.engine.graph import AccumulateGrad
    from gradcli.engine.hooks import Watch
    from gradcli.engine.storage import Version
    from gradcli.engine.tensor import Tensor


class Meta:
    """What leaves that need gradients have, and few other tensors: most go without.

    version     of the storage, once it is shared or written
    base        the tensor that this one is a view of, itself no view
    views       weak references to the views of this one
    closed      why a view must not be written where that is recorded
    watch       a leaf's hooks, which outlive its accumulator
    """

    __slots__ = (
        "accumulator",
        "base",
        "closed",
        "grad",
        "requires_grad",
        "retains_grad",
        "version",
        "views",
        "watch",
    )

    def __init__(self) -> None:
        self.requires_grad = False
        self.retains_grad = False
        self.grad: Tensor | None = None
        self.accumulator: weakref.ref[AccumulateGrad] | None = None
        self.version: Version | None = None
        self.base: Tensor | None = None
        self.views: dict[int, weakref.ref[Tensor]] | None = None
        self.closed: str | None = None
        self.watch: Watch | None = None
