"""Tensor: a numpy value, and its place in the graph.

Operators and methods that compute are rows of the op table; `functions.py` installs them. What is
written out here is the state of a tensor and what only a tensor has.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.graph import AccumulateGrad, Node, Output, Target, here
from gradcli.engine.hooks import Handle, Hook, watch_of, watch_of_leaf
from gradcli.engine.meta import Meta
from gradcli.engine.notice import warn
from gradcli.engine.storage import is_inference, made_in_inference, shared, version_of
from gradcli.errors import (
    LeafRule,
    NoGraph,
    ShapeMismatch,
    WrongIndex,
    WrongType,
    WrongValue,
    described,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 32  # axes


class Tensor:
    """A value of any shape that operations are recorded on.

    value   np.float64 for a double-precision scalar, else any numpy scalar or array
    origin  the node that made it, or which of such a node's outputs it is; None for a leaf
    """

    __slots__ = ("__weakref__", "meta", "origin", "value")

    value: Any
    origin: Node | Output | None
    meta: Meta | None

    def __init__(self, value: Any, origin: Node | Output | None = None) -> None:
        self.value = value
        self.origin = origin
        self.meta = None

    # ---- shape and type ----

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape  # type: ignore[no-any-return]  # of a numpy value

    @property
    def ndim(self) -> int:
        return len(self.value.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self.value.size)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.value.dtype  # type: ignore[no-any-return]  # of a numpy value

    def __len__(self) -> int:
        if not self.value.shape:
            raise WrongType("a scalar has no length")
        return int(self.value.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        return (self[k] for k in range(len(self)))

    # ---- its place in the graph ----

    @property
    def grad_fn(self) -> Node | None:
        """The node that made it; None for a leaf."""
        origin = self.origin
        return origin.node if isinstance(origin, Output) else origin

    @property
    def output_nr(self) -> int:
        """Which of its node's outputs it is."""
        return self.origin.number if type(self.origin) is Output else 0

    @property
    def is_leaf(self) -> bool:
        return self.origin is None

    @property
    def requires_grad(self) -> bool:
        return self.origin is not None or (self.meta is not None and self.meta.requires_grad)

    @requires_grad.setter
    def requires_grad(self, on: bool) -> None:
        if self.origin is not None:
            raise LeafRule(
                "requires_grad can be changed on leaves only; this is the result of an operation",
                hint="detach() gives a leaf with the same value",
            )
        self.requires_grad_(on)

    def requires_grad_(self, on: bool = True) -> Tensor:
        """Begin (or stop) to need a gradient. Only leaves can, and only real or complex ones."""
        if self.origin is not None:
            if not on:
                raise LeafRule(
                    "a result of an operation cannot stop needing its gradient",
                    hint="detach() gives a leaf with the same value",
                )
            return self
        if on and self.value.dtype.kind not in "fc":
            raise LeafRule(
                f"only real and complex tensors can need gradients, not {self.dtype}",
                hint="write the number with a decimal point, or give a dtype",
            )
        if on and is_inference(self) and not here.state.inference:
            raise LeafRule(
                "a tensor made under inference_mode() cannot begin to need a gradient outside",
                hint="clone() it first",
            )
        if on or self.meta is not None:
            self._meta().requires_grad = bool(on)
        return self

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient, on leaves and after retain_grad(); otherwise None."""
        meta = self.meta
        if self.origin is not None and (meta is None or not meta.retains_grad):
            if meta is None or meta.grad is None:
                warn(
                    "reading .grad of a tensor that is no leaf: it is kept only after retain_grad()"
                )
            return None if meta is None else meta.grad
        return None if meta is None else meta.grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            if not isinstance(value, Tensor):
                raise WrongType(f".grad is a tensor or None, not {described(value)}")
            if value.shape != self.shape or value.dtype != self.dtype:
                raise ShapeMismatch(
                    f".grad of shape {value.shape} and dtype {value.dtype} does not fit a tensor "
                    f"of shape {self.shape} and dtype {self.dtype}"
                )
        if value is not None or self.meta is not None:
            self._meta().grad = value

    @property
    def retains_grad(self) -> bool:
        return self.origin is not None and self.meta is not None and self.meta.retains_grad

    def retain_grad(self) -> None:
        """Keep `.grad` of this result as if it were a leaf. On a leaf, nothing to do."""
        if not self.requires_grad:
            raise LeafRule("retain_grad() of a tensor that needs no gradient")
        if self.origin is not None:
            self._meta().retains_grad = True
            watch_of(self.origin).retained = weakref.ref(self)

    def register_hook(self, hook: Hook) -> Handle:
        """Call `hook(gradient)` in every pass that comes here; what it returns replaces it.

        Of a leaf it is the gradient of that pass, summed. `remove()` of the handle takes it away.
        """
        if not self.requires_grad:
            raise LeafRule("a hook on a tensor that needs no gradient would never be called")
        if self.origin is not None:
            return Handle(watch_of(self.origin).tensor, hook)
        return Handle(watch_of_leaf(self._meta()).tensor, hook)

    def register_post_accumulate_grad_hook(self, hook: Hook) -> Handle:
        """Call `hook(leaf)` when a pass has added to the leaf's `.grad`. It returns nothing."""
        if self.origin is not None or not self.requires_grad:
            raise LeafRule("only leaves that need gradients accumulate them")
        return Handle(watch_of_leaf(self._meta()).after, hook)

    def detach(self) -> Tensor:
        """The same storage, outside the graph."""
        other = Tensor(shared(self))
        other._meta().version = version_of(self)
        if here.state.tape is not None:
            here.state.tape.alias(other, self)
        return other

    @property
    def data(self) -> Tensor:
        """The same storage, outside the graph: no node notices what is written through it."""
        other = Tensor(shared(self))
        if is_inference(self):
            made_in_inference(other)
        if here.state.tape is not None:
            here.state.tape.alias(other, self)
        return other

    def is_inference(self) -> bool:
        """Was it made under inference_mode()? Then no graph may save it."""
        return is_inference(self)

    @property
    def _version(self) -> int:
        """How often the storage was written."""
        if is_inference(self):
            raise NoGraph("the writes to a tensor made under inference_mode() are not counted")
        return 0 if self.meta is None or self.meta.version is None else self.meta.version.count

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Tensor | Sequence[Tensor] | None = None,
    ) -> None:
        """Accumulate into every leaf's `.grad` the product of `gradient` and the Jacobian.

        gradient      cotangent of this tensor's shape; may be left out if it has one element
        retain_graph  keep what nodes saved, for another pass; by default as `create_graph`
        create_graph  record the pass itself, so that gradients can be differentiated
        inputs        only these accumulate, leaves or not; otherwise all leaves do
        """
        from gradcli.engine.autograd import backward  # noqa: PLC0415  # it is above this module

        backward(self, gradient, retain_graph, create_graph, inputs)

    def _meta(self) -> Meta:
        if self.meta is None:
            self.meta = Meta()
        return self.meta

    # ---- out of the graph ----

    def item(self) -> Any:
        """The one element, as a Python number."""
        if self.size != 1:
            raise WrongValue(f"item() is for one element; the shape is {self.shape}")
        return self.taken().item()

    def tolist(self) -> Any:
        return self.taken().tolist()

    def numpy(self) -> np.ndarray[Any, Any]:
        """The value as an array. Refused while gradients are tracked: `detach()` first."""
        if self.requires_grad:
            raise NoGraph(
                "a tensor that needs a gradient does not become an array: the graph would be cut",
                hint="detach() first",
            )
        return np.asarray(self.taken())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.value.dtype.kind not in "iub" or self.size != 1:
            raise WrongIndex("only a tensor of one integer is an index")
        return int(self.taken().item())

    def __bool__(self) -> bool:
        if self.size != 1:
            raise WrongValue(
                f"the truth of {self.size} elements is ambiguous",
                hint="any(x) or all(x) says which is meant",
            )
        return bool(self.taken().item())

    def taken(self) -> Any:
        """The value, for what no tape records: refused if the calculation is to be repeated."""
        if here.state.tape is not None:
            here.state.tape.refuse(self)
        return self.value

    def __repr__(self) -> str:
        from gradcli.engine.display import describe  # noqa: PLC0415  # only printing needs it

        return describe(self)

    __hash__ = object.__hash__

    # ---- installed from the op table ----

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __pos__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __eq__(self, other: object) -> Tensor: ...  # type: ignore[override]  # elementwise, as numpy's
        def __ne__(self, other: object) -> Tensor: ...  # type: ignore[override]  # likewise
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __getitem__(self, index: Any) -> Tensor: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...
        def __getattr__(self, name: str) -> Callable[..., Tensor]: ...

        @property
        def T(self) -> Tensor: ...  # noqa: N802  # numpy's name
        @property
        def mT(self) -> Tensor: ...  # noqa: N802  # numpy's name
        @property
        def real(self) -> Tensor: ...
        @property
        def imag(self) -> Tensor: ...


