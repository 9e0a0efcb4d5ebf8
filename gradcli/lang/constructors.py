"""Functions that make tensors of nothing: charged before they allocate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.blocks import BLOCK
from gradcli.engine.graph import here
from gradcli.engine.notice import warn
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.limits import current
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.operations import dtype_name
from gradcli.lang.operators import truth
from gradcli.lang.tensors import as_tensor, cast
from gradcli.lang.values import LISTS

if TYPE_CHECKING:
    from gradcli.lang.limits import Meter
    from gradcli.lang.session import Session


def constructors(session: Session) -> dict[str, Callable[..., Any]]:
    """Functions that make tensors of nothing: charged before they allocate."""

    def dtype_of(dtype: Any) -> str:
        return session.dtype if dtype is None else dtype_name(dtype)

    def filled(value: Any) -> Callable[..., Tensor]:
        def make(*sizes: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
            return full(sizes, value, dtype, requires_grad)

        return make

    def full(shape: Any, value: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
        sizes = shape_of(shape if type(shape) in LISTS else (shape,))
        if type(value) not in NUMBERS:
            raise WrongType(f"full takes a number, not {described(value)}")
        array = made(session, sizes, 1 / 1000, lambda: np.full(sizes, value))
        return cast(array, dtype_of(dtype), truth(requires_grad))

    def full_like(x: Any, value: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
        like = as_tensor(x)
        return full(like.shape, value, str(like.dtype) if dtype is None else dtype, requires_grad)

    def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
        """Of numbers in the session's dtype, which a mask keeps its own beside."""
        items = as_tensor(data)
        note_cut(items)
        value = items.taken()
        known = "bool" if dtype is None and value.dtype == bool else dtype_of(dtype)
        return cast(value, known, truth(requires_grad))

    def rand(*sizes: Any, requires_grad: bool = False) -> Tensor:
        return random(session.random.random, 1 / 100, sizes, requires_grad)

    def randn(*sizes: Any, requires_grad: bool = False) -> Tensor:
        return random(session.random.standard_normal, 1 / 50, sizes, requires_grad)

    def random(draw: Any, units: float, sizes: tuple[Any, ...], requires_grad: Any) -> Tensor:
        shape = shape_of(sizes)
        array = made(session, shape, units, lambda: drawn(draw, shape, session.meter))
        return cast(array, session.dtype, truth(requires_grad))

    functions: list[Callable[..., Any]] = [full, full_like, tensor, rand, randn]
    return {
        **{f.__name__: f for f in functions},
        **matrices(session),
        **sequences(session),
        "zeros": filled(0.0),
        "ones": filled(1.0),
    }


def note_cut(items: Tensor) -> None:
    """Say that what a tensor is made of gets no gradient through it, which is rarely meant."""
    if items.requires_grad and here.state.recording:
        warn(
            "tensor(…) is a new leaf: no gradient flows to what it is made of; stack([…]) keeps it"
        )


def made(session: Session, shape: tuple[int, ...], units: float, make: Callable[[], Any]) -> Any:
    """An array, charged before it is made and entered into the ledger after."""
    session.meter.allocate(shape, units)
    array = make()
    session.meter.hold(array)
    return array


def constant(array: Any) -> Tensor:
    """What was computed outside of the graph as a tensor, entered into the ledger."""
    found = Tensor(array if array.shape else array[()])
    meter = current()
    if meter is not None:
        meter.hold(found.value)
    return found


def shape_of(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    if len(sizes) == 1 and type(sizes[0]) in LISTS:
        sizes = tuple(sizes[0])
    if any(type(n) is not int or n < 0 for n in sizes):
        raise WrongValue("a shape is made of integers that are not negative")
    return tuple(sizes)


def drawn(
    draw: Callable[..., Any], shape: tuple[int, ...], meter: Meter, dtype: Any = np.float64
) -> Any:
    """Random numbers, drawn in blocks between which the meter may stop it."""
    array = np.empty(shape, dtype)
    flat = array.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        meter.charge(0)
        draw(out=flat[start : start + BLOCK], dtype=dtype)
    return array


def matrices(session: Session) -> dict[str, Callable[..., Any]]:
    """Ones on a diagonal, or on and below it; n rows and m columns, by default as many."""

    def maker(name: str, function: Callable[..., Any]) -> Callable[..., Tensor]:
        def make(n: Any, m: Any = None, k: Any = 0) -> Tensor:
            shape = shape_of((n, n if m is None else m))
            if type(k) is not int:
                raise WrongType(f"{name}: a diagonal is an integer, not {described(k)}")
            array = made(session, shape, 1 / 1000, lambda: function(*shape, k))
            return cast(array, session.dtype)

        return make

    return {"eye": maker("eye", np.eye), "tri": maker("tri", np.tri)}


def sequences(session: Session) -> dict[str, Callable[..., Any]]:
    """Numbers at even distances, or their powers."""

    def arange(start: Any, stop: Any = None, step: Any = 1) -> Tensor:
        if stop is None:
            start, stop = 0, start
        if any(type(x) not in (int, float) or not math.isfinite(x) for x in (start, stop, step)):
            raise WrongType("arange takes finite real numbers")
        if step == 0:
            raise WrongValue("arange: the step cannot be 0")
        count = (stop - start) / step
        if not math.isfinite(count):
            raise WrongValue("arange: the step is too small")
        size = max(0, math.ceil(count))
        array = made(session, (size,), 1 / 1000, lambda: start + np.arange(size) * step)
        return cast(array, session.dtype)

    def linspace(start: Any, stop: Any, num: Any = 50) -> Tensor:
        return spaced("linspace", np.linspace, start, stop, num)

    def logspace(start: Any, stop: Any, num: Any = 50, base: Any = 10.0) -> Tensor:
        return spaced("logspace", np.logspace, start, stop, num, base=base)

    def spaced(
        name: str, make: Callable[..., Any], start: Any, stop: Any, num: Any, **options: Any
    ) -> Tensor:
        if any(type(x) not in (int, float) for x in (start, stop, *options.values())):
            raise WrongType(f"{name} takes real numbers")
        if type(num) is not int:
            raise WrongType(f"{name}: how many is an integer, not {described(num)}")
        if num < 0:
            raise WrongValue(f"{name}: how many must not be negative")
        count = num
        array = made(session, (count,), 1 / 20, lambda: make(start, stop, count, **options))
        return cast(array, session.dtype)

    return {"arange": arange, "linspace": linspace, "logspace": logspace}
