"""Mutants: every small mistake that might be made in writing a rule of the op table.

A site is one piece of source that derivatives are made of: a rule, a tangent (jvp), the predicate
of a kink, or a function of the op modules that one of these calls. Each of its expressions is
replaced, one at a time, by what a slip of the pen would make of it.
"""

from __future__ import annotations

import ast
import dis
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from gradcli.engine.ops.table import TABLE, Kink, Op

OPS = "gradcli.engine.ops."

# ---- slips of the pen ---------------------------------------------------------------------------

COMMUTATIVE = ("hypot", "maximum", "minimum", "logical_and", "logical_or", "max", "min")
NON_COMMUTATIVE = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
OTHER_OPERATOR: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
    ast.BitAnd: ast.BitOr(),
    ast.BitOr: ast.BitAnd(),
}
# The negation of a comparison, and the one that differs at the boundary alone.
OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[ast.cmpop, ...]] = {
    ast.Eq: (ast.NotEq(),),
    ast.NotEq: (ast.Eq(),),
    ast.Lt: (ast.GtE(), ast.LtE()),
    ast.LtE: (ast.Gt(), ast.Lt()),
    ast.Gt: (ast.LtE(), ast.GtE()),
    ast.GtE: (ast.Lt(), ast.Gt()),
    ast.Is: (ast.IsNot(),),
    ast.IsNot: (ast.Is(),),
    ast.In: (ast.NotIn(),),
    ast.NotIn: (ast.In(),),
}


def slips(e: ast.expr) -> Iterator[ast.expr]:
    """What may stand in an expression's place by mistake."""
    match e:
        case ast.Constant(value=bool(truth)):
            yield ast.Constant(not truth)
        case ast.Constant(value=int() | float() | complex() as number):
            half = number // 2 if type(number) is int and not number % 2 else number / 2
            yield from (ast.Constant(n) for n in (number + 1, number - 1, half, 0) if n != number)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right):
            yield from (left, right)
            if isinstance(op, NON_COMMUTATIVE):
                yield ast.BinOp(right, op, left)
            if type(op) in OTHER_OPERATOR:
                yield ast.BinOp(left, OTHER_OPERATOR[type(op)], right)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield from (
                ast.Compare(left, [other], [right]) for other in OTHER_COMPARISONS[type(op)]
            )
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from values
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Call(func=ast.Attribute(), args=[ast.Starred()]):
            pass
        case ast.Call(func=ast.Attribute(), args=[argument], keywords=[]):
            yield argument
        case ast.Call(
            func=ast.Attribute() | ast.Name() as function, args=[*arguments], keywords=keywords
        ):
            for k in to_swap(function, len(arguments)):
                swapped = [*arguments[:k], arguments[k + 1], arguments[k], *arguments[k + 2 :]]
                yield ast.Call(function, swapped, keywords)
        case ast.Attribute(value=value, attr="mT"):
            yield value


def to_swap(function: ast.Attribute | ast.Name, count: int) -> range:
    """Which arguments could be taken for the next one, and would not do as well there."""
    name = function.attr if isinstance(function, ast.Attribute) else function.id
    if name in COMMUTATIVE:
        return range(0)
    return range(1, count - 1) if name == "where" else range(1 if name == "swapaxes" else count - 1)


class Mutant(NamedTuple):
    original: str  # the expression, or the statement of a function, that has the mistake
    changed: str
    code: CodeType


Put = Callable[[ast.expr], None]


def expressions(node: ast.AST) -> Iterator[tuple[ast.expr, Put]]:
    """Every expression of a statement or a lambda, not of statements inside it; and how to put
    another in its place."""
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "args") and not isinstance(node, ast.Call):
            continue
        if isinstance(value, ast.expr):
            yield value, functools.partial(setattr, node, field)
            yield from expressions(value)
        for k, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, ast.expr):
                yield item, functools.partial(value.__setitem__, k)
            if isinstance(item, ast.AST) and not isinstance(item, ast.stmt):
                yield from expressions(item)


def statements(definition: ast.Lambda | ast.FunctionDef) -> Iterator[ast.AST]:
    if isinstance(definition, ast.Lambda):
        yield definition
    else:
        inside = (node for node in ast.walk(definition) if isinstance(node, ast.stmt))
        yield from (s for s in inside if s is not definition and not isinstance(s, ast.Raise))


def text(node: ast.AST) -> str:
    """One line: a lambda's body, a statement, the head of a loop."""
    return ast.unparse(node.body if isinstance(node, ast.Lambda) else node).split("\n")[0]


def mutants(code: CodeType) -> Iterator[Mutant]:
    definition = source(code)
    seen = set()
    for statement in statements(definition):
        original = text(statement)
        for expression, put in expressions(statement):
            whole = expression is getattr(statement, "body", None)
            returned = isinstance(statement, ast.Return) and expression is statement.value
            others = [*slips(expression)]
            if (whole or returned) and "zeros" not in ast.unparse(expression):
                others.append(ast.UnaryOp(ast.USub(), expression))
            for other in others:
                put(other)
                changed = text(statement)
                if changed != original and changed not in seen:
                    seen.add(changed)
                    yield Mutant(original, changed, compiled(definition, code))
            put(expression)


