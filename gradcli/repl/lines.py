"""Text as it is typed or pasted: is it whole, where does its next line begin?"""

from __future__ import annotations

import re

from gradcli.lang.feed import Feed, Piece
from gradcli.lang.lexer import unfinished
from gradcli.lang.source import Source

PROMPT, CONTINUED = "grad> ", "....> "
INDENT = "    "
# Prompts that come along when a session is copied: ours and Python's.
PROMPTS = re.compile(r"(?:grad> |>>> |\.\.\.\.> |\.\.\. |>>>$|\.\.\.$)")
FIRST_PROMPT = re.compile(r"\s*(?:grad> |>>> )")
# What nothing of its block can follow.
ENDS = re.compile(r"\s+(?:return|raise|break|continue|pass)\b")
UNBOUNDED = 2**62


def readable(text: str) -> str:
    """What was typed; bytes that are no UTF-8, which Python reads as surrogates, become `�`."""
    return text.encode("utf-8", "surrogateescape").decode(errors="replace")


def pieces(text: str) -> list[Piece]:
    """Statements, as far as lines tell: each piece is whole, but perhaps the last."""
    feed = Feed(UNBOUNDED)
    found = [piece for line in text.splitlines(keepends=True) for piece in feed.add(line.encode())]
    return [*found, *feed.end()]


def is_whole(text: str, *, typed: bool = True) -> bool:
    """Whether Enter runs the text: brackets are closed, and a block ends with an empty line.

    A block that nobody types ends with the line that does not belong to it any more.
    """
    if text.startswith(":"):
        return True
    feed = Feed(UNBOUNDED)
    lines = text.split("\n")
    for line in lines:
        list(feed.add(f"{readable(line)}\n".encode()))
    if not feed.lines:
        return True
    if not typed or not feed.block or feed.open() or len(lines) == 1 or lines[-1].strip():
        return False
    return not lines[-2].lstrip().startswith("@")


def indentation(line: str) -> str:
    """The blanks that the line after this one begins with: fewer after what ends a block."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    if ENDS.match(line) and not unfinished(Source(line)):
        return blanks.removesuffix(INDENT)
    opens = line.partition("#")[0].rstrip().endswith(":")
    return blanks + INDENT if opens else blanks


def without_prompts(text: str) -> str:
    """A pasted session without its prompts and its output."""
    if not FIRST_PROMPT.match(text):
        return text
    lines = [line.lstrip() if FIRST_PROMPT.match(line) else line for line in text.splitlines()]
    typed = [line[match.end() :] for line in lines if (match := PROMPTS.match(line))]
    return "\n".join([*typed, ""]) if len(lines) > 1 else "\n".join(typed)
