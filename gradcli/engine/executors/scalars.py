"""Programs of real numbers as machine code, or else as one Python function over floats.

Only the rows' code, numbers and names made here are compiled. Where numpy would warn, and Python
raises, the program is run on numpy's numbers. Results may differ from numpy's in the last digit,
where its functions are others than the C library's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradcli.engine.executors.code import LETTER, STATIC, letters, written_out
from gradcli.engine.executors.machine import machine_code
from gradcli.engine.program import Program, Value

Executor = Callable[..., list[Any]]

# Operations of one expression within each other: Python's parser takes some hundred.
DEEPEST = 30
KINDS = (np.dtype(np.float64), np.dtype(np.bool_))


def rounded(function: Callable[[float], int]) -> Callable[[float], float]:
    """A function to integers as one to floats, that keeps the sign of zero."""
    return lambda x: math.copysign(function(x), x)


FUNCTIONS = "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp exp2 expm1 log"
FUNCTIONS += " log2 log10 log1p sqrt cbrt hypot fabs copysign fmod pow isnan isinf isfinite"
FUNCTIONS += " erf erfc"
NAMES: dict[str, Any] = {
    "__builtins__": {},
    **{name: getattr(math, name) for name in FUNCTIONS.split()},
    "floor": rounded(math.floor),
    "ceil": rounded(math.ceil),
    "trunc": rounded(math.trunc),
    "rint": rounded(round),
    "tgamma": math.gamma,
    "inf": math.inf,
    "nan": math.nan,
}


def scalar_executor(program: Program) -> Executor | None:
    """The program as a function of its inputs, in their order; None if not of real numbers."""
    if not all(map(is_number, program.values)):
        return None
    program = written_out(program)
    if not all(map(is_number, program.values)):
        return None
    names = tuple(program.inputs)
    types = [program.values[k].dtype.type for k in program.outputs]
    fast = machine_code(program) or python_code(program)

    def execute(*inputs: Any) -> list[Any]:
        found = fast(*inputs)
        if found is None:
            return program.run(dict(zip(names, map(np.float64, inputs), strict=True)))
        return [kind(x) for kind, x in zip(types, found, strict=True)]

    return execute


def is_number(value: Value) -> bool:
    """Is it a real number, or a condition, that Python calculates as numpy does?"""
    if value.shape or value.dtype not in KINDS or (value.name and value.dtype.kind == "b"):
        return False
    # A sum of conditions is one for numpy, and an integer for Python.
    return value.op is None or value.dtype.kind != "b" or value.op.infix not in tuple("+-*")


def python_code(program: Program) -> Callable[..., Sequence[float] | None]:
    """The same as `machine_code`, anywhere."""
    calculate = compiled(program)

    def execute(*inputs: Any) -> Sequence[float] | None:
        try:
            return calculate(*map(float, inputs))
        except (ArithmeticError, ValueError):
            return None

    return execute


def compiled(program: Program) -> Callable[..., tuple[float, ...]]:
    names = dict(NAMES)
    lines = statements(program, names)
    inputs = ", ".join(f"v{k}" for k in program.inputs.values())
    source = f"def calculate({inputs}):\n    " + "\n    ".join(lines)
    exec(compile(source, "<program>", "exec"), names)  # no text but the table's
    function: Callable[..., tuple[float, ...]] = names["calculate"]
    return function


def statements(program: Program, names: dict[str, Any]) -> list[str]:
    """An assignment for each value that is read more than once, and the return of the outputs.

    What is read once stands in the expression that reads it. `names` gets the rows without code.
    """
    reads = Counter(program.outputs)
    for value in program.values:
        reads.update(value.operands)
        if value.op is not None:  # an operand that its code names twice
            times = Counter(LETTER.findall(value.op.code))
            reads.update([k for x, k in named_operands(value) if times[x] > 1])
    lines: list[str] = []
    text: list[str] = []
    depth: list[int] = []
    for k, value in enumerate(program.values):
        if value.op is None:
            text.append(f"v{k}" if value.name else literal(value.constant))
            depth.append(0)
            continue
        depth.append(1 + max([depth[j] for j in value.operands], default=0))
        written = expression(value, [text[j] for j in value.operands], names)
        if reads[k] == 1 and depth[k] < DEEPEST:
            text.append(f"({written})")
        else:
            lines.append(f"v{k} = {written}")
            text.append(f"v{k}")
            depth[k] = 0
    outputs = "".join(f"{text[k]}, " for k in program.outputs)
    return [*lines, f"return ({outputs})"]


def named_operands(value: Value) -> list[tuple[str, int]]:
    assert value.op is not None
    return list(zip(letters(value.op), value.operands, strict=False))


def expression(value: Value, operands: Sequence[str], names: dict[str, Any]) -> str:
    """A value's code with its operands' texts in place of their letters."""
    op = value.op
    assert op is not None
    if not op.code:
        name = f"row{len(names)}"
        names[name] = called(value)
        return f"{name}({', '.join(operands)})"
    texts = dict(zip(letters(op), operands, strict=True))
    texts |= {x: literal(n) for x, n in zip(STATIC, value.static, strict=False) if x in op.code}
    return LETTER.sub(lambda match: texts[match[0]], op.code)


def called(value: Value) -> Callable[..., Any]:
    """A row without code, as a function of floats."""
    op, static, part = value.op, value.static, value.part
    assert op is not None

    def call(*operands: float) -> Any:
        result = op.forward(*map(np.float64, operands), *static)
        return (result if part is None else result[part]).item()

    return call


def literal(number: Any) -> str:
    return repr(bool(number)) if isinstance(number, np.bool_) else repr(float(number))
