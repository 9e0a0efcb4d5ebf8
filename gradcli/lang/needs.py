"""What a program's functions need beyond numpy is imported before it runs, never while it does."""

from __future__ import annotations

from importlib import import_module

from gradcli.engine.functions.registry import needs
from gradcli.lang import instructions
from gradcli.lang.compiler import Code


def load_needed(code: Code) -> None:
    """Import the modules of all functions and methods that a statement names."""
    pending = [code]
    while pending:
        for handler, argument, _ in pending.pop().instructions:
            if handler is instructions.make_function:
                pending.append(argument[0])
            elif type(argument) is str:
                module = needs(argument) or needs(argument.removesuffix("_"))
                if module:
                    import_module(module)
