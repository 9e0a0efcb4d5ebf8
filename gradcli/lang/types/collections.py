"""Lists, tuples and dicts: what changes one is taken back if the statement fails."""

from __future__ import annotations

import math
from typing import Any

from gradcli.errors import WrongIndex, WrongKey, WrongType, WrongValue, described
from gradcli.lang.limits import Meter, current
from gradcli.lang.operators import equal, truth
from gradcli.lang.sequences import items_of, order
from gradcli.lang.tensors import as_integer
from gradcli.lang.types.table import Type
from gradcli.lang.values import ABSENT


def meter_of() -> Meter:
    """The meter of the evaluation that a method is called in."""
    meter = current()
    assert meter is not None
    return meter


# ---- lists --------------------------------------------------------------------------------------


def append(values: list[Any], item: Any) -> None:
    meter = meter_of()
    meter.check_items(len(values) + 1, "list")
    meter.journal.undo(values.pop)
    values.append(item)


def extend(values: list[Any], more: Any) -> None:
    items = items_of(more)
    meter = meter_of()
    count = len(values)
    meter.check_items(count + len(items), "list")
    meter.journal.undo(lambda: values.__delitem__(slice(count, None)))
    values.extend(items)


def insert(values: list[Any], at: Any, item: Any) -> None:
    index = whole(at, "insert")
    meter = meter_of()
    meter.check_items(len(values) + 1, "list")
    meter.charge(len(values) / 100)
    place = min(max(index + len(values) if index < 0 else index, 0), len(values))
    meter.journal.undo(lambda: values.__delitem__(place))
    values.insert(place, item)


def pop(values: list[Any], at: Any = -1) -> Any:
    index = whole(at, "pop")
    if not -len(values) <= index < len(values):
        raise WrongIndex(f"index {index} is outside {len(values)} items")
    meter = meter_of()
    meter.charge(len(values) / 100)
    place = index % len(values)
    item = values.pop(place)
    meter.journal.undo(lambda: values.insert(place, item))
    return item


def remove(values: list[Any], item: Any) -> None:
    pop(values, position(values, item))


def clear(values: Any) -> None:
    meter_of().keep(values)
    values.clear()


def reverse(values: list[Any]) -> None:
    meter_of().keep(values)
    values.reverse()


def sort(values: list[Any], *, reverse: Any = False) -> None:
    places = order(values, reverse=truth(reverse))
    meter_of().keep(values)
    values[:] = [values[k] for k in places]


def position(values: Any, item: Any) -> int:
    for k, each in enumerate(values):
        if equal(each, item):
            return k
    raise WrongValue("the value is not among the items")


def count(values: Any, item: Any) -> int:
    return sum(equal(each, item) for each in values)


def whole(value: Any, name: str) -> int:
    found = as_integer(value)
    if found is None:
        raise WrongType(f"{name}: the index is an integer, not {described(value)}")
    return found


# ---- dicts --------------------------------------------------------------------------------------


def get(table: dict[str, Any], key: Any, default: Any = None) -> Any:
    return table.get(text_key(key), default)


def pop_key(table: dict[str, Any], key: Any, default: Any = ABSENT) -> Any:
    if text_key(key) in table:
        meter_of().keep(table)
        return table.pop(key)
    if default is ABSENT:
        raise WrongKey(f"there is no key '{key}'"[:200])
    return default


def set_default(table: dict[str, Any], key: Any, default: Any = None) -> Any:
    if text_key(key) not in table:
        update(table, {key: default})
    return table[key]


def update(table: dict[str, Any], more: Any = None, **named: Any) -> None:
    if more is not None and type(more) is not dict:
        raise WrongType(f"update takes a dict, not {described(more)}")
    meter = meter_of()
    new = {**(more or {}), **named}
    meter.check_items(len(table) + len(new), "dict")
    meter.keep(table)
    table.update(new)


def text_key(key: Any) -> str:
    if type(key) is not str:
        raise WrongType("the keys of a dict are strings", hint="str(k); a list takes integers")
    return key


TUPLE = Type(methods={"count": count, "index": position})


def numel(size: Any) -> int:
    return math.prod(size)


SIZE = Type(methods={**TUPLE.methods, "numel": numel})
LIST = Type(
    methods={
        "append": append,
        "clear": clear,
        "copy": lambda values: values.copy(),
        "count": count,
        "extend": extend,
        "index": position,
        "insert": insert,
        "pop": pop,
        "remove": remove,
        "reverse": reverse,
        "sort": sort,
    }
)
DICT = Type(
    methods={
        "clear": clear,
        "copy": lambda table: table.copy(),
        "get": get,
        "items": lambda table: list(table.items()),
        "keys": list,
        "pop": pop_key,
        "setdefault": set_default,
        "update": update,
        "values": lambda table: list(table.values()),
    }
)
