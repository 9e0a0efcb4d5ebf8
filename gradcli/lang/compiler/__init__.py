"""Trees to flat lists of instructions, for the one loop in `machine`.

An instruction is (handler, argument, place). Handlers are the functions of `instructions` and
`control`; jumps name the index to go on at.
"""

from __future__ import annotations

from gradcli.lang.compiler.code import Call, Code, Instruction, Operation, Parameters, Place
from gradcli.lang.compiler.statements import Compiler
from gradcli.lang.source import Source
from gradcli.lang.syntax import Statement
from gradcli.lang.trampoline import run
from gradcli.lang.vm import control

__all__ = [
    "Call",
    "Code",
    "Instruction",
    "Operation",
    "Parameters",
    "Place",
    "compile_statement",
]


def compile_statement(source: Source, statement: Statement) -> Code:
    compiler = Compiler(source)
    run(compiler.visit(statement))
    if not compiler.instructions:  # pass
        compiler.emit(control.commit, None, statement)
    place = Place(source, statement.span)
    return Code("", Parameters(), compiler.instructions, place)
