"""How tightly operators bind: the one table that the parser and the printer share."""

from __future__ import annotations

# From loosest to tightest; an operand of an operator binds at least as tightly as it.
(
    LOOSEST,
    CHOICE,  # a if c else b, lambda
    OR,
    AND,
    NOT,
    COMPARISON,
    UNION,  # |
    INTERSECTION,  # &
    SUM,
    PRODUCT,
    JUXTAPOSITION,  # 2x
    SIGN,  # - + ~
    POWER,  # right-associative
    POSTFIX,  # calls, indexes, attributes, primes, ² ³
) = range(14)

BINARY = {
    "|": UNION,
    "&": INTERSECTION,
    "+": SUM,
    "-": SUM,
    "*": PRODUCT,
    "/": PRODUCT,
    "//": PRODUCT,
    "%": PRODUCT,
    "@": PRODUCT,
    "^": POWER,
}
UNARY = {"not": NOT, "-": SIGN, "+": SIGN, "~": SIGN}
LOGICAL = {"or": OR, "and": AND}
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=", "~=", "is", "is not", "in", "not in")
SUPERSCRIPTS = {"²": 2, "³": 3}  # postfix
AUGMENTED = {operator + "=": operator for operator in ("+", "-", "*", "/", "//", "%", "^", "@")}
