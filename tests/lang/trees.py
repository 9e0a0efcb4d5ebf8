"""Trees for tests: the case files, a tree as an s-expression, and random trees."""

from __future__ import annotations

from pathlib import Path

from gradcli.errors import GradcliError
from gradcli.lang import syntax
from gradcli.lang.syntax import Node

CASES = Path(__file__).parent.parent / "cases"


def pairs(name: str) -> list[tuple[str, str]]:
    """The rows `input => output` of a case file; ⏎ stands for a line end."""
    found = []
    for row in (CASES / name).read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            text, separator, expected = row.partition("  => ")
            assert separator, f"{name}: no '  => ' in {row!r}"
            found.append((text.rstrip().replace("⏎", "\n"), expected.strip()))
    return found


def blocks(name: str) -> list[tuple[str, str]]:
    """Text and block of each refusal in a case file: `> ` before the lines of the text."""
    found = []
    for block in (CASES / name).read_text(encoding="utf-8").split("\n\n"):
        rows = [row for row in block.strip("\n").split("\n") if not row.startswith("#")]
        if rows:
            text = "\n".join(row[2:] for row in rows if row.startswith("> "))
            found.append((text, "\n".join(rows)))
    return found


def shape(node: object) -> str:
    """A tree as an s-expression; small trees only."""
    match node:
        case syntax.Number():
            return repr(node.value)
        case syntax.String():
            return repr(node.value)
        case syntax.Name():
            return node.name
        case syntax.Constant():
            return str(node.value)
        case syntax.Dots():
            return "..."
        case syntax.Unary():
            return f"({node.operator} {shape(node.operand)})"
        case syntax.Binary():
            return f"({node.operator} {shape(node.left)} {shape(node.right)})"
        case syntax.Compare():
            rest = " ".join(f"{operator} {shape(operand)}" for operator, operand in node.rest)
            return f"({shape(node.first)} {rest})"
        case syntax.Logical():
            return f"({node.operator} {listed(node.operands)})"
        case syntax.Prime():
            return f"(' {shape(node.value)})"
        case syntax.Attribute():
            return f"(. {shape(node.value)} {node.name})"
        case syntax.Call():
            rest = "".join(f" {each.name}={shape(each.value)}" for each in node.keywords)
            return f"({listed([node.function, *node.arguments])}{rest})"
        case syntax.Index():
            return f"(at {shape(node.value)} {shape(node.index)})"
        case syntax.List():
            return f"[{listed(node.items)}]"
        case syntax.Tuple():
            return f"(tuple {listed(node.items)})".replace(" )", ")")
        case syntax.ExpressionStatement():
            return shape(node.value)
        case syntax.Assign():
            return f"(= {listed([*node.targets, node.value])})"
        case syntax.AugmentedAssign():
            return f"({node.operator}= {shape(node.target)} {shape(node.value)})"
        case syntax.Define():
            return f"(define ({node.name} {listed(node.parameters)}) {shape(node.body)})"
        case syntax.Parameter():
            default = f"={shape(node.default)}" if node.default else ""
            return node.stars + node.name + default
        case syntax.Starred():
            return node.stars + shape(node.value)
        case syntax.Comprehension():
            key = f"{shape(node.key)}: " if node.key else ""
            return f"({node.kind} {key}{listed([node.item, *node.clauses])})"
        case syntax.Clause():
            tests = "".join(f" if {shape(test)}" for test in node.tests)
            return f"(for {shape(node.target)} {shape(node.iterable)}{tests})"
        case syntax.Block():
            return f"{{{'; '.join(map(shape, node.statements))}}}"
        case syntax.Word():
            return node.word
        case syntax.Keyword():
            return f"{node.name}={shape(node.value)}"
        case Node():
            slots = syntax.structure(type(node))
            return f"({type(node).__name__} {listed([getattr(node, slot) for slot in slots])})"
        case list() | tuple():
            return f"[{listed([*node])}]"
    return repr(node)


def listed(nodes: list[object] | list[syntax.Expression]) -> str:
    return " ".join(map(shape, nodes))


def refusal(text: str, error: GradcliError) -> str:
    """An error as the case files show it."""
    rows = [f"> {row}" for row in text.split("\n")]
    place = error.location
    assert place is not None
    marks = "^" * (place.end_column - place.column)
    rows.insert(place.line, " " * (place.column + 1) + marks)
    rows.append(error.message)
    if error.hint:
        rows.append(f"hint: {error.hint}")
    return "\n".join(rows)
