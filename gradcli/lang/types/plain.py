"""Numbers and what has few attributes, and the items of sequences and dicts."""

from __future__ import annotations

from typing import Any

from gradcli.errors import WrongIndex, WrongKey, WrongType
from gradcli.lang.tensors import as_integer
from gradcli.lang.types.table import Type
from gradcli.lang.values import ABSENT, Size


def item_of_sequence(values: Any, index: Any) -> Any:
    if type(index) is slice:
        cut = bounds(index)
        return Size(values[cut]) if type(values) is Size else values[cut]
    return values[place_in(values, index)]


def place_in(values: Any, index: Any) -> int:
    """The place of an item that there is."""
    place = index if type(index) is int else as_integer(index)
    if place is None:
        raise WrongType("the index of a list, tuple or string is an integer or a slice")
    if not -len(values) <= place < len(values):
        raise WrongIndex(f"index {place} is outside {len(values)} items")
    return place


def bounds(index: slice) -> slice:
    """A slice of a sequence, with its ends as integers."""
    start, stop, step = (end_of(end) for end in (index.start, index.stop, index.step))
    if step == 0:
        raise WrongIndex("a slice's step cannot be 0")
    return slice(start, stop, step)


def end_of(value: Any) -> int | None:
    end = as_integer(value)
    if end is None and value is not None:
        raise WrongType("the ends of a slice are integers")
    return end


def item_of_dict(table: dict[str, Any], key: Any) -> Any:
    if type(key) is not str:
        raise WrongType("the keys of a dict are strings", hint="str(k); a list takes integers")
    if key not in table:
        raise WrongKey(f"there is no key '{key}'"[:200], hint=its_keys(table))
    return table[key]


def its_keys(table: dict[str, Any]) -> str:
    return "its keys are " + ", ".join(list(table)[:8]) if table else "it is empty"


REAL = Type({"real": lambda x: x, "imag": lambda x: 0}, {"item": lambda x: x})
COMPLEX = Type(
    {"real": lambda z: z.real, "imag": lambda z: z.imag},
    {"item": lambda z: z, "conjugate": lambda z: z.conjugate()},
)
DTYPE = Type({"name": lambda dtype: dtype.name})
MODULE = Type(
    find=lambda module, name: module.names.get(name, ABSENT), known=lambda module: module.names
)
RECORD = Type(
    find=lambda record, name: record.fields.get(name, ABSENT), known=lambda record: record.fields
)
ERROR = Type({"args": lambda error: error.arguments})
