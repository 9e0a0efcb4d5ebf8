"""Characters: what stands for what, what is refused, and how to show any of them safely."""

from __future__ import annotations

import re

# What mathematicians type, and the token it is. Names keep their own table: `π` is a letter.
SYMBOLS = {
    "×": "*",
    "·": "*",
    "⋅": "*",
    "\u0387": "*",  # the Greek twin of the middle dot
    "÷": "/",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~=",
    "²": "²",
    "³": "³",
    "√": "√",
}
NAMES = {"π": "pi", "τ": "tau", "∞": "inf"}

# Marks that reorder or hide the text around them are refused everywhere, strings included, as are
# surrogates, which no encoding can print.
REORDERING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u180e\u200b-\u200d\u2060-\u2064\u3164\ufe00-\ufe0f\uffa0\ufeff"
)
SURROGATES = "\ud800-\udfff"
BARRED = f"[{REORDERING}{SURROGATES}]"
HIDDEN = f"[{REORDERING}{INVISIBLE}]"

# What editors, web pages and word processors put in place of a plain character.
MEANT = {
    "‘": "'",
    "’": "'",
    "′": "'",
    "“": '"',
    "”": '"',
    "″": "''",
    "–": "-",
    "—": "-",
    "‐": "-",
    "∗": "*",
    "∙": "*",
    "•": "*",
    "∕": "/",
    "⁄": "/",
    "（": "(",
    "）": ")",
    "，": ",",
    "＝": "=",
    "＋": "+",
    "…": "...",
    "∧": "and",
    "∨": "or",
    "¬": "not",
    "⊙": "*",
    "→": "lambda x: …",
    "\N{NO-BREAK SPACE}": " ",
    "\N{THIN SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "\N{IDEOGRAPHIC SPACE}": " ",
}
ADVICE = {
    "∂": "derivatives are written f'(x), grad(f) or derivative(f, x, n)",
    "∇": "gradients are written grad(f)",
    "∑": "sums are written sum(...)",
    "∏": "products are written prod(...)",
    "∫": "there are no integrals here",
    "?": "a choice is written: a if c else b",
    "$": "formulas are written without $",
    "\\": "a backslash stands only at the end of a line, to continue it",
    "\r": "lines end with LF or CRLF",
}
SUPERSCRIPTS = "⁰¹⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ"
SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"


def visible(text: str, longest: int = 60) -> str:
    """`text` for a message: one line, nothing that a terminal or a reader could misread."""
    if len(text) > longest:
        half = longest // 2 - 1
        text = f"{text[:half]}…{text[-half:]}"
    return "".join(char if char.isprintable() else escape(char) for char in text)


def escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def normal_form(name: str) -> str:
    """The NFKC form, by which names are the same."""
    if name.isascii():
        return name
    import unicodedata  # noqa: PLC0415  # most texts are ASCII

    return unicodedata.normalize("NFKC", name)


def continues_name(char: str) -> bool:
    """Whether `char` may follow the first letter of a name; `x·y` is a product, not a name."""
    return ("a" + char).isidentifier() and char not in SYMBOLS


def describe(char: str) -> tuple[str, str | None]:
    """Message and hint for a character that begins no token."""
    code = f"U+{ord(char):04X}"
    if re.match(HIDDEN, char):
        return f"invisible character {code}", "delete it: it hides or reorders the text around it"
    name = f"character '{char}' ({code})" if char.isprintable() else f"character {code}"
    if char in MEANT:
        return f"unexpected {name}", f"write {MEANT[char]!r}"
    if char in SUPERSCRIPTS:
        return f"unexpected {name}", "only ² and ³ exist; write a power with ^"
    if char in SUBSCRIPTS:
        return f"unexpected {name}", f"write the index as a digit, as in x{SUBSCRIPTS.index(char)}"
    return f"unexpected {name}", ADVICE.get(char)
