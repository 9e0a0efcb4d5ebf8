"""The graph of a result: what was calculated from what, with values and adjoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import display
from gradcli.engine.graph import FREED
from gradcli.engine.ops.table import Op
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor

# What is drawn whole; a larger graph is summed up.
MOST = 500
# Elements of a tensor that is shown by its values, not by its shape alone.
FEW = 4


class Vertex(NamedTuple):
    """One value of a calculation.

    kind      leaf, constant, freed or retained: whether its node still has what it saved
    label     the name of a variable, or of the operation
    node      the name of its node in the graph
    operands  the numbers of the vertices that it was made of
    """

    number: int
    kind: str
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

    names     of variables
    adjoints  cotangents, by the numbers of the tape's entries
    """
    last = [tape.enter(end) for end in ends]
    needed = sorted({k for number in last for k in tape.ancestors(number)})
    place = {number: k for k, number in enumerate(needed)}
    called = {id(tensor): name for name, tensor in names.items()}
    vertices = []
    for number in needed:
        entry = tape.entries[number]
        name = called.get(id(entry.tensor), "")
        node = entry.tensor.grad_fn
        if entry.op is None:
            kind = "leaf" if name or entry.tensor.requires_grad else "constant"
            label = name or "constant"
        else:
            kind = "freed" if node is not None and node.y is FREED else "retained"
            label = f"{name} = {titled(entry.op)}" if name else titled(entry.op)
        vertices.append(
            Vertex(
                number=place[number],
                kind=kind,
                label=label,
                node="" if node is None else node.name,
                operands=tuple(place[k] for k in entry.operands),
                shape=entry.value.shape,
                value=shown(entry.value, digits),
                adjoint=shown(adjoints[number], digits) if number in adjoints else "",
            )
        )
    return Graph(vertices, [place[number] for number in last])


def titled(op: Op) -> str:
    """The operation's sign or name; rows that others choose are called as those are."""
    return op.infix or op.name.removesuffix("_scalar").removesuffix("_tensor").removesuffix("2")


def shown(value: Any, digits: int | None) -> str:
    """A value in few words: numbers of a small one, the shape of a large one."""
    array = np.asarray(value)
    if array.size > FEW or array.ndim > 1:
        return "x".join(map(str, array.shape))
    if not array.ndim:
        return display.number(array[()], digits)
    return display.array(array, digits).replace("[ ", "[")


def summary(graph: Graph) -> str:
    """How many operations of each kind a graph has that is too large to be drawn."""
    counts = Counter(v.label.rpartition(" = ")[2] for v in graph.vertices if v.operands)
    leaves = sum(v.kind == "leaf" for v in graph.vertices)
    depth: list[int] = []
    for v in graph.vertices:
        depth.append(1 + max((depth[k] for k in v.operands), default=-1))
    lines = [
        f"{len(graph.vertices):,} values: {sum(counts.values()):,} operations on {leaves:,} "
        f"variables, {max(depth):,} deep; more than {MOST:,} are not drawn"
    ]
    lines += [f"{count:>10,}  {name}" for name, count in counts.most_common(20)]
    return "\n".join(lines)
