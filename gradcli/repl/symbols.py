"""`\\alpha` and Tab give α: what mathematicians write, under LaTeX's names."""

from __future__ import annotations

import unicodedata

GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi"),
    *("psi", "omega"),
)


def greek(name: str, case: str) -> str:
    return unicodedata.lookup(f"GREEK {case} LETTER {name.replace('lambda', 'lamda').upper()}")


SYMBOLS = {
    **{name: greek(name, "SMALL") for name in GREEK},
    **{name.capitalize(): greek(name, "CAPITAL") for name in GREEK},
    "infty": "∞",
    "sqrt": "√",
    "times": "×",
    "cdot": "·",
    "div": "÷",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "neq": "≠",
    "approx": "≈",
    "hbar": "ħ",
    "ell": "ℓ",
    "prime": "'",
    "squared": "²",
    "cubed": "³",
}
