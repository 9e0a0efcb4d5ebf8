"""Every error a person can meet: one class per cause, with its exit status.

The floors above raise these and nothing else. A class derives from the built-in exception that a
script or a library user would catch, so `except RuntimeError` works as it does in PyTorch.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple


class Status(IntEnum):
    """Exit statuses of every command."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    SYNTAX = 3
    RULE = 4
    DOMAIN = 5
    DIFFERS = 6
    FILE = 7
    LIMIT = 8
    INTERNAL = 70
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


class Location(NamedTuple):
    """Where in a text an error stands: lines and columns count characters from 1."""

    name: str
    line: int
    column: int
    end_column: int
    text: str


class CallSite(NamedTuple):
    """A call that an error came out of: the function's name and where it was called."""

    function: str
    location: Location


# What to do about an error, or what finds it out once somebody asks: most errors that a program
# catches are never shown.
Hint = str | Callable[[], "str | None"] | None


class GradcliError(Exception):
    """Base of all errors: a message, where it happened if known, and what to do about it."""

    status = Status.RULE
    kind = "error"

    def __init__(self, message: str, *, hint: Hint = None) -> None:
        super().__init__(message)
        self.message = message
        self._hint = hint
        self.location: Location | None = None
        # The calls of the program's functions that led there, the innermost first.
        self.trace: tuple[CallSite, ...] = ()

    @property
    def hint(self) -> str | None:
        if callable(self._hint):
            self._hint = self._hint()
        return self._hint

    @hint.setter
    def hint(self, hint: Hint) -> None:
        self._hint = hint


# ---- the command line ---------------------------------------------------------------------------


class UsageError(GradcliError):
    """The command line itself is wrong."""

    status = Status.USAGE
    kind = "usage"


class FileError(GradcliError):
    """A file cannot be read or written, or an extra is not installed."""

    status = Status.FILE
    kind = "file"


# ---- the text -----------------------------------------------------------------------------------


class ParseError(GradcliError):
    """The text is not an expression or a script."""

    status = Status.SYNTAX
    kind = "syntax"


class Unexpected(GradcliError):
    """A result is not what a `#=>` comment says."""

    status = Status.FAILED
    kind = "expectation"


# ---- names, types, shapes -----------------------------------------------------------------------


class UnknownName(GradcliError, NameError):
    """A name that nothing defines."""

    kind = "name"


class UnknownAttribute(GradcliError, AttributeError):
    """A value has no such attribute or method."""

    kind = "attribute"


class WrongType(GradcliError, TypeError):
    """An operation met a value of a type it is not defined for."""

    kind = "type"


class WrongValue(GradcliError, ValueError):
    """The type fits and the value does not: an axis, a count, an option."""

    kind = "value"


class UnknownModule(GradcliError, ModuleNotFoundError):
    """A module that is not built in, or a name that it lacks."""

    kind = "import"


class WrongIndex(GradcliError, IndexError):
    """An index outside its axis, or more indices than axes."""

    kind = "index"


class WrongKey(GradcliError, KeyError):
    """A dict has no such key."""

    kind = "key"

    def __str__(self) -> str:
        return self.message


class ShapeMismatch(GradcliError, RuntimeError):
    """The shapes of operands do not fit each other."""

    kind = "shape"


class DtypeMismatch(GradcliError, RuntimeError):
    """Dtypes that do not fit each other, or an operation, where PyTorch's promotion is followed."""

    kind = "dtype"


# ---- the graph ----------------------------------------------------------------------------------


class NoGraph(GradcliError, RuntimeError):
    """Differentiating something that records no graph."""

    kind = "no-graph"


class GraphFreed(GradcliError, RuntimeError):
    """A second backward through values that the first one dropped."""

    kind = "graph-freed"


class Overwritten(GradcliError, RuntimeError):
    """A value that backward needs was changed in place after it was saved."""

    kind = "overwritten"


class NotInPlace(GradcliError, RuntimeError):
    """A result that does not fit into what it should overwrite."""

    kind = "in-place"


class SeedNeeded(GradcliError, RuntimeError):
    """backward() of a result with several elements was given no cotangent."""

    kind = "seed"


