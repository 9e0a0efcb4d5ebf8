"""The arguments of a call as operands and static parameters of a row, or the error they are."""

from __future__ import annotations

from typing import Any

from gradcli.engine.operands import ONE, as_operand, constant
from gradcli.engine.ops.table import BINARY, Op
from gradcli.engine.promotion import check_broadcast
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError, WrongType, WrongValue, misfit

# What numpy and Python raise for operands and parameters that an operation cannot take.
REFUSALS = (TypeError, ValueError, OverflowError, IndexError)


def prepared(op: Op, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with what can be an operand made one: the first, or in a variadic call all."""
    if not op.variadic:
        return (as_operand(arguments[0]), *arguments[1:]) if arguments else ()
    if not arguments or isinstance(arguments[0], str):
        return tuple(x if isinstance(x, str) else as_operand(x) for x in arguments)
    first = arguments[0]
    parts = first if isinstance(first, list | tuple) else as_operand(first)
    if type(parts) is list and {*map(type, parts)} == {Tensor}:
        return arguments
    return ([as_operand(x) for x in parts], *arguments[1:])


def bound(
    op: Op, arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Tensor, ...], tuple[Any, ...]]:
    """A call's operands, as Tensors, and its static parameters, normalised."""
    operands, static = arguments, ()
    if op.bind is not None:
        if not arguments and (first := op.bind.__code__.co_varnames[0]) in named:
            arguments, named = (named[first],), {k: v for k, v in named.items() if k != first}
        plain = not op.variadic and arguments and type(arguments[0]) is Tensor
        ready = arguments if plain else prepared(op, arguments)
        try:
            operands, static = op.bind(*ready, **named)
        except REFUSALS as reason:
            raise unbound(op, reason) from None
    elif named:
        raise WrongType(f"{op.name} takes no keyword '{next(iter(named))}'")
    if not op.variadic and len(operands) != len(op.rules):
        raise WrongType(f"{op.name} takes {len(op.rules)} operands, not {len(operands)}")
    if {*map(type, operands)} == {Tensor}:
        return operands, static
    like = next((x.value for x in operands if type(x) is Tensor), ONE)
    return tuple(x if type(x) is Tensor else Tensor(constant(x, like)) for x in operands), static


def unbound(op: Op, reason: Exception) -> Exception:
    """The error for arguments that a row does not take."""
    if isinstance(reason, GradcliError):
        return reason
    return misfit(op.name, str(reason).partition("() ")[2])


def refused(op: Op, operands: tuple[Any, ...], reason: Exception) -> GradcliError:
    """The error for operands that numpy would not have."""
    if isinstance(reason, GradcliError):
        return reason
    if op.form == BINARY:
        check_broadcast(*[x.shape for x in operands])
    kinds = " and ".join(str(getattr(x, "dtype", type(x).__name__)) for x in operands)
    if isinstance(reason, TypeError):
        return WrongType(f"{op.infix or op.name} is not defined for {kinds}")
    return WrongValue(f"{op.name} of {kinds}: {reason}")
