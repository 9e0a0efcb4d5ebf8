"""Programs in rows that have code, which is what programs are written in (see `table.op`)."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from gradcli.engine.operands import as_operand
from gradcli.engine.ops.table import Op, Spec
from gradcli.engine.program import Builder, Program, Static, Value, trace
from gradcli.errors import GradcliError

OPERANDS = "abcdef"
STATIC = "nm"
GOLDEN = (math.sqrt(5) - 1) / 2
LETTER = re.compile(r"\b([a-fnmx])\b")


def letters(op: Op) -> str:
    """The names of a row's operands in its code."""
    return "x" if len(op.rules) == 1 else OPERANDS[: len(op.rules)]


@cache
def parsed(code: str) -> ast.expr:
    """A row's code as a tree."""
    return ast.parse(code, mode="eval").body


Known = Callable[[Value, Sequence[Value]], bool]
Forwards = Mapping[str, Callable[..., Any]]


def compound(value: Value) -> bool:
    """May it be a composition of elementwise rows that have code?"""
    op = value.op
    return op is not None and op.elementwise and not (op.code or op.several or op.needs)


def written_out(
    program: Program,
    known: Known = lambda value, _operands: not compound(value),
    forwards: Forwards = MappingProxyType({}),
) -> Program:
    """The same program, whose operations that are not known are taken apart where they can be.

    known     of a value and its operands: may it stay as it is?
    forwards  of rows by name, what is taken apart in the place of their own forward
    """
    values = program.values
    if all(v.op is None or known(v, [values[k] for k in v.operands]) for v in values):
        return program
    build = Builder()
    inputs = {name: build.input(name, values[k]) for name, k in program.inputs.items()}

    def put(program: Program, inputs: Mapping[str, int]) -> list[int]:
        """Write it down, for these values as its inputs; the numbers of its outputs."""
        place: list[int] = []
        for value in program.values:
            if value.op is None:
                same = inputs[value.name] if value.name else build.constant(value.constant)
                place.append(same)
                continue
            sources = [program.values[k] for k in value.operands]
            operands = [place[k] for k in value.operands]
            parts = None if known(value, sources) else taken_apart(value, sources, forwards)
            if parts is None or not fits(parts, value):
                place.append(build.apply(value.op, operands, value.static, value, value.part))
            else:
                place += put(parts, dict(zip(parts.inputs, operands, strict=True)))
        return [place[k] for k in program.outputs]

    return build.program(put(program, inputs))


def fits(parts: Program, value: Value) -> bool:
    end = parts.values[parts.outputs[0]]
    return end.shape == value.shape and end.dtype == value.dtype


def taken_apart(value: Value, sources: Sequence[Value], forwards: Forwards) -> Program | None:
    """The program of what a row's forward does; None if that is no composition of other rows."""
    op = value.op
    assert op is not None
    specs = tuple([Spec(x.shape, x.dtype) for x in sources])
    parts = composition(op, forwards.get(op.name, op.forward), specs, value.static, value.part)
    return None if parts is None or op in {x.op for x in parts.values} else parts


@lru_cache(maxsize=1024)
def composition(
    op: Op, function: Callable[..., Any], specs: tuple[Spec, ...], static: Static, part: int | None
) -> Program | None:
    if any(x.dtype.kind == "c" for x in specs):
        return None
    examples = {f"x{k}": irregular(spec) for k, spec in enumerate(specs)}

    def forward(*operands: Any) -> list[Any]:
        y = function(*operands, *static)
        return [as_operand(y if part is None else y[part])]

    try:
        program = trace(forward, examples)
    except (GradcliError, TypeError, ValueError, AttributeError):  # it does what no row does
        return None
    # What is a constant was taken out of the numbers of the examples, unless the row is one.
    constant = all(value.op is None for value in program.values)
    return None if constant and function is op.forward else program


def irregular(spec: Spec) -> Any:
    """Numbers of which none are equal, and none is nothing to an operation."""
    if spec.dtype.kind != "f":
        return np.ones(spec.shape, spec.dtype)[()]
    part = np.arange(1.0, spec.size + 1) * GOLDEN % 1
    return np.reshape(0.25 + part / 2, spec.shape).astype(spec.dtype)[()]
