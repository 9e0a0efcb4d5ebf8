"""What mathematics is written with: in LaTeX, and in Unicode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gradcli.views.latex import variable

# A function and its order; several have a name for each of the first orders.
BESSEL = {"jv": "J", "yv": "Y", "iv": "I", "kv": "K"}
NAMED_ORDERS = {f"{letter}{n}": (f"{letter}v", n) for letter in "jyik" for n in (0, 1)}


class Signs(NamedTuple):
    """What a notation has for each thing; the functions take what is inside.

    functions   names that differ from the language's
    of_order    a function's name with its order
    element     something with the places of an element, a row or a column
    unit        a row of the identity
    truth       1 where a condition holds, else 0
    cases       of numbers, the first if a condition holds, else the second
    array       rows of a matrix, or one column
    parts       of what has several results
    """

    minus: str
    dot: str
    elementwise: str
    quotient: str
    fraction: Callable[[str, str], str] | None
    power: Callable[[str, str], str]
    power_of_elements: Callable[[str, str], str]
    transposed: str
    inverse: str
    inverse_transposed: str
    parentheses: Callable[[str], str]
    functions: Mapping[str, str]
    function: Callable[[str], str]
    of_order: Callable[[str, int], str]
    name: Callable[[str], str]
    wrapped: Mapping[str, Callable[[str], str]]
    norm: Callable[[str, str], str]
    element: Callable[[str, Sequence[str]], str]
    unit: Callable[[str], str]
    truth: Callable[[str], str]
    cases: Callable[[str, str, str], str]
    array: Callable[[Sequence[Sequence[str]]], str]
    parts: Mapping[tuple[str, int], str]
    option: Callable[[str, str], str]
    one: str
    zero: str
    comparisons: Mapping[str, str]
    derivative: Callable[[str, int], str]


# ---- LaTeX --------------------------------------------------------------------------------------

COMMANDS = (
    "arccos arcsin arctan cos cosh det exp max min sin sinh tan tanh",
    {
        "digamma": r"\psi",
        "gamma": r"\Gamma",
        "lgamma": r"\ln\Gamma",
        "log": r"\ln",
        "log10": r"\log_{10}",
        "log2": r"\log_{2}",
        "logdet": r"\ln\det",
        "ndtr": r"\Phi",
        "trace": r"\operatorname{tr}",
    },
)


def latex_order(name: str, n: int) -> str:
    return rf"\psi^{{({n})}}" if name == "polygamma" else f"{BESSEL[name]}_{{{n}}}"


def latex_array(rows: Sequence[Sequence[str]]) -> str:
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def latex_derivative(name: str, order: int) -> str:
    power = "" if order == 1 else f"^{{{order}}}"
    return rf"\frac{{\partial{power} f}}{{\partial {variable(name)}{power}}}"


LATEX = Signs(
    minus="-",
    dot=r"\cdot",
    elementwise=r"\odot",
    quotient=r"\oslash",
    fraction=lambda a, b: rf"\frac{{{a}}}{{{b}}}",
    power=lambda a, n: f"{a}^{{{n}}}",
    power_of_elements=lambda a, n: rf"{a}^{{\odot {n}}}",
    transposed=r"^{\top}",
    inverse="^{-1}",
    inverse_transposed=r"^{-\top}",
    parentheses=lambda x: rf"\left({x}\right)",
    functions={**{name: rf"\{name}" for name in COMMANDS[0].split()}, **COMMANDS[1]},
    function=lambda name: rf"\operatorname{{{name.replace('_', chr(92) + '_')}}}",
    of_order=latex_order,
    name=lambda name: r"\pi" if name == "pi" else variable(name),
    wrapped={
        "sqrt": lambda x: rf"\sqrt{{{x}}}",
        "cbrt": lambda x: rf"\sqrt[3]{{{x}}}",
        "abs": lambda x: rf"\left\lvert {x} \right\rvert",
    },
    norm=lambda x, order: rf"\left\lVert {x} \right\rVert" + (f"_{{{order}}}" if order else ""),
    element=lambda x, places: f"{x}_{{{','.join(places)}}}",
    unit=lambda place: rf"\mathbf{{e}}_{{{place}}}",
    truth=lambda x: rf"\left[{x}\right]",
    cases=lambda c, a, b: (
        rf"\begin{{cases}} {a} & \text{{if }} {c} \\ {b} & \text{{otherwise}} \end{{cases}}"
    ),
    array=latex_array,
    parts={
        ("eigh", 1): r"\operatorname{eigvecs}",
        ("svd", 0): r"\operatorname{svd}_{U}",
        ("svd", 1): r"\operatorname{svd}_{\sigma}",
        ("svd", 2): r"\operatorname{svd}_{V^{\top}}",
    },
    option=lambda name, value: rf"\mathrm{{{name}}} = {value}",
    one=r"\mathbf{1}",
    zero=r"\mathbf{0}",
    comparisons={"<=": r"\le", ">=": r"\ge", "==": "="},
    derivative=latex_derivative,
)

# ---- Unicode ------------------------------------------------------------------------------------

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def raised(base: str, exponent: str) -> str:
    """x², or x^(n+1) where there are no raised signs."""
    if set(exponent) <= set("0123456789-"):
        return base + exponent.translate(SUPERSCRIPT)
    return f"{base}^{exponent}" if exponent.isalnum() else f"{base}^({exponent})"


def lowered(base: str, places: Sequence[str]) -> str:
    """x₁, or A_(1,:)"""
    if len(places) == 1 and places[0].isdecimal():
        return base + places[0].translate(SUBSCRIPT)
    return f"{base}_({','.join(places)})"


def unicode_order(name: str, n: int) -> str:
    if name == "polygamma":
        return f"ψ⁽{str(n).translate(SUPERSCRIPT)}⁾"
    return BESSEL[name] + str(n).translate(SUBSCRIPT)


def unicode_array(rows: Sequence[Sequence[str]]) -> str:
    columns = [", ".join(row) for row in rows]
    return f"[{', '.join(columns) if all(len(row) == 1 for row in rows) else '; '.join(columns)}]"


def unicode_derivative(name: str, order: int) -> str:
    power = "" if order == 1 else str(order).translate(SUPERSCRIPT)
    return f"∂{power}/∂{name}{power}"


UNICODE = Signs(
    minus="−",
    dot="·",
    elementwise="⊙",
    quotient="⊘",
    fraction=None,
    power=raised,
    power_of_elements=lambda a, n: f"{a}^⊙{n}" if n.isalnum() else f"{a}^⊙({n})",
    transposed="ᵀ",
    inverse="⁻¹",
    inverse_transposed="⁻ᵀ",
    parentheses=lambda x: f"({x})",
    functions={
        "digamma": "ψ",
        "gamma": "Γ",
        "log": "ln",
        "log10": "log₁₀",
        "log2": "log₂",
        "ndtr": "Φ",
        "trace": "tr",
    },
    function=lambda name: name,
    of_order=unicode_order,
    name=lambda name: "π" if name == "pi" else name,
    wrapped={
        "sqrt": lambda x: f"√({x})",
        "cbrt": lambda x: f"∛({x})",
        "abs": lambda x: f"|{x}|",
    },
    norm=lambda x, order: f"‖{x}‖" + order.translate(SUBSCRIPT),
    element=lowered,
    unit=lambda place: lowered("𝐞", [place]),
    truth=lambda x: f"[{x}]",
    cases=lambda c, a, b: f"({a} if {c}, else {b})",
    array=unicode_array,
    parts={
        ("eigh", 1): "eigvecs",
        ("svd", 0): "svd_U",
        ("svd", 1): "svd_σ",
        ("svd", 2): "svd_Vᵀ",
    },
    option=lambda name, value: f"{name} = {value}",
    one="𝟏",
    zero="𝟎",
    comparisons={"<=": "≤", ">=": "≥", "==": "="},
    derivative=unicode_derivative,
)
