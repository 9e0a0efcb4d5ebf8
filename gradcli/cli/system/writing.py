"""Where results and notes are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.cli.system.environment import Environment
from gradcli.errors import FileError, UsageError
from gradcli.views import evaluation as view

if TYPE_CHECKING:
    from gradcli.lang.evaluation import Evaluation
    from gradcli.lang.session import Caution
    from gradcli.proof.crosscheck import Check


def write_result(
    environment: Environment,
    evaluation: Evaluation,
    cautions: Sequence[Caution],
    check: Check | None,
    form: str,
    options: dict[str, Any],
) -> None:
    """To standard output or to -o FILE, in the form asked for."""
    path = options["output"]
    if form == "json":
        text = view.as_json(evaluation, cautions, check)
    elif form == "csv":
        text = view.as_csv(evaluation, digits=options["digits"])
    elif form == "latex":
        from gradcli.views.latex import as_latex

        text = as_latex(evaluation, digits=options["digits"])
    else:
        text = view.text(
            evaluation,
            check,
            digits=options["digits"],
            aligned=path is None and environment.is_terminal,
            color=path is None and environment.colored(options["color"], environment.stdout),
            quiet=options["quiet"],
            partial="∂" if path is not None or environment.unicode else "d",
        )
    write_text(environment, text, path)


def write_text(environment: Environment, text: str, path: str | None) -> None:
    """A text with the end of its last line, to standard output or to a file."""
    if path is None:
        print(text, file=environment.stdout)
    else:
        write_file(path, text.encode() + b"\n")


def write_picture(environment: Environment, data: bytes, path: str | None) -> None:
    """A picture, to a file or a pipe."""
    if path is not None:
        write_file(path, data)
        return
    if environment.is_terminal:
        raise UsageError("a picture is nothing for a terminal", hint="write it to a file: -o FILE")
    environment.stdout.flush()
    environment.stdout.buffer.write(data)


def write_file(path: str, data: bytes) -> None:
    from pathlib import Path

    from gradcli.cli.system.files import reason

    try:
        Path(path).write_bytes(data)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot write '{path}': {reason(error)}") from None


def write_notes(
    environment: Environment,
    evaluation: Evaluation,
    cautions: Sequence[Caution],
    color: str,
) -> None:
    """Warnings with their places, and notes, on standard error."""
    if cautions:
        write_cautions(environment, cautions, color)
    for note in evaluation.notes:
        print(f"note: {note}", file=environment.stderr)


def write_cautions(environment: Environment, cautions: Sequence[Caution], color: str) -> None:
    from gradcli.views.diagnostic import around_of, warning_text

    colored = environment.colored(color, environment.stderr)
    around = around_of(environment.columns(environment.stderr))
    for caution in cautions:
        place = caution.place
        location = place.source.locate(place.span) if place is not None else None
        text = warning_text(caution.message, location, color=colored, around=around)
        print(text, file=environment.stderr)
