"""Numbers and what has few attributes, and the items of sequences and dicts."""

from __future__ import annotations

from typing import Any

from gradcli.errors import WrongIndex, WrongKey, WrongType
from gradcli.lang.types.table import Type
from gradcli.lang.values import ABSENT, Size


def item_of_sequence(values: Any, index: Any) -> Any:
    if type(index) is slice:
        bounds(index)
        return Size(values[index]) if type(values) is Size else values[index]
    if type(index) is not int:
        raise WrongType("the index of a list, tuple or string is an integer or a slice")
    if not -len(values) <= index < len(values):
        raise WrongIndex(f"index {index} is outside {len(values)} items")
    return values[index]


def bounds(index: slice) -> None:
    """Refuse a slice that is not one of a sequence."""
    if any(
        end is not None and type(end) is not int for end in (index.start, index.stop, index.step)
    ):
        raise WrongType("the ends of a slice are integers")
    if index.step == 0:
        raise WrongIndex("a slice's step cannot be 0")


def item_of_dict(table: dict[str, Any], key: Any) -> Any:
    if type(key) is not str:
        raise WrongType("the keys of a dict are strings")
    if key not in table:
        raise WrongKey(f"there is no key '{key}'"[:200], hint="keys: " + ", ".join(list(table)[:8]))
    return table[key]


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
