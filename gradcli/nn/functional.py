"""Modules that are a function with options: activations, pools, losses.

Each is a row of the table at the end: the function, and its options in order with their defaults.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import IN_PLACE
from gradcli.engine.ops.axes import integer
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
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


class Applied(Module):
    """A function of its inputs, with options that are given when it is made."""

    function: ClassVar[str]
    options: ClassVar[dict[str, Any]]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__()
        unknown = {*named} - {*self.options}
        if unknown or len(given) > len(self.options):
            name = type(self).__name__
            raise WrongType(f"{name} takes {', '.join(self.options) or 'no options'}")
        self.chosen = self.options | dict(zip(self.options, given, strict=False)) | named

    def __getattr__(self, name: str) -> Any:
        if name in type(self).options:
            return self.chosen[name]
        return super().__getattr__(name)

    def forward(self, *inputs: Any) -> Any:
        return F[self.function](*inputs, **self.chosen)

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={value!r}" for name, value in self.chosen.items())


class Activation(Applied):
    """`inplace=True` overwrites the input."""

    def __init__(self, *given: Any, inplace: bool = False, **named: Any) -> None:
        if len(given) > len(self.options) and type(given[-1]) is bool:
            *given, inplace = given  # type: ignore[assignment]  # a list does as well
        super().__init__(*given, **named)
        self.inplace = inplace

    def extra_repr(self) -> str:
        shown = super().extra_repr()
        return ", ".join([shown] * bool(shown) + ["inplace=True"] * self.inplace)

    def forward(self, *inputs: Any) -> Any:
        if self.inplace and f"{self.function}_" in IN_PLACE:
            return IN_PLACE[f"{self.function}_"](*inputs, **self.chosen)
        return super().forward(*inputs)


class Pool(Applied):
    """By windows, which stand side by side where no stride is given. None reaches past the end."""

    def __init__(self, *given: Any, ceil_mode: bool = False, **named: Any) -> None:
        if ceil_mode is not False:
            raise WrongValue("a pool has no windows that reach past the end: ceil_mode=False")
        super().__init__(*given, **named)

    def extra_repr(self) -> str:
        chosen = dict(self.chosen)
        if "dilation" in chosen:
            chosen["ceil_mode"] = False
        if chosen.get("stride", 0) is None:
            chosen["stride"] = chosen["kernel_size"]
        return ", ".join(f"{name}={value!r}" for name, value in chosen.items())


class Loss(Applied):
    """What is measured says enough of it."""

    def extra_repr(self) -> str:
        return ""


def kind(base: type[Applied], name: str, function: str, **options: Any) -> type[Applied]:
    """The class of this name."""
    summary = (F[function].__doc__ or f"{function} of the input.") if function in F else ""
    facts = {"function": function, "options": options, "__doc__": summary, "__module__": __name__}
    return type(name, (base,), facts)


def activation(name: str, function: str, **options: Any) -> type[Applied]:
    return kind(Activation, name, function, **options)


def pool(name: str, function: str, **options: Any) -> type[Applied]:
    return kind(Pool, name, function, **options)


def loss(name: str, function: str, **options: Any) -> type[Applied]:
    return kind(Loss, name, function, **options)


MEAN: Any = {"reduction": "mean"}

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
GLU = activation("GLU", "glu", axis=-1)

# ---- pools --------------------------------------------------------------------------------------

MaxPool1d = pool("MaxPool1d", "max_pool1d", kernel_size=2, stride=None, padding=0, dilation=1)
MaxPool2d = pool("MaxPool2d", "max_pool2d", kernel_size=2, stride=None, padding=0, dilation=1)
AvgPool1d = pool("AvgPool1d", "avg_pool1d", kernel_size=2, stride=None, padding=0)
AvgPool2d = pool("AvgPool2d", "avg_pool2d", kernel_size=2, stride=None, padding=0)
AdaptiveAvgPool2d = pool("AdaptiveAvgPool2d", "adaptive_avg_pool2d", output_size=1)

# ---- losses -------------------------------------------------------------------------------------

MSELoss = loss("MSELoss", "mse_loss", **MEAN)
L1Loss = loss("L1Loss", "l1_loss", **MEAN)
SmoothL1Loss = loss("SmoothL1Loss", "smooth_l1_loss", **MEAN, beta=1.0)
HuberLoss = loss("HuberLoss", "huber_loss", **MEAN, delta=1.0)
BCELoss = loss("BCELoss", "binary_cross_entropy", weight=None, **MEAN)
BCEWithLogitsLoss = loss(
    "BCEWithLogitsLoss",
    "binary_cross_entropy_with_logits",
    weight=None,
    **MEAN,
    pos_weight=None,
)
NLLLoss = loss("NLLLoss", "nll_loss", weight=None, ignore_index=-100, **MEAN)
CrossEntropyLoss = loss(
    "CrossEntropyLoss",
    "cross_entropy",
    weight=None,
    ignore_index=-100,
    **MEAN,
    label_smoothing=0.0,
)
KLDivLoss = loss("KLDivLoss", "kl_div", **MEAN, log_target=False)
PoissonNLLLoss = loss(
    "PoissonNLLLoss", "poisson_nll_loss", log_input=True, full=False, eps=1e-8, **MEAN
)
GaussianNLLLoss = loss("GaussianNLLLoss", "gaussian_nll_loss", full=False, eps=1e-6, **MEAN)
HingeEmbeddingLoss = loss("HingeEmbeddingLoss", "hinge_embedding_loss", margin=1.0, **MEAN)
MarginRankingLoss = loss("MarginRankingLoss", "margin_ranking_loss", margin=0.0, **MEAN)
CosineEmbeddingLoss = loss("CosineEmbeddingLoss", "cosine_embedding_loss", margin=0.0, **MEAN)
TripletMarginLoss = loss(
    "TripletMarginLoss", "triplet_margin_loss", margin=1.0, p=2.0, eps=1e-6, swap=False, **MEAN
)


class Softmax(Module):
    """Shares along an axis, `dim`, of a whole; by default the last."""

    function = "softmax"

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Tensor:
        return F[self.function](input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """Their logarithms."""

    function = "log_softmax"


class Softmin(Softmax):
    """Shares of -x."""

    function = "softmin"