class UnusedInput(GradcliError, RuntimeError):
    """autograd.grad was asked about an input that the output does not depend on."""

    kind = "unused-input"


class LeafRule(GradcliError, RuntimeError):
    """Something that only leaves, or only non-leaves, may have done to them."""

    kind = "leaf"


# ---- numbers ------------------------------------------------------------------------------------


class DomainError(GradcliError, ArithmeticError, RuntimeError):
    """A singular matrix, an integer division by zero: no value exists."""

    status = Status.DOMAIN
    kind = "domain"


class Anomaly(GradcliError, RuntimeError):
    """A backward pass made nan while detect_anomaly() watched."""

    status = Status.DOMAIN
    kind = "anomaly"


class WrongGradient(GradcliError, RuntimeError):
    """A derivative that was written by hand is not the one that differences find."""

    status = Status.DIFFERS
    kind = "gradient"


# ---- what programs raise ------------------------------------------------------------------------


class AssertionFailed(GradcliError, AssertionError):
    """`assert` met something false."""

    status = Status.FAILED
    kind = "assertion"


class Raised(GradcliError):
    """A program's own `raise`, under the name of an exception of Python."""

    status = Status.FAILED
    kind = "raised"

    def __init__(self, name: str, said: str, arguments: tuple[object, ...]) -> None:
        super().__init__(f"{name}: {said}" if said else name)
        self.name = name
        self.arguments = arguments


# ---- limits and ends ----------------------------------------------------------------------------


class LimitExceeded(GradcliError):
    """A limit was met. Scripts cannot catch this."""

    status = Status.LIMIT
    kind = "limit"

    def __init__(self, message: str, *, limit: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint or f"raise it with --limit {limit}=N")
        self.limit = limit


class Undecided(GradcliError):
    """Nothing was found or proven, which does not mean that nothing is there."""

    status = Status.LIMIT
    kind = "undecided"


class Interrupted(GradcliError):
    """Ctrl-C."""

    status = Status.INTERRUPTED
    kind = "interrupted"


class Terminated(GradcliError):
    """Asked to end, by SIGTERM or because the terminal is gone."""

    status = Status.TERMINATED
    kind = "terminated"


class InternalError(GradcliError):
    """Something unforeseen; the firewall makes one line of it."""

    status = Status.INTERNAL
    kind = "internal"


def unforeseen(error: BaseException) -> InternalError:
    """An error nobody foresaw, as one line with an id that a report can quote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "?"
    return InternalError(
        f"internal error {type(error).__name__}@{where}",
        hint="this is a defect of gradcli; please report it with the input",
    )


# ---- what messages call values ------------------------------------------------------------------

# By type. The language enters the closed set of its values here.
NAMES: dict[type, str] = {}


def described(value: object) -> str:
    """A value's type with its article: `a tensor`, `an integer`, `None`."""
    name = NAMES.get(type(value)) or type(value).__name__
    if value is None:
        return "None"
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


# ---- arguments that do not fit a signature ------------------------------------------------------

TOO_MANY = re.compile(r"takes (from \d+ to )?(\d+) positional arguments? but (\d+)")
QUOTED = re.compile(r"'([^']+)'")


def misfit(name: str, words: str, owners: int = 0) -> WrongType:
    """What Python says of arguments that `name` does not take, in the words of a caller.

    owners  how many arguments it counts that stand before the dot
    """
    many, quoted = TOO_MANY.search(words), QUOTED.search(words)
    if many is not None:
        most, given = int(many[2]) - owners, int(many[3]) - owners
        plural = "" if most == 1 else "s"
        upto = "at most " if many[1] else ""
        return WrongType(f"{name} takes {upto}{most or 'no'} argument{plural}, not {given}")
    if quoted is None:
        return WrongType(f"{name} does not take arguments like these")
    if words.startswith("missing"):
        return WrongType(f"{name} needs its argument '{quoted[1]}'")
    if "multiple values" in words:
        return WrongType(f"{name}: '{quoted[1]}' is given twice")
    if "unexpected keyword" in words:
        return WrongType(f"{name} takes no keyword '{quoted[1]}'")
    return WrongType(f"{name} takes '{quoted[1]}' by its place, not by its name")
