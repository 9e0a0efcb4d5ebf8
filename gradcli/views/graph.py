"""The graph of a result: what was calculated from what, with values and adjoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import display
from gradcli.engine.graph import FREED
from gradcli.engine.ops.table import Op
from gradcli.engine.tape import Entry, Tape
from gradcli.engine.tensor import Tensor
from gradcli.views.operations import static_names

# What is drawn whole; a larger graph is summed up.
MOST = 500
# The node of a leaf.
LEAF = "AccumulateGrad"
# Elements of a tensor that is shown by its values, not by its shape alone.
FEW = 4


class Vertex(NamedTuple):
    """One value of a calculation.

    kind      leaf, constant, freed or retained: whether its node still has what it saved
    name      of a variable, or of a derivative
    label     the operation, with what it was told beside its operands; a constant's value
    node      the name of its node in the graph
    operands  the numbers of the vertices that it was made of
    """

    number: int
    kind: str
    name: str
    label: str
    node: str
    operands: tuple[int, ...]
    shape: tuple[int, ...]
    value: str
    adjoint: str


class Graph(NamedTuple):
    """Vertices, operands before what reads them; the ends are those of the results."""

    vertices: Sequence[Vertex]
    ends: Sequence[int]


def graph_of(
    tape: Tape,
    ends: Sequence[Tensor],
    names: Mapping[str, Tensor],
    adjoints: Mapping[int, Any],
    digits: int | None = None,
) -> Graph:
    """The graph of what a tape recorded, as far as `ends` need it.

    names     of variables and results
    adjoints  cotangents, by the numbers of the tape's entries
    """
    last = [tape.enter(end) for end in ends]
    needed = tape.ancestors(*last)
    place = {number: k for k, number in enumerate(needed)}
    called = {id(tensor): name for name, tensor in names.items()}
    vertices = []
    for number in needed:
        entry = tape.entries[number]
        node = entry.tensor.grad_fn
        name = called.get(id(entry.tensor), "")
        value = shown(entry.value, digits)
        leaf = entry.op is None and bool(name or entry.tensor.requires_grad)
        vertices.append(
            Vertex(
                number=place[number],
                kind=kind_of(entry, leaf=leaf),
                name=name,
                label=titled(entry) if entry.op is not None else "" if leaf else value,
                node=node.name if node is not None else LEAF if leaf else "",
                operands=tuple(place[k] for k in entry.operands),
                shape=entry.value.shape,
                value=value,
                adjoint=shown(adjoints[number], digits) if number in adjoints else "",
            )
        )
    return Graph(vertices, [place[number] for number in last])


def kind_of(entry: Entry, *, leaf: bool) -> str:
    if entry.op is None:
        return "leaf" if leaf else "constant"
    node = entry.tensor.grad_fn
    return "freed" if node is not None and node.y is FREED else "retained"


def titled(entry: Entry) -> str:
    """The operation's sign or name, and its static parameters: `*`, `^2`, `[0]`, `sum(axis=-1)`."""
    op = entry.op
    assert op is not None
    if op.name == "pow_scalar":
        return f"^{display.number(entry.static[0]).removesuffix('.0')}"
    if op.name == "getitem":
        return f"[{entry.static[0]}]"
    static = ", ".join(settings(op, entry.static))
    part = "" if entry.part is None else f"[{entry.part}]"
    return sign(op) + (f"({static})" if static else "") + part


def sign(op: Op) -> str:
    """The operation's sign or name; rows that others choose are called as those are."""
    return op.infix or op.name.removesuffix("_scalar").removesuffix("_tensor").removesuffix("2")


def settings(op: Op, static: Sequence[Any]) -> list[str]:
    """Static parameters that say something, by name."""
    found = []
    for name, value in zip(static_names(op), static, strict=False):
        if value is None or value is False:
            continue
        single = name == "axes" and len(value) == 1
        found.append(f"axis={value[0]}" if single else f"{name}={value}")
    return found


def shown(value: Any, digits: int | None) -> str:
    """A value in few words: numbers of a small one, the shape of a large one."""
    array = np.asarray(value)
    if array.size > FEW or array.ndim > 1:
        return "x".join(map(str, array.shape))
    if not array.ndim:
        return display.number(array[()], digits)
    return " ".join(display.array(array, digits).split()).replace("[ ", "[")


def summary(graph: Graph) -> str:
    """How many operations of each kind a graph has that is too large to be drawn."""
    counts = Counter(v.label for v in graph.vertices if v.operands)
    leaves = sum(v.kind == "leaf" for v in graph.vertices)
    depth: list[int] = []
    for v in graph.vertices:
        depth.append(1 + max((depth[k] for k in v.operands), default=-1))
    s = "" if leaves == 1 else "s"
    lines = [
        f"{len(graph.vertices):,} values: {sum(counts.values()):,} operations on {leaves:,} "
        f"variable{s}, {max(depth):,} deep; more than {MOST:,} are not drawn"
    ]
    lines += [f"{count:>10,}  {name}" for name, count in counts.most_common(20)]
    return "\n".join(lines)
