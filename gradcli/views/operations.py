"""What is known of each operation, read from the op table."""

from __future__ import annotations

import linecache
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS, NUMPY, ROW_OF, TABLE
from gradcli.engine.functions.registry import CHOOSERS
from gradcli.engine.ops.table import (
    NONZERO,
    OVER_MINUS_ONE,
    OVER_ONE,
    POSITIVE,
    REAL,
    UNIT,
    Interval,
    Op,
)
from gradcli.lang.manual import called, operand_names, row_parameters, signature_parts, summary

OURS = "gradcli."
NAME = re.compile(r"[A-Za-z_]\w*")
DOMAINS = {
    REAL: "every {x}",
    NONZERO: "{x} != 0",
    POSITIVE: "{x} > 0",
    UNIT: "-1 < {x} < 1",
    OVER_ONE: "{x} > 1",
    OVER_MINUS_ONE: "{x} > -1",
}


@dataclass(frozen=True)
class Operation:
    """A name of the language that differentiates, with its aliases."""

    name: str
    aliases: list[str]
    theme: str
    signature: str


@dataclass(frozen=True)
class Facts:
    """All that is known of one operation.

    words    what it does
    rules    for each operand its cotangent, from the cotangent g of the result
    slopes   the same as formulas of the derivative, for elementwise operations
    kink     where it has no derivative, what is taken for it
    domain   where it is smooth
    """

    operation: Operation
    words: str = ""
    rules: dict[str, str] = field(default_factory=dict)
    slopes: dict[str, str] = field(default_factory=dict)
    kink: str = ""
    domain: dict[str, str] = field(default_factory=dict)
    grad_fn: str = ""
    saves: list[str] = field(default_factory=list)
    twin: str = ""
    cost: str = ""
    numpy: list[str] = field(default_factory=list)
    needs: str = ""


# ---- all of them --------------------------------------------------------------------------------


@cache
def operations() -> list[Operation]:
    """Every operation that has a name, by theme: rows of the table, then what is made of them."""
    found = [
        Operation(op.name, list(op.aliases), theme_of(op.home), called(op.name, row_parameters(op)))
        for op in TABLE.values()
        if op.public and FUNCTIONS.get(op.name) is not None and ROW_OF.get(op.name) is op
    ]
    made: dict[int, list[str]] = {}
    for name, function in FUNCTIONS.items():
        if name not in ROW_OF:
            made.setdefault(id(function), []).append(name)
    for names in made.values():
        function = FUNCTIONS[names[0]]
        theme = theme_of(function.__module__)
        found.append(
            Operation(names[0], names[1:], theme, called(names[0], signature_parts(function)))
        )
    order = list(dict.fromkeys(each.theme for each in found))
    return sorted(found, key=lambda each: (order.index(each.theme), each.name.lower()))


def theme_of(module: str) -> str:
    """The first sentence of a module, up to a colon."""
    first = (sys.modules[module].__doc__ or module).partition("\n")[0]
    return first.partition(":")[0].rstrip(".")


def static_names(op: Op) -> list[str]:
    """As the row's rules call its static parameters, which follow the result."""
    rule = next((rule for rule in op.rules if rule is not None), None)
    code = getattr(rule, "__code__", None)
    if code is None or op.variadic:
        return []
    return [name.lstrip("_") for name in code.co_varnames[len(op.rules) + 2 : code.co_argcount]]


# ---- one of them --------------------------------------------------------------------------------


def facts(name: str) -> Facts | None:
    """Of an operation by any of its names; None if there is none. Formulas need sympy."""
    operation = next((each for each in operations() if name in (each.name, *each.aliases)), None)
    op = ROW_OF.get(name) or TABLE.get(name)
    if op is not None:
        hidden = Operation(op.name, [], theme_of(op.home), called(op.name, row_parameters(op)))
        return facts_of_row(op, operation or hidden)
    if operation is None:
        return None
    function = FUNCTIONS[operation.name]
    made = [f for f, chosen in CHOOSERS.items() if chosen is function]
    words = summary(operation.name) or first_line(function)
    return Facts(operation, words=words, numpy=list(numpy_names(made)))


def facts_of_row(op: Op, operation: Operation) -> Facts:
    from gradcli.proof.partials import partials  # noqa: PLC0415  # it imports sympy

    operands = operand_names(op)
    slopes = [spoken(d, op) for d in partials(op, [*operands, *static_names(op)])]
    rules = ["0" if rule is None else source_of(rule) for rule in op.rules]
    return Facts(
        operation,
        words=summary(op.name) or first_line(op.forward),
        rules=dict(zip(operands, rules, strict=False)) if op.differentiable else {},
        slopes={x: d for x, d in zip(operands, slopes, strict=False) if d is not None},
        kink=op.kink.convention if op.kink is not None else "",
        domain={
            x: domain(d, x)
            for x, d, rule in zip(operands, op.domain, op.rules, strict=False)
            if op.elementwise and rule is not None
        },
        grad_fn=node_name(op),
        saves=saved(op, operands),
        twin="sympy" if op.elementwise and op.twin else "50 digits" if op.twin else op.why_no_twin,
        cost=f"{op.cost:g} ns an element" if op.work is None else "by the shapes",
        numpy=list(numpy_names([f for f, row in NUMPY.items() if row is op])),
        needs=op.needs,
    )


