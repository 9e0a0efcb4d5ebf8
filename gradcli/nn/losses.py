"""Losses. Each is a row: the function, and its options in PyTorch's order with their defaults.

`size_average` and `reduce` are older forms of `reduction`.
"""

from __future__ import annotations

from typing import Any

from gradcli.nn.applied import Applied, Loss, kind

OLD: Any = {"size_average": None, "reduce": None}
MEAN: Any = {"reduction": "mean"}


def loss(name: str, function: str, **options: Any) -> type[Applied]:
    return kind(Loss, name, function, **options)


MSELoss = loss("MSELoss", "mse_loss", **OLD, **MEAN)
L1Loss = loss("L1Loss", "l1_loss", **OLD, **MEAN)
SmoothL1Loss = loss("SmoothL1Loss", "smooth_l1_loss", **OLD, **MEAN, beta=1.0)
HuberLoss = loss("HuberLoss", "huber_loss", **MEAN, delta=1.0)
BCELoss = loss("BCELoss", "binary_cross_entropy", weight=None, **OLD, **MEAN)
BCEWithLogitsLoss = loss(
    "BCEWithLogitsLoss",
    "binary_cross_entropy_with_logits",
    weight=None,
    **OLD,
    **MEAN,
    pos_weight=None,
)
NLLLoss = loss(
    "NLLLoss", "nll_loss", weight=None, size_average=None, ignore_index=-100, reduce=None, **MEAN
)
CrossEntropyLoss = loss(
    "CrossEntropyLoss",
    "cross_entropy",
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    **MEAN,
    label_smoothing=0.0,
)
KLDivLoss = loss("KLDivLoss", "kl_div", **OLD, **MEAN, log_target=False)
PoissonNLLLoss = loss(
    "PoissonNLLLoss",
    "poisson_nll_loss",
    log_input=True,
    full=False,
    size_average=None,
    eps=1e-8,
    reduce=None,
    **MEAN,
)
GaussianNLLLoss = loss("GaussianNLLLoss", "gaussian_nll_loss", full=False, eps=1e-6, **MEAN)
HingeEmbeddingLoss = loss("HingeEmbeddingLoss", "hinge_embedding_loss", margin=1.0, **OLD, **MEAN)
MarginRankingLoss = loss("MarginRankingLoss", "margin_ranking_loss", margin=0.0, **OLD, **MEAN)
CosineEmbeddingLoss = loss(
    "CosineEmbeddingLoss", "cosine_embedding_loss", margin=0.0, **OLD, **MEAN
)
TripletMarginLoss = loss(
    "TripletMarginLoss",
    "triplet_margin_loss",
    margin=1.0,
    p=2.0,
    eps=1e-6,
    swap=False,
    **OLD,
    **MEAN,
)
SoftMarginLoss = loss("SoftMarginLoss", "soft_margin_loss", **OLD, **MEAN)
MultiMarginLoss = loss(
    "MultiMarginLoss", "multi_margin_loss", p=1, margin=1.0, weight=None, **OLD, **MEAN
)
MultiLabelSoftMarginLoss = loss(
    "MultiLabelSoftMarginLoss", "multilabel_soft_margin_loss", weight=None, **OLD, **MEAN
)
