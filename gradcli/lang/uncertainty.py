"""How uncertain a result is whose variables are: x = 2 ± 0.1.

To first order the variance is J Σ J^T, of independent variables a sum of (∂f/∂x σ)^2; the next
order tells whether that can be trusted (JCGM 100, "Guide to the expression of uncertainty in
measurement", 2008, section 5.1).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.jacobians import gradients_of, jacobian_of
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import ShapeMismatch, WrongType, WrongValue
from gradcli.lang.evaluation import Derive, Evaluation, Options, accumulated
from gradcli.lang.session import Session
from gradcli.lang.source import Source, Span
from gradcli.lang.tensors import as_tensor

Array = np.ndarray[Any, Any]
# The part of the first order from which the second makes it doubtful, and the most components of
# the variables for which the second is looked at.
DOUBTFUL, LARGEST = 0.1, 200
SIGNS = ("±", "+-")


class Uncertainty(NamedTuple):
    """Of a result: its standard deviation, of its shape, and each variable's part of the variance
    of all elements, in percent."""

    deviation: Array
    budget: Mapping[str, float]  # empty where the variance is not finite


def halves(text: str) -> tuple[str, str | None]:
    """`2±0.1` and `2+-0.1` as a value and its uncertainty, which stand outside of brackets."""
    depth = 0
    for k, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        for sign in SIGNS:
            if not depth and k and text.startswith(sign, k) and text[:k].strip():
                return text[:k], text[k + len(sign) :]
    return text, None


def deviation(session: Session, name: str, text: str, leaf: Tensor) -> Array:
    """The uncertainty of a variable: a number for all elements, or one of its shape."""
    source = Source(text, name=f"uncertainty of {name}")
    value = as_tensor(session.evaluate(source)).value
    whole = Span(0, len(text))
    if leaf.dtype.kind == "c" or value.dtype.kind == "c":
        raise source.blame(WrongType("an uncertainty is of real numbers"), whole)
    if not np.all((value >= 0) & np.isfinite(value)):
        message = "an uncertainty is a finite number that is not negative"
        raise source.blame(WrongValue(message), whole)
    if value.ndim and value.shape != leaf.shape:
        error = ShapeMismatch(f"the uncertainty has shape {value.shape}, {name} {leaf.shape}")
        raise source.blame(error, whole)
    return np.broadcast_to(np.asarray(value, float), leaf.shape)


def propagated(deviations: Mapping[str, Array]) -> Derive:
    """Gradients as backward() finds them, and the uncertainty of the result."""

    def derive(session: Session, evaluation: Evaluation, options: Options) -> None:
        value = evaluation.value
        if type(value) in (Tensor, list) and edge(as_tensor(value)) is not None:
            propagate(session, evaluation, as_tensor(value), deviations)
        accumulated(session, evaluation, options)

    return derive


def propagate(
    session: Session, evaluation: Evaluation, y: Tensor, deviations: Mapping[str, Array]
) -> None:
    if y.dtype.kind == "c":
        raise WrongType("the result is complex; an uncertainty is of real numbers")
    leaves = [evaluation.at[name] for name in deviations]
    moved = {
        name: np.asarray(jacobian.value * sigma, float)
        for (name, sigma), jacobian in zip(deviations.items(), jacobian_of(y, leaves), strict=True)
    }
    # Squares of what is relative to the largest neither overflow nor vanish.
    flat = {
        name: np.reshape(each, (*y.shape, math.prod(each.shape[y.ndim :])))
        for name, each in moved.items()
    }
    unit = np.max(np.abs(np.concatenate(list(flat.values()), axis=-1)), axis=-1, initial=0.0)
    unit = np.where((unit > 0) & np.isfinite(unit), unit, 1.0)
    variances = {n: np.sum((each / unit[..., None]) ** 2, axis=-1) for n, each in flat.items()}
    first = np.asarray(unit * np.sqrt(sum(variances.values())))
    parts = {
        n: float(np.sum(v * (unit / np.max(unit, initial=0.0)) ** 2)) for n, v in variances.items()
    }
    whole = sum(parts.values())
    shares = {name: 100 * part / (whole or 1.0) for name, part in parts.items()}
    evaluation.uncertainty = Uncertainty(first, shares if math.isfinite(whole) else {})
    if y.size == 1 and sum(x.size for x in leaves) <= LARGEST:
        warn_of_curvature(session, y, leaves, list(deviations.values()), float(np.sum(first)))


def warn_of_curvature(
    session: Session, y: Tensor, leaves: list[Tensor], deviations: list[Array], first: float
) -> None:
    """Say where second derivatives matter within the uncertainty of the variables."""
    sigma = np.concatenate([np.ravel(s) for s in deviations])
    rows = []
    for g in gradients_of(y, leaves, again=True):
        blocks = [
            np.reshape(h.value, (g.size, x.size))
            for h, x in zip(jacobian_of(g, leaves), leaves, strict=True)
        ]
        rows.append(np.concatenate(blocks, axis=1))
    curved = np.concatenate(rows).astype(float) * sigma * sigma[:, None]
    shift, spread = float(np.trace(curved) / 2), math.hypot(*np.ravel(curved)) / math.sqrt(2)
    if max(abs(shift), spread) > DOUBTFUL * first:
        session.warn(
            f"the uncertainty is doubtful: to second order the result shifts by {shift:.2g} and "
            f"spreads by {spread:.2g}, beside {first:.2g} to first order"
        )
