"""Methods side by side, and the verdicts on claims, as text and JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine import display
from gradcli.engine.tensor import Tensor
from gradcli.lang.evaluation import DEFAULTS
from gradcli.lang.parser import parse
from gradcli.lang.printer import canonical
from gradcli.lang.source import Source
from gradcli.proof.crosscheck import Check
from gradcli.proof.methods import Examined, Found
from gradcli.proof.refutation import FAIL, PASS, Counterexample, Tested, named
from gradcli.views.evaluation import GREEN, RED, RESET, YELLOW, Room, labelled, listed, plain

Array = np.ndarray[Any, Any]
# Of a tensor in a table.
LONGEST = 44
METHODS = ("forward", "differences", "complex-step", "mpmath-50", "sympy")
MARKS = {"differs": "DIFFERS", "undecided": "?", "skipped": "-"}


def painted(text: str, status: str, color: bool) -> str:
    paint = {"agrees": GREEN, PASS: GREEN, "differs": RED, FAIL: RED}.get(status, YELLOW)
    return f"{paint}{text}{RESET}" if color else text


# ---- methods side by side -----------------------------------------------------------------------


def table(
    examined: Sequence[Examined],
    *,
    digits: int | None,
    partial: str = "∂",
    width: int | None = None,
) -> str:
    """A row for each variable at each point: reverse mode's derivative, then for each method to
    how many digits it agrees, and how many rounding leaves to trust. Where that is wider than
    `width`, the methods stand below the derivative."""
    tried = {m for each in examined for found in each.methods.values() for m in found}
    methods = [*(m for m in METHODS if m in tried), *sorted(tried - set(METHODS))]
    rows = [["at", "", "reverse", *methods, "trusted"]]
    for each in examined:
        sample, check = each.sample, each.check
        value = brief(np.asarray(sample.output.value), digits)
        point = shortened(named(sample.point))
        trusted = "" if check.value_trusted is None else str(check.value_trusted)
        proven = "" if check.value_digits is None else str(check.value_digits)
        own = [proven if m in check.by_method else "" for m in methods]
        rows.append([point, "value", value, *own, trusted])
        for name, found in each.methods.items():
            label = labelled((name,), "gradient", partial)
            shown = brief(derivative(each, name), digits)
            cells = [cell(found.get(method)) for method in methods]
            rows.append(["", label, shown, *cells, numeral(check.gradient_trusted.get(name))])
    wide = aligned(rows)
    if width is None or max(map(len, wide.split("\n"))) <= width:
        return wide
    return "\n".join(stacked(rows, width))


def stacked(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """The same for a narrow terminal: what stands in a row beside the derivative, below it."""
    _, _, _, *titles = rows[0]
    for point, label, shown, *cells in rows[1:]:
        if point:
            yield f"at {point}"
        yield f"{label} {shown}"
        told = [f"{title} {x}" for title, x in zip(titles, cells, strict=True) if x]
        yield textwrap.fill(
            ", ".join(told),
            width,
            initial_indent="  ",
            subsequent_indent="  ",
            break_on_hyphens=False,
        )


def derivative(each: Examined, name: str) -> Array:
    """Of one number of the variable's shape."""
    found = each.sample.reverse[name]
    leaf = each.sample.leaves[name]
    return found.reshape(leaf.shape) if found.size == leaf.size else found


def cell(found: Found | None) -> str:
    if found is None:
        return ""
    return MARKS.get(found.status) or numeral(found.digits)


def numeral(digits: int | None) -> str:
    return "-" if digits is None else str(digits)


def brief(value: Array, digits: int | None) -> str:
    if not value.ndim:
        return display.number(value[()], digits)
    return shortened(" ".join(display.array(value, digits, padded=False).split()))


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = (
        "  ".join(x.ljust(w) for x, w in zip(row, widths, strict=True)).rstrip() for row in rows
    )
    return "\n".join(lines)


def summary(checks: Sequence[Check], *, color: bool) -> str:
    """`check agrees: reverse, forward and sympy at 4 points, to 15 digits`"""
    check = worst(checks)
    used = [method for method, status in check.methods.items() if status == check.status]
    if check.status != "agrees":
        word = "DIFFERS" if check.status == "differs" else check.status
        words = f"{word}: {check.reason or ', '.join(used)}"
    else:
        words = "agrees: " + " and ".join([", ".join(["reverse", *used[:-1]]), *used[-1:]])
        words += f" at {len(checks)} points" if len(checks) > 1 else ""
        if check.reason and check.digits is None:
            words += f"; {check.reason}"
        elif check.reason:
            words += f"; rounding leaves {check.digits} digits to trust"
        elif check.digits is not None:
            words += f", to {check.digits} digits"
    return f"check {painted(words, check.status, color)}"


