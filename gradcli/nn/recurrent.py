"""Recurrent layers: one step at a time, or over a sequence, with PyTorch's names and gates.

References: S. Hochreiter and J. Schmidhuber, Long short-term memory, 1997; K. Cho and others,
Learning phrase representations using RNN encoder-decoder, 2014 (GRU, in the form of PyTorch, where
the reset gate meets the hidden state after its matrix).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions.layers import linear
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue
from gradcli.nn import init
from gradcli.nn.module import Module
from gradcli.nn.parameter import blank

# ---- one step -----------------------------------------------------------------------------------


def split(x: Tensor, count: int) -> Any:
    """The gates, side by side along the last axis."""
    return F["chunk"](x, count, axis=-1)


def plain(activation: str, x: Any, h: Tensor, *weights: Any) -> tuple[Tensor]:
    w, u, b, c = weights
    return (F[activation](linear(x, w, b) + linear(h, u, c)),)


def long_short(x: Any, h: Tensor, cell: Tensor, *weights: Any) -> tuple[Tensor, Tensor]:
    w, u, b, c = weights
    entry, forget, new, out = split(linear(x, w, b) + linear(h, u, c), 4)
    cell = F["sigmoid"](forget) * cell + F["sigmoid"](entry) * F["tanh"](new)
    return F["sigmoid"](out) * F["tanh"](cell), cell


def gated(x: Any, h: Tensor, *weights: Any) -> tuple[Tensor]:
    w, u, b, c = weights
    reset, update, new = split(linear(x, w, b), 3)
    reset_h, update_h, new_h = split(linear(h, u, c), 3)
    stay = F["sigmoid"](update + update_h)
    new = F["tanh"](new + F["sigmoid"](reset + reset_h) * new_h)
    return ((1 - stay) * new + stay * h,)


class Recurrent(Module):
    """What cells and layers share: sizes, weights, and the step that they repeat.

    gates   how many there are, so many rows of weights for each hidden number
    states  the hidden state, and of LSTM the cell
    """

    gates: ClassVar[int] = 1
    states: ClassVar[int] = 1

    def __init__(self, input_size: int, hidden_size: int, bias: bool, dtype: Any) -> None:
        super().__init__()
        if input_size < 1 or hidden_size < 1:
            raise WrongValue("the sizes of input and hidden state are positive")
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self.dtype = dtype

    def add_weights(self, width: int, ending: str) -> None:
        """The two matrices and biases of a layer that is `width` wide before it."""
        rows = self.gates * self.hidden_size
        for name, shape in (("ih", (rows, width)), ("hh", (rows, self.hidden_size))):
            self.register_parameter(f"weight_{name}{ending}", blank(*shape, dtype=self.dtype))
        for name in ("ih", "hh"):
            made = blank(rows, dtype=self.dtype) if self.bias else None
            self.register_parameter(f"bias_{name}{ending}", made)

    def reset_parameters(self) -> None:
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def weights(self, ending: str) -> list[Tensor | None]:
        own = self.members.parameters
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [own[f"{name}{ending}"] for name in names]

    def step(self, x: Any, states: tuple[Tensor, ...], ending: str) -> tuple[Tensor, ...]:
        raise NotImplementedError

    def zeros(self, *shape: int) -> tuple[Tensor, ...]:
        dtype = next(self.parameters()).dtype
        return tuple(
            Tensor(np.zeros((*shape, self.hidden_size), dtype)) for _ in range(self.states)
        )

    def check(self, input: Any) -> None:
        if not input.ndim or input.shape[-1] != self.input_size:
            raise ShapeMismatch(
                f"{type(self).__name__} takes {self.input_size} numbers a step, "
                f"not an input of shape {input.shape}"
            )

    # Options that are shown where they are not as usual.
    shown: ClassVar[dict[str, Any]] = {"bias": True}

    def extra_repr(self) -> str:
        chosen = {name: getattr(self, name) for name in self.shown}
        parts = [f"{name}={x}" for name, x in chosen.items() if x != self.shown[name]]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *parts])


class _Plain(Recurrent):
    nonlinearity: str

    def step(self, x: Any, states: tuple[Tensor, ...], ending: str) -> tuple[Tensor, ...]:
        return plain(self.nonlinearity, x, *states, *self.weights(ending))

    def choose(self, nonlinearity: str) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise WrongValue("a nonlinearity is 'tanh' or 'relu'")
        self.nonlinearity = nonlinearity


class _LongShort(Recurrent):
    gates, states = 4, 2

    def step(self, x: Any, states: tuple[Tensor, ...], ending: str) -> tuple[Tensor, ...]:
        return long_short(x, *states, *self.weights(ending))


class _Gated(Recurrent):
    gates = 3

    def step(self, x: Any, states: tuple[Tensor, ...], ending: str) -> tuple[Tensor, ...]:
        return gated(x, *states, *self.weights(ending))


# ---- cells --------------------------------------------------------------------------------------


class _Cell(Recurrent):
    """One step, of one sample or a batch."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, dtype)
        self.add_weights(input_size, "")
        self.reset_parameters()

    def forward(self, input: Any, hx: Any = None) -> Any:
        self.check(input)
        given = hx if isinstance(hx, tuple) else (hx,)
        found = self.step(input, self.zeros(*input.shape[:-1]) if hx is None else given, "")
        return found if self.states > 1 else found[0]


