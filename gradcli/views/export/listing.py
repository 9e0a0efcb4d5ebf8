"""A program as assignments with names: what every target language is written from.

The expressions are Python's syntax trees of the rows' code, whose names are other assignments or
inputs. What is read once stands inside the expression that reads it, if that stays short.
"""

from __future__ import annotations

import ast
import copy
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.executors.code import STATIC, letters, parsed, written_out
from gradcli.engine.program import Program, Value
from gradcli.views.export.vocabulary import COMPOSED, Vocabulary
from gradcli.views.export.words import Letters

# Operations within one expression.
LONGEST = 8


class Line(NamedTuple):
    """`name` is `tree`, or for a row without code what its operation makes of the operands."""

    name: str
    value: Value
    tree: ast.expr | None
    operands: tuple[str, ...]
    sources: tuple[Value, ...]


class Listing(NamedTuple):
    """What an exported function does.

    inputs     its arguments
    constants  arrays
    outputs    the names or expressions of the value, the gradients and the Hessian's blocks
    values     by name, what stands there
    """

    inputs: Mapping[str, Value]
    constants: Mapping[str, Value]
    lines: Sequence[Line]
    outputs: Sequence[ast.expr]
    values: Mapping[str, Value]


def listing(
    program: Program, vocabulary: Vocabulary, names: Mapping[str, str], letters: Letters
) -> Listing:
    """The assignments of a program; `names` are those of its inputs in the target language."""
    program = written_out(program, vocabulary.known, COMPOSED)
    codes = [code_of(program, value, vocabulary) for value in program.values]
    reads = Counter(program.outputs)
    for value, code in zip(program.values, codes, strict=True):
        weight = Counter(used(code)) if code else None
        for at, k in enumerate(value.operands):
            # A row without code reads names; one that repeats an operand would repeat its text.
            reads[k] += 2 if weight is None else max(1, weight[letters_of(value)[at]])
    trees: list[ast.expr] = []
    size: list[int] = []
    lines: list[Line] = []
    inputs: dict[str, Value] = {}
    constants: dict[str, Value] = {}
    values: dict[str, Value] = {}
    for k, (value, code) in enumerate(zip(program.values, codes, strict=True)):
        count = 0
        if value.op is None and not value.name and not value.shape:
            tree: ast.expr = number(value.constant)
        elif value.op is None:
            name = names[value.name] if value.name else f"{letters.constant}{len(constants) + 1}"
            (inputs if value.name else constants)[name] = value
            values[name] = value
            tree = ast.Name(name)
        else:
            filled = substituted(value, code, [trees[j] for j in value.operands]) if code else None
            count = 1 + sum([size[j] for j in value.operands])
            tree = filled or ast.Name("")
            if filled is None or reads[k] > 1 or count >= LONGEST:
                name = f"{letters.temporary}{len(lines) + 1}"
                operands = tuple([ast.unparse(trees[j]) for j in value.operands])
                sources = tuple([program.values[j] for j in value.operands])
                lines.append(Line(name, value, filled, operands, sources))
                values[name] = value
                tree, count = ast.Name(name), 0
        trees.append(tree)
        size.append(count)
    outputs = [trees[k] for k in program.outputs]
    return Listing(inputs, constants, read(lines, outputs), outputs, values)


def read(lines: Sequence[Line], outputs: Sequence[ast.expr]) -> list[Line]:
    """The lines that others, or the outputs, read: some code does not read its operands."""
    names = {name for tree in outputs for name in names_of(tree)}
    found: list[Line] = []
    for line in reversed(lines):
        if line.name in names:
            found.append(line)
            names |= set(line.operands) if line.tree is None else names_of(line.tree)
    return found[::-1]


def names_of(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def code_of(program: Program, value: Value, vocabulary: Vocabulary) -> str:
    if value.op is None:
        return ""
    return vocabulary.code(value, [program.values[k] for k in value.operands])


def letters_of(value: Value) -> str:
    assert value.op is not None
    return letters(value.op)


def used(code: str) -> list[str]:
    """The operands' letters in the code, as often as they stand there."""
    return [node.id for node in ast.walk(parsed(code)) if isinstance(node, ast.Name)]


def substituted(value: Value, code: str, operands: Sequence[ast.expr]) -> ast.expr:
    """The code of a value's row with these operands."""
    places = dict(zip(letters_of(value), operands, strict=True))
    places |= {
        x: number(n)
        for x, n in zip(STATIC, value.static, strict=False)
        if isinstance(n, int | float)
    }

    class Filled(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's name
            return places.get(node.id, node)

    found: ast.expr = Filled().visit(copy.deepcopy(parsed(code)))
    return found


def number(value: Any) -> ast.expr:
    """A constant; of a negative one, its opposite under a minus."""
    if isinstance(value, bool | np.bool_):
        return ast.Constant(bool(value))
    x = float(value)
    if math.isnan(x):
        return ast.Name("nan")
    tree: ast.expr = ast.Name("inf") if math.isinf(x) else ast.Constant(abs(x))
    return ast.UnaryOp(ast.USub(), tree) if math.copysign(1, x) < 0 else tree
