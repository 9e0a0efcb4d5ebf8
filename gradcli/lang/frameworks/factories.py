"""Tensors of nothing, as PyTorch's functions make them: integers stay integers, the rest is of the
session's floating dtype. What is made is charged before it is allocated."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.constructors import drawn, made, note_cut, shape_of
from gradcli.lang.frameworks.generators import drawing
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.operations import dtype_name
from gradcli.lang.operators import truth
from gradcli.lang.tensors import as_index
from gradcli.lang.values import LISTS

if TYPE_CHECKING:
    from gradcli.lang.session import Session

# How many units an element takes to fill, and to draw.
FILL, DRAW = 1 / 1000, 1 / 50


class Factories:
    """Makes tensors for one session, in the dialect that it follows."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def floating(self) -> np.dtype[Any]:
        return self.session.floating or np.dtype(self.session.dtype)

    # ---- of data ----

    def tensor(self, data: Any, dtype: Any = None, requires_grad: Any = False) -> Tensor:
        """A leaf with a copy of numbers, nested lists of them, or a tensor."""
        return self.leaf(self.inferred(data, told=dtype is not None), dtype, requires_grad)

    def as_tensor(self, data: Any, dtype: Any = None) -> Tensor:
        """A tensor as it is, or converted within its graph; of anything else a leaf."""
        if type(data) is not Tensor:
            return self.tensor(data, dtype)
        return data if dtype is None else FUNCTIONS["astype"](data, dtype_name(dtype))

    def inferred(self, data: Any, *, told: bool = False) -> Any:
        """The numbers as an array of the dtype that PyTorch infers; exact, if it is told one."""
        kind = type(data)
        if kind is Tensor:
            note_cut(data)
            return np.array(data.taken())
        if kind not in NUMBERS and kind not in LISTS:
            raise WrongType(f"a tensor is made of numbers, not {described(data)}")
        if kind in NUMBERS:
            value = np.array(data)
        else:
            items = as_index(list(data))
            note_cut(items)
            value = np.asarray(items.taken())
        if kind not in NUMBERS and not value.size:
            return value.astype(self.floating)
        if not told and value.dtype.kind in "fc" and not holds_tensor(data):
            return value.astype(
                np.result_type(self.floating, np.complex64)
                if value.dtype.kind == "c"
                else self.floating
            )
        return value

    def leaf(self, array: Any, dtype: Any = None, requires_grad: Any = False) -> Tensor:
        if dtype is not None:
            array = np.asarray(array)
            if array.dtype.kind == "c" and not dtype_name(dtype).startswith("complex"):
                raise WrongType(f"a complex number is no {dtype_name(dtype)}", hint="x.real")
            array = array.astype(dtype_name(dtype))
        leaf = Tensor(array if array.shape else array[()])
        self.session.meter.hold(leaf.value)
        return leaf.requires_grad_() if truth(requires_grad) else leaf

    def of_dtype(self, dtype: str) -> Callable[..., Tensor]:
        """`FloatTensor` and its like: of data, or of a shape without any."""

        def make(*given: Any) -> Tensor:
            if len(given) != 1 or type(given[0]) is int:
                return self.full(given, 0.0, dtype=dtype)
            return self.tensor(given[0], dtype)

        return make

    # ---- of one number ----

    def full(
        self,
        size: Any,
        fill_value: Any,
        *,
        dtype: Any = None,
        requires_grad: Any = False,
    ) -> Tensor:
        value = fill_value.item() if type(fill_value) is Tensor else fill_value
        if type(value) not in NUMBERS:
            raise WrongType(f"full takes a number, not {described(fill_value)}")
        shape = shape_of(size if type(size) in LISTS else (size,))
        kind = self.floating if type(value) is float and dtype is None else np.array(value).dtype
        array = made(self.session, shape, FILL, lambda: np.full(shape, value, kind))
        return self.leaf(array, dtype, requires_grad)

    def filled(self, value: float) -> Callable[..., Tensor]:
        def make(*size: Any, **options: Any) -> Tensor:
            return self.full(sizes_of(size, options), value, **options)

        return make

    def alike(self, value: float) -> Callable[..., Tensor]:
        """`zeros_like` and its like: with the shape and dtype of another tensor."""

        def make(input: Any, *, dtype: Any = None, **options: Any) -> Tensor:
            like = operand(input)
            return self.full(like.shape, value, dtype=dtype or str(like.dtype), **options)

        return make

    def full_like(self, input: Any, fill_value: Any, *, dtype: Any = None, **options: Any) -> Any:
        like = operand(input)
        return self.full(like.shape, fill_value, dtype=dtype or str(like.dtype), **options)

    def eye(self, n: Any, m: Any = None, *, dtype: Any = None, requires_grad: Any = False) -> Any:
        shape = shape_of((n, n if m is None else m))
        array = made(self.session, shape, FILL, lambda: np.eye(*shape, dtype=self.floating))
        return self.leaf(array, dtype, requires_grad)

    # ---- of a range ----

    def arange(
        self,
        start: Any = 0,
        end: Any = None,
        step: Any = 1,
        *,
        dtype: Any = None,
        requires_grad: Any = False,
    ) -> Tensor:
        if end is None:
            start, end = 0, start
        ends = [real(x, "arange") for x in (start, end, step)]
        first, last, by = ends
        if by == 0 or (last - first) / by < 0:
            raise WrongValue("arange: the step leads away from the end")
        count = max(0, math.ceil((last - first) / by))
        usual = np.dtype(np.int64) if all(type(x) is int for x in ends) else self.floating
        array = made(self.session, (count,), FILL, lambda: first + np.arange(count) * by)
        return self.leaf(array, usual.name if dtype is None else dtype, requires_grad)

    def linspace(
        self, start: Any, end: Any, steps: Any, *, dtype: Any = None, requires_grad: Any = False
    ) -> Tensor:
        return self.spaced(np.linspace, start, end, steps, dtype, requires_grad)

    def logspace(
        self,
        start: Any,
        end: Any,
        steps: Any,
        base: Any = 10.0,
        *,
        dtype: Any = None,
        requires_grad: Any = False,
    ) -> Tensor:
        power = real(base, "logspace")
        return self.spaced(
            lambda a, b, n: np.logspace(a, b, n, base=power),
            start,
            end,
            steps,
            dtype,
            requires_grad,
        )

    def spaced(
        self, make: Any, start: Any, end: Any, steps: Any, dtype: Any, requires_grad: Any
    ) -> Tensor:
        count = count_of(steps, "a range")
        first, last = real(start, "a range"), real(end, "a range")
        array = made(self.session, (count,), 1 / 20, lambda: make(first, last, count))
        return self.leaf(array, self.floating.name if dtype is None else dtype, requires_grad)

    # ---- of chance ----

    def manual_seed(self, seed: Any) -> None:
        """Begin the random numbers anew."""
        if type(seed) is not int or seed < 0:
            raise WrongValue("a seed is an integer that is not negative")
        self.session.reseed(seed)

    def rand(self, *size: Any, **options: Any) -> Tensor:
        return self.random("random", size, options)

    def randn(self, *size: Any, **options: Any) -> Tensor:
        return self.random("standard_normal", size, options)

    def random(self, name: str, size: Any, options: dict[str, Any]) -> Tensor:
        shape = shape_of(tuple(listed(sizes_of(size, options))))
        dtype, requires_grad = options.pop("dtype", None), options.pop("requires_grad", False)
        refuse_rest(options)
        kind = self.floating if dtype is None else np.dtype(dtype_name(dtype))
        if kind.kind != "f":
            raise WrongType(f"random numbers are real ones, not {kind}")
        session = self.session

        def draw() -> Any:
            return drawn(getattr(session.random, name), shape, session.meter, kind)

        return self.leaf(made(session, shape, DRAW, draw), None, requires_grad)

    def rand_like(self, input: Any, dtype: Any = None, **options: Any) -> Tensor:
        like = operand(input)
        return self.rand(like.shape, dtype=dtype or str(like.dtype), **options)

    def randn_like(self, input: Any, dtype: Any = None, **options: Any) -> Tensor:
        like = operand(input)
        return self.randn(like.shape, dtype=dtype or str(like.dtype), **options)

    def randint(self, *arguments: Any, dtype: Any = None, **options: Any) -> Tensor:
        """randint(high, size) or randint(low, high, size)."""
        names = [name for name in ("low", "high", "size") if name in options]
        given = [*arguments, *(options.pop(name) for name in names)]
        if not 2 <= len(given) <= 3 or (names and names != ["low", "high", "size"][-len(names) :]):
            raise WrongType("randint takes low (0 without it), high and a size")
        low, high = (0, given[0]) if len(given) == 2 else given[:2]
        if type(low) is not int or type(high) is not int or low >= high:
            raise WrongValue("randint: low and high are integers, and low is less")
        shape = shape_of(tuple(listed(given[-1])))
        generator = self.session.random
        array = made(self.session, shape, DRAW, lambda: generator.integers(low, high, shape))
        requires_grad = options.pop("requires_grad", False)
        refuse_rest(options)
        return self.leaf(np.asarray(array), dtype, requires_grad)

    def randint_like(self, input: Any, *ends: Any, dtype: Any = None) -> Tensor:
        like = operand(input)
        return self.randint(*ends, size=like.shape, dtype=dtype or str(like.dtype))

    def multinomial(self, input: Any, num_samples: Any, replacement: Any = False) -> Tensor:
        """Places, each as likely as the weights say; a row of them a row of weights."""
        if operand(input).dtype.kind != "f":
            raise WrongType("multinomial: weights are real numbers")
        weights = np.asarray(input.value, np.float64)
        count = count_of(num_samples, "multinomial")
        if weights.ndim not in (1, 2) or np.any(weights < 0) or not np.all(np.isfinite(weights)):
            raise WrongValue("multinomial takes a vector or rows of weights that are not negative")
        again = truth(replacement)
        if np.any(np.count_nonzero(weights, -1) < (1 if again else count)):
            raise WrongValue("multinomial: there are too few weights that are not 0")
        rows = np.atleast_2d(weights)
        generator = self.session.random

        def draw() -> Any:
            if again and count > 1:
                return np.array(
                    [generator.choice(len(row), count, True, row / row.sum()) for row in rows]
                )
            # The first arrivals of as many Poisson processes, with the weights for rates.
            waits = -np.log1p(-np.asarray(generator.random(rows.shape)))
            rates = rows.astype(input.dtype) / waits.astype(input.dtype)
            return np.argsort(-rates, -1, kind="stable")[:, :count]

        found = made(self.session, (len(rows), count), rows.size * DRAW, draw)
        return self.leaf(found.reshape((*weights.shape[:-1], count)))

    def poisson(self, input: Any) -> Tensor:
        rates = operand(input)
        if rates.dtype.kind != "f" or np.any(~(rates.value >= 0)):
            raise WrongValue("poisson: the rates are not negative")
        generator = self.session.random
        found = made(self.session, rates.shape, DRAW, lambda: generator.poisson(rates.value))
        return self.leaf(np.asarray(found), str(rates.dtype))

    def randperm(self, n: Any) -> Tensor:
        count = count_of(n, "randperm")
        generator = self.session.random
        return self.leaf(made(self.session, (count,), 1 / 2, lambda: generator.permutation(count)))

    def normal(
        self, mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, requires_grad: Any = False
    ) -> Tensor:
        """Normally distributed, about each element of `mean`, or of a size."""
        if size is None:
            like = mean if type(mean) is Tensor else operand(std)
            size = like.shape
        found: Tensor = self.randn(size) * std + mean
        return found.requires_grad_() if truth(requires_grad) else found

    def bernoulli(self, input: Any) -> Tensor:
        """1 with the probability that each element says, else 0."""
        chances = operand(input)
        return FUNCTIONS["astype"](self.rand_like(chances) < chances.detach(), chances.dtype)


