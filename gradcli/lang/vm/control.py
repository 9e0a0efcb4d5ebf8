"""The instructions of loops, blocks, errors and imports."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli.engine.graph import here
from gradcli.engine.tensor import Tensor
from gradcli.errors import (
    AssertionFailed,
    GradcliError,
    Raised,
    UnknownModule,
    UnknownName,
    WrongIndex,
    WrongKey,
    WrongType,
    WrongValue,
    described,
)
from gradcli.lang import text
from gradcli.lang.arrays import alike
from gradcli.lang.exceptions import kind_of, kinds_of, raised
from gradcli.lang.nearest import did_you_mean, missing
from gradcli.lang.sequences import SEQUENCES
from gradcli.lang.types.plain import bounds
from gradcli.lang.values import ABSENT, ITEMS, Context, ErrorType, ErrorValue, Module
from gradcli.lang.vm import blocks
from gradcli.lang.vm.instructions import SWITCH, taken

if TYPE_CHECKING:
    from gradcli.lang.vm.machine import Machine

# ---- loops --------------------------------------------------------------------------------------


def iterate(machine: Machine, _: None) -> None:
    """An iterator of a value, which only the stack ever holds."""
    machine.stack.append(iterator(machine.stack.pop()))


def iterator(value: Any) -> Iterator[Any]:
    kind = type(value)
    if kind in ITEMS:
        return iter(ITEMS[kind](value))
    if kind in SEQUENCES:
        return iter(tuple(value)) if kind is dict else iter(value)
    if kind is Tensor and value.ndim:
        return (alike(value[row], value) for row in range(value.shape[0]))
    raise WrongType(f"{described(value)} is no sequence", hint=no_sequence(value))


def no_sequence(value: Any) -> str | None:
    if type(value) is int:
        return f"range({value}) counts from 0 to {value - 1}" if value > 0 else None
    return "a tensor of rank 0 has no rows" if type(value) is Tensor else None


def take_next(machine: Machine, end: int) -> int | None:
    value = next(machine.stack[-1], ABSENT)
    if value is ABSENT:
        machine.stack.pop()
        return end
    machine.stack.append(value)
    return None


def turn(machine: Machine, argument: tuple[str, int]) -> int | None:
    """The next value, put under a name; where its body begins, or on at the end of the loop."""
    value = next(machine.stack[-1], ABSENT)
    if value is ABSENT:
        machine.stack.pop()
        return None
    name, body = argument
    machine.frame.names[name] = value
    return body


def comprehend(machine: Machine, _: None) -> int:
    """Call a comprehension's function with its first iterable."""
    iterable = machine.stack.pop()
    machine.call(machine.stack.pop(), (iterable,), {})
    return SWITCH


def append(machine: Machine, loops: int) -> None:
    """Add an item to the list under so many iterators."""
    value = machine.stack.pop()
    items = machine.stack[-loops - 1]
    items.append(value)
    if len(items) > machine.limits.list:
        machine.meter.check_length(items)


def add_item(machine: Machine, loops: int) -> None:
    key, value = taken(machine, 2)
    if type(key) is not str:
        raise WrongType("the keys of a dict are strings", hint="str(k); a list takes integers")
    table = machine.stack[-loops - 1]
    table[key] = value
    machine.meter.check_length(table)


# ---- what is taken back -------------------------------------------------------------------------


def commit(machine: Machine, _: None) -> None:
    """A simple statement has ended: an error later on leaves it done."""
    frame = machine.frame
    if frame.back is None:
        machine.meter.journal.commit()
    else:
        frame.saved = machine.meter.journal.mark()


def delete(machine: Machine, name: str) -> None:
    names = machine.frame.names
    if name not in names:
        raise UnknownName(f"unknown name '{name}'", hint=partial(did_you_mean, name, [*names]))
    machine.meter.journal.item(names, name)
    del names[name]


def delete_item(machine: Machine, _: None) -> None:
    value, key = taken(machine, 2)
    if type(value) is dict:
        if key not in value:
            raise WrongKey(f"there is no key {text.show(key)}"[:200])
        machine.meter.keep(value)
        del value[key]
    elif type(value) is list and type(key) is int:
        if not -len(value) <= key < len(value):
            raise WrongIndex(f"index {key} is outside {len(value)} items")
        machine.meter.keep(value)
        del value[key]
    elif type(value) is list and type(key) is slice:
        bounds(key)
        machine.meter.keep(value)
        del value[key]
    else:
        raise WrongType(f"items of {described(value)} cannot be deleted like this")


