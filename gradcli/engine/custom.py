"""Operations with derivatives written by hand, and checkpoints: recompute instead of remember.

Both are nodes of a row of their own whose one rule gives the cotangents of all operands at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gradcli.engine.apply import ROWS
from gradcli.engine.autograd import differentiate
from gradcli.engine.graph import AccumulateGrad, Node, Target, here, recording
from gradcli.engine.ops.table import Op, Spec, joint_row
from gradcli.engine.storage import note_versions
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import GraphFreed, ShapeMismatch, WrongType


class Context:
    """What forward leaves for backward; any attribute may be set on it besides.

    needs_input_grad  for each argument of apply(), whether its gradient is wanted
    """

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._saved: tuple[Any, ...] | None = ()
        self._non_differentiable: tuple[Tensor, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or the result. They are dropped by the pass, and checked for overwriting."""
        for tensor in tensors:
            if tensor is not None and type(tensor) is not Tensor:
                raise WrongType(f"save_for_backward keeps tensors, not a {type(tensor).__name__}")
        self._saved = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        if self._saved is None:
            raise GraphFreed(
                "the saved tensors are there in backward only, and once",
                hint="the first backward needs retain_graph=True",
            )
        return self._saved

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """These results need no gradient."""
        self._non_differentiable = tensors


class Function:
    """An operation whose derivative is written out.

    A subclass has two static methods, `forward(ctx, *arguments)`, which returns a tensor, and
    `backward(ctx, gradient)`, which returns the gradient of every argument, None where there is
    none. It is called as `Subclass.apply(*arguments)`.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]

    @classmethod
    def apply(cls, *arguments: Any) -> Tensor:
        """The result of forward, with backward as its derivative."""
        targets = tuple([edge(x) if type(x) is Tensor else None for x in arguments])
        ctx = Context(tuple([target is not None for target in targets]))
        with recording(False):
            out = cls.forward(ctx, *arguments)
        if type(out) is not Tensor:
            raise WrongType(f"forward returns a tensor, not a {type(out).__name__}")
        if any(out is x for x in arguments):
            out = ROWS["positive"](out.detach())
        saved, ctx._saved = ctx._saved, None
        differentiable = not any(out is x for x in ctx._non_differentiable)
        if here.state.recording and any(targets) and differentiable:
            attach(out, cls, ctx, targets, arguments, saved or ())
        return out


RESULT = object()  # stands for the node's own result among what was saved


def attach(
    out: Tensor,
    function: type[Function],
    ctx: Context,
    targets: tuple[Target, ...],
    arguments: Sequence[Any],
    saved: tuple[Any, ...],
) -> None:
    """Make `out` the result of a node that calls the function's backward."""
    order = tuple([RESULT if x is out else x for x in saved])

    def rule(g: Tensor, operands: tuple[Any, ...], y: Any) -> tuple[Any, ...]:
        ctx._saved = tuple([y if x is RESULT else x for x in operands])
        try:
            gradients = function.backward(ctx, g)
        finally:
            ctx._saved = None
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        extra = gradients[len(arguments) :]
        if len(gradients) < len(arguments) or any(x is not None for x in extra):
            raise ShapeMismatch(
                f"{function.__name__}.backward returned {len(gradients)} gradients for "
                f"{len(arguments)} arguments"
            )
        return tuple([gradients[k] for k in places])

    places = [k for k, x in enumerate(arguments) if type(x) is Tensor]
    row = joint_row(f"{function.__name__}Backward", rule, saves="*y" if saved else "")
    node = joint_node(row, tuple([targets[k] for k in places]), [arguments[k] for k in places])
    node.x, node.y = order, out.value
    note_versions(node)
    out.origin = node


def joint_node(row: Op, targets: tuple[Target, ...], operands: Sequence[Tensor]) -> Node:
    node: Node = object.__new__(Node)
    node.op = row
    node.a = node.b = node.w = node.watch = node.static = None
    node.more = targets
    node.specs = tuple([Spec(x.shape, x.dtype) for x in operands])
    node.span = here.state.span
    if here.state.meter is not None:
        here.state.meter.node()
    return node


# ---- checkpoints --------------------------------------------------------------------------------


def checkpoint(function: Callable[..., Any], *arguments: Any) -> Tensor:
    """`function(*arguments)`, without what its nodes save: backward calculates it again.

    The leaves that the function reads besides its arguments get their gradients, too. It must
    return one tensor, the same each time.
    """
    inputs = [x for x in arguments if type(x) is Tensor and edge(x) is not None]
    recorded = here.state.recording

    def again() -> tuple[Tensor, list[Target]]:
        """The result, and the nodes at which the arguments enter."""
        with recording(recorded):
            aliases = {id(x): ROWS["positive"](x) for x in inputs}
            out = function(*(aliases.get(id(x), x) for x in arguments))
        if type(out) is not Tensor:
            raise WrongType(f"checkpoint: the function returns one tensor, not a {type(out)}")
        return out, [edge(aliases[id(x)]) for x in inputs]

    first, own = again()
    if first.origin is None:
        return first
    leaves = leaves_beside(first.origin, own)
    targets = (*(edge(x) for x in inputs), *leaves)

    def rule(g: Tensor, _operands: tuple[Any, ...], _y: Any) -> tuple[Any, ...]:
        recorded_pass = here.state.recording
        with recording(True):
            out, entries = again()
        wanted = [node for node in (*entries, *leaves) if node is not None]
        with severed(entries):
            found = differentiate([out], [g], True, recorded_pass, wanted)
        return tuple(found.get(node) for node in (*entries, *leaves))

    out = Tensor(first.value)
    operands = [*inputs, *(leaf.variable for leaf in leaves)]
    node = joint_node(joint_row("CheckpointFunctionBackward", rule, saves="*"), targets, operands)
    node.x, node.y = tuple(inputs), None
    note_versions(node)
    out.origin = node
    return out


@contextmanager
def severed(entries: Sequence[Target]) -> Iterator[None]:
    """Keep a pass from going on where the arguments enter; the pass around it does that."""
    beyond = [(node, node.a) for node in entries if isinstance(node, Node)]
    for node, _ in beyond:
        node.a = None
    try:
        yield
    finally:
        for node, target in beyond:
            node.a = target


def leaves_beside(root: Target, entries: Sequence[Target]) -> list[AccumulateGrad]:
    """The leaves that a result depends on by other ways than through `entries`."""
    seen: set[Any] = set(entries)
    stack: list[Target] = [root]
    found: list[AccumulateGrad] = []
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if isinstance(node, AccumulateGrad):
            found.append(node)
        else:
            stack.extend(node.targets)
    return found
