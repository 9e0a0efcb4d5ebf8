"""Programs as C99 without dependencies: numbers, and loops over arrays of fixed shapes."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcli.engine.program import Program, Value
from gradcli.errors import WrongType
from gradcli.views.export.arrays import MATMUL
from gradcli.views.export.listing import Line, Listing, listing
from gradcli.views.export.words import Words

# What C or <math.h> has given away.
TAKEN = re.compile(
    "auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline"
    "|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union"
    "|unsigned|void|volatile|while|modulo|quotient|[jy][01n]|main|[i-p]|d2?_.*|c[0-9]+"
    "|a?(sin|cos|tan)h?|atan2|exp2?|expm1|log(2|10|1p|b)?|sqrt|cbrt|hypot|pow|fabs|fmod|f?floor|ceil"
    "|trunc|rint|round|erfc?|[lt]?gamma|copysign|isnan|isinf|isfinite|fm(a|ax|in|od)|remainder"
)
MODULO = """static double modulo(double a, double b)
{
    double r = fmod(a, b);
    if (r == 0) return copysign(0.0, b);
    return (r < 0) != (b < 0) ? r + b : r;
}"""
QUOTIENT = """static double quotient(double a, double b)
{
    double q = (a - modulo(a, b)) / b, whole = floor(q);
    return q - whole > 0.5 ? whole + 1 : whole;
}"""
OPERATORS = {ast.Add: ("+", 4), ast.Sub: ("-", 4), ast.Mult: ("*", 5), ast.Div: ("/", 5)}
COMPARISONS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
ATOM = 9
# Of every element of an array, its place in another.
Table = np.ndarray[Any, Any]


def as_c(program: Program, words: Words) -> str:
    """A function that returns the value and writes derivatives where its arguments point."""
    names = renamed(list(program.inputs))
    found = listing(program, names, words.temporary(names.values()))
    writer = Writer(found)
    body = [writer.constant(name) for name in found.constants]
    for line in found.lines:
        body += writer.line(line)
    targets = list(results(names, words.hessian))
    value, *derivatives = found.outputs
    shapes = [program.values[k].shape for k in program.outputs[1:]]
    for target, tree, shape in zip(targets, derivatives, shapes, strict=True):
        body += writer.assigned(target, tree, shape, pointer=True)
    body.append(f"return {writer.text(value, ())};")
    inputs = [
        f"const double *{names[name]}" if shape else f"double {names[name]}"
        for name, shape in words.shapes.items()
    ]
    arguments = ", ".join([*inputs, *(f"double *{target}" for target in targets)])
    note = words.document(names).replace("\n\n", "\n\n   ")
    helpers = [
        text for name, text in (("modulo", MODULO), ("quotient", QUOTIENT)) if name in writer.needed
    ]
    head = (
        f"/* {note}\n\n   Returns the value; {', '.join(targets)} are written, arrays by rows. */"
    )
    function = "\n".join(
        [f"double {words.name}({arguments})", "{", *("    " + row for row in body), "}"]
    )
    return "\n\n".join(["#include <math.h>", *helpers, f"{head}\n{function}"]) + "\n"


def renamed(names: Sequence[str]) -> dict[str, str]:
    """Names that C has not given away, of ASCII letters."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^0-9A-Za-z_]", lambda match: f"u{ord(match[0]):x}", name)
        plain += "_" if TAKEN.fullmatch(plain) else ""
        while plain in found.values():
            plain += "_"
        found[name] = plain
    return found


def results(names: Mapping[str, str], hessian: bool) -> Iterator[str]:
    """`d_x`, `d2_x_y`."""
    yield from (f"d_{x}" for x in names.values())
    if hessian:
        yield from (f"d2_{x}_{y}" for x in names.values() for y in names.values())


