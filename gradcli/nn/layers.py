"""Affine and bilinear maps, tables, dropout."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import IN_PLACE
from gradcli.engine.functions.layers import embedding, linear
from gradcli.engine.inplace import overwrite
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongValue
from gradcli.nn import init
from gradcli.nn.module import Module
from gradcli.nn.parameter import Parameter, blank

# ---- affine maps --------------------------------------------------------------------------------


class Linear(Module):
    """x (…, in_features) times the transpose of `weight`, plus `bias`."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = blank(out_features, in_features, dtype=dtype)
        self.register_parameter("bias", blank(out_features, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        init.affine_(self.weight, self.bias)

    def forward(self, input: Any) -> Tensor:
        own = self.members.parameters
        return linear(input, own["weight"], own["bias"])

    def extra_repr(self) -> str:
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={bias}"


class Dense(Linear):
    """Linear, as MindSpore spells it; `activation` is a module or a function."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        has_bias: bool = True,
        activation: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(in_channels, out_channels, has_bias, dtype)
        self.activation = F[activation] if isinstance(activation, str) else activation

    def forward(self, input: Any) -> Any:
        y = super().forward(input)
        return y if self.activation is None else self.activation(y)

    def extra_repr(self) -> str:
        sizes = f"input_channels={self.in_features}, output_channels={self.out_features}"
        return f"{sizes}, has_bias={self.bias is not None}"


class Bilinear(Module):
    """a' W_k b for each of out_features, plus `bias`."""

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if in1_features < 1:
            raise WrongValue("Bilinear takes at least one feature of the first input")
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        self.weight = blank(out_features, in1_features, in2_features, dtype=dtype)
        self.register_parameter("bias", blank(out_features, dtype=dtype) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, input1: Any, input2: Any) -> Tensor:
        return F["bilinear"](input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}"
        return f"{sizes}, out_features={self.out_features}, bias={self.bias is not None}"


# ---- tables -------------------------------------------------------------------------------------


class Embedding(Module):
    """Rows of `weight`, looked up by their numbers. The row of `padding_idx` stays 0.

    max_norm    rows that are longer, in the norm of order `norm_type`, are shortened when looked up
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if scale_grad_by_freq or sparse:
            raise WrongValue("Embedding: scale_grad_by_freq and sparse are False here")
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx, self.max_norm, self.norm_type = padding_idx, max_norm, norm_type
        if _weight is None:
            self.weight = blank(num_embeddings, embedding_dim, dtype=dtype)
            self.reset_parameters()
        else:
            self.weight = Parameter(_weight)
            if self.weight.shape != (num_embeddings, embedding_dim):
                raise ShapeMismatch(
                    f"a table of shape {self.weight.shape} has not {num_embeddings} rows "
                    f"of {embedding_dim}"
                )
        if _freeze:
            self.weight.requires_grad_(False)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer with this table, which is not trained unless `freeze` is False."""
        if type(embeddings) is not Tensor or embeddings.ndim != 2:
            raise ShapeMismatch("from_pretrained takes a table: a tensor of two axes")
        rows, columns = embeddings.shape
        return cls(
            rows,
            columns,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            embeddings.detach(),
            freeze,
        )

    def reset_parameters(self) -> None:
        init.normal_(self.weight)
        if self.padding_idx is not None:
            place = self.padding_idx

            def clear(value: Any) -> None:
                value[place] = 0

            overwrite(self.weight, clear)

    def forward(self, input: Any) -> Tensor:
        if self.max_norm is not None:
            shrink_rows(self.weight, input, self.max_norm, self.norm_type)
        return embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        for name, usual in (("padding_idx", None), ("max_norm", None), ("norm_type", 2)):
            value = getattr(self, name)
            parts += [f"{name}={value}"] * (value != usual)
        return ", ".join(parts)


class EmbeddingBag(Embedding):
    """Means, or sums, of rows of `weight`: of each row of numbers, or of stretches of a vector.

    offsets     where in a vector of numbers each bag begins; with `include_last_offset` also where
                the last one ends
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        dtype: Any = None,
    ) -> None:
        if mode not in ("mean", "sum"):
            raise WrongValue("EmbeddingBag: the mode is 'mean' or 'sum' here")
        if padding_idx is not None:
            raise WrongValue("EmbeddingBag: there is no padding_idx here")
        options = max_norm, norm_type, scale_grad_by_freq, sparse, _weight
        super().__init__(num_embeddings, embedding_dim, None, *options, dtype=dtype)
        self.mode, self.include_last_offset = mode, include_last_offset

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Tensor:
        rows = super().forward(input)
        if per_sample_weights is not None:
            if self.mode != "sum":
                raise WrongValue("EmbeddingBag: per_sample_weights are for mode='sum'")
            rows = rows * per_sample_weights[..., None]
        if input.ndim == 2:
            if offsets is not None:
                raise WrongValue("EmbeddingBag: offsets are for a vector of numbers")
            return F[self.mode](rows, 1)
        if input.ndim != 1 or offsets is None:
            raise WrongValue("EmbeddingBag takes rows of numbers, or a vector and its offsets")
        return self.bags(rows, np.asarray(offsets.value))

    def bags(self, rows: Tensor, starts: Any) -> Tensor:
        """The rows of each stretch, added up, or their mean; 0 of an empty one."""
        ends = starts if self.include_last_offset else np.append(starts, rows.shape[0])
        sizes = np.diff(ends)
        if starts.size and (starts[0] != 0 or np.any(sizes < 0) or ends[-1] > rows.shape[0]):
            raise WrongValue("EmbeddingBag: offsets rise from 0 to the number of elements")
        owner = Tensor(np.repeat(np.arange(sizes.size), sizes))
        zeros = Tensor(np.zeros((sizes.size, rows.shape[1]), rows.dtype))
        sums = F["index_add"](zeros, 0, owner, rows[: owner.size])
        if self.mode == "sum":
            return sums
        mean: Tensor = sums / Tensor(np.maximum(sizes, 1).astype(rows.dtype)[:, None])
        return mean

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, mode={self.mode!r}"


def shrink_rows(table: Tensor, places: Any, most: float, order: float) -> None:
    """Shorten those of the rows at these places that are longer than `most`."""
    rows = np.unique(places.value)

    def shrink(value: Any) -> None:
        norms = np.linalg.norm(value[rows], order, -1, keepdims=True)
        value[rows] *= np.where(norms > most, most / (norms + 1e-7), 1).astype(value.dtype)

    if rows.size and rows[0] >= 0 and rows[-1] < table.shape[0]:
        overwrite(table, shrink)


# ---- dropout ------------------------------------------------------------------------------------


class Dropout(Module):
    """In training every element is 0 with probability p, else it is divided by 1 - p."""

    function = "dropout"

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise WrongValue("a probability is from 0 to 1")
        self.p, self.inplace = p, inplace

    def forward(self, input: Any) -> Tensor:
        y: Tensor = F[self.function](input, self.p, self.training)
        return rewritten(input, y) if self.inplace else y

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(Dropout):
    """The same of whole channels of signals (N, C, L)."""

    function = "dropout1d"


class Dropout2d(Dropout):
    """The same of whole channels of images (N, C, H, W)."""

    function = "dropout2d"


class AlphaDropout(Dropout):
    """Dropout to SELU's lowest value, scaled so that mean and deviation stay."""

    function = "alpha_dropout"


def rewritten(input: Any, result: Tensor) -> Tensor:
    """The input, overwritten with a result of it."""
    if result is not input:
        IN_PLACE["copy_"](input, result)
    return input  # type: ignore[no-any-return]  # a tensor
