"""The instructions of collections: making them, taking them apart, reading and writing items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.arrays import alike
from gradcli.lang.sequences import SEQUENCES, items_of, size_of
from gradcli.lang.tensors import as_index, as_integer, as_tensor
from gradcli.lang.types import TYPES
from gradcli.lang.types.plain import bounds, item_of_dict, item_of_sequence, place_in
from gradcli.lang.values import ITEMS, TUPLES
from gradcli.lang.vm.instructions import taken

if TYPE_CHECKING:
    from gradcli.lang.vm.machine import Machine

# ---- taking apart -------------------------------------------------------------------------------


def unpack(machine: Machine, count: int) -> None:
    values = parts(machine.stack.pop(), count)
    if len(values) != count:
        raise WrongValue(f"{len(values)} values do not fit {count} names")
    machine.stack.extend(reversed(values))


def unpack_starred(machine: Machine, argument: tuple[int, int]) -> None:
    """`a, *b, c = …`: so many names before the starred one and after."""
    before, after = argument
    values = parts(machine.stack.pop(), before + after)
    if len(values) < before + after:
        raise WrongValue(f"{len(values)} values do not fit {before + after} names and a star")
    end = len(values) - after
    machine.stack.extend(reversed(values[end:]))
    machine.stack.append(machine.made(values[before:end]))
    machine.stack.extend(reversed(values[:before]))


def parts(value: Any, count: int) -> list[Any]:
    """The values of a sequence; of a tensor of another length only how many there are."""
    kind = type(value)
    if kind not in SEQUENCES and kind not in ITEMS and not (kind is Tensor and value.ndim):
        raise WrongType(f"{described(value)} is not a sequence of {count} values")
    length = size_of(value)
    return [None] * length if kind is Tensor and length != count else items_of(value)


# ---- making -------------------------------------------------------------------------------------


def make_tuple(machine: Machine, count: int) -> None:
    machine.stack.append(tuple(taken(machine, count)))


def make_list(machine: Machine, count: int) -> None:
    machine.stack.append(taken(machine, count))


def to_tuple(machine: Machine, _: None) -> None:
    machine.stack.append(tuple(machine.stack.pop()))


def gather(machine: Machine, stars: tuple[bool, ...]) -> None:
    """A list of values, and of the items of those that are starred."""
    found: list[Any] = []
    for value, star in zip(taken(machine, len(stars)), stars, strict=True):
        if star:
            found += items_of(value)
            machine.meter.check_items(len(found), "list")
        else:
            found.append(value)
    machine.stack.append(machine.made(found))


def merge(machine: Machine, _: None) -> None:
    """Add the items of `**options` to the names of a call."""
    options = machine.stack.pop()
    named = machine.stack[-1]
    if type(options) is not dict:
        raise WrongType(f"** is for a dict, not for {described(options)}")
    for name in options:
        if name in named:
            raise WrongType(f"the argument '{name}' is given twice")
    named.update(options)


def make_dict(machine: Machine, count: int) -> None:
    values = taken(machine, 2 * count)
    keys = values[::2]
    if any(type(key) is not str for key in keys):
        raise WrongType("the keys of a dict are strings", hint="str(k); a list takes integers")
    machine.stack.append(dict(zip(keys, values[1::2], strict=True)))


def unite(machine: Machine, _: None) -> None:
    """Add the items of a dict to the one below it on the stack, which is new."""
    more = machine.stack.pop()
    if type(more) is not dict:
        raise WrongType(f"** is for a dict, not for {described(more)}")
    machine.stack[-1].update(more)
    machine.made(machine.stack[-1])


def make_slice(machine: Machine, _: None) -> None:
    start, stop, step = taken(machine, 3)
    machine.stack.append(slice(start, stop, step))


# ---- items --------------------------------------------------------------------------------------


def load_item(machine: Machine, _: None) -> None:
    value, index = taken(machine, 2)
    kind = type(value)
    if kind is Tensor:
        machine.stack.append(alike(value[index_parts(index)], value))
    elif kind in SEQUENCES and kind is not dict:
        item = item_of_sequence(value, index)
        machine.stack.append(machine.made(item) if type(index) is slice else item)
    elif kind in ITEMS:
        item = TYPES[kind].item
        found = item_of_sequence(ITEMS[kind](value), index) if item is None else item(value, index)
        machine.stack.append(found)
    elif kind is dict:
        machine.stack.append(item_of_dict(value, index))
    else:
        raise WrongType(f"{described(value)} cannot be indexed")


def index_parts(index: Any) -> Any:
    """An index with its lists as tensors, which are measured before they are made."""
    if type(index) in TUPLES:
        return tuple(index_part(part) for part in index)
    return index_part(index)


def index_part(part: Any) -> Any:
    if type(part) is list:
        return as_index(part)
    if type(part) is slice:
        ends = [part.start, part.stop, part.step]
        for k, end in enumerate(ends):
            if end is None or type(end) is int:
                continue
            number = as_integer(end) if type(end) is Tensor else None
            if number is None:
                raise WrongType(f"the ends of a slice are integers, not {described(end)}")
            ends[k] = number
        return slice(*ends)
    if part is not None and type(part) not in (int, bool, Tensor, type(Ellipsis)):
        raise WrongType(f"an index is an integer, a slice or a mask, not {described(part)}")
    return part


def replace_items(machine: Machine, values: list[Any], place: slice, new: list[Any]) -> None:
    machine.meter.check_items(len(values) + len(new), "list")
    machine.meter.keep(values)
    try:
        values[place] = new
    except ValueError:
        size = len(values[place])
        raise WrongValue(f"{len(new)} values for {size} places that are apart") from None


def store_item(machine: Machine, _: None) -> None:
    new, value, index = taken(machine, 3)
    kind = type(value)
    if kind is Tensor:
        value[index_parts(index)] = as_tensor(new, value.dtype) if type(new) is list else new
    elif kind is dict and type(index) is str:
        machine.meter.journal.item(value, index)
        value[index] = new
        machine.meter.check_length(value)
    elif kind is list and type(index) is slice:
        replace_items(machine, value, bounds(index), items_of(new))
    elif kind is list:
        place = place_in(value, index)
        machine.meter.journal.item(value, place)
        value[place] = new
    elif (put := TYPES[kind].put_item) is not None:
        put(value, index, new)
    else:
        raise WrongType(f"items of {described(value)} cannot be assigned like this")
