"""Which dtype an operation gives for operands of every dtype: facts taken from PyTorch 2.13.

A dtype is a letter (DTYPES), an error a dot. Columns: the right operand as a tensor without axes,
as a vector, and as a Python number; rows: the left operand, likewise. The default dtype is float32.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

DTYPES = {
    "b": "bool",
    "u": "uint8",
    "i": "int32",
    "l": "int64",
    "f": "float32",
    "d": "float64",
    "F": "complex64",
    "D": "complex128",
}
LETTERS = {name: letter for letter, name in DTYPES.items()}
NUMBERS = {"bool": True, "int": 1, "float": 1.0, "complex": 1 + 0j}

Operation = Callable[..., Any]

# Of `t`, a namespace of functions; and one or two operands.
OPERATIONS: dict[str, Operation] = {
    "add": lambda t, a, b: a + b,
    "sub": lambda t, a, b: a - b,
    "mul": lambda t, a, b: a * b,
    "div": lambda t, a, b: a / b,
    "floor_divide": lambda t, a, b: a // b,
    "remainder": lambda t, a, b: a % b,
    "pow": lambda t, a, b: a**b,
    "and": lambda t, a, b: a & b,
    "where": lambda t, a, b: t.where(t.tensor([True, False, True]), a, b),
    "maximum": lambda t, a, b: t.maximum(a, b),
    "minimum": lambda t, a, b: t.minimum(a, b),
    "arctan2": lambda t, a, b: t.arctan2(a, b),
    "hypot": lambda t, a, b: t.hypot(a, b),
    "concatenate": lambda t, a, b: t.concatenate([a, b]),
    "stack": lambda t, a, b: t.stack([a, b]),
    "outer": lambda t, a, b: t.outer(a, b),
    "matmul": lambda t, a, b: a @ b,
    "einsum": lambda t, a, b: t.einsum("i,i->", a, b),
}


def dtype_of(t: Any, operation: Operation, *operands: Any) -> str:
    """The letter (or name) of the result's dtype, or a dot where the operation is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = operation(t, *operands)
        except (RuntimeError, TypeError, ValueError):
            return "."
    # numpy gives a Python number for some pairs of scalars.
    dtype = getattr(result, "dtype", "complex128")
    name = str(dtype).removeprefix("torch.")
    return LETTERS.get(name, name)


def made(t: Any, kind: str, shape: tuple[int, ...] | None) -> Any:
    """A tensor of ones of a dtype, or a Python number."""
    if shape is None:
        return NUMBERS[kind]
    return t.tensor([1, 1, 1] if shape else 1, dtype=getattr(t, DTYPES[kind]))


def binary_table(t: Any, name: str, rows: int) -> list[str]:
    """The table of an operation, of as many rows as given: see BINARY."""
    scalars, vectors = ([(letter, shape) for letter in DTYPES] for shape in ((), (3,)))
    numbers = [(kind, None) for kind in NUMBERS]
    groups = [vectors] if rows == len(vectors) else [scalars, vectors, numbers]
    left = [kind for group in groups for kind in group][:rows]
    table = []
    for a in left:
        columns = groups[:2] if a in numbers or rows == 16 else groups
        cells = [
            "".join(dtype_of(t, OPERATIONS[name], made(t, *a), made(t, *b)) for b in group)
            for group in columns
        ]
        table.append(" ".join(cells))
    return table


def unary_row(t: Any, name: str, shape: tuple[int, ...]) -> str:
    function = unary(name)
    return "".join(dtype_of(t, function, made(t, letter, shape)) for letter in DTYPES)


def unary(name: str) -> Operation:
    """A function of `t` by its name, or one that is written out below."""
    return WRITTEN.get(name) or (lambda t, x: getattr(t, name)(x))


WRITTEN: dict[str, Operation] = {
    "x ** 2": lambda t, x: x**2,
    "x ** -0.5": lambda t, x: x**-0.5,
    "x ** 1j": lambda t, x: x**1j,
    "x < 1.5": lambda t, x: x < 1.5,
    "x == 1.5": lambda t, x: x == 1.5,
    "1 - x": lambda t, x: 1 - x,
    "~x": lambda t, x: ~x,
    "clip to integers": lambda t, x: t.clip(x, 0, 2),
    "clip to halves": lambda t, x: t.clip(x, 0.5, 2),
    "norm": lambda t, x: x.norm(),
    "logsumexp": lambda t, x: x.logsumexp(0) if x.shape else x.logsumexp(()),
    "where of numbers": lambda t, x: t.where(x != 0, 1, 2.0),
    "where of integers": lambda t, x: t.where(x != 0, 1, True),
}


