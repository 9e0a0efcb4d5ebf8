"""Programs as C99 without dependencies: numbers, and loops over arrays of fixed shapes."""

from __future__ import annotations

import ast
import math
import re
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from gradcli.engine.program import Program
from gradcli.errors import WrongType
from gradcli.views.export import matrices, ordering
from gradcli.views.export.listing import Line, Listing, listing
from gradcli.views.export.loops import SMALL, STATEMENTS, filled, flat, is_same_memory, kind, nested
from gradcli.views.export.vocabulary import Vocabulary, repeated
from gradcli.views.export.words import Words, letters_beside

# What C or <math.h> has given away, or is defined here.
TAKEN = re.compile(
    "auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline"
    "|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union"
    "|unsigned|void|volatile|while|modulo|quotient|digamma|solve|invert|cofactors|cholesky|order|[jy][01n]|main|[i-p]|d2?_.*"
    "|a?(sin|cos|tan)h?|atan2|exp2?|expm1|log(2|10|1p|b)?|sqrt|cbrt|hypot|pow|fabs|floor|ceil"
    "|trunc|l*rint|l*round|nearbyint|erfc?|[lt]?gamma|copysign|isnan|isinf|isfinite|isnormal"
    "|signbit|isgreater.*|isless.*|isunordered|fpclassify|fm(a|ax|in|od)|fdim|remainder|remquo"
    "|ldexp|frexp|modf|ilogb|scalbl?n|nan|nextafter|nexttoward|errno|signgam|NAN|INFINITY|HUGE_VAL"
    "|[A-Z_]*_H|_.*"
)
# What compilers know of the other headers, where a function of that name would be another.
BUILT_IN = re.compile(
    "abort|l*abs|alloca|[cm]alloc|realloc|free|exit|_?exit|r?index|b(cmp|copy|zero)|mem[a-z]+"
    "|str[a-z]+|v?[fs]?n?(printf|scanf)|f?put(s|c|char)|is[a-z]+|to(lower|upper)|ffs|exec[a-z]+|fork"
)
MODULO = """static double modulo(double a, double b)
{
    double r = fmod(a, b);
    if (r == 0) return copysign(0.0, b);
    return (r < 0) != (b < 0) ? r + b : r;
}"""
QUOTIENT = """static double quotient(double a, double b)
{
    double r = fmod(a, b), q, whole;
    if (b == 0) return a / b;
    q = (a - r) / b;
    if (r != 0 && (r < 0) != (b < 0)) q -= 1;
    if (q == 0) return copysign(0.0, a / b);
    whole = floor(q);
    return q - whole > 0.5 ? whole + 1 : whole;
}"""
DIGAMMA = """/* The logarithmic derivative of the gamma function. */
static double digamma(double x)
{
    const double pi = 3.141592653589793;
    double y = 0, z;
    if (x == 0) return -1 / x;
    if (x < 0) return x == floor(x) ? NAN : digamma(1 - x) - pi / tan(pi * x);
    for (; x < 10; x++) y -= 1 / x;
    z = 1 / (x * x);
    z *= 1/12.0 - z*(1/120.0 - z*(1/252.0 - z*(1/240.0 - z*(1/132.0 - z/47.4))));
    return y + log(x) - 0.5 / x - z;
}"""
HELPERS = {
    "modulo": MODULO,
    "quotient": QUOTIENT,
    "digamma": DIGAMMA,
    **matrices.HELPERS,
    **ordering.HELPERS,
}
OPERATORS = {ast.Add: ("+", 4), ast.Sub: ("-", 4), ast.Mult: ("*", 5), ast.Div: ("/", 5)}
COMPARISONS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
ATOM = 9
VOCABULARY = Vocabulary("C", STATEMENTS, {"lgamma": "lgamma(x)", "digamma": "digamma(x)"})


