"""A value and its derivatives as text, JSON or CSV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine import display
from gradcli.engine.tensor import Tensor
from gradcli.errors import LimitExceeded
from gradcli.lang.evaluation import Evaluation
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.session import Caution
from gradcli.lang.text import numeral, show

if TYPE_CHECKING:
    from gradcli.lang.uncertainty import Uncertainty
    from gradcli.proof.crosscheck import Check

# Collections within each other that a result may be of.
DEEPEST = 50
BOLD, GREEN, RED, YELLOW, RESET = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"


# ---- text ---------------------------------------------------------------------------------------


def text(
    evaluation: Evaluation,
    check: Check | None,
    *,
    digits: int | None = None,
    aligned: bool = False,
    color: bool = False,
    quiet: bool = False,
    partial: str = "∂",
) -> str:
    """A line for the value, each derivative, the verdict: aligned for people, plain for pipes."""
    rows = [("value", numeral(evaluation.shown, digits, padded=aligned))]
    spread = evaluation.uncertainty
    if spread is not None:
        sign = "±" if partial == "∂" else "+-"
        rows[0] = ("value", f"{rows[0][1]} {sign} {deviation(spread, digits)}")
    for names, found in evaluation.found.items():
        graph = evaluation.graphs.get(names[0]) if names else None
        node = f" (has a graph: <{graph}>)" if graph and not quiet else ""
        label = labelled(names, evaluation.kind, partial)
        rows.append((label, numeral(found, digits, padded=aligned) + node))
    if quiet:
        return "\n".join(body for _, body in rows)
    if spread is not None:
        parts = [f"{name} {share:.3g}%" for name, share in spread.budget.items()]
        rows += [("budget", ", ".join(parts))] if parts else []
    if check is not None:
        rows.append(("check", verdict(check, color=color)))
    width = max(len(label) for label, _ in rows)
    lines = []
    for label, body in rows:
        head = label.ljust(width) + " " if aligned else label
        indent = "\n" + " " * (len(head) + 1)
        shown = body.replace("\n", indent) if aligned else " ".join(body.split())
        lines.append(f"{BOLD}{head}{RESET} {shown}" if color else f"{head} {shown}")
    return "\n".join(lines)


def deviation(spread: Uncertainty, digits: int | None) -> str:
    """To three digits: an uncertainty is seldom known better."""
    return numeral(Tensor(spread.deviation[()]), digits or 3)


def labelled(names: tuple[str, ...], kind: str, d: str) -> str:
    """`∂/∂x`, `∂²/∂x²`, `∂²/∂x∂y`; with another sign than ∂ in ASCII: `d2/dx2`."""
    if not names or kind == "vjp":
        return " ".join([kind, *names])
    below = [d + name + power(names.count(name), d) for name in dict.fromkeys(names)]
    return f"{d}{power(len(names), d)}/{''.join(below)}"


def power(n: int, d: str) -> str:
    if n == 1:
        return ""
    return str(n) if d.isascii() else str(n).translate(SUPERSCRIPTS)


SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def verdict(check: Check, *, color: bool) -> str:
    """`sympy agrees to 16 digits`, or why it does not."""
    paint = {"agrees": GREEN, "differs": RED}.get(check.status, YELLOW)
    methods = sorted(check.methods, reverse=True) or ["the check"]
    names = " and ".join(methods)
    s = "s" if len(methods) == 1 else ""
    words = {
        "agrees": f"{names} agree{s} to {check.digits} digits",
        "differs": f"{names} DISAGREE{s.upper()}: {check.digits} digits are the same",
    }.get(check.status, check.status)
    if check.status == "agrees" and check.reason:
        told = f"rounding leaves {check.digits} digits to trust"
        words = f"{names} agree{s}; {check.reason if check.digits is None else told}"
    elif check.reason:
        words += f" ({check.reason})"
    return f"{paint}{words}{RESET}" if color else words


# ---- JSON ---------------------------------------------------------------------------------------


def as_json(evaluation: Evaluation, cautions: Sequence[Caution], check: Check | None) -> str:
    """One object, versioned, in a stable order of keys."""
    from json import dumps  # noqa: PLC0415  # text output needs none of these

    from gradcli.lang.parser import parse  # noqa: PLC0415  # likewise
    from gradcli.lang.printer import canonical  # noqa: PLC0415  # likewise

    statements = canonical(parse(evaluation.source, limits=evaluation.limits.text(script=False)))
    room = Room(evaluation.limits.output)
    result: dict[str, Any] = {
        "schema": 1,
        "expression": evaluation.source.text,
        "canonical": statements,
        "at": {name: plain(leaf, room) for name, leaf in evaluation.at.items()},
        "value": plain(evaluation.value, room),
    }
    result |= derivatives(evaluation, room)
    if evaluation.uncertainty is not None:
        spread = evaluation.uncertainty
        sigma = plain(Tensor(spread.deviation[()]), room)
        result["uncertainty"] = {"value": sigma, "budget": dict(spread.budget)}
    if evaluation.graphs:
        result["gradient_graph"] = evaluation.graphs
    if check is not None:
        result["check"] = {
            "status": check.status,
            "methods": check.methods,
            "digits": check.digits,
        }
        if check.reason:
            result["check"]["reason"] = check.reason
    result["warnings"] = [*(caution.message for caution in cautions), *evaluation.notes]
    return dumps(result, ensure_ascii=False)


def derivatives(evaluation: Evaluation, room: Room) -> dict[str, Any]:
    """What was found, under its kind: by name, of second order by name and name."""
    kind, found = evaluation.kind, evaluation.found
    first = {name: plain(d, room) for name, d in evaluation.gradient.items()}
    if kind == "hessian":
        rows: dict[str, dict[str, Any]] = {}
        for (name, other), h in found.items():
            rows.setdefault(name, {})[other] = plain(h, room)
        return {kind: rows}
    if kind == "jvp":
        moves = {name: plain(t, room) for name, t in evaluation.tangents.items()}
        return {"tangent": moves, kind: plain(found.get(()), room)}
    if evaluation.order is None:
        return {kind: first}
    return {kind: first, "derivatives": [plain(d, room) for d in found.values()]}


class Room:
    """How many more numbers or texts may be written: nothing is elided for programs."""

    __slots__ = ("left", "most")

    def __init__(self, most: int) -> None:
        self.left = self.most = most

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise LimitExceeded(f"a result of more than {self.most:,} characters", limit="output")


def plain(value: Any, room: Room, depth: int = 0) -> Any:
    """A value of JSON; nan and infinities are strings, a complex number an object."""
    if type(value) is Tensor:
        room.take(2 * value.size)
        return listed(value.value.tolist())
    if isinstance(value, list | tuple | dict):
        if depth == DEEPEST:
            raise LimitExceeded(f"collections more than {DEEPEST} deep", limit="nesting")
        room.take(2)
        if isinstance(value, dict):
            return {key: plain(item, room, depth + 1) for key, item in value.items()}
        return [plain(item, room, depth + 1) for item in value]
    shown = value if value is None or type(value) in NUMBERS or type(value) is str else show(value)
    room.take(len(shown) if type(shown) is str else 2)
    return listed(shown)


def listed(value: Any) -> Any:
    """Numbers, or nested lists of them, as JSON has them."""
    if isinstance(value, list):
        return [listed(item) for item in value]
    if isinstance(value, complex):
        return {"real": listed(value.real), "imag": listed(value.imag)}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


# ---- CSV ----------------------------------------------------------------------------------------


def as_csv(evaluation: Evaluation, *, digits: int | None = None) -> str:
    """A header and a row: inputs, value, derivatives; a column for each element."""
    import csv  # noqa: PLC0415  # no other form needs it
    import io  # noqa: PLC0415  # likewise

    columns: list[tuple[str, str]] = []
    room = Room(evaluation.limits.output)
    for value in (*evaluation.at.values(), evaluation.shown, *evaluation.found.values()):
        room.take(2 * value.size if type(value) is Tensor else 2)
    for name, leaf in evaluation.at.items():
        columns += elements(name, leaf, digits)
    columns += elements("value", evaluation.shown, digits)
    if evaluation.uncertainty is not None:
        columns += elements("±", Tensor(evaluation.uncertainty.deviation[()]), digits)
    for names, found in evaluation.found.items():
        columns += elements(labelled(names, evaluation.kind, "d"), found, digits)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([label for label, _ in columns])
    writer.writerow([body for _, body in columns])
    return buffer.getvalue().rstrip("\n")


def elements(label: str, value: Any, digits: int | None) -> list[tuple[str, str]]:
    if type(value) is not Tensor or not value.ndim:
        return [(label, numeral(value, digits))]
    return [
        (f"{label}[{','.join(map(str, index))}]", display.number(item, digits))
        for index, item in np.ndenumerate(value.value)
    ]