# ---- source and code ----------------------------------------------------------------------------


@functools.cache
def tree(filename: str) -> ast.Module:
    return ast.parse(Path(filename).read_text())


@functools.cache
def source(code: CodeType) -> ast.Lambda | ast.FunctionDef:
    """The definition that this is the code of; several lambdas may stand in one line."""
    for node in ast.walk(tree(code.co_filename)):
        if not isinstance(node, ast.Lambda | ast.FunctionDef):
            continue
        begins = node.lineno == code.co_firstlineno
        if begins and returning(compiled(node, code)) == returning(code):
            return node
    raise LookupError(f"no source of {code}")


def returning(code: CodeType) -> Any:
    """Where in the source the last instruction comes from."""
    return [*code.co_positions()][-1]


def compiled(definition: ast.Lambda | ast.FunctionDef, like: CodeType) -> CodeType:
    """The code of a definition that stands, as `like` does, where certain names are free."""
    names = [ast.arg(name) for name in like.co_freevars]
    body: list[ast.stmt] = (
        [ast.Expr(definition)]
        if isinstance(definition, ast.Lambda)
        else [definition]
        if like.co_name in like.co_freevars
        else [ast.Global([like.co_name]), definition]
    )
    outer = ast.FunctionDef("outer", ast.arguments([], names, None, [], [], None, []), body, [])
    module = ast.fix_missing_locations(ast.Module([outer], []))
    code = nested(compile(module, like.co_filename, "exec", dont_inherit=True), "outer")
    return nested(code, like.co_name)


def nested(code: CodeType, name: str) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


def with_code(function: FunctionType, code: CodeType) -> FunctionType:
    """The function with other code: the same globals, defaults and closure."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    closure = tuple(cells[name] for name in code.co_freevars)
    return FunctionType(code, function.__globals__, code.co_name, function.__defaults__, closure)


# ---- sites --------------------------------------------------------------------------------------

Place = Callable[[Any], None]


class Site:
    """A piece of source, every function that was made of it, and the rows that call one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[str] = []
        self.held: list[tuple[FunctionType, Place]] = []

    def put(self, code: CodeType) -> None:
        for function, place in self.held:
            place(with_code(function, code))

    def restore(self) -> None:
        for function, place in self.held:
            place(function)

    @property
    def code(self) -> CodeType:
        return self.held[0][0].__code__

    def mutants(self) -> Iterator[Mutant]:
        return mutants(self.code)


def slots(row: Op) -> Iterator[tuple[str, Any, Place]]:
    """The functions that a row itself holds, by name, and how to exchange each."""

    def exchange(k: int, rule: Any) -> None:
        row.rules = (*row.rules[:k], rule, *row.rules[k + 1 :])

    def notice(at: Any) -> None:
        assert row.kink is not None
        row.kink = Kink(at, row.kink.convention)

    for k, rule in enumerate(row.rules):
        yield f"{row.name}.rules[{k}]", rule, functools.partial(exchange, k)
    yield f"{row.name}.jvp", row.jvp, functools.partial(setattr, row, "jvp")
    if row.kink is not None:
        yield f"{row.name}.kink", row.kink.at, notice


def called(function: FunctionType) -> Iterator[tuple[str, Any, Place]]:
    """What a function may call, by name, and how to exchange each."""
    scope = function.__globals__
    for name in dict.fromkeys(global_names(function.__code__)):
        if name in scope:
            yield (
                own_name(scope[name], name),
                scope[name],
                functools.partial(scope.__setitem__, name),
            )
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        content = cell.cell_contents
        yield own_name(content, name), content, functools.partial(setattr, cell, "cell_contents")


def global_names(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL":
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from global_names(constant)


def own_name(function: Any, name: str) -> str:
    module = getattr(function, "__module__", None) or ""
    own = getattr(function, "__qualname__", name).replace("<locals>.", "")
    return f"{module.removeprefix(OPS)}.{own.replace('<lambda>', name)}"


def sites() -> dict[str, Site]:
    """All sites of the table, by name."""
    found: dict[CodeType, Site] = {}
    seen: set[tuple[str, int]] = set()

    def visit(row: Op, name: str, function: Any, place: Place) -> None:
        if not isinstance(function, FunctionType) or not function.__module__.startswith(OPS):
            return
        site = found.setdefault(function.__code__, Site(name))
        site.held.append((function, place))
        if (row.name, id(function)) not in seen:
            seen.add((row.name, id(function)))
            if row.name not in site.rows:
                site.rows.append(row.name)
            for callee in called(function):
                visit(row, *callee)

    for row in [row for row in TABLE.values() if row.differentiable]:
        for slot in slots(row):
            visit(row, *slot)
    return {site.name: site for site in found.values()}