def holds_tensor(data: Any) -> bool:
    if type(data) in LISTS:
        return any(holds_tensor(item) for item in data)
    return type(data) is Tensor


def operand(value: Any) -> Tensor:
    if type(value) is not Tensor:
        raise WrongType(f"this takes a tensor, not {described(value)}")
    return value


def real(value: Any, name: str) -> Any:
    number = value.item() if type(value) is Tensor else value
    if type(number) not in (int, float) or not math.isfinite(number):
        raise WrongType(f"{name} takes finite real numbers")
    return number


def count_of(value: Any, name: str) -> int:
    if type(value) is not int or value < 0:
        raise WrongValue(f"{name}: how many is an integer that is not negative")
    return value


def listed(size: Any) -> Any:
    return size if type(size) in LISTS else (size,)


def sizes_of(size: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """`zeros(2, 3)`, `zeros((2, 3))` or `zeros(size=(2, 3))`."""
    if "size" in options:
        return options.pop("size")
    return size[0] if len(size) == 1 else size


def refuse_rest(options: dict[str, Any]) -> None:
    for name in options:
        raise WrongType(f"there is no option '{name}' here")


# Options of PyTorch's factories that say how a tensor lies in memory, and where there is one way.
ONE_WAY = {"layout": None, "memory_format": None, "out": None, "pin_memory": False}


def on_cpu(make: Callable[..., Any]) -> Callable[..., Any]:
    """A factory that may be told its device, if that is the one there is, and its generator."""

    def call(*arguments: Any, device: Any = None, generator: Any = None, **options: Any) -> Any:
        check_device(device)
        for name, usual in ONE_WAY.items():
            if name in options and options.pop(name) not in (usual, None):
                raise WrongValue(f"there is no choice of '{name}' here: leave it out")
        with drawing(generator):
            return make(*arguments, **options)

    return call


def check_device(device: Any) -> str:
    """The one device that there is."""
    if device is None or (type(device) is str and device.partition(":")[0] == "cpu"):
        return "cpu"
    raise WrongValue("there is no such device: everything runs on the cpu")
