"""Functions that only calculate: what one reads besides its arguments, if it does nothing else.

What is not known here to do nothing else, does: a call of anything that the lists below lack, an
assignment outside, a context, a text, an error that is handled. A branch by a number that is
calculated is not seen here: whoever records the function meets it (see `Tape.refuse`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcli.engine.functions.registry import FUNCTION_HOMES
from gradcli.engine.ops.table import ROW_OF
from gradcli.engine.tensor import Tensor
from gradcli.lang.names import CONSTANTS
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.values import ABSENT, Builtin, DType, Function
from gradcli.lang.vm import control, items
from gradcli.lang.vm import instructions as do

if TYPE_CHECKING:
    from gradcli.lang.compiler import Code

# Instructions that change nothing but the frame of the function.
INNER: frozenset[Any] = frozenset(
    {
        *(do.push, do.drop, do.drop_under, do.copy, do.keep_right, do.load_local, do.store, do.put),
        *(do.unary, do.binary, do.augment, do.compare, do.jump, do.jump_if_false),
        *(do.jump_if_true, do.jump_if_false_or_drop, do.branch_if_true, do.branch_if_false),
        *(do.call, do.give_back, items.unpack, items.make_tuple, items.make_list, items.make_slice),
        *(items.load_item, control.iterate, control.take_next, control.turn, control.comprehend),
        *(control.append, control.commit, do.prime),
    }
)
# Functions and methods that only calculate, beside the table's rows.
CALCULATING = "arange cross detach dot enumerate eye float full inner int kron len linspace list"
CALCULATING += (
    " max min ones outer range reversed round stop_gradient sum tensor tuple vdot zeros zip"
)
CALCULATING += " grad hessian jacobian value_and_grad"
ATTRIBUTES = ("T", "mT", "imag", "ndim", "real", "shape", "size")
# Modules whose functions look at no number before they calculate.
BLIND = frozenset({"arranging", "choosing", "matrix_norms", "reciprocals", "vector_norms"})
KNOWN = frozenset(CALCULATING.split())

# Of what a function reads, and of a list of constants; of the lists in a list.
MOST, DEEPEST = 100, 2
# Instructions of a function and of all that it calls: to look at them is not charged.
LONGEST = 5000


class Frozen(NamedTuple):
    """A list or tuple of constants, as it was."""

    kind: type
    items: tuple[Any, ...]


class Callee(NamedTuple):
    """A function as it was: its body, and the constants that its parameters have unless told; or
    `whats` of it, a derivative."""

    code: Code
    defaults: Frozen
    whats: tuple[Any, ...]

    @classmethod
    def of(cls, value: Any) -> Callee:
        function, whats = derived_from(value)
        return cls(function.code, frozen(tuple(function.defaults.values())), whats)

    def is_still(self, value: Any) -> bool:
        function, whats = derived_from(value)
        if type(function) is not Function or function.code is not self.code or whats != self.whats:
            return False
        defaults = function.defaults
        return not defaults or unchanged(self.defaults, tuple(defaults.values()))


def derived_from(value: Any) -> tuple[Any, tuple[Any, ...]]:
    """The function that a value is derivatives of, or itself, and which: the last one first."""
    whats = []
    while type(value) is Builtin and value.derived is not None:
        whats.append(value.derived.what)
        value = value.derived.function
    return value, tuple(whats)


class Reading(NamedTuple):
    """A name that a function, or one that it calls, finds outside of itself.

    owner  which function read it: 0 is the function itself, others follow in the order of reading
    hops   to the scope where it is found, from that of the owner; None of a name of the script
    value  a constant as it was, or a Callee; BUILTIN of what the language names so, TENSOR of a
           tensor, which may be another one the next time
    """

    owner: int
    hops: int | None
    name: str
    value: Any


class Kind:
    """What stands in a Reading for a value that may change, or for none."""


BUILTIN, TENSOR = Kind(), Kind()


class Impure(Exception):
    """The function does, or may do, something else."""


class Purity(NamedTuple):
    """A function that only calculates, and what it reads, in the order in which that is found."""

    function: Callee
    readings: list[Reading]

    def tensors(self, function: Function, variables: dict[str, Any]) -> list[Tensor] | None:
        """The tensors that it reads now; None if anything else of it, or that it reads, is other
        than it was."""
        if self.function.is_still(function):
            return read_again(self.readings, function, variables)
        return None


def purity_of(function: Function, variables: dict[str, Any]) -> Purity | None:
    """None of a function that does, or may do, anything but calculate."""
    readings: dict[Any, Reading] = {}
    functions, length = [function], 0
    try:
        itself = Callee.of(function)
        for owner, each in enumerate(functions):  # which grows
            length += length_of(each.code)
            if length > LONGEST:
                return None
            for hops, name in outer_names(each.code, 0):
                key = (0 if hops is None else owner, hops, name)
                if key in readings:
                    continue
                if len(readings) == MOST:
                    return None
                value = found(each, hops, name, variables)
                function, _ = derived_from(value)
                if type(function) is Function:
                    functions.append(function)
                readings[key] = Reading(*key, expected(value, name))
    except Impure:
        return None
    return Purity(itself, [*readings.values()])


def length_of(code: Code) -> int:
    """How many instructions it has, those of functions within it too."""
    length, pending = 0, [code]
    while pending and length <= LONGEST:
        instructions = pending.pop().instructions
        length += len(instructions)
        if length <= LONGEST:
            pending += [a[0] for handler, a, _ in instructions if handler is do.make_function]
    return length


def outer_names(code: Code, level: int) -> Iterator[tuple[int | None, str]]:
    """The names that a function reads outside of itself, which its body, within so many others,
    lies in."""
    for handler, argument, _ in code.instructions:
        if handler is do.load:
            yield None, argument
        elif handler is do.load_outer:
            hops, name = argument
            if hops > level:
                yield hops - level, name
        elif handler is do.make_function:
            yield from outer_names(argument[0], level + 1)
        elif handler is do.load_attribute:
            if argument not in ATTRIBUTES and not calculates(argument):
                raise Impure
        elif handler not in INNER:
            raise Impure


def calculates(name: str) -> bool:
    home = FUNCTION_HOMES.get(name)
    return name in KNOWN or (name in ROW_OF if home is None else home in BLIND)


def found(function: Function, hops: int | None, name: str, variables: dict[str, Any]) -> Any:
    """The value of a name; ABSENT if the script has none."""
    if hops is None:
        return variables.get(name, ABSENT)
    scope = function.scope
    for _ in range(hops - 1):
        assert scope.outer is not None
        scope = scope.outer
    return scope.names.get(name, ABSENT)


def expected(value: Any, name: str) -> Any:
    """What stands for a value in a Reading."""
    if value is ABSENT:
        if name not in CONSTANTS and not calculates(name):
            raise Impure
        return BUILTIN
    if type(derived_from(value)[0]) is Function:
        return Callee.of(value)
    return TENSOR if type(value) is Tensor else frozen(value)


def frozen(value: Any, depth: int = DEEPEST) -> Any:
    """A constant, which lists of constants become."""
    if value is None or value is Ellipsis or type(value) in NUMBERS or type(value) in (str, DType):
        return value
    if type(value) in (list, tuple) and len(value) <= MOST and depth:
        return Frozen(type(value), tuple([frozen(item, depth - 1) for item in value]))
    raise Impure


def unchanged(before: Any, value: Any) -> bool:
    """Is a value the constant that it was, down to the sign of zero?"""
    if value is before:
        return True
    if type(before) is Frozen:
        kind: Any = type(value)
        return (
            kind is before.kind
            and len(value) == len(before.items)
            and all(map(unchanged, before.items, value))
        )
    return type(value) is type(before) and type(value) in NUMBERS and repr(value) == repr(before)


def read_again(
    readings: list[Reading], function: Function, variables: dict[str, Any]
) -> list[Tensor] | None:
    """The tensors that a function reads now; None if anything else that it reads has changed."""
    functions = [function]
    tensors = []
    for owner, hops, name, before in readings:
        value = found(functions[owner], hops, name, variables)
        if before is BUILTIN:
            if value is not ABSENT:
                return None
        elif type(before) is Callee:
            if not before.is_still(value):
                return None
            functions.append(derived_from(value)[0])
        elif before is TENSOR:
            if type(value) is not Tensor:
                return None
            tensors.append(value)
        elif not unchanged(before, value):
            return None
    return tensors