# Of x of each of DTYPES in turn, with axes and without.
UNARY = {
    "sin": "fffffdFD",
    "cos": "fffffdFD",
    "tanh": "fffffdFD",
    "exp": "fffffdFD",
    "log": "fffffdFD",
    "sqrt": "fffffdFD",
    "square": "luilfdFD",
    "reciprocal": "fffffdFD",
    "rsqrt": "fffffdFD",
    "abs": ".uilfdfd",
    "neg": ".uilfdFD",
    "positive": ".uilfdFD",
    "floor": ".uilfd..",
    "ceil": ".uilfd..",
    "trunc": ".uilfd..",
    "round": ".uilfd..",
    "real": "builfdfd",
    "angle": "fffffdfd",
    "sum": "llllfdFD",
    "prod": "llllfdFD",
    "mean": "....fdFD",
    "amax": "builfd..",
    "argmax": ".lllll..",
    "logical_not": "bbbbbbbb",
    "isnan": "bbbbbbbb",
    "zeros_like": "builfdFD",
    "x ** 2": "luilfdFD",
    "x ** -0.5": "fffffdFD",
    "x ** 1j": "FFFFFDFD",
    "x < 1.5": "bbbbbb..",
    "x == 1.5": "bbbbbbbb",
    "1 - x": ".uilfdFD",
    "~x": "buil....",
    "clip to integers": "luilfd..",
    "clip to halves": "fffffd..",
    "norm": "....fdfd",
    "logsumexp": "fffffdFD",
    "where of numbers": "ffffffff",
    "where of integers": "llllllll",
}