def spoken(formula: str | None, op: Op) -> str | None:
    """A formula in the language, of what a caller names; None if it is not to be had."""
    if formula is None:
        return None
    formula = formula.replace("Abs(", "abs(")
    given = {part.partition("=")[0] for part in row_parameters(op)}
    known = {*NAME.findall(formula)} <= {*FUNCTIONS, *given, "pi"}
    return formula if known and {*static_names(op)} <= given else None


def first_line(function: Any) -> str:
    """What a function of ours says of itself; numpy's say theirs elsewhere."""
    if not (getattr(function, "__module__", None) or "").startswith(OURS):
        return ""
    return (function.__doc__ or "").strip().partition("\n")[0]


def source_of(rule: Any) -> str:
    """The expression that a rule is, or the name and first line of one that is a function."""
    code = getattr(rule, "__code__", None)
    if code is None or code.co_name != "<lambda>":
        name = getattr(rule, "__name__", "a function")
        line = first_line(rule)
        return f"{name}: {line}" if line else name
    # Columns count bytes. The first instruction stands for the lambda itself, the others for its
    # body; where Python keeps no positions there are none.
    places = [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in list(code.co_positions())[1:]
        if None not in (line, end_line, column, end_column) and end_column
    ]
    if not places:
        return ""
    (line, column), (end_line, end_column) = min(p[0] for p in places), max(p[1] for p in places)
    lines = [linecache.getline(code.co_filename, n).encode() for n in range(line, end_line + 1)]
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    return " ".join(b" ".join(lines).decode().split())


def domain(interval: Interval, x: str) -> str:
    known = DOMAINS.get(interval)
    if known is not None:
        return known.format(x=x)
    holes = "".join(f", {x} != {hole:g}" for hole in interval.holes)
    return f"{interval.low:g} < {x} < {interval.high:g}{holes}"


def node_name(op: Op) -> str:
    if not op.differentiable:
        return ""
    return f"<{op.node_name}>" if isinstance(op.node_name, str) else "named by its parameters"


def saved(op: Op, operands: Sequence[str]) -> list[str]:
    letters = "x" if len(operands) == 1 else "abcdef"
    found = [x for letter, x in zip(letters, operands, strict=False) if letter in op.saves]
    return [*found, "y"] if op.saves_y else found


def numpy_names(functions: Sequence[Any]) -> Iterator[str]:
    """`numpy.sin`, of what numpy has under that name."""
    for function in functions:
        module = getattr(function, "__module__", None) or ""
        if isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is function:
            module = "numpy"
        if module.partition(".")[0] == "numpy":
            yield f"{module}.{function.__name__}"


# ---- text and JSON ------------------------------------------------------------------------------


def listing(found: Sequence[Operation], width: int | None) -> str:
    """Names under their themes for people; in a pipe (no width) a signature a line."""
    if width is None:
        return "\n".join(each.signature for each in found)
    blocks = []
    for theme in dict.fromkeys(each.theme for each in found):
        names = ", ".join(each.name for each in found if each.theme == theme)
        indent = "  "
        body = textwrap.fill(names, width, initial_indent=indent, subsequent_indent=indent)
        blocks.append(f"{theme}\n{body}")
    return "\n\n".join(blocks)


def description(known: Facts) -> str:
    """A line for each thing that is known."""
    about = known.operation
    rows = [("", about.signature)]
    if about.aliases:
        rows.append(("also", ", ".join(about.aliases)))
    rows.append(("theme", about.theme))
    rows += [("", known.words)] if known.words else []
    rows += [(f"d/d{x}", d) for x, d in known.slopes.items()]
    rows += [(f"rule of {x}", rule) for x, rule in known.rules.items() if rule]
    rows += [("smooth for", ", ".join(known.domain.values()))] if known.domain else []
    facts = {
        "kink": known.kink,
        "grad_fn": known.grad_fn,
        "saves": ", ".join(known.saves),
        "proven by": known.twin,
        "cost": known.cost,
        "numpy": ", ".join(known.numpy),
        "needs": known.needs,
    }
    rows += [(label, fact) for label, fact in facts.items() if fact]
    width = max(len(label) for label, _ in rows)
    return "\n".join(
        f"{label.ljust(width)}  {text}".strip() if label else text for label, text in rows
    )


def as_object(known: Facts) -> dict[str, Any]:
    """For JSON: the operation's own keys, then what is known of it."""
    values = asdict(known)
    return {**values.pop("operation"), **values}
