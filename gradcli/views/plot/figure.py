"""What a plot consists of: curves in pieces, tangents, marks, and the frame that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.tensor import Tensor
from gradcli.errors import DomainError, LimitExceeded
from gradcli.lang.curves import LARGEST, Curves
from gradcli.lang.parser import parse
from gradcli.lang.printer import canonical
from gradcli.lang.source import Source, Span
from gradcli.lang.syntax import Call, ExpressionStatement, List, Name, Tuple
from gradcli.views.evaluation import Room, labelled, listed, plain
from gradcli.views.plot.singular import Singularity, isolated, singularities

Array = np.ndarray[Any, Any]
Piece = tuple[Array, Array]
# Characters of a curve's name.
LONGEST = 40
# Values that reach further than so many times what most of them do are cut off by the frame.
FAR = 100.0
MARGIN = 0.05


class Curve(NamedTuple):
    """A function, or a derivative of one, in pieces between poles, jumps and edges of its domain.

    family  the number of the function among those drawn; order of the derivative
    """

    label: str
    family: int
    order: int
    x: Array
    y: Array
    pieces: Sequence[Piece]
    singular: Sequence[Singularity]


class Tangent(NamedTuple):
    """The line through (x, y) with that slope."""

    label: str
    x: float
    y: float
    slope: float


class Mark(NamedTuple):
    """A kink, at a height, or a pole or jump, which have none; `curve` is the curve's number."""

    kind: str
    curve: int
    x: float
    y: float


class Figure(NamedTuple):
    """All of a plot; x and y are the ranges of its frame."""

    name: str
    x: tuple[float, float]
    y: tuple[float, float]
    curves: Sequence[Curve]
    tangents: Sequence[Tangent]

    def require_smooth(self, source: Source) -> None:
        """An error where a curve has a kink, a pole or a jump, or a point without a value."""
        for curve in self.curves:
            where = [(each.x, f"a {each.kind}") for each in curve.singular if each.kind != "edge"]
            where += [(float(x), "no finite value") for x in curve.x[~np.isfinite(curve.y)][:1]]
            if where:
                x, what = min(where)
                message = f"{curve.label} has {what} at {self.name} = {x:.6g}"
                raise source.blame(DomainError(message), Span(0, len(source.text)))

    @property
    def marks(self) -> list[Mark]:
        """The kinks, poles and jumps; what derivatives share with a function is the function's."""
        found: list[Mark] = []
        for number, curve in enumerate(self.curves):
            taken = [m.x for m in found if self.curves[m.curve].family == curve.family]
            for each in curve.singular:
                if each.kind != "edge" and each.x not in taken:
                    y = each.left[1] if each.kind == "kink" else np.nan
                    found.append(Mark(each.kind, number, each.x, float(y)))
        return found


def figure(
    curves: Curves,
    bounds: tuple[float, float],
    points: int,
    *,
    tangents: Sequence[float] = (),
    frame: tuple[float, float] | None = None,
    partial: str = "∂",
) -> Figure:
    """Sampled at so many points. `curves` must know one derivative more than are to be drawn."""
    x = np.linspace(*bounds, points)
    sampled = curves(x)
    labels = names_of(curves)
    drawn: list[Curve] = []
    for family, label in enumerate(labels):
        for order in range(curves.order):
            y, slope = sampled[family, order], sampled[family, order + 1]

            def both(at: Array, family: int = family, order: int = order) -> tuple[Array, Array]:
                found = curves(at)[family]
                return found[order], found[order + 1]

            singular = singularities(both, x, y, slope)
            name = label
            if order:
                name = labelled((curves.name,) * order, "gradient", partial)
                name += f" {label}" if len(labels) > 1 else ""
            whole = ~isolated(y)
            line = pieces(x[whole], y[whole], singular)
            drawn.append(Curve(name, family, order, x, y, line, singular))
    lines = [
        line
        for at in tangents
        for line in tangents_at(curves, at, [c for c in drawn if not c.order])
    ]
    return Figure(curves.name, bounds, frame or heights(drawn, lines), drawn, lines)


def names_of(curves: Curves) -> list[str]:
    """What the functions are called: as they are written."""
    statement = parse(curves.source).statements[-1]
    assert isinstance(statement, ExpressionStatement)
    whole = statement.value
    items = whole.items if isinstance(whole, List | Tuple) else []
    if len(items) == curves.count > 1:
        return [short(canonical(item)) for item in items]
    name = short(canonical(whole))
    if curves.count == 1:
        return [name]
    name = name if isinstance(whole, Name | Call) else f"({name})"
    return [f"{name}[{k}]" for k in range(curves.count)]


def short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def pieces(x: Array, y: Array, singular: Sequence[Singularity]) -> list[Piece]:
    """A curve without what is outside of its domain, cut at poles and jumps, bent at kinks."""
    found: list[Piece] = []
    start: tuple[float, float] | None = None
    low = -np.inf
    for each in [*singular, None]:
        high = np.inf if each is None else each.x
        inside = (x > low) & (x < high)
        ends = None if each is None or each.kind == "pole" else each.left
        found += finite(x[inside], y[inside], start, ends)
        start = None if each is None or each.kind == "pole" else each.right
        low = high
    return joined(found, {each.x for each in singular if each.kind == "kink"})


