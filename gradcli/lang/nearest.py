"""The known name that an unknown one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The closest of `known`, None if nothing is close."""
    from difflib import get_close_matches  # noqa: PLC0415  # only errors need it

    found = get_close_matches(name, list(known), 1, cutoff=0.7)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    near = nearest(name, known)
    return f"did you mean {near} ?" if near else None
