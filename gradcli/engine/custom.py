"""Operations with derivatives written by hand, and checkpoints: recompute instead of remember.

Both are nodes of a row of their own whose one rule gives the cotangents of all operands at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.apply import ROWS
from gradcli.engine.autograd import differentiate, saved_part
from gradcli.engine.context import Context
from gradcli.engine.graph import AccumulateGrad, Node, Target, here, output, recording
from gradcli.engine.inplace import check_writable, rebase
from gradcli.engine.operands import as_operand
from gradcli.engine.ops.table import REAL, Op, Rule, Spec
from gradcli.engine.packing import Packed, Packing, restored
from gradcli.engine.storage import note_versions, version_of
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import NotInPlace, ShapeMismatch, WrongType, described


class Function:
    """An operation whose derivative is written out.

    A subclass has two static methods: `forward(ctx, *arguments)`, which returns a tensor or a
    tuple, and `backward(ctx, *gradients)`, which gets the gradient of every result and returns that
    of every argument, None where there is none. It is called as `Subclass.apply(*arguments)`.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]

    @classmethod
    def apply(cls, *arguments: Any) -> Any:
        """The result of forward, with backward as its derivative."""
        targets = tuple([edge(x) if type(x) is Tensor else None for x in arguments])
        ctx = Context(tuple([target is not None for target in targets]))
        with recording(False):
            returned = cls.forward(ctx, *arguments)
        several = type(returned) is tuple
        results = returned if several else (returned,)
        if not several and type(returned) is not Tensor:
            raise WrongType(
                f"forward returns a tensor or a tuple of them, not {described(returned)}"
            )
        check_dirty(ctx, results)
        kept = {id(x) for x in arguments} - {id(x) for x in ctx._dirty}
        results = tuple(
            [
                ROWS["positive"](x.detach()) if id(x) in kept and type(x) is Tensor else x
                for x in results
            ]
        )
        if here.state.recording and any(targets):
            attach(results, several, cls, ctx, targets, arguments)
        ctx._saved = None
        return results if several else results[0]


def check_dirty(ctx: Context, results: tuple[Any, ...]) -> None:
    """What forward overwrote must be among its results, and such as may be written."""
    for x in ctx._dirty:
        if not any(x is result for result in results):
            raise NotInPlace("an argument that is marked dirty is not among the results")
        check_writable(x)
        version_of(x).count += 1


class Result(NamedTuple):
    """Stands for one of the node's own results among what was saved."""

    number: int

    @property
    def meta(self) -> None:
        """The node itself watches the version."""
        return None


NO_TENSOR = Spec((0,), np.dtype(bool))  # stands for a result that is none


def attach(
    results: tuple[Any, ...],
    several: bool,
    function: type[Function],
    ctx: Context,
    targets: tuple[Target, ...],
    arguments: Sequence[Any],
) -> None:
    """Make `results` those of a node that calls the function's backward."""
    places = [k for k, x in enumerate(arguments) if type(x) is Tensor]
    name = function.__name__

    def rule(gradients: tuple[Tensor | None, ...], node: Node) -> tuple[Any, ...]:
        if ctx._materialize:
            gradients = tuple(
                [
                    g if g is not None or spec is None else Tensor(zeros(spec))
                    for g, spec in zip(gradients, specs, strict=True)
                ]
            )
        ctx._saved = tuple([result(node, x) for x in node.x])
        try:
            found = function.backward(ctx, *gradients)
        finally:
            ctx._saved = None
        found = found if isinstance(found, tuple) else (found,)
        if len(found) < len(arguments) or any(g is not None for g in found[len(arguments) :]):
            raise ShapeMismatch(
                f"{name}.backward returned {len(found)} gradients for {len(arguments)} arguments"
            )
        return tuple([gradient(found[k]) for k in places])

    specs = tuple([Spec(x.shape, x.dtype) if type(x) is Tensor else None for x in results])
    order = [
        next((Result(k) for k, result in enumerate(results) if result is x), x)
        for x in ctx._saved or ()
    ]
    if isinstance(here.state.tape, Packing):
        order = [x if type(x) is not Tensor else here.state.tape.packed(x) for x in order]
    own = {x.number for x in order if type(x) is Result}
    row = joint_row(
        f"{name}Backward", rule, saves="*y" if own else "*" if order else "", several=several
    )
    node = joint_node(row, tuple([targets[k] for k in places]), [arguments[k] for k in places])
    # A dirty result is the argument, which others may overwrite: the node keeps a copy.
    dirty = {id(x) for x in ctx._dirty}
    values = [
        (copied(x) if id(x) in dirty else x.value) if k in own else specs[k] or NO_TENSOR
        for k, x in enumerate(results)
    ]
    node.x, node.y = tuple(order), tuple(values) if several else values[0]
    note_versions(node)
    inert = {id(x) for x in ctx._non_differentiable}
    for k, x in enumerate(results):
        if type(x) is Tensor and x.dtype.kind in "fc" and id(x) not in inert:
            origin = output(node, k) if several else node
            if id(x) in dirty:
                rebase(x, origin)
            else:
                x.origin = origin


