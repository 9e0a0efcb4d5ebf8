"""What a program may call is imported before it runs, never while it does."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module

from gradcli.engine.functions.registry import FUNCTION_HOMES, FUNCTIONS, needs
from gradcli.engine.ops.table import NAME_HOMES, TABLE
from gradcli.lang import control, frameworks, instructions
from gradcli.lang.compiler import Code

# A module of rows whose rules call no row of a module that may not be there.
SELF_CONTAINED = "circular"
# What draws random numbers, whose module numpy imports when it is asked for.
RANDOM = frozenset({"dropout", "rand", "randn"})
# What calls rows that the program does not name.
TRANSFORMS = frozenset({"derivative", "hessian", "hvp", "jacobian", "jvp", "taylor", "vjp", "vmap"})
IMPORTS = frozenset({control.check_module, control.import_module, control.import_name})


def load_needed(code: Code) -> None:
    """Import the modules of all that a statement names."""
    pending = [code]
    while pending:
        for handler, argument, _ in pending.pop().instructions:
            if handler is instructions.make_function:
                pending.append(argument[0])
            elif handler in IMPORTS:
                load_framework(argument[0] if type(argument) is tuple else argument)
            elif type(argument) is str:
                load_function(argument)


def load_function(name: str) -> None:
    """Import what a function calls, if it is one, or a method that may overwrite its operand."""
    if name in RANDOM:
        import_module("numpy.random")
    if name in TRANSFORMS:
        load_all()
    for known in (name, name.removesuffix("_")):
        if known not in FUNCTIONS:
            continue
        if home_of(known) not in sys.modules:
            if NAME_HOMES.get(known) == SELF_CONTAINED:
                import_module(home_of(known))
            else:
                load_all()
        if module := needs(known):
            import_module(module)


def home_of(name: str) -> str:
    if name in FUNCTION_HOMES:
        return f"gradcli.engine.functions.{FUNCTION_HOMES[name]}"
    return f"gradcli.engine.ops.{NAME_HOMES[name]}"


def load_framework(path: str) -> None:
    file = frameworks.MODULES.get(path.partition(".")[0])
    if file:
        load_all()
        import_module("numpy.random")
        import_module(f"gradcli.lang.frameworks.{file}")


@cache
def load_all() -> None:
    """Import every row and function: what is seldom needed may need any other."""
    for catalogue in (TABLE, FUNCTIONS):
        for name in catalogue:
            catalogue[name]
