"""Programs in rows that have code, which is what programs are written in (see `table.op`)."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import numpy as np

from gradcli.engine.ops.table import Op, Spec
from gradcli.engine.program import Builder, Program, Static, Value, trace
from gradcli.errors import GradcliError

OPERANDS = "abcdef"
STATIC = "nm"
LETTER = re.compile(r"\b([a-fnmx])\b")


def letters(op: Op) -> str:
    """The names of a row's operands in its code."""
    return "x" if len(op.rules) == 1 else OPERANDS[: len(op.rules)]


@cache
def parsed(code: str) -> ast.expr:
    """A row's code as a tree."""
    return ast.parse(code, mode="eval").body


def written_out(program: Program) -> Program:
    """The same program, whose elementwise rows without code are taken apart where they can be."""
    if not any(value.op is not None and compound(value.op) for value in program.values):
        return program
    build = Builder()
    inputs = {name: build.input(name, program.values[k]) for name, k in program.inputs.items()}
    return build.program(put(build, program, inputs))


def put(build: Builder, program: Program, inputs: Mapping[str, int]) -> list[int]:
    """Write a program into another, for these values as its inputs; the numbers of its outputs."""
    place: list[int] = []
    for value in program.values:
        if value.op is None:
            same = inputs[value.name] if value.name else build.constant(value.constant)
            place.append(same)
            continue
        operands = [place[k] for k in value.operands]
        specs = tuple(
            [Spec(program.values[k].shape, program.values[k].dtype) for k in value.operands]
        )
        parts = taken_apart(value.op, specs, value.static) if compound(value.op) else None
        if parts is None or not fits(parts, value):
            place.append(build.apply(value.op, operands, value.static, value, value.part))
        else:
            place += put(build, parts, dict(zip(parts.inputs, operands, strict=True)))
    return [place[k] for k in program.outputs]


def compound(op: Op) -> bool:
    """May it be a composition of others?"""
    return op.elementwise and not op.code and not op.several and not op.needs


def fits(parts: Program, value: Value) -> bool:
    end = parts.values[parts.outputs[0]]
    return end.shape == value.shape and end.dtype == value.dtype


@lru_cache(maxsize=1024)
def taken_apart(op: Op, specs: tuple[Spec, ...], static: Static) -> Program | None:
    """The program of what a row's forward does; None if that is no composition of other rows."""
    if any(x.dtype.kind == "c" for x in specs):
        return None
    examples = {f"x{k}": np.ones(spec.shape, spec.dtype) for k, spec in enumerate(specs)}

    def forward(*operands: Any) -> list[Any]:
        return [op.forward(*operands, *static)]

    try:
        program = trace(forward, examples)
    except (GradcliError, TypeError):  # it does what no row does
        return None
    rows = {value.op for value in program.values}
    return None if op in rows or rows == {None} else program
