"""The call that the cursor is in: whose parameters to show, and which of them is next."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.lang.lexer import Token, tokens
from gradcli.lang.manual import split
from gradcli.lang.source import Source

OPENERS, CLOSERS = ("(", "[", "{", "f{"), (")", "]", "}", "f}")


class Call(NamedTuple):
    """The function, as it is written; the number or the keyword of the argument being typed."""

    function: str
    number: int
    keyword: str | None


def call_at(text: str) -> Call | None:
    """The innermost call whose parenthesis is open at the end of `text`."""
    read = tokens(Source(text), tolerant=True)[:-1]
    stack: list[int] = []
    for at, token in enumerate(read):
        if token.kind in OPENERS:
            stack.append(at)
        elif token.kind in CLOSERS and stack:
            stack.pop()
    while stack:
        at = stack.pop()
        function = chain(read[:at]) if read[at].kind == "(" else ""
        if function:
            return Call(function, *argument(read[at + 1 :]))
    return None


def chain(read: list[Token]) -> str:
    """`a.b.c` that the tokens end with; nothing if what stands before the dots has no name."""
    names: list[str] = []
    at = len(read) - 1
    while at >= 0 and read[at].kind == "name":
        names.append(read[at].value)
        if at == 0 or read[at - 1].kind != ".":
            return ".".join(reversed(names))
        at -= 2
    return ""


def argument(read: list[Token]) -> tuple[int, str | None]:
    """Which argument stands at the end of these tokens, which follow a parenthesis."""
    depth = number = start = 0
    for at, token in enumerate(read):
        depth += (token.kind in OPENERS) - (token.kind in CLOSERS)
        if depth == 0 and token.kind == ",":
            number, start = number + 1, at + 1
    last = read[start : start + 2]
    named = len(last) == 2 and last[0].kind == "name" and last[1].kind == "="
    return number, last[0].value if named else None


class Hint(NamedTuple):
    """A signature, cut where the parameter begins and ends that is being typed."""

    before: str
    here: str
    after: str


def hint(signature: str, call: Call) -> Hint:
    """Point at the parameter of a call in a signature."""
    head, _, rest = signature.partition("(")
    parts = split(rest.removesuffix(")"))
    chosen = chosen_part(parts, call)
    if chosen is None:
        return Hint(signature, "", "")
    before = "".join(f"{part}, " for part in parts[:chosen])
    after = "".join(f", {part}" for part in parts[chosen + 1 :])
    return Hint(f"{head}({before}", parts[chosen], f"{after})")


def chosen_part(parts: list[str], call: Call) -> int | None:
    if call.keyword is not None:
        names = [part.partition("=")[0].lstrip("*") for part in parts]
        return names.index(call.keyword) if call.keyword in names else None
    for at, part in enumerate(parts):
        if part == "*":
            return None
        if at == call.number or part.startswith("*"):
            return at if part else None
    return None
