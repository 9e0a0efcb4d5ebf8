"""Calls of spread, norms, running sums and products, and what depends on an order."""

from __future__ import annotations

from typing import Any

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.functions import TABLE


def recurrence(a: Any, b: Any) -> Any:
    return TABLE["recurrence"](a, b)


EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "var": [
        (F["var"], (5,)),
        (lambda x: x.var(axis=0, ddof=1), (3, 2)),
        (lambda x: x.var(axis=(0, -1), keepdims=True, correction=2), (2, 3, 2)),
        (lambda x: x.var(unbiased=True) + x[0], (3,)),
    ],
    "std": [
        (F["std"], (5,)),
        (lambda x: x.std(axis=-1, ddof=1), (2, 3)),
        (lambda x: x.std(axis=(0, 1), keepdims=True, correction=1.5), (2, 3, 2)),
    ],
    "nansum": [
        (F["nansum"], (2, 3)),
        (lambda x: F["nansum"](x, axis=0, keepdims=True), (2, 3)),
        (lambda x: F["nanmean"](x, axis=-1), (2, 3)),
    ],
    "norm_p": [(lambda x, p=p: F["vector_norm"](x, p), (4,)) for p in (3, 1.5, 0.5, -1, -2.5)]
    + [
        (lambda x: F["vector_norm"](x, 3, axis=0), (3, 2)),
        (lambda x: F["vector_norm"](x, 3, axis=1), (2, 3)),
        (lambda x: F["vector_norm"](x, -3, axis=(0, 2), keepdims=True), (2, 3, 2)),
    ],
    "cumsum": [
        (F["cumsum"], (4,)),
        (F["cumsum"], (2, 3)),
        (lambda x: x.cumsum(axis=0), (3, 2)),
        (lambda x: x.cumsum(1), (2, 3, 2)),
    ],
    "recurrence": [
        (recurrence, (4,), (4,)),
        (recurrence, (3,), (2, 3)),
        (recurrence, (2, 3), (3,)),
        (recurrence, (2, 1), (2, 1)),
    ],
    "cumprod": [
        (F["cumprod"], (4,)),
        (F["cumprod"], (2, 2)),
        (lambda x: x.cumprod(axis=0), (3, 2)),
        (lambda x: x.cumprod(1), (2, 3, 2)),
    ],
    "logcumsumexp": [
        (F["logcumsumexp"], (4,)),
        (lambda x: x.logcumsumexp(axis=0), (3, 2)),
        (lambda x: x.logcumsumexp(1), (2, 3, 2)),
    ],
    "cummax": [
        (F["cummax"], (6,)),
        (lambda x: x.cummax(axis=0), (4, 2)),
        (lambda x: x.cummax(1), (2, 3, 2)),
    ],
    "cummin": [(F["cummin"], (6,)), (lambda x: x.cummin(axis=0), (4, 2))],
    "sort": [
        (F["sort"], (5,)),
        (lambda x: x.sort(axis=0), (4, 2)),
        (lambda x: x.sort(1, descending=True), (2, 3, 2)),
        (lambda x: F["topk"](x, 2)[0], (2, 4)),
        (lambda x: F["topk"](x, 2, axis=0, largest=False)[0], (4, 2)),
        (lambda x: F["kthvalue"](x, 2, keepdims=True)[0], (2, 4)),
        (F["median"], (2, 3)),
    ],
    "unique": [(F["unique"], (5,)), (F["unique"], (2, 3))],
}
