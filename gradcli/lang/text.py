"""Values as text: what `print` writes, what an expression echoes, what a message quotes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gradcli.engine import display
from gradcli.engine.graph import AccumulateGrad, Between, Node
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.dialects import active
from gradcli.lang.limits import current
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.values import (
    CLASS_OF,
    LISTS,
    SHOWN,
    TUPLES,
    Bound,
    Builtin,
    Class,
    Context,
    Derivative,
    DType,
    ErrorType,
    ErrorValue,
    Function,
    Method,
    Module,
    Record,
    Size,
    type_name,
)

if TYPE_CHECKING:
    from gradcli.lang.compiler import Place

# Of a collection as text: items of one, characters in all, collections within each other.
MOST_ITEMS = 1000
MOST_CHARACTERS = 50_000
DEEPEST = 50


def brief(place: Place, most: int = 40) -> str:
    """The text at a place, on one line and short enough for a message."""
    written = " ".join(place.text.split())
    return written if len(written) <= most else written[: most - 1] + "…"


def brief_value(value: Any, most: int = 40, digits: int | None = None) -> str:
    """A value on one line, short enough for a message."""
    written = " ".join(numeral(value, digits).split())
    return written if len(written) <= most else written[: most - 1] + "…"


def show(value: Any, digits: int | None = None) -> str:
    """A value as the prompt echoes it: strings in quotes."""
    return written(value, digits, [MOST_CHARACTERS], 0)


def numeral(value: Any, digits: int | None = None, *, padded: bool = False) -> str:
    """A value's numbers without what a tensor's repr says beside them."""
    if type(value) is not Tensor:
        return show(value, digits)
    if not value.ndim:
        return display.number(value.value, digits)
    return display.array(value.value, digits, padded=padded and value.ndim > 1)


def quoted(value: str) -> str:
    if active.dialect is not None:
        return repr(value)  # as the frameworks' users know it
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def printed(value: Any, digits: int | None = None) -> str:
    """A value as `print` writes it."""
    if type(value) is ErrorValue:
        return said(value)
    if type(value) is Tensor and active.dialect is not None:
        return active.dialect.printed(value, digits)
    return value if type(value) is str else written(value, digits, [MOST_CHARACTERS], 0)


def said(error: ErrorValue) -> str:
    """What an exception says: its argument, or all of several; of exceptions, the innermost."""
    while len(error.arguments) == 1 and type(error.arguments[0]) is ErrorValue:
        error = error.arguments[0]
    if len(error.arguments) == 1:
        return printed(error.arguments[0])
    return printed(error.arguments) if error.arguments else ""


def written(value: Any, digits: int | None, room: list[int], depth: int) -> str:
    """A value within others; `room` holds how many characters there is room for."""
    kind = type(value)
    if kind in LISTS or kind is dict or kind is ErrorValue:
        return collection(value, digits, room, depth)
    if kind is Record:
        return record(value, digits, room, depth)
    shown = quoted(value) if kind is str else atom(value, digits)
    room[0] -= len(shown)
    return shown


def atom(value: Any, digits: int | None) -> str:
    kind = type(value)
    if kind in NUMBERS:
        return display.number(value, digits)
    if kind is Tensor:
        value.taken()  # its digits are numbers taken out
        dialect = active.dialect
        return (
            display.describe(value, digits) if dialect is None else dialect.describe(value, digits)
        )
    if value is None or value is Ellipsis:
        return "None" if value is None else "..."
    if kind is range:
        return str(value)
    if kind is Context or kind is ErrorType:
        return f"<{type_name(value)} {value.name}>"
    if kind is AccumulateGrad and active.dialect is not None:
        return f"<{active.dialect.leaf}>"
    if kind is Node and value.op.joint and active.dialect is not None:
        return f"<{active.dialect.name}.autograd.function.{value.name}>"
    if kind is Node or kind is AccumulateGrad or kind is Between:
        return str(value)
    if kind in CLASS_OF:
        return repr(value)
    if kind in SHOWN:
        return SHOWN[kind](value)
    if kind is Class:
        return f"<class {value.name}>"
    if kind in (Function, Builtin, Method, Bound, Derivative):
        return f"<function {value.name}>"
    if kind is DType:
        return value.name if active.dialect is None else active.dialect.dtype(value.name)
    if kind is Module:
        return f"<module {value.name}>"
    return f"<{type_name(value)}>"


def collection(value: Any, digits: int | None, room: list[int], depth: int) -> str:
    """Items between brackets; past the first thousand, too deep, or too many in all: …"""
    if depth >= DEEPEST:
        return "…"
    room[0] -= 2
    parts: list[str] = []
    for item in value.arguments if type(value) is ErrorValue else value:
        if len(parts) == MOST_ITEMS or room[0] <= 0:
            parts.append("…")
            break
        if type(value) is dict:
            room[0] -= len(item)
            parts.append(f"{quoted(item)}: {written(value[item], digits, room, depth + 1)}")
        else:
            parts.append(written(item, digits, room, depth + 1))
    body = ", ".join(parts)
    if type(value) is ErrorValue:
        return f"{value.name}({body})"
    if type(value) is Size and active.dialect is not None:
        return f"{active.dialect.name}.Size([{body}])"
    if type(value) in TUPLES:
        return f"({body},)" if len(value) == 1 else f"({body})"
    return f"{{{body}}}" if type(value) is dict else f"[{body}]"


def record(value: Record, digits: int | None, room: list[int], depth: int) -> str:
    parts = [
        f"\n{name}={written(item, digits, room, depth + 1)}" for name, item in value.fields.items()
    ]
    return f"{value.name}({','.join(parts)})"


def formatted(value: Any, spec: str) -> str:
    """An f-string's field. The lexer has checked that `spec` is a plain one."""
    if not spec:
        dialect = active.dialect
        if type(value) is Tensor and not value.ndim and dialect is not None and dialect.bare:
            return display.number(value.item())
        return printed(value)
    number = value
    if type(value) is Tensor and value.size == 1:
        number = value.item()
    if type(number) is str:
        if spec[-1] in "defg%" or "." in spec:
            raise WrongType(f"the format '{spec}' is for numbers, not for a string")
        return format(number, spec)
    if type(number) not in NUMBERS:
        raise WrongType(f"the format '{spec}' is for numbers, not for {described(value)}")
    if spec[-1] == "d":
        if type(number) is float and number.is_integer() and abs(number) < 2**63:
            number = int(number)
        if type(number) not in (int, bool):
            raise WrongValue(f"the format '{spec}' is for integers")
    if type(number) in (int, bool) and "." in spec and spec[-1].isdigit():
        raise WrongValue(f"the format '{spec}' is not for integers", hint=f"as in {spec}f")
    if type(number) is complex and (spec[-1] == "%" or "=" in spec):
        raise WrongType(f"the format '{spec}' is not for complex numbers")
    return format(number, spec)


