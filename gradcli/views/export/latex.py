"""Programs as the lines of an `aligned` environment."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcli.engine.executors.code import letters
from gradcli.engine.ops import TABLE
from gradcli.engine.program import Program
from gradcli.errors import WrongType
from gradcli.views.export.listing import listing
from gradcli.views.export.special import NAMES as SPECIAL
from gradcli.views.export.special import ORDER_FIRST, ORDER_LAST
from gradcli.views.export.vocabulary import Vocabulary
from gradcli.views.export.words import Words, letters_beside
from gradcli.views.latex import derivative, scalar, variable

NAMED = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log")},
    **{f"a{name}": rf"\arc{name}" for name in ("sin", "cos", "tan")},
    "log2": r"\log_2",
    "log10": r"\log_{10}",
    "tgamma": r"\Gamma",
    "digamma": r"\psi",
    "zeta": r"\zeta",
}


def code(row: str) -> str:
    """A special function as one of its operands."""
    if row in ORDER_FIRST:
        return f"{row}(n, x)"
    if row in ORDER_LAST:
        return f"{row}(x, n)"
    return f"{row}({', '.join(letters(TABLE[row]))})"


ROWS = [line.split()[0] for line in SPECIAL.strip().splitlines()]
VOCABULARY = Vocabulary("LaTeX", {}, {row: code(row) for row in ROWS if not TABLE[row].code})
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: r"\,", ast.Mod: r"\bmod"}
COMPARED = {
    ast.Eq: "=",
    ast.NotEq: r"\ne",
    ast.Lt: "<",
    ast.LtE: r"\le",
    ast.Gt: ">",
    ast.GtE: r"\ge",
}
SUM, PRODUCT, SIGNED, ATOM = 1, 2, 3, 9


def as_latex(program: Program, words: Words) -> str:
    """What is shared, then the value and the derivatives."""
    if any(value.shape for value in program.values):
        raise WrongType("export: LaTeX is for functions of numbers", hint="--to numpy")
    names = {name: name for name in program.inputs}
    found = listing(program, VOCABULARY, names, letters_beside(names))
    rows = []
    for line in found.lines:
        if line.tree is None:
            assert line.value.op is not None
            raise WrongType(f"export: {line.value.op.name} has no form in LaTeX")
        rows.append((variable(line.name), text(line.tree)))
    name = variable(words.name)
    others = labelled(list(words.shapes), words.hessian)
    labels = [name, *(label.replace(" f}", f" {name}}}") for label in others)]
    rows += [(label, text(tree)) for label, tree in zip(labels, found.outputs, strict=True)]
    body = " \\\\\n".join(f"  {label} &= {formula}" for label, formula in rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n"


def labelled(names: Sequence[str], hessian: bool) -> Iterator[str]:
    yield from (derivative((x,), "gradient") for x in names)
    if hessian:
        yield from (derivative((x, y), "hessian") for x in names for y in names)


def text(tree: ast.expr) -> str:
    return level(tree)[0]


def inside(tree: ast.expr, least: int) -> str:
    formula, bound = level(tree)
    return formula if bound >= least else rf"\left({formula}\right)"


def is_number(tree: ast.expr) -> bool:
    return isinstance(tree, ast.Constant)


def level(tree: ast.expr) -> tuple[str, int]:
    """A formula, and how tightly it binds."""
    match tree:
        case ast.Constant():
            return scalar(tree.value, None).removesuffix(".0"), ATOM
        case ast.Name():
            special = {"inf": r"\infty", "nan": r"\mathrm{NaN}"}
            return special.get(tree.id) or variable(tree.id), ATOM
        case ast.UnaryOp(op=ast.USub()):
            return f"-{inside(tree.operand, PRODUCT)}", SUM
        case ast.UnaryOp():
            return rf"\lnot {inside(tree.operand, ATOM)}", SIGNED
        case ast.BinOp(op=ast.Div()):
            return rf"\frac{{{text(tree.left)}}}{{{text(tree.right)}}}", PRODUCT
        case ast.BinOp(op=ast.FloorDiv()):
            return (
                rf"\left\lfloor\frac{{{text(tree.left)}}}{{{text(tree.right)}}}\right\rfloor",
                ATOM,
            )
        case ast.BinOp(op=ast.Mult(), right=ast.Constant()) if not is_number(tree.left):
            return level(ast.BinOp(tree.right, tree.op, tree.left))  # numbers first
        case ast.BinOp():
            own = SUM if isinstance(tree.op, ast.Add | ast.Sub) else PRODUCT
            right = inside(tree.right, own if isinstance(tree.op, ast.Add) else own + 1)
            return f"{inside(tree.left, own)} {SIGNS[type(tree.op)]} {right}", own
        case ast.Compare():
            return f"{text(tree.left)} {COMPARED[type(tree.ops[0])]} {text(tree.comparators[0])}", 0
        case ast.BoolOp():
            sign = r" \land " if isinstance(tree.op, ast.And) else r" \lor "
            return sign.join(inside(part, SUM) for part in tree.values), 0
        case ast.IfExp():
            chosen = (
                rf"{text(tree.body)} & {text(tree.test)} \\ {text(tree.orelse)} & \text{{else}}"
            )
            return rf"\begin{{cases}} {chosen} \end{{cases}}", SIGNED
        case ast.Call(func=ast.Name(id=name)):
            return called(name, tree.args)
    raise WrongType("export: this has no form in LaTeX")


def called(name: str, operands: Sequence[ast.expr]) -> tuple[str, int]:
    first = operands[0]
    if name == "pow":
        return f"{{{inside(first, ATOM)}}}^{{{text(operands[1])}}}", SIGNED
    if name in ("sqrt", "cbrt"):
        return rf"\sqrt{'[3]' if name == 'cbrt' else ''}{{{text(first)}}}", ATOM
    if name == "fabs":
        return rf"\left|{text(first)}\right|", ATOM
    if name in ("floor", "ceil"):
        return rf"\left\l{name}{{{text(first)}}}\right\r{name}", ATOM
    symbol = NAMED.get(name, rf"\operatorname{{{name}}}")
    return rf"{symbol}\left({', '.join(text(x) for x in operands)}\right)", ATOM
