"""The names that a text reads and does not define: what needs a value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gradcli.lang.compiler import Code, Place
from gradcli.lang.session import STORES, Session
from gradcli.lang.values import Builtin
from gradcli.lang.vm import control, instructions

# The instructions that give a variable its value.
BINDING = (*STORES, control.handle)


class Missing(NamedTuple):
    """A name that a text reads without defining it: whether it is called, and assigned later on."""

    name: str
    place: Place
    called: bool
    assigned: bool = False


def missing(session: Session, codes: Sequence[Code]) -> list[Missing]:
    """The names that these statements read and neither they nor the session define."""
    known = session.variables, session.machine.builtins
    return [
        item
        for item in names_read(codes)
        if not item.assigned and not any(item.name in names for names in known)
    ]


def symbols(session: Session, codes: Sequence[Code]) -> list[Missing]:
    """The same, where a variable needs no value: then a single letter is one unless it is called,
    though t is a function, too."""
    builtins = session.machine.builtins
    letters = {n for n, value in builtins.items() if len(n) == 1 and type(value) is Builtin}
    known = {*builtins, *session.variables}
    return [
        item
        for item in names_read(codes)
        if not item.assigned
        and (item.name not in known or (item.name in letters and not item.called))
    ]


def names_read(codes: Sequence[Code]) -> list[Missing]:
    """The names that these statements read before they assign them, in the order of the text.

    Functions may read what is assigned after them, and `ans` is the result of a statement before.
    """
    assigned = {"ans"} if len(codes) > 1 else set()
    first: set[str] = set()
    loads: dict[str, Place] = {}
    called: set[Place] = set()
    pending = [*reversed(codes)]
    while pending:
        code = pending.pop()
        statement = any(code is each for each in codes)
        for handler, argument, place in code.instructions:
            if handler is instructions.load:
                loads.setdefault(argument, place)
                if statement and argument not in assigned:
                    first.add(argument)
            elif handler in BINDING and statement:
                assigned.add(argument)
            elif handler is instructions.make_function:
                pending.insert(0, argument[0])
            elif handler is instructions.call:
                called.add(argument.places[0])
    found = [
        Missing(name, place, place in called, name in assigned)
        for name, place in loads.items()
        if name not in assigned or name in first
    ]
    return sorted(found, key=lambda item: item.place.span.start)