def as_c(program: Program, words: Words) -> str:
    """A function that returns the value and writes derivatives where its arguments point."""
    names = renamed(list(program.inputs))
    letters = letters_beside(names.values())
    found = listing(program, VOCABULARY, names, letters)
    writer = Writer(found)
    body = [text for line in found.lines for text in writer.line(line)]
    targets = results(names, words.hessian)
    value, *derivatives = found.outputs
    shapes = [program.values[k].shape for k in program.outputs[1:]]
    for target, tree, shape in zip(targets, derivatives, shapes, strict=True):
        body += writer.assigned(target, tree, shape, pointer=True)
    body.append(f"return {writer.text(value, ())};")
    text = "\n".join(body)
    words_in = set(re.findall(r"\w+", text))
    unused = [f"(void){name};" for name in names.values() if name not in words_in]
    constants = [writer.constant(name) for name in found.constants if name in words_in]
    body = [*unused, *constants, *body]
    inputs = [
        f"const double *{names[name]}" if shape else f"double {names[name]}"
        for name, shape in words.shapes.items()
    ]
    arguments = ", ".join([*inputs, *(f"double *{target}" for target in targets)])
    called = set(re.findall(rf"\b({'|'.join(HELPERS)})\(", text))
    called |= {"solve"} & {"solve" for name in ("invert", "cofactors") if name in called}
    helpers = [text for name, text in HELPERS.items() if name in called]
    function = "\n".join(
        [f"double {words.name}({arguments})", "{", *("    " + row for row in body), "}"]
    )
    head = heading(words.document(names), targets, static="\n    static double" in function)
    return "\n\n".join(["#include <math.h>", *helpers, f"{head}\n{function}"]) + "\n"


def heading(document: str, targets: Sequence[str], *, static: bool) -> str:
    note = textwrap.indent(document, "   ").lstrip()
    written = "are written" if len(targets) > 1 else "is written"
    alone = " Large arrays are static: one call at a time." if static else ""
    return (
        f"/* {note}\n\n"
        f"   Returns the value; {', '.join(targets)} {written}, arrays by rows.{alone} */"
    )


def renamed(names: Sequence[str]) -> dict[str, str]:
    """Names that C has not given away, of ASCII letters."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^0-9A-Za-z_]", lambda match: f"u{ord(match[0]):x}", name)
        plain = f"x{plain}" if plain.startswith("_") else plain
        plain += "_" if TAKEN.fullmatch(plain) else ""
        while plain in found.values():
            plain += "_"
        found[name] = plain
    return found


def is_taken_in_c(name: str) -> bool:
    return bool(TAKEN.fullmatch(name) or BUILT_IN.fullmatch(name))


def results(names: Mapping[str, str], hessian: bool) -> list[str]:
    """`d_x`, `d2_x_y`; no two are the same, and none is that of a variable."""
    plain = [f"d_{x}" for x in names.values()]
    if hessian:
        plain += [f"d2_{x}_{y}" for x in names.values() for y in names.values()]
    found = dict.fromkeys(names.values())
    for name in plain:
        while name in found:
            name += "_"  # noqa: PLW2901  # until it is free
        found[name] = None
    return list(found)[len(names) :]


class Writer:
    def __init__(self, found: Listing) -> None:
        self.found = found

    # ---- statements ----

    def constant(self, name: str) -> str:
        value = self.found.constants[name]
        numbers = ", ".join(literal(x) for x in np.ravel(value.constant).tolist())
        if repeated(value.constant) == 0:
            numbers = "0"
        return f"static const {kind(value)} {name}[{value.size}] = {{{numbers}}};"

    def line(self, line: Line) -> list[str]:
        value = line.value
        declared = f"{kind(value)} {line.name}"
        if not value.shape and line.tree is not None:
            return [f"const {declared} = {self.text(line.tree, ())};"]
        if line.tree is None and is_same_memory(line):
            return [f"const {kind(value)} *{line.name} = {line.operands[0]};"]
        if value.shape:
            declared += f"[{max(1, value.size)}]"
        if line.tree is not None:
            first, *rest = [";", *self.assigned(line.name, line.tree, value.shape)]
        else:
            first, *rest = filled(line)
        if not value.shape and first == ";" and len(rest) == 1:
            return [f"const {kind(value)} {rest[0]}"]
        if value.size <= SMALL:
            return [declared + first, *rest]
        # It is filled anew in every call.
        zeros = nested((value.size,), f"{line.name}[i] = 0;") if "=" in first else []
        return [f"static {declared};", *zeros, *rest]

    def assigned(
        self, target: str, tree: ast.expr, shape: tuple[int, ...], *, pointer: bool = False
    ) -> list[str]:
        """Element by element."""
        if not shape:
            return [f"{'*' if pointer else ''}{target} = {self.text(tree, ())};"]
        return nested(shape, f"{target}[{flat(shape, shape)}] = {self.text(tree, shape)};")

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
        if value.constant is not None and (number := repeated(value.constant)) is not None:
            return literal(number)
        return f"{name}[{flat(value.shape, shape)}]" if value.shape else name


def literal(x: bool | float) -> str:
    if isinstance(x, bool):
        return str(int(x))
    if math.isnan(x):
        return "NAN"
    return ("-" if x < 0 else "") + "INFINITY" if math.isinf(x) else repr(float(x))
