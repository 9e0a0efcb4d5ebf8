"""Gradients by the positions of arguments and by named parameters, as MindSpore has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.jacobians import gradients_of
from gradcli.engine.tensor import Tensor
from gradcli.engine.transforms import Function, recorded, result_of, settled
from gradcli.errors import WrongType, WrongValue


@runtime_checkable
class Parameter(Protocol):
    """A tensor that has a name: `net.w`."""

    @property
    def name(self) -> str: ...

    @property
    def tensor(self) -> Tensor: ...


class Wanted(NamedTuple):
    """What gradients are by, and in which form they are returned (see `wanted`).

    positions  of arguments
    weights    parameters; None if they were not asked for
    one        the weights were given as one parameter, not as a list
    """

    positions: tuple[int, ...]
    weights: tuple[Parameter, ...] | None
    one: bool
    has_aux: bool
    ids: bool

    def found(self, value: Any, arguments: Sequence[Tensor]) -> tuple[Any, Any]:
        """The results of a function and the gradients, once it was recorded from `arguments`."""
        if self.has_aux and (not isinstance(value, tuple) or len(value) < 2):
            raise WrongValue("has_aux=True needs a function with more than one result")
        outputs = value if isinstance(value, tuple) else (value,)
        leaves = [*arguments, *(w.tensor for w in self.weights or ())]
        gradients = gradients_of(total(outputs[:1] if self.has_aux else outputs), leaves)
        return settled(value, leaves), self.arranged(gradients)

    def arranged(self, gradients: Sequence[Tensor]) -> Any:
        """One tensor or a tuple, each with its id if asked for; of both kinds a pair."""
        count = len(self.positions)
        by_position = self.labelled(self.positions, gradients[:count])
        if self.weights is None:
            return by_position[0] if count == 1 else by_position
        by_weight = self.labelled([w.name for w in self.weights], gradients[count:])
        weights = by_weight[0] if self.one else by_weight
        if not count:
            return weights
        return (by_position[0] if count == 1 else by_position, weights)

    def labelled(self, ids: Sequence[int | str], gradients: Sequence[Tensor]) -> tuple[Any, ...]:
        return tuple(zip(ids, gradients, strict=True)) if self.ids else tuple(gradients)


def total(outputs: Sequence[Any]) -> Tensor:
    """The sum of all elements of all outputs: what seeds of ones differentiate."""
    sums = [FUNCTIONS["sum"](result_of(y, "value_and_grad")) for y in outputs]
    return sum(sums[1:], start=sums[0])


def wanted(grad_position: Any, weights: Any, has_aux: Any, return_ids: Any) -> Wanted:
    """The arguments of value_and_grad, checked."""
    if grad_position is None and weights is None:
        raise WrongValue(
            "grad_position and weights are both None: there is nothing to differentiate by"
        )
    positions: tuple[Any, ...] = ()
    if grad_position is not None:
        many = isinstance(grad_position, tuple | list)
        positions = tuple(grad_position) if many else (grad_position,)
        if any(type(position) is not int for position in positions):
            raise WrongType("grad_position is an integer or a tuple of integers")
        if not positions or min(positions) < 0 or len(set(positions)) < len(positions):
            raise WrongValue("grad_position names arguments from 0 on, each once")
    parameters = None
    if weights is not None:
        parameters = tuple(weights) if isinstance(weights, tuple | list) else (weights,)
        if not all(isinstance(weight, Parameter) for weight in parameters):
            raise WrongType("weights are parameters, one or a list of them")
    for name, flag in (("has_aux", has_aux), ("return_ids", return_ids)):
        if type(flag) is not bool:
            raise WrongType(f"{name} is True or False")
    one = parameters is not None and not isinstance(weights, tuple | list)
    return Wanted(positions, parameters, one, has_aux, return_ids)


def value_and_grad(
    fn: Function,
    grad_position: int | Sequence[int] | None = 0,
    weights: Parameter | Sequence[Parameter] | None = None,
    has_aux: bool = False,
    return_ids: bool = False,
) -> Callable[..., tuple[Any, Any]]:
    """A function that returns what `fn` does, and the gradient of the sum of all its results.

    grad_position  of the arguments to differentiate by: one tensor for one, else a tuple in the
                   order asked for; None for none
    weights        parameters that `fn` reads: one tensor for one, a tuple for a list. With both
                   the gradient is a pair of these two
    has_aux        only the first result is differentiated
    return_ids     each gradient comes as (position or name, gradient), for `get_grad`
    """
    plan = wanted(grad_position, weights, has_aux, return_ids)

    def differentiated(*arguments: Any, **named: Any) -> tuple[Any, Any]:
        value, leaves = recorded(fn, plan.positions, arguments, named)
        return plan.found(value, leaves)

    return differentiated


def grad(
    fn: Function,
    grad_position: int | Sequence[int] | None = 0,
    weights: Parameter | Sequence[Parameter] | None = None,
    has_aux: bool = False,
    return_ids: bool = False,
) -> Callable[..., Any]:
    """A function that returns the gradients alone; with `has_aux` (gradients, other results)."""
    function = value_and_grad(fn, grad_position, weights, has_aux, return_ids)

    def gradient(*arguments: Any, **named: Any) -> Any:
        value, found = function(*arguments, **named)
        return (found, value[1:]) if has_aux else found

    return gradient


def get_grad(gradients: Any, identifier: int | str | Parameter) -> Tensor:
    """Of gradients with their ids, that by this position, name or parameter."""
    wanted_id = identifier.name if isinstance(identifier, Parameter) else identifier
    if type(wanted_id) not in (int, str):
        raise WrongType("get_grad looks up a position or a parameter")
    stack = [gradients]
    while stack:
        item = stack.pop()
        if not isinstance(item, tuple):
            raise WrongType("get_grad looks into what return_ids=True gives")
        if len(item) == 2 and type(item[0]) in (int, str):
            if item[0] == wanted_id and isinstance(item[1], Tensor):
                return item[1]
        else:
            stack += item
    raise WrongValue(f"there is no gradient by {wanted_id!r} among these")
