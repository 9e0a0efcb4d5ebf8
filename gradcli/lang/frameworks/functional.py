"""`functools`: functions of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.lang.calculus import function_of
from gradcli.lang.sequences import items_of
from gradcli.lang.values import Builtin, NativeSteps

if TYPE_CHECKING:
    from gradcli.lang.session import Session


def partial(function: Any, *first: Any, **given: Any) -> Builtin:
    """A function with its first arguments, and some by name, filled in."""
    target = function_of("partial", function)

    def steps(*rest: Any, **named: Any) -> NativeSteps:
        return (yield (target, (*first, *rest), {**given, **named}))

    return Builtin(target.name, steps, steps=True)


def reduce(function: Any, values: Any, *initial: Any) -> NativeSteps:
    """f(f(f(a, b), c), d) of a sequence."""
    items = [*initial[:1], *items_of(values)]
    result = items[0] if items else None
    for item in items[1:]:
        result = yield (function, (result, item), {})
    return result


def names(_session: Session) -> dict[str, Any]:
    return {
        "partial": Builtin("functools.partial", partial),
        "reduce": Builtin("functools.reduce", reduce, steps=True),
    }
