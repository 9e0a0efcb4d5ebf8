"""sympy's hyperbolic functions of real numbers, without questions that take minutes.

Asked whether tanh of something is finite, or cosh of it positive, sympy splits the argument into
real and imaginary parts, which multiplies every power out; and it is asked whenever an expression
is built around it. Here a real argument settles it and anything else leaves it open. The classes
bear sympy's names, by which they are evaluated.
"""

from __future__ import annotations

from typing import Any

import sympy


def real(function: Any) -> bool | None:
    return True if function.args[0].is_extended_real else None


class sinh(sympy.sinh):  # type: ignore[misc]  # noqa: N801
    _eval_is_real = _eval_is_finite = real

    def fdiff(self, argindex: int = 1) -> Any:
        return cosh(self.args[0])


class cosh(sympy.cosh):  # type: ignore[misc]  # noqa: N801
    _eval_is_real = _eval_is_finite = _eval_is_positive = _eval_is_nonnegative = real

    def fdiff(self, argindex: int = 1) -> Any:
        return sinh(self.args[0])


class tanh(sympy.tanh):  # type: ignore[misc]  # noqa: N801
    _eval_is_real = _eval_is_finite = real

    def fdiff(self, argindex: int = 1) -> Any:
        return 1 - tanh(self.args[0]) ** 2


FUNCTIONS = {"sinh": sinh, "cosh": cosh, "tanh": tanh}
