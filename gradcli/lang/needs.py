"""What a program may call is imported before it runs, never while it does."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from gradcli.engine.functions.registry import FUNCTION_HOMES, needs
from gradcli.engine.ops.table import NAME_HOMES, ROW_HOMES
from gradcli.lang import frameworks
from gradcli.lang.compiler import Code
from gradcli.lang.names import LATER
from gradcli.lang.operations import DTYPES
from gradcli.lang.vm import control, instructions

# What draws random numbers, whose module numpy imports when it is asked for.
RANDOM = frozenset(["alpha_dropout", "dropout", "dropout1d", "dropout2d", "rand", "randn"])
IMPORTS = frozenset({control.check_module, control.import_module, control.import_name})
# Instructions of formulas over numbers, which need nothing but the functions that they name.
PLAIN = frozenset(
    {
        *(instructions.push, instructions.drop, instructions.load, instructions.load_local),
        *(instructions.store, instructions.put, instructions.unary, instructions.call),
        *(instructions.make_function, instructions.give_back, instructions.finish, control.commit),
    }
)
ARITHMETIC = frozenset("+-*/")
# Modules of rows that call no row of another, unless a pass is recorded.
SELF_CONTAINED = frozenset(("arithmetic", "circular", "elementary", "reduction"))
# What the frameworks have, which errors tell.
LACKING = ("mindspore", "numpy", "torch")
# What native functions may call besides rows and functions.
BEYOND = (
    *("engine.custom", "engine.functions.indexing", "engine.inplace"),
    *("lang.calculus", "lang.orders"),
    "lang.frameworks.lacking",
)


def load_needed(code: Code) -> None:
    """Import the modules of all that a statement may call."""
    pending = [code]
    while pending:
        for handler, argument, _ in pending.pop().instructions:
            if handler is instructions.make_function:
                pending.append(argument[0])
            if handler in IMPORTS:
                load_framework(argument[0] if type(argument) is tuple else argument)
            elif handler is instructions.binary and argument.symbol == "^":
                import_module("gradcli.engine.functions.choosing")
            elif not is_plain(handler, argument):
                load_all()
            if type(argument) is str:
                load_function(argument)


def is_plain(handler: Any, argument: Any) -> bool:
    """Does an instruction need nothing but the function that it names, if it names one?"""
    if handler is instructions.binary:
        return argument.symbol in ARITHMETIC
    return handler in PLAIN


def load_function(name: str) -> None:
    """Import what a function calls, if it is one, or a method that may overwrite its operand."""
    if name in RANDOM:
        import_module("numpy.random")
    if name in LATER or name in DTYPES:
        load_all()
    for known in (name, name.removesuffix("_")):
        if known in FUNCTION_HOMES:
            load_all()
        elif NAME_HOMES.get(known) in SELF_CONTAINED:
            import_module(f"gradcli.engine.ops.{NAME_HOMES[known]}")
        elif known in NAME_HOMES:
            load_all()
        if module := needs(known):
            import_module(module)


def load_framework(path: str) -> None:
    load_all()
    file = frameworks.MODULES.get(path.partition(".")[0])
    if file:
        import_module("numpy.random")
        import_module(f"gradcli.lang.frameworks.{file}")
        for lists in LACKING:
            import_module(f"gradcli.lang.frameworks.lacking.{lists}")


@cache
def load_all() -> None:
    """Import every row and function: what is seldom needed may need any other."""
    for module in {*ROW_HOMES.values()}:
        import_module(f"gradcli.engine.ops.{module}")
    for module in {*FUNCTION_HOMES.values()}:
        import_module(f"gradcli.engine.functions.{module}")
    for module in BEYOND:
        import_module(f"gradcli.{module}")
