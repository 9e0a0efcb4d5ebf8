"""The losses of `torch.nn.functional`, with `size_average` and `reduce` in their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.errors import WrongType
from gradcli.nn.applied import reduction

OLD = ("size_average", "reduce", "reduction")
CLASSES = ("weight", "size_average", "ignore_index", "reduce", "reduction")
# The options that follow the operands, in their order.
OPTIONS: dict[str, tuple[str, ...]] = {
    "binary_cross_entropy": ("weight", *OLD),
    "binary_cross_entropy_with_logits": ("weight", *OLD, "pos_weight"),
    "cosine_embedding_loss": ("margin", *OLD),
    "cross_entropy": (*CLASSES, "label_smoothing"),
    "hinge_embedding_loss": ("margin", *OLD),
    "kl_div": (*OLD, "log_target"),
    "l1_loss": (*OLD, "weight"),
    "margin_ranking_loss": ("margin", *OLD),
    "mse_loss": (*OLD, "weight"),
    "multi_margin_loss": ("p", "margin", "weight", *OLD),
    "multilabel_soft_margin_loss": ("weight", *OLD),
    "nll_loss": CLASSES,
    "poisson_nll_loss": ("log_input", "full", "size_average", "eps", "reduce", "reduction"),
    "smooth_l1_loss": (*OLD, "beta"),
    "soft_margin_loss": OLD,
    "triplet_margin_loss": ("margin", "p", "eps", "swap", *OLD),
}
# How many operands there are, where it is not two.
OPERANDS = {"cosine_embedding_loss": 3, "margin_ranking_loss": 3, "triplet_margin_loss": 3}


def loss(name: str, options: tuple[str, ...]) -> Callable[..., Any]:
    count = OPERANDS.get(name, 2)

    def call(*arguments: Any, **named: Any) -> Any:
        rest = arguments[count:]
        given = dict(zip(options, rest, strict=False))
        if len(rest) > len(options) or given.keys() & named.keys():
            raise WrongType(f"{name} takes {', '.join(options)} beside its {count} operands")
        return F[name](*arguments[:count], **reduction({**given, **named}))

    return call


LOSSES = {name: loss(name, options) for name, options in OPTIONS.items()}