def substituted(
    pattern: re.Pattern[str], field: Callable[[re.Match[str]], str], template: str
) -> str:
    """A template with its fields filled in, which stops as soon as it is too long."""
    meter, size = current(), 0

    def measured(found: re.Match[str]) -> str:
        nonlocal size
        part = field(found)
        size += len(part)
        if meter is not None:
            meter.check_string(size)
        return part

    return pattern.sub(measured, template)


# A field of `"%5.2f" % x`: a sign for the left, width and digits, a letter.
PERCENT = re.compile(r"%(-?)([0-9]{0,3})(\.[0-9]{1,2})?([defgisr])|%%|%")


def filled(template: str, values: Any) -> str:
    """`template % values`: a tuple fills several fields."""
    given = list(values) if type(values) in TUPLES else [values]

    def field(found: re.Match[str]) -> str:
        left, width, decimals, letter = found.groups()
        if letter is None:
            if found[0] == "%%":
                return "%"
            raise WrongValue("no format after '%'", hint="write %d, %.3f or %s; %% is the sign")
        if not given:
            raise WrongType("there are too few values for the format")
        value = given.pop(0)
        if letter in "sr":
            shown = show(value) if letter == "r" else printed(value)
            return formatted(shown, ("<" if left else ">") + width) if width else shown
        align = "<" if left else ""
        return formatted(value, align + width + (decimals or "") + letter.replace("i", "d"))

    result = substituted(PERCENT, field, template)
    if given:
        raise WrongType("there are too many values for the format")
    return result
