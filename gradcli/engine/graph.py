"""The recorded graph: nodes, the accumulators of leaves, and what is being recorded at all."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from gradcli.engine.hooks import Handle, Hook, Watch, watch_of
from gradcli.engine.metering import Meter
from gradcli.engine.ops.table import GENERAL, Op, Spec
from gradcli.errors import WrongType

if TYPE_CHECKING:
    import numpy as np

    from gradcli.engine.tape import Tape
    from gradcli.engine.tensor import Tensor

P = ParamSpec("P")
R = TypeVar("R")


class Node:
    """An operation that was applied to something that needs a gradient.

    a, b        where the cotangents of the operands flow: a Node, an AccumulateGrad, or None for
                an operand that needs none
    more        the same, as a tuple, for an operation of any number of operands
    x, w        the saved operands, as Tensors; for `more`, x is a tuple of Tensors and Specs
    y           the saved result, as a raw value: a node never holds its own output tensor
    static      parameters that are no operands, or None
    specs       the operands' shapes and dtypes, where the pass must un-broadcast or cast to them
    span        where in the source text the operation stands
    seen        the versions of the saved operands when they were saved, if any was not 0
    price       the nanoseconds of the application, if the pass charges by them; else None
    watch       what few nodes have: hooks, versions, a retained gradient; else None
    """

    __slots__ = (
        "__weakref__",
        "a",
        "b",
        "more",
        "op",
        "price",
        "seen",
        "span",
        "specs",
        "static",
        "w",
        "watch",
        "x",
        "y",
    )

    op: Op
    a: Target
    b: Target
    more: tuple[Target, ...] | None
    x: Any
    w: Any
    y: Any
    static: tuple[Any, ...] | None
    specs: tuple[Spec, ...] | None
    seen: tuple[int, ...] | None
    price: float | None
    span: Any
    watch: Watch | None

    @property
    def name(self) -> str:
        name = self.op.node_name
        return name if isinstance(name, str) else name(*(self.static or ()))

    @property
    def next_functions(self) -> tuple[tuple[Node | AccumulateGrad | Between | None, int], ...]:
        """The nodes that this one hands cotangents to, each with the index of its input there.

        A constant operand has None in its place; one that no rule speaks of has no place.
        """
        places, names = self.places, self.op.between
        return tuple(
            (Between(target, names[k]), 0)
            if k < len(names) and names[k] and target
            else stop(target)
            for k, target in enumerate(places)
        )

    @property
    def places(self) -> tuple[Target, ...]:
        """The targets that next_functions shows: of the operands that a rule speaks of."""
        rules = self.op.rules
        if self.op.joint:
            return self.targets
        if self.op.variadic:
            rules *= len(self.targets)
        pairs = zip(self.targets, rules, strict=True)
        return tuple([target for target, rule in pairs if rule is not None])

    def register_prehook(self, hook: Hook) -> Handle:
        """Call `hook(grad_outputs)` before the rules run; a tuple it returns replaces them."""
        return Handle(watch_of(self).before, hook)

    def register_hook(self, hook: Hook) -> Handle:
        """Call `hook(grad_inputs, grad_outputs)` after; a tuple it returns replaces the former."""
        return Handle(watch_of(self).after, hook)

    @property
    def targets(self) -> tuple[Target, ...]:
        if self.more is not None:
            return self.more
        return (self.a,) if len(self.op.rules) == 1 else (self.a, self.b)

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Between:
    """A node that PyTorch has where a row here is one operation: for show, nothing runs it."""

    __slots__ = ("a", "name")

    def __init__(self, target: Target, name: str) -> None:
        self.a = target
        self.name = name

    @property
    def next_functions(self) -> tuple[tuple[Any, int]]:
        return (stop(self.a),)

    def register_hook(self, hook: Hook) -> Handle:
        raise WrongType(f"{self.name} is part of another operation: a hook would not be called")

    register_prehook = register_hook

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Output:
    """One output of a node that has several: gathers the cotangent of that output alone."""

    __slots__ = ("__weakref__", "a", "number", "watch")

    b = more = None

    def __init__(self, node: Node, number: int) -> None:
        self.a = node
        self.number = number
        self.watch: Watch | None = None

    @property
    def node(self) -> Node:
        return self.a

    @property
    def targets(self) -> tuple[Node]:
        return (self.a,)


def output(node: Node, number: int) -> Output:
    """The output of this number: the same object for as long as anything holds it."""
    watch = watch_of(node)
    known = watch.outputs.get(number)
    found = None if known is None else known()
    if found is None:
        found = Output(node, number)
        watch.outputs[number] = weakref.ref(found)
    return found


def stop(target: Target) -> tuple[Any, int]:
    """A target as a node and the number of its input."""
    return (target.a, target.number) if type(target) is Output else (target, 0)


class AccumulateGrad:
    """The end of the graph at a leaf: adds to `.grad`. A leaf has one, held weakly.

    watch       the leaf's own hooks
    hooks       those of this node, which end with it
    """

    __slots__ = ("__weakref__", "hooks", "variable", "watch")

    name = "AccumulateGrad"
    next_functions: tuple[tuple[Node | AccumulateGrad | None, int], ...] = ()
    a = b = more = None

    def __init__(self, variable: Tensor, watch: Watch | None = None) -> None:
        self.variable = variable
        self.watch = watch
        self.hooks: Watch | None = None

    @property
    def targets(self) -> tuple[()]:
        return ()

    def register_prehook(self, hook: Hook) -> Handle:
        """Call `hook((gradient,))` before backward() adds to `.grad`; it may return another."""
        self.hooks = self.hooks or Watch()
        return Handle(self.hooks.before, hook)

    def register_hook(self, hook: Hook) -> Handle:
        """Call `hook((), (gradient,))` after backward() has added to `.grad`."""
        self.hooks = self.hooks or Watch()
        return Handle(self.hooks.after, hook)

    def __repr__(self) -> str:
        return "<AccumulateGrad>"


Target = Node | AccumulateGrad | Output | None


class Freed:
    """Stands where a saved result stood, once a pass has dropped what the node saved."""

    __slots__ = ()


FREED = Freed()

# ---- what is being recorded ---------------------------------------------------------------------


class State:
    """What this thread does with operations: whether it records, who meters, where in the text."""

    __slots__ = (
        "anomaly",
        "floating",
        "inference",
        "meter",
        "notice",
        "on_kink",
        "progress",
        "recording",
        "span",
        "tape",
    )

    def __init__(self) -> None:
        self.recording = True
        self.inference = False
        self.anomaly = False
        self.meter: Meter | None = None
        self.span: Any = None
        self.notice: Callable[[str], None] | None = None
        # Told of the nodes that are differentiated where they have no derivative.
        self.on_kink: Callable[[Node], None] | None = None
        self.tape: Tape | None = None
        # Told (done, all) between the blocks of a long calculation.
        self.progress: Callable[[int, int], None] | None = None
        # The default dtype of PyTorch's promotion; None where numpy's is in force.
        self.floating: np.dtype[Any] | None = None


class _Here(threading.local):
    def __init__(self) -> None:
        self.state = State()


here = _Here()


def within(
    context: Callable[[], AbstractContextManager[None]], function: Callable[P, R]
) -> Callable[P, R]:
    """`function` with each of its calls in a context of its own: threads share none."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with context():
            return function(*args, **kwargs)

    return wrapped


