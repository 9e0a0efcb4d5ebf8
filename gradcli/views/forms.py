"""How a result is written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from gradcli.errors import UsageError

PICTURES = ("svg", "png", "pdf")


def form_by_suffix(path: str | None, forms: Sequence[str]) -> str:
    """How a file is written: by the end of its name; the first of the forms is text."""
    suffix = PurePath(path or "").suffix.removeprefix(".").lower()
    if suffix in ("", "txt"):
        return forms[0]
    if suffix not in forms:
        hint = f"-f chooses one of {', '.join(forms)}"
        raise UsageError(f"'{path}' has the suffix of no form that can be written", hint=hint)
    return suffix