def edge(tensor: Tensor) -> Target:
    """Where cotangents of this tensor flow: its node, its one AccumulateGrad, or nowhere."""
    if tensor.origin is not None:
        return tensor.origin
    meta = tensor.meta
    if meta is None or not meta.requires_grad:
        return None
    accumulator = None if meta.accumulator is None else meta.accumulator()
    if accumulator is None:
        accumulator = AccumulateGrad(tensor, meta.watch)
        meta.accumulator = weakref.ref(accumulator)
    return accumulator


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A leaf with a copy of `data`: a number, nested lists, an array or a tensor.

    Without `dtype`, numbers and lists become float64 (complex128 if complex, bool if all are);
    arrays keep theirs. Raises WrongType if the data are not numbers, LeafRule if they cannot need
    gradients.
    """
    array = array_of(data, dtype)
    leaf = Tensor(array if array.shape else array[()])
    if here.state.inference:
        made_in_inference(leaf)
    return leaf.requires_grad_() if requires_grad else leaf


def array_of(data: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """A fresh array of numbers."""
    if dtype is None and type(data) is int:
        dtype = np.float64
    data = detached(data, 0)
    try:
        array = np.array(data, dtype)
    except (TypeError, ValueError, OverflowError):
        raise WrongType("a tensor is made of numbers, in rows of equal length") from None
    if array.dtype.kind not in "fciub":
        raise WrongType(f"a tensor holds numbers, not {array.dtype.name}s")
    if dtype is None and array.dtype.kind in "iu" and not isinstance(data, np.ndarray | np.generic):
        return array.astype(np.float64)
    return array


def detached(data: Any, depth: int) -> Any:
    """Nested lists with the values of the tensors in them."""
    if isinstance(data, list | tuple):
        if depth == DEEPEST:
            raise WrongValue(f"lists are nested deeper than {DEEPEST}")
        return [detached(part, depth + 1) for part in data]
    return data.taken() if isinstance(data, Tensor) else data