def worst(checks: Sequence[Check]) -> Check:
    order = ("agrees", "skipped", "undecided", "differs")
    last = max(checks, key=lambda check: order.index(check.status))
    digits = [check.digits for check in checks if check.digits is not None]
    methods: dict[str, str] = {}
    for check in checks:
        for name, status in check.methods.items():
            methods[name] = max(status, methods.get(name, "agrees"), key=order.index)
    return Check(last.status, methods, min(digits, default=None), reason=last.reason)


# ---- claims -------------------------------------------------------------------------------------


def verdicts(tested: Sequence[Tested], *, color: bool) -> str:
    """A line for each claim; under one that fails, the counterexample."""
    width = max(len(title(each)) for each in tested)
    lines: list[str] = []
    for each in tested:
        word = painted(
            {PASS: "PASS", FAIL: "FAIL"}.get(each.status, "undecided"), each.status, color
        )
        how = "at 50 digits" if each.exact else "in machine arithmetic"
        s = "" if each.points == 1 else "s"
        about = f"{each.points} point{s}, {how}"
        if each.status == FAIL:
            about = "a counterexample:"
        elif each.status != PASS:
            about = each.reason
        lines.append(f"{word}  {title(each).ljust(width)}  {about}".rstrip())
        if each.counterexample is not None:
            lines += instance(each.counterexample)
    return "\n".join(lines)


def title(each: Tested) -> str:
    return f"{each.claim.name}: {' '.join(each.claim.source.text.split())}"


def sentence(each: Tested) -> str:
    """The same of one in a line: `g is not the derivative by x: at x=1 it is 2.0, …`"""
    said = each.claim.source.text
    example = each.counterexample
    if example is None:
        return f"{said}: the derivative by {each.claim.name} is undecided: {each.reason}"
    at = named(example.point) + (
        f", component {list(example.component)}," * bool(example.component)
    )
    claimed, true = display.number(example.claimed), display.number(example.truth)
    return (
        f"{said} is not the derivative by {each.claim.name}: at {at} it is {claimed}, "
        f"and the true one {true}"
    )


def instance(found: Counterexample) -> list[str]:
    rows = [("at", named(found.point))]
    if found.component:
        rows.append(("component", str(list(found.component))))
    rows += [("claimed", display.number(found.claimed)), ("true", display.number(found.truth))]
    return [f"      {label.ljust(9)}  {text}" for label, text in rows]


# ---- JSON ---------------------------------------------------------------------------------------


def as_object(
    source: Source,
    examined: Sequence[Examined],
    tested: Sequence[Tested],
    notes: Sequence[str],
) -> dict[str, Any]:
    """Everything that was compared, versioned, in a stable order of keys."""
    room = Room(DEFAULTS.output)
    result: dict[str, Any] = {
        "schema": 1,
        "expression": source.text,
        "canonical": canonical(parse(source, limits=DEFAULTS.text(script=False))),
    }
    if examined:
        result["check"] = object_of(worst([each.check for each in examined]))
        result["points"] = [point_object(each, room) for each in examined]
    if tested:
        result["claims"] = [claim_object(each, room) for each in tested]
    result["warnings"] = list(notes)
    return result


def object_of(check: Check) -> dict[str, Any]:
    found: dict[str, Any] = {
        "status": check.status,
        "methods": check.methods,
        "digits": check.digits,
    }
    return found | ({"reason": check.reason} if check.reason else {})


def values(point: Mapping[str, Array], room: Room) -> dict[str, Any]:
    return {name: plain(Tensor(np.asarray(value)[()]), room) for name, value in point.items()}


def point_object(each: Examined, room: Room) -> dict[str, Any]:
    check = each.check
    variables = {
        name: {
            "trusted": check.gradient_trusted.get(name),
            "methods": {
                method: {"status": f.status, "digits": f.digits}
                | ({"error": listed(f.error)} if f.error is not None else {})
                for method, f in found.items()
            },
        }
        for name, found in each.methods.items()
    }
    gradients = {name: derivative(each, name) for name in each.methods}
    return {
        "at": values(each.sample.point, room),
        "value": plain(each.sample.output, room),
        "gradient": values(gradients, room),
        "check": object_of(check) | {"trusted": check.value_trusted, "variables": variables},
    }


def claim_object(each: Tested, room: Room) -> dict[str, Any]:
    found: dict[str, Any] = {
        "by": list(each.claim.by),
        "claim": each.claim.source.text,
        "status": each.status,
        "points": each.points,
        "exact": each.exact,
    }
    if each.reason:
        found["reason"] = each.reason
    if each.counterexample is not None:
        example = each.counterexample
        found["counterexample"] = {
            "at": values(example.point, room),
            "component": list(example.component),
            "claimed": listed(example.claimed),
            "true": listed(example.truth),
        }
    return found