class RNNCell(_Plain, _Cell):
    """h' = tanh(W x + b + U h + c)."""

    shown: ClassVar[dict[str, Any]] = {"bias": True, "nonlinearity": "tanh"}

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, dtype)
        self.choose(nonlinearity)


class LSTMCell(_LongShort, _Cell):
    """(h', c') of (h, c): gates of sigmoids say what the cell forgets, takes and shows."""


class GRUCell(_Gated, _Cell):
    """h' between h and a new value, by an update gate."""


# ---- layers -------------------------------------------------------------------------------------


class _Layers(Recurrent):
    """Layers over a sequence (steps, batch, numbers), or with `batch_first` (batch, steps, …)."""

    shown: ClassVar[dict[str, Any]] = {
        "num_layers": 1,
        "bias": True,
        "batch_first": False,
        "dropout": 0.0,
        "bidirectional": False,
    }

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, dtype)
        if num_layers < 1 or not 0 <= dropout <= 1:
            raise WrongValue("there is at least one layer, and dropout is from 0 to 1")
        self.num_layers, self.batch_first, self.dropout = num_layers, batch_first, dropout
        self.bidirectional = bidirectional
        ways = ("", "_reverse")[: 1 + bool(bidirectional)]
        self.endings = [[f"_l{k}{way}" for way in ways] for k in range(num_layers)]
        for k, endings in enumerate(self.endings):
            for ending in endings:
                self.add_weights(input_size if not k else hidden_size * len(ways), ending)
        self.reset_parameters()

    def forward(self, input: Any, hx: Any = None) -> Any:
        """(what the last layer gave at every step, the states after the last)."""
        self.check(input)
        if input.ndim not in (2, 3):
            raise ShapeMismatch(f"a sequence has 2 or 3 axes, not shape {input.shape}")
        first = self.batch_first and input.ndim == 3
        x = F["swapaxes"](input, 0, 1) if first else input
        count = sum(map(len, self.endings))
        given = hx if isinstance(hx, tuple) else (hx,)
        starts = self.zeros(count, *x.shape[1:-1]) if hx is None else given
        ends: list[tuple[Tensor, ...]] = []
        for k, endings in enumerate(self.endings):
            if k and self.dropout:
                x = F["dropout"](x, self.dropout, self.training)
            outputs = []
            for ending in endings:
                steps, end = self.through(x, tuple(s[len(ends)] for s in starts), ending)
                outputs.append(steps)
                ends.append(end)
            x = outputs[0] if len(outputs) == 1 else F["concatenate"](outputs, axis=-1)
        final = tuple(F["stack"]([end[k] for end in ends]) for k in range(self.states))
        return (F["swapaxes"](x, 0, 1) if first else x), final if self.states > 1 else final[0]

    def through(
        self, x: Tensor, states: tuple[Tensor, ...], ending: str
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer, in one direction."""
        rows, found = range(x.shape[0]), []
        backwards = ending.endswith("_reverse")
        for k in reversed(rows) if backwards else rows:
            states = self.step(x[k], states, ending)
            found.append(states[0])
        return F["stack"](found[::-1] if backwards else found), states


class RNN(_Plain, _Layers):
    """Layers of RNNCell."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: Any = None,
    ) -> None:
        options = bias, batch_first, dropout, bidirectional, dtype
        super().__init__(input_size, hidden_size, num_layers, *options)
        self.choose(nonlinearity)


class LSTM(_LongShort, _Layers):
    """Layers of LSTMCell; states are (h, c)."""


class GRU(_Gated, _Layers):
    """Layers of GRUCell."""
