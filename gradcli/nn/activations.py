"""Activations, distances, and what leaves or shapes its input.

Each is a row: the function, and its options in order with their defaults.
"""

from __future__ import annotations

from typing import Any

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops.axes import integer
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch
from gradcli.nn.applied import REQUIRED, Activation, Applied, Loss, kind
from gradcli.nn.module import Module
from gradcli.nn.parameter import Parameter, default_dtype


class Identity(Module):
    """What it is given. Arguments are taken and forgotten."""

    def __init__(self, *_args: Any, **_named: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input


class Flatten(Module):
    """Several axes as one; by default all but the first."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Tensor:
        return F["flatten"](input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """One axis as several, of these sizes."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Tensor:
        return F["unflatten"](input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class PReLU(Module):
    """x, times `weight` where it is negative: one for all, or one a channel."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: Any = None) -> None:
        super().__init__()
        self.weight = Parameter([init] * integer(num_parameters, "num_parameters"))
        self.to(default_dtype(dtype))

    def forward(self, input: Any) -> Tensor:
        return F["prelu"](input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.weight.size}"


def activation(name: str, function: str, **options: Any) -> type[Applied]:
    return kind(Activation, name, function, **options)


# ---- activations --------------------------------------------------------------------------------

ReLU = activation("ReLU", "relu")
ReLU6 = activation("ReLU6", "relu6")
LeakyReLU = activation("LeakyReLU", "leaky_relu", negative_slope=0.01)
ELU = activation("ELU", "elu", alpha=1.0)
SELU = activation("SELU", "selu")
CELU = activation("CELU", "celu", alpha=1.0)
GELU = activation("GELU", "gelu", approximate="none")
SiLU = activation("SiLU", "silu")
Mish = activation("Mish", "mish")
Tanh = activation("Tanh", "tanh")
Sigmoid = activation("Sigmoid", "sigmoid")
LogSigmoid = activation("LogSigmoid", "logsigmoid")
Softplus = activation("Softplus", "softplus", beta=1.0, threshold=20.0)
Softsign = activation("Softsign", "softsign")
Softshrink = activation("Softshrink", "softshrink", lambd=0.5)
Hardshrink = activation("Hardshrink", "hardshrink", lambd=0.5)
Hardtanh = activation("Hardtanh", "hardtanh", min_val=-1.0, max_val=1.0)
Hardsigmoid = activation("Hardsigmoid", "hardsigmoid")
Hardswish = activation("Hardswish", "hardswish")
Tanhshrink = activation("Tanhshrink", "tanhshrink")
GLU = activation("GLU", "glu", dim=-1)
Threshold = activation("Threshold", "threshold", threshold=REQUIRED, value=REQUIRED)

# ---- distances ----------------------------------------------------------------------------------

CosineSimilarity = kind(Loss, "CosineSimilarity", "cosine_similarity", dim=1, eps=1e-8)
PairwiseDistance = kind(
    Loss, "PairwiseDistance", "pairwise_distance", p=2.0, eps=1e-6, keepdim=False
)

# ---- shares of a whole --------------------------------------------------------------------------


class Softmax(Module):
    """Shares along an axis, `dim`, of a whole.

    Without it along the second axis of matrices and images, else along the first, as in PyTorch.
    """

    function = "softmax"

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        usual = 0 if input.ndim in (0, 1, 3) else 1
        return F[self.function](input, usual if self.dim is None else self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """Their logarithms."""

    function = "log_softmax"


class Softmin(Softmax):
    """Shares of -x."""

    function = "softmin"


class Softmax2d(Module):
    """Shares of the channels of images (N, C, H, W), or (C, H, W), place by place."""

    def forward(self, input: Any) -> Tensor:
        if input.ndim not in (3, 4):
            raise ShapeMismatch(f"Softmax2d takes 3 or 4 axes, not {input.ndim}")
        return F["softmax"](input, -3)