class Writer:
    def __init__(self, found: Listing) -> None:
        self.found = found
        self.needed: set[str] = set()

    # ---- statements ----

    def constant(self, name: str) -> str:
        value = self.found.constants[name]
        numbers = ", ".join(literal(x) for x in np.ravel(value.constant).tolist())
        return f"static const {kind(value)} {name}[] = {{{numbers}}};"

    def line(self, line: Line) -> list[str]:
        value = line.value
        declared = f"{kind(value)} {line.name}"
        if line.tree is not None:
            if not value.shape:
                return [f"const {declared} = {self.text(line.tree, ())};"]
            return [f"{declared}[{value.size}];", *self.assigned(line.name, line.tree, value.shape)]
        filled = self.filled(line)
        return [f"{declared}{f'[{value.size}]' if value.shape else ''}{filled[0]}", *filled[1:]]

    def assigned(
        self, target: str, tree: ast.expr, shape: tuple[int, ...], *, pointer: bool = False
    ) -> list[str]:
        """Element by element."""
        if not shape:
            return [f"{'*' if pointer else ''}{target} = {self.text(tree, ())};"]
        place = flat(shape, shape)
        return nested(shape, f"{target}[{place}] = {self.text(tree, shape)};")

    def filled(self, line: Line) -> list[str]:
        """What ends the declaration, then the statements, of what is not elementwise."""
        op, static, shape = line.value.op, line.value.static, line.value.shape
        assert op is not None
        x = line.operands[0]
        source = self.found.values.get(x)
        place = f"{line.name}[{flat(shape, shape)}]" if shape else line.name
        if op.name in ("sum", "mean") and source is not None:
            axes, _ = static
            axes = tuple(range(-len(source.shape), 0)) if axes is None else axes
            kept = tuple(
                1 if k - len(source.shape) in axes else n for k, n in enumerate(source.shape)
            )
            into = f"{line.name}[{flat(kept, source.shape)}]" if shape else line.name
            start = [" = {0};"] if shape else [" = 0;"]
            total = nested(source.shape, f"{into} += {x}[{flat(source.shape, source.shape)}];")
            count = math.prod(source.shape) // max(1, line.value.size)
            mean = nested(shape, f"{place} /= {count};") if op.name == "mean" else []
            return [*start, *total, *mean]
        if op.name in MATMUL:
            return self.product(line)
        if op.name == "outer":
            a, b = (self.found.values[name] for name in line.operands)
            if len(a.shape) == len(b.shape) == 1:
                return [
                    ";",
                    *nested(shape, f"{place} = {line.operands[0]}[i] * {line.operands[1]}[j];"),
                ]
        if op.name in ("stack", "concatenate"):
            parts = [self.found.values.get(name) for name in line.operands]
            return [";", *self.joined(line, [part.shape if part else () for part in parts])]
        if op.name == "scatter_index" and static[0].basic:
            table = np.arange(line.value.size).reshape(shape)[static[0].parts]
            return [" = {0};", *self.moved(line.name, x, table, scatter=True)]
        if op.moves(static) and len(line.operands) == 1:
            table = op.forward(
                np.arange(source.size if source else 1).reshape(source.shape if source else ()),
                *static,
            )
            return [";", *self.moved(line.name, x, np.asarray(table))]
        raise WrongType(f"export: {op.name} has no form in C")

    def moved(self, name: str, x: str, table: Table, *, scatter: bool = False) -> list[str]:
        """Elements of x at the places of a table, or (scatter) put there."""
        source = self.found.values.get(x)
        own = flat(table.shape, table.shape)
        there = affine(table)
        rows = []
        if there is None:
            there = f"{name}_at[{own}]"
            numbers = ", ".join(map(str, table.ravel().tolist()))
            rows.append(f"static const int {name}_at[] = {{{numbers}}};")
        if scatter:
            given = f"{x}[{own}]" if source and source.shape else x
            return [*rows, *nested(table.shape, f"{name}[{there}] = {given};")]
        given = f"{x}[{there}]" if source and source.shape else x
        into = f"{name}[{own}]" if table.shape else name
        return [*rows, *nested(table.shape, f"{into} = {given};")]

    def joined(self, line: Line, shapes: Sequence[tuple[int, ...]]) -> list[str]:
        op, static, value = line.value.op, line.value.static, line.value
        assert op is not None
        whole = np.arange(value.size).reshape(value.shape)
        axis = static[0]
        rows: list[str] = []
        start = 0
        for k, (x, shape) in enumerate(zip(line.operands, shapes, strict=True)):
            length = 1 if op.name == "stack" else shape[axis]
            table = np.take(whole, np.arange(start, start + length), axis).reshape(shape)
            start += length
            rows += self.scattered(f"{line.name}", k, x, table)
        return rows

    def scattered(self, name: str, k: int, x: str, table: Table) -> list[str]:
        there = affine(table)
        own = flat(table.shape, table.shape)
        rows = []
        if there is None:
            there = f"{name}_at{k}[{own}]"
            numbers = ", ".join(map(str, table.ravel().tolist()))
            rows.append(f"static const int {name}_at{k}[] = {{{numbers}}};")
        given = f"{x}[{own}]" if table.shape else x
        return [*rows, *nested(table.shape, f"{name}[{there}] = {given};")]

    def product(self, line: Line) -> list[str]:
        """A product of matrices or vectors."""
        a, b = (self.found.values[name] for name in line.operands)
        if max(len(a.shape), len(b.shape)) > 2:
            raise WrongType("export: products of batches of matrices have no form in C")
        m = a.shape[-2] if len(a.shape) == 2 else 1
        n, p = a.shape[-1], b.shape[-1] if len(b.shape) == 2 else 1
        into = f"{line.name}[{flat((m, p), (m, p, n))}]" if line.value.shape else line.name
        left, right = f"{line.operands[0]}[i*{n} + k]", f"{line.operands[1]}[k*{p} + j]"
        start = " = {0};" if line.value.shape else " = 0;"
        place = f"{line.name}[i*{p} + j]" if line.value.shape else into
        return [start, *nested((m, p, n), f"{place} += {left} * {right};")]

    # ---- expressions ----

    def text(self, tree: ast.expr, shape: tuple[int, ...]) -> str:
        """Of an element, at the loops' place in an array of this shape."""
        return self.level(tree, shape)[0]

    def level(self, tree: ast.expr, shape: tuple[int, ...]) -> tuple[str, int]:
        """An expression, and how tightly it binds."""

        def inside(part: ast.expr, least: int) -> str:
            text, level = self.level(part, shape)
            return text if level >= least else f"({text})"

        match tree:
            case ast.Constant():
                return literal(tree.value), ATOM  # type: ignore[arg-type]  # constants are numbers
            case ast.Name():
                return self.named(tree.id, shape), ATOM
            case ast.UnaryOp():
                sign = "!" if isinstance(tree.op, ast.Not) else "-"
                return sign + inside(tree.operand, 7), 6
            case ast.BinOp(op=ast.Mod() | ast.FloorDiv()):
                self.needed |= (
                    {"modulo"} if isinstance(tree.op, ast.Mod) else {"modulo", "quotient"}
                )
                name = "modulo" if isinstance(tree.op, ast.Mod) else "quotient"
                return f"{name}({inside(tree.left, 0)}, {inside(tree.right, 0)})", ATOM
            case ast.BinOp():
                sign, level = OPERATORS[type(tree.op)]
                return f"{inside(tree.left, level)} {sign} {inside(tree.right, level + 1)}", level
            case ast.Compare():
                sign = COMPARISONS[type(tree.ops[0])]
                return f"{inside(tree.left, 4)} {sign} {inside(tree.comparators[0], 4)}", 3
            case ast.BoolOp():
                sign = "&&" if isinstance(tree.op, ast.And) else "||"
                return f" {sign} ".join(inside(part, 3) for part in tree.values), 2
            case ast.IfExp():
                chosen = (
                    f"{inside(tree.test, 2)} ? {inside(tree.body, 2)} : {inside(tree.orelse, 2)}"
                )
                return chosen, 1
            case ast.Call(func=ast.Name(id=name)):
                return f"{name}({', '.join(inside(x, 0) for x in tree.args)})", ATOM
        raise WrongType("export: this has no form in C")

    def named(self, name: str, shape: tuple[int, ...]) -> str:
        value = self.found.values.get(name)
        if value is None:
            return {"inf": "INFINITY", "nan": "NAN"}[name]
        return f"{name}[{flat(value.shape, shape)}]" if value.shape else name


