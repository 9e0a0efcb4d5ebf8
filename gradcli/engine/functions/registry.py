"""The names of functions: the table's rows, and what is registered beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from gradcli.engine.apply import ROWS, bound, record
from gradcli.engine.ops import TABLE
from gradcli.engine.ops.table import BINARY, UNARY, Op
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType

Function = Callable[..., Tensor]
Named = TypeVar("Named", bound=Callable[..., Any])


def calling(op: Op) -> Function:
    """The row as a function of a user's arguments: checks their number, binds their keywords."""
    row = ROWS[op.name]
    if op.bind is None and op.form in (UNARY, BINARY):
        operands = op.form

        def call(*arguments: Any, **named: Any) -> Tensor:
            if named:
                raise WrongType(f"{op.name} takes no keyword '{next(iter(named))}'")
            if len(arguments) != operands:
                s = "" if operands == 1 else "s"
                raise WrongType(f"{op.name} takes {operands} argument{s}, not {len(arguments)}")
            return row(*arguments)

        return call

    def bind_and_call(*arguments: Any, **named: Any) -> Tensor:
        operands, static = bound(op, arguments, named)
        return row(*operands, *static) if op.form == UNARY else record(op, operands, static)

    return bind_and_call


FUNCTIONS: dict[str, Function] = {}
ROW_OF: dict[str, Op] = {}
# The modules beyond numpy that functions call, by the functions' names.
NEEDED: dict[str, str] = {}
for _op in TABLE.values():
    if _op.public:
        _function = calling(_op)
        FUNCTIONS |= dict.fromkeys((_op.name, *_op.aliases), _function)
        ROW_OF |= dict.fromkeys((_op.name, *_op.aliases), _op)
    if _op.needs:
        NEEDED |= dict.fromkeys((_op.name, *_op.aliases), _op.needs)

# The flag of a function with *arguments, in its code object.
TAKES_MORE = 0x04
# What answers for a numpy function that is no row's own.
CHOOSERS: dict[Any, Function] = {}


def signature(function: Callable[..., Any]) -> Function:
    """Python's TypeError for arguments that do not fit a signature, as one of ours."""
    code: Any = function.__code__
    names = code.co_varnames[: code.co_argcount]
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    needed = len(names) - len(function.__defaults__ or ())
    most = math.inf if code.co_flags & TAKES_MORE else len(names)

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        given = (*names[: len(arguments)], *named)
        if len(arguments) > most or len(set(given)) < len(given) or {*named} - {*known}:
            raise WrongType(f"{function.__name__} takes {', '.join(known) or 'no keywords'}")
        missing = [name for name in names[:needed] if name not in given]
        if missing:
            raise WrongType(f"{function.__name__} needs its argument '{missing[0]}'")
        return function(*arguments, **named)

    checked.__wrapped__ = function  # for inspect.signature
    return checked


def named(*names: str, numpy: Sequence[Any] = (), needs: str = "") -> Callable[[Named], Named]:
    """Register a function under its names, and for numpy functions; `needs` as of a row."""

    def register(function: Named) -> Named:
        checked = signature(function)
        FUNCTIONS.update(dict.fromkeys(names, checked))
        CHOOSERS.update(dict.fromkeys(numpy, checked))
        if needs:
            NEEDED.update(dict.fromkeys(names, needs))
        return function

    return register