# Rows and columns in the order of DTYPES, then NUMBERS.
TABLES = {
    "add mul where": """
        builfdFD builfdFD blfF
        uuilfdFD uuilfdFD uufF
        iiilfdFD iuilfdFD iifF
        llllfdFD luilfdFD llfF
        fffffdFD fffffdFD fffF
        ddddddDD ddddfdFD dddD
        FFFFFDFD FFFFFDFD FFFF
        DDDDDDDD DDDDFDFD DDDD
        builfdFD builfdFD blfF
        uuuufdFD uuilfdFD uufF
        iiiifdFD iiilfdFD iifF
        llllfdFD llllfdFD llfF
        ffffffFF fffffdFD fffF
        ddddddDD ddddddDD dddD
        FFFFFFFF FFFFFDFD FFFF
        DDDDDDDD DDDDDDDD DDDD
        builfdFD builfdFD
        luilfdFD luilfdFD
        fffffdFD fffffdFD
        FFFFFDFD FFFFFDFD
    """,
    "sub": """
        ........ ........ ....
        .uilfdFD .uilfdFD .ufF
        .iilfdFD .uilfdFD .ifF
        .lllfdFD .uilfdFD .lfF
        .ffffdFD .ffffdFD .ffF
        .dddddDD .dddfdFD .ddD
        .FFFFDFD .FFFFDFD .FFF
        .DDDDDDD .DDDFDFD .DDD
        ........ ........ ....
        .uuufdFD .uilfdFD .ufF
        .iiifdFD .iilfdFD .ifF
        .lllfdFD .lllfdFD .lfF
        .fffffFF .ffffdFD .ffF
        .dddddDD .dddddDD .ddD
        .FFFFFFF .FFFFDFD .FFF
        .DDDDDDD .DDDDDDD .DDD
        ........ ........
        .uilfdFD .uilfdFD
        .ffffdFD .ffffdFD
        .FFFFDFD .FFFFDFD
    """,
    "div": """
        fffffdFD fffffdFD fffF
        fffffdFD fffffdFD fffF
        fffffdFD fffffdFD fffF
        fffffdFD fffffdFD fffF
        fffffdFD fffffdFD fffF
        ddddddDD ddddfdFD dddD
        FFFFFDFD FFFFFDFD FFFF
        DDDDDDDD DDDDFDFD DDDD
        fffffdFD fffffdFD fffF
        fffffdFD fffffdFD fffF
        fffffdFD fffffdFD fffF
        fffffdFD fffffdFD fffF
        ffffffFF fffffdFD fffF
        ddddddDD ddddddDD dddD
        FFFFFFFF FFFFFDFD FFFF
        DDDDDDDD DDDDDDDD DDDD
        fffffdFD fffffdFD
        fffffdFD fffffdFD
        fffffdFD fffffdFD
        FFFFFDFD FFFFFDFD
    """,
    "floor_divide remainder": """
        .uilfd.. .uilfd.. .lf.
        uuilfd.. uuilfd.. uuf.
        iiilfd.. iuilfd.. iif.
        llllfd.. luilfd.. llf.
        fffffd.. fffffd.. fff.
        dddddd.. ddddfd.. ddd.
        ........ ........ ....
        ........ ........ ....
        .uilfd.. .uilfd.. .lf.
        uuuufd.. uuilfd.. uuf.
        iiiifd.. iiilfd.. iif.
        llllfd.. llllfd.. llf.
        ffffff.. fffffd.. fff.
        dddddd.. dddddd.. ddd.
        ........ ........ ....
        ........ ........ ....
        .uilfd.. .uilfd..
        luilfd.. luilfd..
        fffffd.. fffffd..
        ........ ........
    """,
    # PyTorch has an answer where `bool ** True` is refused here: a bool.
    "pow": """
        .uilfdFD .uilfdFD .lfF
        uuilfdFD uuilfdFD uufF
        iiilfdFD iuilfdFD iifF
        llllfdFD luilfdFD llfF
        fffffdFD fffffdFD fffF
        ddddddDD ddddfdFD dddD
        FFFFFDFD FFFFFDFD FFFF
        DDDDDDDD DDDDFDFD DDDD
        .uilfdFD .uilfdFD .lfF
        uuuufdFD uuilfdFD uufF
        iiiifdFD iiilfdFD iifF
        llllfdFD llllfdFD llfF
        ffffffFF fffffdFD fffF
        ddddddDD ddddddDD dddD
        FFFFFFFF FFFFFDFD FFFF
        DDDDDDDD DDDDDDDD DDDD
        .uilfdFD .uilfdFD
        luilfdFD luilfdFD
        fffffdFD fffffdFD
        FFFFFDFD FFFFFDFD
    """,
    "and": """
        buil.... buil.... bl..
        uuil.... uuil.... uu..
        iiil.... iuil.... ii..
        llll.... luil.... ll..
        ........ ........ ....
        ........ ........ ....
        ........ ........ ....
        ........ ........ ....
        buil.... buil.... bl..
        uuuu.... uuil.... uu..
        iiii.... iiil.... ii..
        llll.... llll.... ll..
        ........ ........ ....
        ........ ........ ....
        ........ ........ ....
        ........ ........ ....
        buil.... buil....
        luil.... luil....
        ........ ........
        ........ ........
    """,
    "maximum minimum": """
        builfd.. builfd..
        uuilfd.. uuilfd..
        iiilfd.. iuilfd..
        llllfd.. luilfd..
        fffffd.. fffffd..
        dddddd.. ddddfd..
        ........ ........
        ........ ........
        builfd.. builfd..
        uuuufd.. uuilfd..
        iiiifd.. iiilfd..
        llllfd.. llllfd..
        ffffff.. fffffd..
        dddddd.. dddddd..
        ........ ........
        ........ ........
    """,
    "arctan2": """
        fffffd.. fffffd..
        fffffd.. fffffd..
        fffffd.. fffffd..
        fffffd.. fffffd..
        fffffd.. fffffd..
        dddddd.. ddddfd..
        ........ ........
        ........ ........
        fffffd.. fffffd..
        fffffd.. fffffd..
        fffffd.. fffffd..
        fffffd.. fffffd..
        ffffff.. fffffd..
        dddddd.. dddddd..
        ........ ........
        ........ ........
    """,
    "hypot": """
        ....fd.. ....fd..
        ....fd.. ....fd..
        ....fd.. ....fd..
        ....fd.. ....fd..
        fffffd.. fffffd..
        dddddd.. ddddfd..
        ........ ........
        ........ ........
        ....fd.. ....fd..
        ....fd.. ....fd..
        ....fd.. ....fd..
        ....fd.. ....fd..
        ffffff.. fffffd..
        dddddd.. dddddd..
        ........ ........
        ........ ........
    """,
    "concatenate stack outer": """
        builfdFD
        uuilfdFD
        iiilfdFD
        llllfdFD
        fffffdFD
        ddddddDD
        FFFFFDFD
        DDDDDDDD
    """,
    "matmul einsum": """
        ........
        .u......
        ..i.....
        ...l....
        ....f...
        .....d..
        ......F.
        .......D
    """,
}
BINARY = {
    name: [line.strip() for line in table.strip().splitlines()]
    for names, table in TABLES.items()
    for name in names.split()
}
