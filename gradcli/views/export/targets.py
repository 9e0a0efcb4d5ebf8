"""The Python modules that mathematics is written with, and the functions that they lack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Target(NamedTuple):
    """A Python module that mathematics is written with.

    renamed   its names for those of C's <math.h>, where they differ
    written   functions that it lacks, as source: they stand before the function that needs them
    special   what is imported if a special function is used
    setting   what is told the module
    """

    module: str
    heading: str
    renamed: Mapping[str, str]
    written: Mapping[str, str]
    special: str = ""
    setting: str = ""

    def imports(self, code: str) -> list[str]:
        """The lines that the code needs before it, in one piece or none."""
        names = set(re.findall(r"(?<![\w.])\w+(?=\.)", code))
        wanted = [self.heading] * (self.module in names or bool(self.setting))
        wanted += [self.special] * ("special" in names)
        return ["\n".join(wanted) + self.setting] if wanted else []


INVERSE = {
    f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")
}
STEP = "def {0}(x):\n    return math.copysign({1}(x), x) if math.isfinite(x) else x"
DIGAMMA = '''def digamma(x):
    """The logarithmic derivative of the gamma function."""
    if x <= 0:
        if x == math.floor(x):
            return math.nan if x else -math.copysign(math.inf, x)
        return digamma(1 - x) - math.pi / math.tan(math.pi * x)
    y = 0.0
    while x < 10:
        y -= 1 / x
        x += 1
    z = 1 / (x * x)
    series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z / 47.4)))))
    return y + math.log(x) - 0.5 / x - series'''
PLACED = '''def placed(x, shape, index):
    """Zeros, with x at an index."""
    y = {zeros}
    y[index] = x
    return y'''
ADDED = '''def added(x, shape, places):
    """Zeros, with each element of x added at its place."""
    y = {zeros}
    {add}
    return {module}.reshape(y, shape)'''
COFACTORS = '''def cofactors(a):
    """det(a) times the inverse of a, transposed; of singular matrices, too."""
    u, s, v = {module}.linalg.svd(a)
    n, prod = s.shape[-1], {module}.prod
    others = [prod(s[..., :k], -1) * prod(s[..., k + 1 :], -1) for k in range(n)]
    sign = {module}.linalg.det(u) * {module}.linalg.det(v)
    return sign[..., None, None] * ((u * {module}.stack(others, -1)[..., None, :]) @ v)'''
RECURRENCE = '''def recurrence(a, b):
    """s[k] = a[k] s[k-1] + b[k] along the last axis; the first is b[0]."""
    a, b = {module}.{broadcast}(a, b)
    s = [b[..., 0]]
    for k in range(1, b.shape[-1]):
        s.append(a[..., k] * s[-1] + b[..., k])
    return {module}.stack(s, -1)'''


TGAMMA = '''def tgamma(x):
    """The gamma function."""
    whole = torch.floor(x)
    size = torch.exp(torch.lgamma(x))
    y = torch.where((x < 0) & (whole % 2 != 0), -size, size)
    return torch.where((x < 0) & (x == whole), torch.nan, y)'''


ADDED_ALONG = '''def added_along(x, at, source, axis):
    """x, with each element of a source added at its place along an axis."""
    at = {module}.broadcast_to(at, source.shape)
    places = list({module}.indices(at.shape, sparse=True))
    places[axis] = at
    {add}'''


def of_arrays(module: str, broadcast: str = "broadcast_arrays") -> dict[str, str]:
    """Functions that are written alike for every module."""
    return {
        "cofactors": COFACTORS.format(module=module),
        "recurrence": RECURRENCE.format(module=module, broadcast=broadcast),
    }


TARGETS = {
    "python": Target(
        "math",
        "import math",
        {"tgamma": "gamma"},
        {
            **{name: STEP.format(name, f"math.{name}") for name in ("floor", "ceil", "trunc")},
            "rint": STEP.format("rint", "round"),
            "digamma": DIGAMMA,
        },
    ),
    "numpy": Target(
        "np",
        "import numpy as np",
        {**INVERSE, "fabs": "abs", "pow": "power"},
        {
            **of_arrays("np"),
            "placed": PLACED.format(zeros="np.zeros(shape)"),
            "added": ADDED.format(
                zeros="np.zeros(np.prod(shape, dtype=int))",
                add="np.add.at(y, np.ravel(places), np.ravel(x))",
                module="np",
            ),
            "added_along": ADDED_ALONG.format(
                module="np",
                add="y = np.array(x)\n    np.add.at(y, tuple(places), source)\n    return y",
            ),
        },
        "from scipy import special",
    ),
    "torch": Target(
        "torch",
        "import torch",
        {"fabs": "abs", "rint": "round"},
        {
            **of_arrays("torch", "broadcast_tensors"),
            "cbrt": "def cbrt(x):\n    return torch.sign(x) * torch.abs(x) ** (1 / 3)",
            "tgamma": TGAMMA,
            "placed": PLACED.format(zeros="x.new_zeros(shape)"),
            "added": ADDED.format(
                zeros="x.new_zeros(shape).reshape(-1)",
                add="y = y.index_add(0, places.reshape(-1), x.reshape(-1))",
                module="torch",
            ),
        },
    ),
    "jax": Target(
        "jnp",
        "import jax\nimport jax.numpy as jnp",
        {**INVERSE, "fabs": "abs", "pow": "power"},
        {
            **of_arrays("jnp"),
            "placed": "def placed(x, shape, index):\n"
            '    """Zeros, with x at an index."""\n'
            "    return jnp.zeros(shape).at[index].set(x)",
            "added": ADDED.format(
                zeros="jnp.zeros(shape).reshape(-1)",
                add="y = y.at[jnp.ravel(places)].add(jnp.ravel(x))",
                module="jnp",
            ),
            "added_along": ADDED_ALONG.format(
                module="jnp", add="return jnp.asarray(x).at[tuple(places)].add(source)"
            ),
        },
        "from jax.scipy import special",
        '\n\njax.config.update("jax_enable_x64", True)',
    ),
}
