"""Functions of sequences, as Python names them: what they make is a list, measured beforehand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.arrays import alike
from gradcli.lang.dialects import active
from gradcli.lang.limits import current
from gradcli.lang.nearest import did_you_mean
from gradcli.lang.numbers import BINARY, NUMBERS
from gradcli.lang.operations import OPERATIONS
from gradcli.lang.operators import binary, truth
from gradcli.lang.tensors import as_integer
from gradcli.lang.values import (
    CLASS_OF,
    ITEMS,
    LISTS,
    Builtin,
    Class,
    ErrorType,
    ErrorValue,
    NativeSteps,
    Record,
    Size,
)

SEQUENCES = LISTS | {range, str, dict, Record}


def size_of(value: Any) -> int:
    """How many items `for` would see."""
    if type(value) is range:  # Python's len() is at a loss beyond 2^63
        return max(0, -((value.start - value.stop) // value.step))
    if type(value) in SEQUENCES or (type(value) is Tensor and value.ndim):
        return len(value)
    if type(value) in ITEMS:
        return len(ITEMS[type(value)](value))
    raise WrongType(f"{described(value)} has no length: it is no sequence")


def items_of(value: Any, count: int | None = None) -> list[Any]:
    """The items, or the first of them, as `for` sees them; measured before they are taken."""
    count = size_of(value) if count is None else count
    meter = current()
    if meter is not None:
        meter.check_items(count, "list")
        meter.charge(count / 4)
    if type(value) is Tensor:
        return [alike(value[row], value) for row in range(count)]
    items = ITEMS[type(value)](value) if type(value) in ITEMS else value
    return list(islice(items, count))


# ---- making sequences ---------------------------------------------------------------------------


def make_range(*ends: Any) -> range:
    if not 1 <= len(ends) <= 3:
        raise WrongType("range takes one to three integers")
    found = []
    for end in ends:
        whole = as_integer(end)
        if whole is None:
            raise WrongType(f"range takes integers, not {described(end)}", hint="int(x) makes one")
        found.append(whole)
    if found[2:] == [0]:
        raise WrongValue("range: the step cannot be 0")
    return range(*found)


def enumerated(values: Any, start: Any = 0) -> list[tuple[int, Any]]:
    if type(start) is not int:
        raise WrongType(f"enumerate: the start is an integer, not {described(start)}")
    return list(enumerate(items_of(values), start))


def zipped(*sequences: Any, strict: Any = False) -> list[tuple[Any, ...]]:
    sizes = [size_of(each) for each in sequences]
    if truth(strict) and len(set(sizes)) > 1:
        raise WrongValue(f"zip: the lengths {', '.join(map(str, sizes))} differ")
    count = min(sizes, default=0)
    return list(zip(*(items_of(each, count) for each in sequences), strict=True))


def to_list(values: Any = ()) -> list[Any]:
    return items_of(values)


def to_tuple(values: Any = ()) -> tuple[Any, ...]:
    return tuple(items_of(values))


def to_dict(pairs: Any = (), **named: Any) -> dict[str, Any]:
    if type(pairs) is dict:
        return {**pairs, **named}
    found: dict[str, Any] = {}
    for pair in items_of(pairs):
        if type(pair) not in LISTS or len(pair) != 2 or type(pair[0]) is not str:
            raise WrongType("a dict is made of pairs of a string and a value")
        found[pair[0]] = pair[1]
    return found | named


def reversed_items(values: Any) -> list[Any]:
    return items_of(values)[::-1]


# ---- of a sequence one value --------------------------------------------------------------------


def plain(arguments: tuple[Any, ...], named: dict[str, Any]) -> list[Any] | None:
    """The numbers of the one sequence that was given, if it holds nothing else."""
    if len(arguments) != 1 or named or type(arguments[0]) not in LISTS | {range}:
        return None
    values = arguments[0]
    if type(values) is range:
        return items_of(values)
    if not values or any(type(x) not in NUMBERS or type(x) is complex for x in values):
        return None
    return items_of(values)


def total(*arguments: Any, **named: Any) -> Any:
    """Of numbers the sum; of a list of tensors their sum; else what the operation gives."""
    numbers = plain(arguments, named)
    if numbers is not None:
        return folded("+", 0, numbers)
    if len(arguments) == 1 and type(arguments[0]) in LISTS and not named:
        values = arguments[0]
        if any(type(x) is Tensor and (x.ndim or active.dialect) for x in values):
            return folded("+", 0, items_of(values))
    return OPERATIONS["sum"](*arguments, **named)


def folded(symbol: str, first: Any, values: list[Any]) -> Any:
    result = first
    for value in values:
        result = binary(symbol, result, value)
    return result


def extreme(name: str, best: Callable[[Any], Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        numbers = plain(arguments, named)
        return best(numbers) if numbers else OPERATIONS[name](*arguments, **named)

    return call


def quantified(name: str, every: Callable[[Any], bool]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        if len(arguments) == 1 and not named and type(arguments[0]) in SEQUENCES:
            return every([truth(item) for item in items_of(arguments[0])])
        return OPERATIONS[name](*arguments, **named)

    return call


def divided(a: Any, b: Any) -> tuple[Any, Any]:
    if type(a) in NUMBERS and type(b) in NUMBERS:
        return BINARY["//"](a, b), BINARY["%"](a, b)
    return binary("//", a, b), binary("%", a, b)


# ---- types --------------------------------------------------------------------------------------

# What the name of a type stands for in isinstance.
MEMBERS: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "complex": (complex,),
    "dict": (dict,),
    "float": (float,),
    "int": (int, bool),
    "list": (list,),
    "range": (range,),
    "str": (str,),
    "tensor": (Tensor,),
    "tuple": (tuple, Size),
}


def is_instance(value: Any, kinds: Any) -> bool:
    found = False
    for kind in kinds if type(kinds) is tuple else (kinds,):
        if type(kind) is Class:
            found |= type(value) in CLASS_OF and CLASS_OF[type(value)](value).within(kind)
        elif type(kind) is ErrorType:
            found |= type(value) is ErrorValue and value.name == kind.name
        elif type(kind) is Builtin and kind.name in MEMBERS:
            found |= type(value) in MEMBERS[kind.name]
        else:
            name = kind.name if type(kind) is Builtin else ""
            raise WrongType(
                "isinstance takes a type or a tuple of types",
                hint=partial(did_you_mean, name, MEMBERS, f"the types are {', '.join(MEMBERS)}"),
            )
    return found


# ---- those that call others ---------------------------------------------------------------------


def mapped(function: Any, *sequences: Any) -> NativeSteps:
    found = []
    for arguments in zipped(*sequences):
        found.append((yield (function, arguments, {})))
    return found


def filtered(function: Any, values: Any) -> NativeSteps:
    found = []
    for value in items_of(values):
        if truth(value if function is None else (yield (function, (value,), {}))):
            found.append(value)
    return found


def in_order(values: Any, *, key: Any = None, reverse: Any = False) -> NativeSteps:
    items = items_of(values)
    keys = items
    if key is not None:
        keys = []
        for item in items:
            keys.append((yield (key, (item,), {})))
    return [items[k] for k in order(keys, reverse=truth(reverse))]


def order(keys: list[Any], *, reverse: bool) -> list[int]:
    """The places of the keys in order; equal ones stay as they are."""
    plain_keys = [sort_key(key, 8) for key in keys]
    meter = current()
    if meter is not None:
        size = sum(len(key) if type(key) in (str, tuple) else 1 for key in plain_keys)
        meter.charge((len(keys) + size / 16) * len(keys).bit_length())
    try:
        return sorted(range(len(keys)), key=plain_keys.__getitem__, reverse=reverse)
    except TypeError:
        raise WrongType("these values have no order: numbers and strings are mixed") from None


def sort_key(value: Any, depth: int) -> Any:
    """What Python may compare: real numbers, strings, and tuples of them."""
    if type(value) is Tensor and value.size == 1:
        value = value.item()
    if type(value) in LISTS and depth:
        return tuple(sort_key(item, depth - 1) for item in items_of(value))
    if (type(value) in NUMBERS and type(value) is not complex) or type(value) is str:
        return value
    raise WrongType(f"{described(value)} has no place in an order")


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "all": quantified("all", all),
    "any": quantified("any", any),
    "dict": to_dict,
    "divmod": divided,
    "enumerate": enumerated,
    "isinstance": is_instance,
    "list": to_list,
    "max": extreme("max", max),
    "min": extreme("min", min),
    "range": make_range,
    "reversed": reversed_items,
    "sum": total,
    "tuple": to_tuple,
    "zip": zipped,
}
STEPS: dict[str, Callable[..., NativeSteps]] = {
    "filter": filtered,
    "map": mapped,
    "sorted": in_order,
}
