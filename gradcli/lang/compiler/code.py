"""What the compiler makes: instructions, and the bodies that hold them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gradcli.lang.source import Source, Span


class Place(NamedTuple):
    """A span in its source: what an error, a node of the graph or a warning points at."""

    source: Source
    span: Span

    @property
    def text(self) -> str:
        return self.source.slice(self.span)


# A handler returns None to go on, the index to go on at, or SWITCH.
Instruction = tuple[Callable[..., "int | None"], Any, Place]


class Parameters(NamedTuple):
    """What a function takes.

    names      of parameters that may be given by position
    rest       of the parameter that takes further arguments; empty without one
    only       names of parameters that must be given by name
    options    of the parameter that takes further names; empty without one
    """

    names: tuple[str, ...] = ()
    rest: str = ""
    only: tuple[str, ...] = ()
    options: str = ""

    @property
    def plain(self) -> bool:
        return not (self.rest or self.only or self.options)

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.names, *self.only, *filter(None, (self.rest, self.options)))

    def __str__(self) -> str:
        star = [f"*{self.rest}"] if self.rest or self.only else []
        options = [f"**{self.options}"] if self.options else []
        return ", ".join([*self.names, *star, *self.only, *options])


class Code(NamedTuple):
    """A function's, or a statement's, instructions."""

    name: str
    parameters: Parameters
    instructions: list[Instruction]
    place: Place


class Operation(NamedTuple):
    """A binary operator, and where its operands stand."""

    symbol: str
    left: Place
    right: Place

    @property
    def operands(self) -> tuple[Place, ...]:
        return self.left, self.right


class Call(NamedTuple):
    """How many positional arguments, the keywords after them, and where all of them stand."""

    positional: int
    keywords: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def operands(self) -> tuple[Place, ...]:
        return self.places[1:]
