"""Calls of special functions that take parameters."""

from __future__ import annotations

from typing import Any

from gradcli.engine.apply import ROWS
from gradcli.engine.functions import FUNCTIONS as F

FAR = [30.0, 40.0]

EXAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "polygamma": [(lambda x, n=n: F["polygamma"](n, x), (3,)) for n in (0, 1, 2, 5)],
    "multigammaln": [(lambda x, d=d: F["multigammaln"](x, d), (3,)) for d in (1, 4)],
    "erfcx": [(F["erfcx"], (2, 3)), (lambda x: ROWS["erfcx"](x, 2), (3,))],
    "gammainc": [(F["gammainc"], (2, 1), (3,))],
    "gammaincc": [(F["gammaincc"], (3,), (3,))],
    "gamma_density": [(ROWS["gamma_density"], (2, 1), (2,))],
    "betainc": [(F["betainc"], (2,), (2, 1), (2,))],
    "beta_density": [(ROWS["beta_density"], (2,), (2, 1), (2,))],
    "lambertw": [(F["lambertw"], (3,)), (lambda x: F["lambertw"](x * -0.05, -1), (3,))],
    "zeta": [
        *((lambda q, s=s: F["zeta"](s, q), (2, 2)) for s in (1.5, 3.0)),
        (lambda s: F["zeta"](1.5 + s, [1.0, 0.3]), (3, 2)),
        (lambda s: F["zeta"](10 + s, FAR) * [x**16 for x in FAR], (2,)),
    ],
    **{
        name: [(lambda x, name=name, n=n: F[name](n, x), (3,)) for n in (0, 2, 5)]
        for name in ("jv", "yv", "iv", "kv")
    },
    **{
        name: [(lambda x, name=name, n=n: ROWS[name](x, n), (3,)) for n in (0, 3)]
        for name in ("ive", "kve")
    },
}
