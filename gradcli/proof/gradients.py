"""`check_grad(f, grad_f, x)`: is the gradient that somebody wrote the gradient of this function?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcli.engine.jacobians import jacobian_of
from gradcli.engine.tensor import Tensor, edge, tensor
from gradcli.errors import AssertionFailed, GradcliError, ShapeMismatch, WrongType
from gradcli.proof.extrapolation import DOUBT, parted, slope

Array = np.ndarray[Any, Any]
# What a function that is not made for tensors may raise when it meets one.
FOREIGN = (GradcliError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
# What a function may raise where a step has left its domain.
OUTSIDE = (ArithmeticError, ValueError)
# Differences that are no better than this decide nothing.
USELESS = 1e-2
LISTED = 5


@dataclass(frozen=True)
class GradientCheck:
    """What `check_grad` compared; all arrays have the shape of f(x) and then of x.

    differences, error  the derivative by finite differences, and the error of that estimate
    exact               by automatic differentiation, where f runs on gradcli's tensors
    kinks               where the slopes to both sides differ: not compared
    """

    claimed: Array
    differences: Array
    error: Array
    exact: Array | None
    kinks: Array

    @property
    def derivative(self) -> Array:
        """The best that is known of it."""
        return self.differences if self.exact is None else self.exact

    @property
    def worst(self) -> float:
        """The largest difference between the claim and the derivative, kinks left out."""
        gaps = np.abs(self.claimed - self.derivative)
        return float(np.max(gaps, initial=0.0, where=~self.kinks))


def check_grad(
    f: Callable[[Array], Any],
    grad_f: Callable[[Array], Any],
    x: Any,
    *,
    rtol: float = 1e-6,
) -> GradientCheck:
    """Raise AssertionError unless `grad_f(x)` is the gradient of f at x, or its Jacobian.

    f       from an array of x's shape to a number or an array, calculated in float64
    grad_f  from the same to an array of the shape of f(x) and then of x
    rtol    the part of a component that it may be off by, beyond the error of the differences

    Differences are taken by extrapolation and bring an estimate of their error, so a gradient that
    is right is not rejected for a step. Raises WrongType for complex x, f or grad_f, and
    ShapeMismatch for a derivative of another shape.
    """
    point = real(x, "x")
    value = real(f(point.copy()), "f(x)")
    claimed = real(grad_f(point.copy()), "grad_f(x)")
    shape = value.shape + point.shape
    if claimed.shape != shape and not (value.size == 1 and claimed.shape == point.shape):
        raise ShapeMismatch(
            f"grad_f(x) has shape {claimed.shape}, the derivative of f {shape}",
            hint="it is the shape of f(x), then that of x",
        )
    differences, error, kinks = by_differences(f, point, value)
    exact = by_autograd(f, point, value)
    if exact is not None and not np.all(kinks | close(exact, differences, error, rtol)):
        exact = None  # on tensors f is another function
    check = GradientCheck(claimed.reshape(shape), differences, error, exact, kinks)
    bound = np.zeros_like(error) if exact is not None else error
    wrong = ~kinks & ~close(check.claimed, check.derivative, bound, rtol)
    if wrong.any():
        raise AssertionFailed(refusal(check, wrong, point))
    largest = max(
        np.max(np.abs(a), initial=0.0, where=np.isfinite(a)) for a in (value, differences)
    )
    unknown = ~kinks & ~(DOUBT * error <= USELESS * largest)
    if exact is None and largest and unknown.any():
        raise AssertionFailed(undecided(check, unknown, point))
    return check


def real(value: Any, name: str) -> Array:
    array = np.asarray(value)
    if array.dtype.kind == "c":
        raise WrongType(f"{name} is complex", hint="check the real and the imaginary part")
    if array.dtype.kind not in "fiub":
        raise WrongType(f"{name} is no array of numbers")
    return array.astype(np.float64)


def close(one: Array, other: Array, error: Array, rtol: float) -> Array:
    """Component by component; what is negligible beside the largest may be rounding."""
    largest = float(np.max(np.abs(other), initial=0.0, where=np.isfinite(other)))
    allowed = DOUBT * error + rtol * np.abs(other) + 1e-12 * largest
    found: Array = np.abs(one - other) <= allowed
    return found


def by_differences(f: Callable[[Array], Any], x: Array, value: Array) -> tuple[Array, Array, Array]:
    """The derivative by every component of x, its error, and where there is a kink."""
    shape = (*value.shape, x.size)
    found, error, kinks = np.empty(shape), np.empty(shape), np.empty(shape, bool)
    for k in range(x.size):

        def moved(h: float, k: int = k) -> Array:
            there = x.copy()
            there.flat[k] += h
            try:
                return np.asarray(f(there), float)
            except OUTSIDE:
                return np.full(value.shape, np.nan)

        with np.errstate(all="ignore"):
            size = abs(float(x.flat[k]))
            found[..., k], error[..., k] = slope(moved, size)
            kinks[..., k] = parted(moved, size)
    full = value.shape + x.shape
    return found.reshape(full), error.reshape(full), kinks.reshape(full)


def by_autograd(f: Callable[[Array], Any], x: Array, value: Array) -> Array | None:
    """The Jacobian by the engine; None of a function that does not run on tensors."""
    at = tensor(x, requires_grad=True)
    try:
        with np.errstate(all="ignore"):
            y: Any = f(at)  # type: ignore[arg-type]  # a tensor answers as an array does
            if not isinstance(y, Tensor) or edge(y) is None or y.shape != value.shape:
                return None
            return np.asarray(jacobian_of(y, [at])[0].value)
    except FOREIGN:
        return None


# ---- what a failing test shows ------------------------------------------------------------------


def refusal(check: GradientCheck, wrong: Array, x: Array) -> str:
    gaps = np.where(wrong, np.abs(check.claimed - check.derivative), -1.0)
    worst = np.unravel_index(np.argmax(np.nan_to_num(gaps, nan=np.inf)), wrong.shape)
    lines = [
        f"the gradient is wrong{place(worst)}",
        f"  claimed      {check.claimed[worst]!s}",
        f"  differences  {check.differences[worst]!s} ± {check.error[worst]:.1g}",
    ]
    if check.exact is not None:
        lines.append(f"  autograd     {check.exact[worst]!s}")
    lines.append(f"  at x =       {pointed(x)}")
    if np.count_nonzero(wrong) > 1:
        lines.append(f"  in all, {listed(wrong)} of {wrong.size} components are wrong")
    return "\n".join([*lines, *kinks_named(check)])


def undecided(check: GradientCheck, unknown: Array, x: Array) -> str:
    worst = tuple(np.argwhere(unknown)[0])
    lines = [
        f"the gradient is undecided{place(worst)}: differences do not converge there",
        f"  claimed      {check.claimed[worst]!s}",
        f"  differences  {check.differences[worst]!s} ± {check.error[worst]:.1g}",
        f"  at x =       {pointed(x)}",
    ]
    return "\n".join([*lines, *kinks_named(check)])


def place(index: tuple[Any, ...]) -> str:
    return f" at component [{', '.join(str(int(k)) for k in index)}]" if index else ""


def pointed(x: Array) -> str:
    with np.printoptions(threshold=20, linewidth=90):
        return str(x).replace("\n", "\n" + " " * 15)


def listed(flags: Array) -> str:
    """`3 ([0], [2], [5])`"""
    places = [place(tuple(index)).removeprefix(" at component ") for index in np.argwhere(flags)]
    more = ", …" if len(places) > LISTED else ""
    return f"{len(places)} ({', '.join(places[:LISTED])}{more})"


def kinks_named(check: GradientCheck) -> list[str]:
    if not check.kinks.any():
        return []
    return [f"  kinks at {listed(check.kinks)}: the slopes to both sides differ; not compared"]