def result(node: Node, place: Any) -> Any:
    """What the node saved: a result of its own as a tensor, one that was packed unpacked."""
    if type(place) is Packed:
        return restored(place)
    if type(place) is not Result:
        return place
    if type(node.y) is not tuple:
        return saved_part(node.y, node, node)
    return saved_part(node.y[place.number], node, output(node, place.number))


def gradient(value: Any) -> Tensor | None:
    """What a rule gives, as a tensor: a number or an array will do."""
    return None if value is None else as_operand(value)


def zeros(spec: Spec) -> Any:
    return np.zeros(spec.shape, spec.dtype)[()]


def copied(x: Tensor) -> Any:
    return np.copy(x.value)[()]


def joint_node(row: Op, targets: tuple[Target, ...], operands: Sequence[Tensor]) -> Node:
    node: Node = object.__new__(Node)
    node.op = row
    node.a = node.b = node.w = node.seen = node.price = node.watch = node.static = None
    node.more = targets
    node.specs = tuple([Spec(x.shape, x.dtype) for x in operands])
    node.span = here.state.span
    if here.state.meter is not None:
        here.state.meter.node()
    return node


# ---- checkpoints --------------------------------------------------------------------------------


def checkpoint(function: Callable[..., Any], *arguments: Any) -> Any:
    """`function(*arguments)`, without what its nodes save: backward calculates it again.

    The leaves that the function reads besides its arguments get their gradients, too. It must
    return a tensor or a tuple of tensors, the same each time.
    """
    inputs = [x for x in arguments if type(x) is Tensor and edge(x) is not None]
    recorded = here.state.recording

    def again() -> tuple[Any, list[Target]]:
        """The results, and the nodes at which the arguments enter."""
        with recording(recorded):
            aliases = {id(x): ROWS["positive"](x) for x in inputs}
            returned = function(*(aliases.get(id(x), x) for x in arguments))
        for out in parts_of(returned):
            if type(out) is not Tensor:
                raise WrongType(f"checkpoint: the function returns tensors, not {described(out)}")
        return returned, [edge(aliases[id(x)]) for x in inputs]

    first, own = again()
    roots = [edge(out) for out in parts_of(first)]
    if not any(roots):
        return first
    leaves = leaves_beside(roots, own)
    targets = (*(edge(x) for x in inputs), *leaves)

    def rule(gradients: tuple[Tensor | None, ...], _node: Node) -> tuple[Any, ...]:
        recorded_pass = here.state.recording
        with recording(True):
            returned, entries = again()
        outputs = parts_of(returned)
        used = [k for k, g in enumerate(gradients) if g is not None]
        results, seeds = [outputs[k] for k in used], [gradients[k] for k in used]
        wanted = [node for node in (*entries, *leaves) if node is not None]
        with severed(entries):
            found = differentiate(results, seeds, True, recorded_pass, wanted)
        return tuple([gradient(found.get(node)) for node in (*entries, *leaves)])

    several = type(first) is tuple
    outs = [Tensor(out.value) for out in parts_of(first)]
    operands = [*inputs, *(leaf.variable for leaf in leaves)]
    row = joint_row("CheckpointFunctionBackward", rule, saves="*", several=several)
    node = joint_node(row, targets, operands)
    specs = tuple([Spec(out.shape, out.dtype) for out in outs])
    node.x, node.y = tuple(inputs), specs if several else specs[0]
    note_versions(node)
    for k, (out, root) in enumerate(zip(outs, roots, strict=True)):
        if root is not None:
            out.origin = output(node, k) if several else node
    return tuple(outs) if several else outs[0]


def parts_of(returned: Any) -> tuple[Any, ...]:
    return returned if type(returned) is tuple else (returned,)


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


def leaves_beside(roots: Sequence[Target], entries: Sequence[Target]) -> list[AccumulateGrad]:
    """The leaves that results depend on by other ways than through `entries`."""
    seen: set[Any] = set(entries)
    stack: list[Target] = list(roots)
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


def joint_row(node: str, rule: Rule, *, saves: str, several: bool) -> Op:
    """A row outside the table, of one node: `rule(gs, node)` gives all operands' cotangents.

    It works on Tensors alone, in every pass. It gets a tuple with the cotangent of each result.
    """
    row = Op(
        name=node,
        forward=rule,
        rules=(rule,),
        saves=saves,
        domain=(REAL,),
        kink=None,
        twin=None,
        why_no_twin="it is written by a user",
        code="",
        cost=1.0,
        work=None,
        extent=None,
        infix=None,
        node_name=node,
        aliases=(),
        public=False,
        bind=None,
        elementwise=False,
        linear=False,
        analytic=False,
        ordered=False,
        complex=False,
        variadic=True,
        view=False,
        several=several,
        signs=(),
        normwise=False,
        multilinear=False,
        jvp=None,
        needs="",
        fresh="",
        moving=False,
        between=(),
        home="",
    )
    row.joint = True
    return row
