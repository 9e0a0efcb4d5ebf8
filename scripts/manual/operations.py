"""The page of the operations, from their table."""

from __future__ import annotations

import re
from itertools import groupby

from gradcli.views.operations import Facts, facts, operations
from manual import mdoc

WORD = re.compile(r"(?:a|[a-z]{2,}) [a-z]|[a-z]{3,}$")


def parts() -> dict[str, list[str]]:
    """A section of all operations, by theme."""
    lines: list[str] = []
    for theme, group in groupby(operations(), key=lambda operation: operation.theme):
        lines += [f".Ss {theme}", ".Bl -tag -width Ds"]
        for operation in group:
            known = facts(operation.name)
            assert known is not None
            lines += [f".It Ic {mdoc.argument(operation.signature)}", *entry(known)]
        lines.append(".El")
    return {"OPERATIONS": lines}


def entry(known: Facts) -> list[str]:
    """What it is, its names, its derivatives, and where it has none."""
    lines = mdoc.prose(sentence(known.words)) if known.words else []
    if known.operation.aliases:
        lines += mdoc.prose(f"Also {', '.join(f'`{name}`' for name in known.operation.aliases)}.")
    for x, slope in known.slopes.items():
        lines += mdoc.prose(f"The derivative by `{x}` is `{slope}`.")
    smooth = [where for where in known.domain.values() if not where.startswith("every")]
    if smooth:
        lines += mdoc.prose(f"It is smooth for {', '.join(f'`{each}`' for each in smooth)}.")
    if known.kink:
        lines += mdoc.prose(f"At its kink: {known.kink}.")
    return lines or ["\\&"]


def sentence(words: str) -> str:
    """With a capital, unless it begins with a formula."""
    begins = words[:1].upper() if WORD.match(words) else words[:1]
    return begins + words[1:].rstrip(".") + "."
