"""What may stand in an argument, as a shell asks for it; imports nothing but click."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

WORD = re.compile(r"[^\W\d]\w*")
SUMMARIES = Path(__file__).parent.parent / "lang" / "summaries.txt"


def names() -> list[str]:
    """Every operation and function of the language."""
    lines = SUMMARIES.read_text(encoding="utf-8").splitlines()
    heads = (line.partition(":")[0] for line in lines if line and not line.startswith("#"))
    return sorted({name for head in heads for name in head.split()})


def expression(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The last word of an expression, as the names it may become."""
    match = re.search(r"[^\W\d]\w*$", incomplete)
    if match is None:
        return []
    head, word = incomplete[: match.start()], match.group()
    return [CompletionItem(head + name) for name in names() if name.startswith(word)]


def binding(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The variables of the expression that have no value yet; files after NAME=@."""
    name, equals, value = incomplete.partition("=")
    if value.startswith("@"):
        return [CompletionItem(f"{name}=@{file}") for file in files(value[1:])]
    if equals:
        return expression(ctx, parameter, incomplete)
    tokens = ctx.params.get("bindings") or ctx.params.get("arguments") or ()
    given = {token.partition("=")[0] for token in tokens}
    return [CompletionItem(f"{word}=") for word in free(ctx, incomplete) if word not in given]


def variable(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The variables of the expression."""
    return [CompletionItem(word) for word in free(ctx, incomplete)]


def any_file(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    return [CompletionItem(incomplete, type="file")]


def free(ctx: click.Context, begin: str) -> list[str]:
    """The names in the expression that begin so and are no operations."""
    known = {*names()}
    words = dict.fromkeys(WORD.findall(ctx.params.get("expression") or ""))
    return [word for word in words if word not in known and word.startswith(begin)]


def table_or_binding(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The table of map, or a variable that is none of its columns."""
    if "=" in incomplete:
        return binding(ctx, parameter, incomplete)
    return [CompletionItem(file) for file in files(incomplete)]


def files(prefix: str) -> Iterator[str]:
    """The paths that begin so; a folder with its slash."""
    start = prefix.rpartition("/")[2]
    head = prefix.removesuffix(start)
    for path in sorted(Path(head or ".").iterdir()) if Path(head or ".").is_dir() else ():
        if path.name.startswith(start):
            yield head + path.name + ("/" if path.is_dir() else "")
