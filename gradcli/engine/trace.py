"""An evaluation trace: what each operation handed to its operands, backward, or took, forward.

The rules are those of the pass, run on what the nodes saved; the adjoints are the pass's own
(A. Griewank and A. Walther, Evaluating Derivatives, 2008, chapters 2 and 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.backward import parts
from gradcli.engine.forward import tangent
from gradcli.engine.graph import AccumulateGrad, Node, Output, Target
from gradcli.engine.reach import reachable
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor, edge


class Sent(NamedTuple):
    """A cotangent on its way: from the value `source` to its operand k, which is `target`.

    Both are numbers of the tape's entries.
    """

    source: int
    k: int
    target: int
    part: Any


def places_of(tape: Tape, root: Target) -> dict[Any, int]:
    """The places of the graph below a root, with the numbers of the tape's entries.

    Not by the entries' tensors: one that was overwritten has moved on to another place.
    """
    found: dict[Any, int] = {}
    for node in reachable([root]):
        outputs = [t for t in (root, *node.targets) if type(t) is Output]
        for place in (node, *outputs):
            key = place.variable if type(place) is AccumulateGrad else place
            number = tape.numbers.get(id(key))
            if number is not None:
                found[place] = number
    return found


def node_of(place: Any) -> Node | None:
    node = place.a if type(place) is Output else place
    return node if type(node) is Node else None


def backward_trace(tape: Tape, output: Tensor, adjoints: Mapping[int, Any]) -> list[Sent]:
    """Every cotangent that was sent, in the order of the pass: results before operands."""
    places = places_of(tape, edge(output))
    cotangents: dict[Node, dict[int, Any]] = {}
    source: dict[Node, int] = {}
    for place, number in sorted(places.items(), key=lambda pair: -pair[1]):
        node = node_of(place)
        if node is not None and number in adjoints:
            part = place.number if type(place) is Output else 0
            cotangents.setdefault(node, {})[part] = adjoints[number]
            source.setdefault(node, number)
    found = []
    for node, got in cotangents.items():
        g = tuple([got.get(k) for k in range(len(node.y))]) if node.op.several else got[0]
        moved = {t: 1 for t in node.targets if t is not None and t in places}
        operands = [k for k, t in enumerate(node.targets) if t in moved]
        sent = [part for _, part, _ in parts(node, g, moved, None, 0)]
        for k, part in zip(operands, sent, strict=True):
            if part is not None:
                found.append(Sent(source[node], k, places[node.targets[k]], part))
    return found


def forward_trace(tape: Tape, output: Tensor, leaf: Tensor) -> dict[int, Any]:
    """The tangent of every entry that moves when all elements of a leaf move by 1."""
    places = places_of(tape, edge(output))
    found: dict[int, Any] = {tape.enter(leaf): np.ones(leaf.shape, leaf.dtype)[()]}
    whole: dict[Node, Any] = {}
    for place, number in sorted(places.items(), key=lambda pair: pair[1]):
        node = node_of(place)
        if node is None or number in found:
            continue
        given = [None if t is None else found.get(places.get(t, -1)) for t in node.targets]
        if all(t is None for t in given):
            continue
        if node not in whole:
            whole[node] = tangent(node, given, 0, None)
        found[number] = whole[node][place.number] if type(place) is Output else whole[node]
    return found


def needed(tape: Tape, outputs: Sequence[Tensor]) -> list[int]:
    """The entries that the outputs depend on."""
    return tape.ancestors(*[tape.enter(y) for y in outputs])
