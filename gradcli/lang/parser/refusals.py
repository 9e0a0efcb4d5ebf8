"""Messages for text that is no expression: what is wrong in plain words, and the remedy."""

from __future__ import annotations

from gradcli.lang.characters import visible
from gradcli.lang.lexer import KEYWORDS, Token

NEVER = "does not exist here"

# Words that begin something of Python: what is said about them, and the remedy.
WORDS: dict[str, tuple[str, str | None]] = {
    "elif": ("belongs to an 'if' in the same column", None),
    "else": ("belongs to an 'if', a loop or a 'try' in the same column", None),
    "except": ("belongs to a 'try' in the same column", None),
    "finally": ("belongs to a 'try' in the same column", None),
    "async": (NEVER, "everything runs in order: leave the word out"),
    "await": (NEVER, "everything runs in order: leave the word out"),
    "yield": (NEVER, "functions return one value; return a list"),
    "global": (NEVER, "pass the value as an argument and return the result"),
    "nonlocal": (NEVER, "pass the value as an argument and return the result"),
    "as": (NEVER, "it belongs to import and with"),
}
# The same for names that Python reads as words in front of another name.
SOFT_WORDS: dict[str, tuple[str, str | None]] = {
    "match": (NEVER, "use if and elif"),
    "type": (NEVER, "values have their types by themselves"),
    "exec": (NEVER, "write the statements themselves"),
}
OPERATORS: dict[str, tuple[str, str]] = {
    "&&": ("there is no operator '&&'", "write 'and', or & for masks"),
    "||": ("there is no operator '||'", "write 'or', or | for masks"),
    "!": ("there is no operator '!'", "write 'not x'; the factorial of n is gamma(n + 1)"),
    "<>": ("there is no operator '<>'", "write !="),
    "<<": ("there are no shifts", "multiply by a power: x * 2^n"),
    ">>": ("there are no shifts", "divide by a power: x // 2^n"),
    "=>": ("there is no operator '=>'", "write >= to compare, or lambda x: … for a function"),
    "->": ("there is no operator '->'", "write lambda x: … for a function"),
    ":=": ("assignment inside an expression does not exist", "assign in a statement before"),
    "&=": ("there is no operator '&='", "write m = m & n"),
    "|=": ("there is no operator '|='", "write m = m | n"),
}
# Words that only begin statements.
BEGINNINGS = (
    *("assert", "break", "continue", "def", "del", "from", "import", "pass", "raise", "return"),
    *("try", "while", "with"),
)
CLOSING = (")", "]", "}", "f}", "fspec", "f-end")
VALUES = ("name", "number", "string", 'f"', "(", "[", "{", "√", "True", "False", "None", "lambda")


def shown(token: Token, text: str) -> str:
    """A token as a message calls it."""
    if token.kind in ("newline", "end"):
        return "end of the line" if token.kind == "newline" else "end"
    if token.kind == "prime":
        return "a prime"
    if token.kind in ("string", 'f"'):
        return "a string"
    return f"'{visible(text[token.start : token.end], 40)}'"


def no_value(token: Token, before: Token | None, text: str) -> tuple[str, str | None]:
    """A value should stand at `token` and does not; `before` is the token in front of it."""
    kind = token.kind
    begins = before is None or before.kind == "newline"
    if kind == "%" and begins:
        return "a line that begins with '%' is a notebook's command", "leave the line out"
    if kind == ":" and begins and text[token.end : token.end + 1].isalpha():
        said = "a line that begins with ':' is a command of the prompt"
        return said, "it stands alone there: gradcli repl"
    if kind in OPERATORS:
        return OPERATORS[kind]
    if kind in WORDS and kind not in ("else", "as"):
        return f"'{kind}' {WORDS[kind][0]}", WORDS[kind][1]
    if kind in BEGINNINGS:
        return f"'{kind}' begins a statement and cannot stand inside an expression", None
    if kind in ("*", "^") and (
        before is None or before.kind in ("(", "[", "{", ",", "=", "newline")
    ):
        return "starred values do not exist here", "write the values one by one"
    if kind == "...":
        return "'...' stands only inside an index", "as in x[..., 0]"
    if before is None and kind == "end":
        return "there is no value", None
    if before is None or before.kind in ("newline", ";"):
        return f"a value is missing before {shown(token, text)}", None
    if before.kind in ("+", "-") and text[before.start - 1 : before.start] == before.value:
        sign = before.value
        return f"there is no operator '{sign}{sign}'", f"write x {sign}= 1"
    if kind == "=":
        tight = before.end == token.start and before.kind in ("==", "!=")
        remedy = f"write {before.kind}" if tight else "to compare, write =="
        return f"a value is missing before {shown(token, text)}", remedy
    if before.kind == "=" and kind in ("<", ">"):
        return f"there is no operator '={kind}'", f"write {kind}="
    if before.kind in ("(", "[", "{", ",") or kind in CLOSING:
        return f"a value is missing before {shown(token, text)}", None
    return f"a value is missing after {shown(before, text)}", None


def no_operator(token: Token, before: Token, text: str, *, nested: bool) -> tuple[str, str | None]:
    """An expression ended with `before`, and `token` cannot follow it."""
    kind = token.kind
    left, right = shown(before, text), shown(token, text)
    if kind in OPERATORS:
        return OPERATORS[kind]
    if kind == "=":
        return "'=' inside an expression", "to compare, write =="
    if kind == "for":
        return "a comprehension stands alone in brackets", "write [x^2 for x in xs]"
    if kind == ":":
        remedy = "a slice is x[start:stop:step]" if nested else "types are not annotated: x = 3"
        return "unexpected ':'", remedy
    if before.kind == "name" and before.value in SOFT_WORDS and kind == "name":
        return f"'{before.value}' {SOFT_WORDS[before.value][0]}", SOFT_WORDS[before.value][1]
    if kind in VALUES:
        message = f"an operator is missing between {left} and {right}"
        return message, between(token, before, text)
    if kind in WORDS or kind in BEGINNINGS:
        return f"'{kind}' cannot stand here", None
    return f"unexpected {right} after {left}", None


def between(token: Token, before: Token, text: str) -> str | None:
    """What may have been meant by two values side by side."""
    one = text[before.start : before.end]
    two = text[token.start : token.end]
    if len(one) + len(two) > 60 or before.kind in KEYWORDS:
        return None
    if before.kind == "name" and token.kind in ("name", "number"):
        return f"write {one}({two}) to call, or {one}*{two} to multiply"
    if before.kind == token.kind == "number":
        return f"write {one}*{two} to multiply; items of a list are separated by commas"
    if before.kind in ("²", "³", ")", "]", "prime") and token.kind in ("name", "number", "("):
        return "write * between them to multiply"
    if before.kind == token.kind == "string":
        return "write + or a comma between them"
    return None
