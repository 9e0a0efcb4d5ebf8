"""Programs as source code in other languages: a stand-alone function of value and derivatives."""

from __future__ import annotations

from gradcli.engine.program import Program
from gradcli.errors import UsageError, WrongType
from gradcli.views.export.c import as_c, is_taken_in_c
from gradcli.views.export.latex import as_latex
from gradcli.views.export.python import as_python, is_taken_in_python
from gradcli.views.export.words import Words


def source_code(program: Program, words: Words, language: str) -> str:
    """A program of a value and its derivatives in one of the languages of `gradcli export`."""
    if any(value.dtype.kind == "c" for value in program.values):
        raise WrongType("export: this needs complex numbers; only real ones are written")
    taken = is_taken_in_c if language == "c" else is_taken_in_python
    if language != "latex" and taken(words.name):
        raise UsageError(f"'{words.name}' cannot name a function there", hint="--name NAME")
    if language == "c":
        return as_c(program, words)
    return as_latex(program, words) if language == "latex" else as_python(program, words, language)