LOOPS = "ijklmnop"


def nested(shape: tuple[int, ...], statement: str) -> list[str]:
    """A statement in a loop over every axis, on lines of their own."""
    if len(shape) > len(LOOPS):
        raise WrongType(f"export: no loops over {len(shape)} axes in C")
    rows = [
        "    " * k + f"for (int {i} = 0; {i} < {n}; {i}++)"
        for k, (i, n) in enumerate(zip(LOOPS, shape, strict=False))
    ]
    return [*rows, "    " * len(shape) + statement]


def flat(shape: tuple[int, ...], loops: tuple[int, ...]) -> str:
    """The place in an array of `shape`, broadcast to loops over another."""
    terms = []
    step = 1
    for k in range(1, len(shape) + 1):
        if shape[-k] > 1:
            letter = LOOPS[len(loops) - k]
            terms.append(letter if step == 1 else f"{letter}*{step}")
        step *= shape[-k]
    return " + ".join(reversed(terms)) or "0"


def affine(table: Table) -> str | None:
    """A table of places as a sum of multiples of the loops' variables, if it is one."""
    if not table.size:
        return "0"
    first = int(table.flat[0])
    if not table.ndim:
        return str(first)
    steps = []
    for axis, n in enumerate(table.shape):
        second = tuple(1 if k == axis else 0 for k in range(table.ndim))
        steps.append(int(table[second]) - first if n > 1 else 0)
    grid = np.indices(table.shape).reshape(table.ndim, -1)
    if not np.array_equal(np.array(steps) @ grid + first, table.ravel()):
        return None
    terms = [
        letter if s == 1 else f"{letter}*{s}" for letter, s in zip(LOOPS, steps, strict=False) if s
    ]
    return " + ".join(terms + [str(first)] * (first != 0 or not terms))


def kind(value: Value) -> str:
    return "int" if value.dtype.kind == "b" else "double"


def literal(x: bool | float) -> str:
    if isinstance(x, bool):
        return str(int(x))
    return (
        "NAN"
        if math.isnan(x)
        else ("-" if x < 0 else "") + "INFINITY"
        if math.isinf(x)
        else repr(float(x))
    )