# ---- with ---------------------------------------------------------------------------------------


def enter_context(machine: Machine, _: None) -> None:
    context = machine.stack[-1]
    if type(context) is not Context:
        raise WrongType(
            f"'with' enters a context, not {described(context)}", hint="as in with no_grad():"
        )
    context.manager.__enter__()
    machine.frame.guard(blocks.With(context, len(machine.stack) - 1))


def leave(machine: Machine, _: None) -> None:
    """The end of a block that nothing interrupted."""
    frame = machine.frame
    blocks.leave_guard(frame, frame.guards.pop())


def leave_to(machine: Machine, way: tuple[int, int]) -> int:
    blocks.proceed(machine, blocks.Leave(*way))
    return SWITCH


def return_through(machine: Machine, _: None) -> int:
    blocks.proceed(machine, blocks.Return(machine.stack.pop()))
    return SWITCH


# ---- errors -------------------------------------------------------------------------------------


def guard_except(machine: Machine, at: int) -> None:
    protect(machine, blocks.Except(at, len(machine.stack)))


def guard_finally(machine: Machine, at: int) -> None:
    protect(machine, blocks.Finally(at, len(machine.stack)))


def protect(machine: Machine, guard: blocks.Guard) -> None:
    commit(machine, None)
    machine.frame.guard(guard)


def end_finally(machine: Machine, _: None) -> int | None:
    way = machine.stack.pop()
    if way is None:
        return None
    if isinstance(way, GradcliError):
        raise way
    blocks.proceed(machine, way)
    return SWITCH


def match_error(machine: Machine, other: int) -> int | None:
    """Go on at another handler if the error is of none of these kinds."""
    kinds = machine.stack.pop()
    for kind in kinds if type(kinds) is tuple else (kinds,):
        if type(kind) is not ErrorType:
            raise WrongType(f"'except' takes kinds of errors, not {described(kind)}")
        if kind.name in kinds_of(machine.stack[-1]):
            return None
    return other


def handle(machine: Machine, name: str) -> None:
    """Begin an `except` block."""
    error = machine.stack.pop()
    frame = machine.frame
    frame.guard(blocks.Handling(error, name, len(machine.stack)))
    if name:
        arguments = error.arguments if type(error) is Raised else (error.message,)
        frame.names[name] = ErrorValue(kind_of(error), arguments, error)


def throw_on(machine: Machine, _: None) -> None:
    """No handler took the error."""
    raise machine.stack.pop()


def throw_again(machine: Machine, _: None) -> None:
    for guard in reversed(machine.frame.guards or ()):
        if type(guard) is blocks.Handling:
            raise guard.error
    raise WrongValue(
        "there is no error to raise again", hint="'raise' alone stands in an 'except' block"
    )


def throw(machine: Machine, _: None) -> None:
    value = machine.stack.pop()
    if type(value) is ErrorType:
        value = ErrorValue(value.name, ())
    if type(value) is not ErrorValue:
        raise WrongType(
            f"'raise' takes an exception, not {described(value)}",
            hint='as in raise ValueError("what is wrong")',
        )
    raise value.caught or raised(value)


def fail(machine: Machine, has_message: bool) -> None:
    """An assertion does not hold."""
    if has_message:
        raise AssertionFailed(text.printed(machine.stack.pop()))
    raise AssertionFailed(f"'{text.brief(here.state.span)}' does not hold")


# ---- imports ------------------------------------------------------------------------------------


def check_module(machine: Machine, name: str) -> None:
    module(machine, name)


def import_module(machine: Machine, name: str) -> None:
    machine.stack.append(module(machine, name))


def import_name(machine: Machine, argument: tuple[str, str]) -> None:
    path, name = argument
    found = module(machine, path)
    if name not in found.names:
        lacks, near = missing(found.name, name, found.names)
        raise UnknownModule(lacks or f"the module '{path}' has no '{name}'", hint=near)
    machine.stack.append(found.names[name])


def no_module(machine: Machine, path: str) -> str:
    from gradcli.lang.frameworks import lacking  # noqa: PLC0415  # only errors ask

    known = f"the modules are built in: {', '.join(sorted(machine.modules))}"
    return lacking.instead(path) or known


def module(machine: Machine, path: str) -> Module:
    root, *rest = path.split(".")
    found = machine.module(root)
    for name in rest:
        inner = found.names.get(name) if found else None
        found = inner if type(inner) is Module else None
    if found is None:
        raise UnknownModule(f"there is no module '{path}' here", hint=no_module(machine, path))
    return found
