"""`mindspore.nn`: its layers' and optimizers' own arguments and defaults."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli import nn
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang.frameworks.calling import fitting
from gradcli.lang.frameworks.mindspore.training import CLASSES
from gradcli.lang.frameworks.modules import CELL, LAYERS, ROOT
from gradcli.lang.frameworks.optimizers import KINDS
from gradcli.lang.frameworks.torch.tensor import set_grad
from gradcli.lang.operators import truth
from gradcli.lang.sequences import items_of
from gradcli.lang.values import CALLABLE, CALLED, Builtin, Class
from gradcli.nn.optimizer import Optimizer

# ---- layers -------------------------------------------------------------------------------------

# What a weight may be told to begin with.
INITIAL: dict[str, Callable[[Tensor], Tensor]] = {
    "he_normal": nn.init.kaiming_normal_,
    "he_uniform": nn.init.kaiming_uniform_,
    "normal": lambda x: nn.init.normal_(x, 0.0, 0.01),
    "ones": nn.init.ones_,
    "uniform": lambda x: nn.init.uniform_(x, -0.07, 0.07),
    "xavier_normal": nn.init.xavier_normal_,
    "xavier_uniform": nn.init.xavier_uniform_,
    "zeros": nn.init.zeros_,
}


def begin(parameter: Tensor | None, start: Any) -> None:
    """Overwrite a parameter as `weight_init` and `bias_init` say."""
    if start is None or parameter is None:
        return
    if type(start) is str:
        if start not in INITIAL:
            raise WrongValue(f"a weight begins as one of {', '.join(INITIAL)}")
        INITIAL[start](parameter)
    elif type(start) in (int, float):
        nn.init.constant_(parameter, start)
    elif type(start) is Tensor and start.shape == parameter.shape:
        parameter.value[...] = start.value
    else:
        raise WrongType(f"a weight begins as a name, a number or a tensor, not {described(start)}")


def dense(
    in_channels: Any,
    out_channels: Any,
    weight_init: Any = None,
    bias_init: Any = None,
    has_bias: Any = True,
    activation: Any = None,
    dtype: Any = None,
) -> nn.Module:
    layer = nn.Dense(in_channels, out_channels, has_bias, activation, dtype)
    begin(layer.weight, weight_init)
    begin(layer.bias, bias_init)
    return layer


def convolution(
    python: Callable[..., Any],
    in_channels: Any,
    out_channels: Any,
    kernel_size: Any,
    stride: Any = 1,
    pad_mode: Any = "same",
    padding: Any = 0,
    dilation: Any = 1,
    group: Any = 1,
    has_bias: Any = False,
    weight_init: Any = None,
    bias_init: Any = None,
) -> nn.Module:
    given = padding_of(pad_mode, padding, stride)
    layer: nn.Module = python(
        in_channels, out_channels, kernel_size, stride, given, dilation, group, has_bias
    )
    begin(layer.weight, weight_init)
    begin(layer.bias, bias_init)
    return layer


def padding_of(pad_mode: Any, padding: Any, stride: Any) -> Any:
    if pad_mode not in ("same", "valid", "pad"):
        raise WrongValue("pad_mode is 'same', 'valid' or 'pad'")
    if pad_mode == "same" and stride not in (1, (1,), (1, 1)):
        raise WrongValue("pad_mode='same' needs a stride of 1 here", hint="pad_mode='pad'")
    return {"pad": padding, "same": "same", "valid": 0}[pad_mode]


def pool(python: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    def make(
        kernel_size: Any = 1, stride: Any = 1, pad_mode: Any = "valid", padding: Any = 0
    ) -> nn.Module:
        if pad_mode not in ("valid", "pad"):
            raise WrongValue("the pad_mode of a pool is 'valid' or 'pad' here")
        return python(kernel_size, stride, padding if pad_mode == "pad" else 0)

    return make


def batch_norm(python: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """Its momentum is how much of the running statistics is kept, not how much is replaced."""

    def make(
        num_features: Any, eps: Any = 1e-5, momentum: Any = 0.9, affine: Any = True
    ) -> nn.Module:
        return python(num_features, eps, 1 - momentum, affine)

    return make


def dropout(keep_prob: Any = None, p: Any = None) -> nn.Module:
    if keep_prob is not None:
        return nn.Dropout(1 - keep_prob)
    return nn.Dropout(0.5 if p is None else p)


def renamed(python: type[nn.Module], **names: str) -> Callable[..., nn.Module]:
    """A layer whose options have other names."""

    def make(*given: Any, **named: Any) -> nn.Module:
        return python(*given, **{names.get(name, name): value for name, value in named.items()})

    return make


def ordered(python: Callable[..., nn.Module], **options: Any) -> Callable[..., nn.Module]:
    """A loss whose options come in this order, with these defaults."""

    def make(*given: Any, **named: Any) -> nn.Module:
        unknown = {*named} - {*options}
        if unknown or len(given) > len(options):
            raise WrongType(f"{python.__name__} takes {', '.join(options)}")
        return python(**{**options, **dict(zip(options, given, strict=False)), **named})

    return make


def layer_norm(
    normalized_shape: Any,
    begin_norm_axis: Any = -1,
    begin_params_axis: Any = -1,
    gamma_init: Any = None,
    beta_init: Any = None,
    epsilon: Any = 1e-7,
) -> nn.Module:
    shape = tuple(items_of(normalized_shape))
    if {begin_norm_axis, begin_params_axis} - {-len(shape)} and len(shape) != 1:
        raise WrongValue(f"LayerNorm over {shape} begins at the axis {-len(shape)}")
    layer = nn.LayerNorm(shape, epsilon)
    begin(layer.weight, gamma_init)
    begin(layer.bias, beta_init)
    return layer


MAKERS: dict[str, Callable[..., nn.Module]] = {
    "AvgPool1d": pool(nn.AvgPool1d),
    "AvgPool2d": pool(nn.AvgPool2d),
    "BatchNorm1d": batch_norm(nn.BatchNorm1d),
    "BatchNorm2d": batch_norm(nn.BatchNorm2d),
    "BatchNorm3d": batch_norm(nn.BatchNorm3d),
    "Conv1d": partial(convolution, nn.Conv1d),
    "Conv2d": partial(convolution, nn.Conv2d),
    "Dense": dense,
    "Dropout": dropout,
    "Embedding": renamed(nn.Embedding, vocab_size="num_embeddings", embedding_size="embedding_dim"),
    "GELU": lambda approximate=True: nn.GELU("tanh" if truth(approximate) else "none"),
    "GLU": lambda axis=-1: nn.GLU(axis),
    "LayerNorm": layer_norm,
    "LeakyReLU": lambda alpha=0.2: nn.LeakyReLU(alpha),
    "LogSoftmax": lambda axis=-1: nn.LogSoftmax(axis),
    "MaxPool1d": pool(nn.MaxPool1d),
    "MaxPool2d": pool(nn.MaxPool2d),
    "PReLU": lambda channel=1, w=0.25: nn.PReLU(channel, w),
    "Softmax": lambda axis=-1: nn.Softmax(axis),
}

LOSSES: dict[str, Callable[..., nn.Module]] = {
    "BCELoss": ordered(nn.BCELoss, weight=None, reduction="mean"),
    "BCEWithLogitsLoss": ordered(
        nn.BCEWithLogitsLoss, reduction="mean", weight=None, pos_weight=None
    ),
    "CosineEmbeddingLoss": ordered(nn.CosineEmbeddingLoss, margin=0.0, reduction="mean"),
    "CrossEntropyLoss": ordered(
        nn.CrossEntropyLoss,
        weight=None,
        ignore_index=-100,
        reduction="mean",
        label_smoothing=0.0,
    ),
    "HingeEmbeddingLoss": ordered(nn.HingeEmbeddingLoss, margin=1.0, reduction="mean"),
    "KLDivLoss": ordered(nn.KLDivLoss, reduction="mean"),
    "L1Loss": ordered(nn.L1Loss, reduction="mean"),
    "MAELoss": ordered(nn.L1Loss, reduction="mean"),
    "MSELoss": ordered(nn.MSELoss, reduction="mean"),
    "MarginRankingLoss": ordered(nn.MarginRankingLoss, margin=0.0, reduction="mean"),
    "MultiLabelSoftMarginLoss": ordered(nn.MultiLabelSoftMarginLoss, weight=None, reduction="mean"),
    "MultiMarginLoss": ordered(nn.MultiMarginLoss, p=1, margin=1.0, reduction="mean", weight=None),
    "NLLLoss": ordered(nn.NLLLoss, weight=None, ignore_index=-100, reduction="mean"),
    "PoissonNLLLoss": ordered(
        nn.PoissonNLLLoss, log_input=True, full=False, eps=1e-8, reduction="mean"
    ),
    "SmoothL1Loss": ordered(nn.SmoothL1Loss, beta=1.0, reduction="none"),
    "SoftMarginLoss": ordered(nn.SoftMarginLoss, reduction="mean"),
    "TripletMarginLoss": ordered(
        nn.TripletMarginLoss, p=2, swap=False, eps=1e-6, reduction="mean", margin=1.0
    ),
}
# Layers that MindSpore has with other arguments or not at all.
OTHERWISE = frozenset(
    (
        *("Bilinear", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "EmbeddingBag", "Fold"),
        "InstanceNorm1d",
        *("InstanceNorm2d", "InstanceNorm3d", "Linear", "ModuleList", "ParameterDict"),
        *("ParameterList", "RMSNorm", "Unfold"),
    )
)

# ---- optimizers ---------------------------------------------------------------------------------


def adam(
    params: Any,
    learning_rate: Any = 1e-3,
    beta1: Any = 0.9,
    beta2: Any = 0.999,
    eps: Any = 1e-8,
    weight_decay: Any = 0.0,
) -> Optimizer:
    return nn.optim.Adam(params, learning_rate, (beta1, beta2), eps, weight_decay)


def adam_weight_decay(
    params: Any,
    learning_rate: Any = 1e-3,
    beta1: Any = 0.9,
    beta2: Any = 0.999,
    eps: Any = 1e-6,
    weight_decay: Any = 0.0,
) -> Optimizer:
    return nn.optim.AdamW(params, learning_rate, (beta1, beta2), eps, weight_decay)


def sgd(
    params: Any,
    learning_rate: Any = 0.1,
    momentum: Any = 0.0,
    dampening: Any = 0.0,
    weight_decay: Any = 0.0,
    nesterov: Any = False,
) -> Optimizer:
    return nn.optim.SGD(params, learning_rate, momentum, dampening, weight_decay, nesterov)


def momentum(
    params: Any,
    learning_rate: Any,
    momentum: Any,
    weight_decay: Any = 0.0,
    use_nesterov: Any = False,
) -> Optimizer:
    return sgd(params, learning_rate, momentum, 0.0, weight_decay, use_nesterov)


def rmsprop(
    params: Any,
    learning_rate: Any = 0.1,
    decay: Any = 0.9,
    momentum: Any = 0.0,
    epsilon: Any = 1e-10,
) -> Optimizer:
    return nn.optim.RMSprop(params, learning_rate, decay, epsilon, momentum=momentum)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "Adagrad": lambda params, learning_rate=0.001: nn.optim.Adagrad(params, learning_rate),
    "Adam": adam,
    "AdamWeightDecay": adam_weight_decay,
    "Momentum": momentum,
    "RMSProp": rmsprop,
    "SGD": sgd,
}


def stepping(optimizer: Optimizer) -> Builtin:
    """`optimizer(gradients)`: a step by these; `.grad` stays as it is."""

    def step(gradients: Any) -> bool:
        parameters = [x for group in optimizer.param_groups for x in group["params"]]
        given = items_of(gradients)
        if len(given) != len(parameters) or any(type(g) is not Tensor for g in given):
            raise WrongType(f"the optimizer takes {len(parameters)} gradients, one a parameter")
        before = [x.grad for x in parameters]
        try:
            for x, g in zip(parameters, given, strict=True):
                set_grad(x, g.detach())
            optimizer.step()
        finally:
            for x, g in zip(parameters, before, strict=True):
                x.grad = g
        return True

    return Builtin(type(optimizer).__name__, step)


def names() -> dict[str, Any]:
    for python in KINDS.values():
        CALLABLE.add(python)
        CALLED[python] = stepping
    layers = {name: cls for name, cls in LAYERS.items() if name not in OTHERWISE}
    makers = {**MAKERS, **LOSSES}
    made = {name: Class(name, ROOT, call=fitting(name, make)) for name, make in makers.items()}
    optimizers = {name: Class(name, call=fitting(name, f)) for name, f in OPTIMIZERS.items()}
    return {**layers, **made, **CLASSES, **optimizers, "Cell": CELL, "Module": ROOT}