def finite(
    x: Array, y: Array, first: tuple[float, float] | None, last: tuple[float, float] | None
) -> list[Piece]:
    """The stretches of finite values, with the exact ends that are known."""
    before, after = ([] if end is None else [end] for end in (first, last))
    x = np.concatenate([[a for a, _ in before], x, [a for a, _ in after]])
    y = np.concatenate([[b for _, b in before], y, [b for _, b in after]])
    return stretches(x, y, np.isfinite(y))


def stretches(x: Array, y: Array, shown: Array) -> list[Piece]:
    """The pieces of a line that are shown throughout."""
    cuts = np.flatnonzero(np.diff(shown)) + 1
    parts = zip(np.split(x, cuts), np.split(y, cuts), np.split(shown, cuts), strict=True)
    return [(a, b) for a, b, here in parts if len(here) and here[0]]


def joined(found: list[Piece], kinks: set[float]) -> list[Piece]:
    """Pieces that meet at a kink as one: a curve goes on there."""
    result: list[Piece] = []
    for x, y in found:
        if result and any(result[-1][0][-1] <= kink <= x[0] for kink in kinks):
            x0, y0 = result.pop()
            result.append((np.concatenate([x0, x]), np.concatenate([y0, y])))
        else:
            result.append((x, y))
    return result


def tangents_at(curves: Curves, at: float, functions: Sequence[Curve]) -> list[Tangent]:
    found = curves(np.array([at]))
    lines = []
    for curve in functions:
        y, slope = (float(v) for v in found[curve.family, :2, 0])
        near = [each for each in curve.singular if np.isclose(each.x, at, rtol=1e-9, atol=1e-12)]
        if near or not (np.isfinite(y) and np.isfinite(slope)):
            why = f"a {near[0].kind}" if near and near[0].kind != "edge" else "no finite slope"
            raise DomainError(f"no tangent at {curves.name} = {at:.6g}: {curve.label} has {why}")
        label = f"tangent at {curves.name} = {at:.6g}"
        label += f" of {curve.label}" if len(functions) > 1 else ""
        lines.append(Tangent(label, at, y, slope))
    return lines


def heights(curves: Sequence[Curve], tangents: Sequence[Tangent]) -> tuple[float, float]:
    """The range of values to show: all of them, unless few are far from most."""
    ranges = [(t.y, t.y) for t in tangents if abs(t.y) < LARGEST]
    for curve in curves:
        y = np.clip(curve.y[np.isfinite(curve.y)], -LARGEST, LARGEST)
        if not y.size:
            continue
        low, tenth, ninetieth, high = np.quantile(y, [0, 0.1, 0.9, 1])
        middle = ninetieth - tenth
        if any(s.kind == "pole" for s in curve.singular) or high - low > FAR * middle > 0:
            low, high = max(low, tenth - middle / 2), min(high, ninetieth + middle / 2)
        ranges.append((float(low), float(high)))
    if not ranges:
        return 0.0, 1.0
    low = min(low for low, _ in ranges)
    high = max(high for _, high in ranges)
    room = (high - low) * MARGIN or abs(high) * MARGIN or 1.0
    return float(low - room), float(high + room)


def inside(x: Array, y: Array, low: float, high: float) -> list[Piece]:
    """The parts of the line through these points that are not below or above."""
    for level in (low, high):
        above = y > level
        at = np.flatnonzero(above[1:] != above[:-1])
        crossing = x[at] + (level - y[at]) / (y[at + 1] - y[at]) * (x[at + 1] - x[at])
        x, y = np.insert(x, at + 1, crossing), np.insert(y, at + 1, level)
    return stretches(x, y, (low <= y) & (y <= high))


# ---- as an object -------------------------------------------------------------------------------


def as_object(
    found: Figure, source: Source, constants: Mapping[str, Tensor], most: int
) -> dict[str, Any]:
    """For JSON: every point of every curve, and what is marked."""
    room = Room(most)
    if sum(2 * curve.x.size for curve in found.curves) > most:
        raise LimitExceeded("too many points", limit="output")
    return {
        "schema": 1,
        "expression": source.text,
        "canonical": canonical(parse(source)),
        "at": {name: plain(value, room) for name, value in constants.items()},
        "variable": found.name,
        "range": list(found.x),
        "curves": [
            {
                "name": curve.label,
                "order": curve.order,
                "x": curve.x.tolist(),
                "y": listed(curve.y.tolist()),
                "singular": [{"kind": s.kind, "x": s.x} for s in curve.singular],
            }
            for curve in found.curves
        ],
        "tangents": [{"x": t.x, "y": t.y, "slope": t.slope} for t in found.tangents],
    }
