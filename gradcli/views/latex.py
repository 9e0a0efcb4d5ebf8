"""A value and its derivatives as LaTeX, for a formula in a document."""

from __future__ import annotations

import math
import re
from typing import Any

from gradcli.engine import display
from gradcli.engine.tensor import Tensor
from gradcli.errors import LimitExceeded
from gradcli.lang.evaluation import Evaluation
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.text import show

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega"
)
SPECIAL = {"\\": r"\backslash{}", "^": r"\hat{}", "~": r"\sim{}"}


def as_latex(evaluation: Evaluation, *, digits: int | None = None) -> str:
    """Lines of an `aligned` environment: the value f, then each derivative."""
    values = [evaluation.shown, *evaluation.found.values()]
    size = sum(value.size if type(value) is Tensor else 1 for value in values)
    if 4 * size > evaluation.limits.output:
        raise LimitExceeded(
            f"a result of more than {evaluation.limits.output:,} characters", limit="output"
        )
    rows = [("f", evaluation.shown)]
    rows += [
        (derivative(names, evaluation.kind), found) for names, found in evaluation.found.items()
    ]
    lines = [f"  {label} &= {number(value, digits)}" for label, value in rows]
    if evaluation.uncertainty is not None:
        sigma = Tensor(evaluation.uncertainty.deviation[()])
        lines[0] += rf" \pm {number(sigma, digits or 3)}"
    body = " \\\\\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def derivative(names: tuple[str, ...], kind: str) -> str:
    """`\\frac{\\partial^2 f}{\\partial x \\partial y}`; products with a Jacobian as J v, v^T J."""
    if not names:
        return "J v"
    if kind == "vjp":
        return rf"v^\top \frac{{\partial f}}{{\partial {variable(names[0])}}}"
    below = [
        rf"\partial {variable(name)}{power(names.count(name))}" for name in dict.fromkeys(names)
    ]
    return rf"\frac{{\partial{power(len(names))} f}}{{{' '.join(below)}}}"


def power(n: int) -> str:
    return "" if n == 1 else f"^{{{n}}}"


def variable(name: str) -> str:
    """`x`, `\\alpha`, `x_{1}`, `\\mathrm{loss}`."""
    stem, _, index = name.partition("_")
    if not stem:
        return rf"\mathrm{{{escaped(name)}}}"
    if not index and (split := re.fullmatch(r"([^\W\d_]+)(\d+)", stem)):
        stem, index = split.groups()
    symbol = (
        rf"\{stem}" if stem in GREEK.split() else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    )
    return symbol + (f"_{{{escaped(index)}}}" if index else "")


def number(value: Any, digits: int | None) -> str:
    """A number, or a tensor as matrices: vectors are columns, of more axes matrices of matrices."""
    if type(value) is Tensor:
        return matrix(value.value, digits) if value.ndim else scalar(value.item(), digits)
    if type(value) in NUMBERS:
        return scalar(value, digits)
    return rf"\texttt{{{escaped(show(value, digits))}}}"


def matrix(array: Any, digits: int | None) -> str:
    if not array.ndim:
        return scalar(array.item(), digits)
    rows = [[row] for row in array] if array.ndim == 1 else array
    body = r" \\ ".join(" & ".join(matrix(item, digits) for item in row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def scalar(value: Any, digits: int | None) -> str:
    """`1.5`, `1.2 \\times 10^{-7}`, `\\infty`."""
    if isinstance(value, complex):
        imag = scalar(value.imag, digits)
        return f"{scalar(value.real, digits)} {'' if imag.startswith('-') else '+ '}{imag} i"
    if isinstance(value, float) and not math.isfinite(value):
        return r"\mathrm{NaN}" if math.isnan(value) else r"\infty" if value > 0 else r"-\infty"
    if isinstance(value, bool):
        return rf"\mathrm{{{value}}}"
    mantissa, _, exponent = display.number(value, digits).partition("e")
    return mantissa + (rf" \times 10^{{{int(exponent)}}}" if exponent else "")


def escaped(text: str) -> str:
    return "".join(SPECIAL.get(char, rf"\{char}" if char in "_{}$&#%" else char) for char in text)