class recording:  # noqa: N801  # read as `with recording(False):`, and used as a decorator
    """Turn recording on or off, as a context or a decorator."""

    def __init__(self, on: bool) -> None:
        self.on = on
        self.before: list[bool] = []

    def __enter__(self) -> None:
        state = here.state
        self.before.append(state.recording)
        state.recording = self.on and not state.inference

    def __exit__(self, *_: object) -> None:
        here.state.recording = self.before.pop()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        return within(lambda: recording(self.on), function)


def no_grad() -> recording:
    """Record nothing: results need no gradient. A leaf made inside keeps its own flag."""
    return recording(False)


def enable_grad() -> recording:
    """Record again, inside no_grad()."""
    return recording(True)


class set_grad_enabled(recording):  # noqa: N801  # PyTorch's name
    """Turn recording on or off at once; as a context, until its end."""

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        self.entered = here.state.recording
        here.state.recording = self.on and not here.state.inference

    def __enter__(self) -> None:
        self.before.append(self.entered)
        here.state.recording = self.on and not here.state.inference

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        here.state.recording = self.entered
        return super().__call__(function)


class inference_mode(recording):  # noqa: N801  # PyTorch's name
    """no_grad() that enable_grad() inside does not lift."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)
        self.modes: list[bool] = []

    def __enter__(self) -> None:
        self.modes.append(here.state.inference)
        here.state.inference = not self.on
        self.before.append(here.state.recording)
        here.state.recording = self.on

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        here.state.inference = self.modes.pop()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        return within(lambda: inference_mode(not self.on), function)


class detect_anomaly:  # noqa: N801  # PyTorch's name
    """While this context lasts, the first nan that a backward pass makes is an error."""

    def __init__(self) -> None:
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(here.state.anomaly)
        here.state.anomaly = True

    def __exit__(self, *_: object) -> None:
        here.state.anomaly = self.before.pop()


def is_inference_mode_enabled() -> bool:
    return here.state.inference


def is_grad_enabled() -> bool:
    return here.state.recording


__all__ = [
    "FREED",
    "GENERAL",
    "AccumulateGrad",
    "Between",
    "Node",
    "Output",
    "State",
    "Target",
    "detect_anomaly",
    "enable_grad",
    "here",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "output",
    "recording",
    "set_grad_enabled",
]
