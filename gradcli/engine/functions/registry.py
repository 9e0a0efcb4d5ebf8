"""The names of functions: the table's rows, and what is registered beside them.

A module that registers functions is imported when one of its names is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

from gradcli.engine import homes
from gradcli.engine.apply import ROWS, SINGLE, record
from gradcli.engine.arguments import REFUSALS, bound, unbound
from gradcli.engine.catalogue import Catalogue, module_of
from gradcli.engine.ops.table import BINARY, ROW_OF, UNARY, Op
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

    if op.single:
        apply, bind = SINGLE[op.name], op.bind

        def bind_one(*arguments: Any, **named: Any) -> Tensor:
            if bind is not None and arguments and type(arguments[0]) is Tensor:
                try:
                    (operand,), static = bind(*arguments, **named)
                except REFUSALS as reason:
                    raise unbound(op, reason) from None
            else:
                (operand,), static = bound(op, arguments, named)
            return apply(operand, *static)

        return bind_one

    def bind_all(*arguments: Any, **named: Any) -> Tensor:
        return record(op, *bound(op, arguments, named))

    return bind_all


def registered(name: str) -> Function:
    module = FUNCTION_HOMES.get(name)
    if module is None:
        return calling(ROW_OF[name])
    import_module(f"gradcli.engine.functions.{module}")
    return FUNCTIONS.made[name]


# A function that is registered goes before a row of its name.
FUNCTION_HOMES = module_of(homes.FUNCTIONS)
FUNCTIONS: Catalogue[Function] = Catalogue(registered, ROW_OF, FUNCTION_HOMES)
# The modules beyond numpy that registered functions call, by the functions' names.
NEEDED: dict[str, str] = {}
# What answers for a numpy function that is no row's own.
CHOOSERS: dict[Any, Function] = {}


def needs(name: str) -> str:
    """The module beyond numpy that a function calls, if it calls one."""
    if FUNCTIONS.get(name) is not None and name in NEEDED:
        return NEEDED[name]
    row = ROW_OF.get(name)
    return row.needs if row is not None else ""


def overwrites(name: str) -> bool:
    """Is there a function `name_` that overwrites its first operand with its result?"""
    row = ROW_OF.get(name)
    if name in ("clone", "where"):
        return False
    return name in ("pow", "power") or (row is not None and row.elementwise and row.differentiable)


# The flag of a function with *arguments, in its code object.
TAKES_MORE = 0x04
# How many ways of calling a function are remembered.
FORMS = 16


def signature(function: Callable[..., Any]) -> Function:
    """Python's TypeError for arguments that do not fit a signature, as one of ours."""
    code: Any = function.__code__
    names = code.co_varnames[: code.co_argcount]
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    needed = len(names) - len(function.__defaults__ or ())
    most = math.inf if code.co_flags & TAKES_MORE else len(names)
    # Numbers of arguments with keywords that have been found to fit.
    fitting: set[tuple[object, ...]] = set()

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        if not named and needed <= len(arguments) <= most:
            return function(*arguments)
        form = (len(arguments), *named)
        if form in fitting:
            return function(*arguments, **named)
        given = (*names[: len(arguments)], *named)
        if len(arguments) > most or len(set(given)) < len(given) or {*named} - {*known}:
            raise WrongType(f"{function.__name__} takes {', '.join(known) or 'no keywords'}")
        missing = [name for name in names[:needed] if name not in given]
        if missing:
            raise WrongType(f"{function.__name__} needs its argument '{missing[0]}'")
        if len(fitting) < FORMS:
            fitting.add(form)
        return function(*arguments, **named)

    checked.__wrapped__ = function  # for inspect.signature
    return checked


def named(*names: str, numpy: Sequence[Any] = (), needs: str = "") -> Callable[[Named], Named]:
    """Register a function under its names, and for numpy functions; `needs` as of a row.

    `python scripts/homes.py` then enters it into the index of names.
    """

    def register(function: Named) -> Named:
        checked = signature(function)
        FUNCTIONS.made.update(dict.fromkeys(names, checked))
        CHOOSERS.update(dict.fromkeys(numpy, checked))
        if needs:
            NEEDED.update(dict.fromkeys(names, needs))
        return function

    return register
