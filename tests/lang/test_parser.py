"""Text to trees: precedence, refusals and their remedies, limits, and any text whatever."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from gradcli.errors import GradcliError, LimitExceeded, ParseError
from gradcli.lang import syntax
from gradcli.lang.lexer import KEYWORDS, TextLimits
from gradcli.lang.parser import parse, parse_expression
from gradcli.lang.parser.refusals import WORDS
from gradcli.lang.parser.statements import STATEMENTS
from gradcli.lang.parser.suites import COMPOUND
from gradcli.lang.precedence import AUGMENTED, BINARY
from gradcli.lang.printer import canonical
from gradcli.lang.source import Source, decode
from gradcli.lang.syntax import Node, same

from .trees import blocks, pairs, refusal, shape


def refused(text: str) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(Source(text))
    return caught.value


# ---- examples -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), pairs("parse_shapes.grad"))
def test_how_text_is_read(text: str, expected: str) -> None:
    assert "; ".join(map(shape, parse(Source(text)).statements)) == expected


@pytest.mark.parametrize(("text", "expected"), blocks("parse_refusals.grad"))
def test_what_is_refused_and_the_remedy(text: str, expected: str) -> None:
    assert refusal(text, refused(text)) == expected


def test_both_readings_of_an_ambiguous_text_parse() -> None:
    for text, _ in blocks("parse_refusals.grad"):
        hint = refused(text).hint or ""
        if (
            hint.startswith("write ")
            and " or " in hint
            and "read in two ways" in str(refused(text))
        ):
            for reading in hint.removeprefix("write ").split(" or "):
                parse(Source(reading))


def test_every_word_of_python_is_known_or_refused_by_name() -> None:
    operators = {"True", "False", "None", "and", "or", "not", "is", "in", "lambda", "as"}
    known = {*STATEMENTS, *COMPOUND}
    for word in WORDS:
        assert f"'{word}'" in refused(f"{word} x").message
    assert {*WORDS} | known | operators == KEYWORDS | {"@"}


def test_every_operator_has_an_augmented_assignment_or_works_on_masks() -> None:
    assert set(AUGMENTED.values()) | {"&", "|"} == set(BINARY)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "x = 1", "x; y", "x\ny", "f(x) = x", "x +", "# nothing"]
)
def test_one_expression_is_asked_for(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_expression(Source(text))
    assert caught.value.location is not None


def test_one_expression_may_stand_on_lines_of_its_own() -> None:
    assert shape(parse_expression(Source("\n\n x, 1 # both\n\n"))) == "(tuple x 1)"


# ---- spans --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("(x + 1)*(y)", ["(x + 1)*(y)", "x + 1", "x", "1", "y"]),
        ("2x^2", ["2x^2", "2", "x^2", "x", "2"]),
        ("f(x, n=2)'", ["f(x, n=2)'", "f(x, n=2)", "f", "x", "n=2", "2"]),
        ("a if b else c", ["a if b else c", "b", "a", "c"]),
        ("x^y^(z)", ["x^y^(z)", "x", "y^(z)", "y", "z"]),
        ("√x + π²", ["√x + π²", "√x", "√", "x", "π²", "π", "²"]),
        ("x[1:, 2]", ["x[1:, 2]", "x", "1:, 2", "1:", "1", "2"]),
        ("(a, b)", ["(a, b)", "a", "b"]),
        ("[1, 2; 3]", ["[1, 2; 3]", "1, 2", "1", "2", "3", "3"]),
        ("not -x", ["not -x", "-x", "x"]),
        ("f'{x:.2f}'", ["f'{x:.2f}'", "{x:.2f}", "x"]),
        ("a < b < (c)", ["a < b < (c)", "a", "b", "c"]),
    ],
)
def test_spans(text: str, spans: list[str]) -> None:
    source = Source(text)
    assert [source.slice(node.span) for node in walk(parse_expression(source))] == spans


def walk(node: object) -> list[Node]:
    """The nodes of a small tree in the order of their fields."""
    if isinstance(node, Node):
        slots = syntax.structure(type(node))
        return [node, *(inner for slot in slots for inner in walk(getattr(node, slot)))]
    if isinstance(node, list | tuple):
        return [inner for each in node for inner in walk(each)]
    return []


def test_the_operator_and_the_attribute_have_their_own_spans() -> None:
    source = Source("a.grad · 2x")
    product = parse_expression(source)
    assert isinstance(product, syntax.Binary)
    assert isinstance(product.left, syntax.Attribute)
    assert isinstance(product.right, syntax.Binary)
    assert source.slice(product.operator_span) == "·"
    assert source.slice(product.left.name_span) == "grad"
    assert product.right.operator_span.start == product.right.operator_span.end == 10


# ---- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing", "at"),
    [
        ("(", ")", 0),
        ("[", "]", 0),
        ("{'a': ", "}", 0),
        ("f(", ")", 1),
        ("x[", "]", 1),
        ("-", "", 0),
        ("not ", "", 0),
        ("√", "", 0),
        ("lambda: ", "", 0),
        ("2^-", "", 2),
        ('f"{', '}"', 2),
        ("(x, ", ")", 0),
        ("1 if x else (", ")", 12),
        ("[", " for y in z]", 0),
    ],
)
def test_nesting(opening: str, closing: str, at: int) -> None:
    """`at` is where in the opening the level begins."""

    def nested(levels: int) -> Source:
        return Source(opening * levels + "x" + closing * levels)

    for levels in (50, 99, 100):
        parse(nested(levels))
    for levels in (101, 102, 10_000):
        with pytest.raises(LimitExceeded, match="nested more than 100 levels") as caught:
            parse(nested(levels))
        assert caught.value.limit == "nesting"
        assert caught.value.location is not None
        assert caught.value.location.column == len(opening) * 100 + at + 1


def test_blocks_are_nesting() -> None:
    def nested(levels: int) -> Source:
        lines = [" " * level + "if x:" for level in range(levels)]
        return Source("\n".join([*lines, " " * levels + "x"]))

    assert same(parse(Source(canonical(parse(nested(100))))), parse(nested(100)))
    for levels in (101, 1000):
        with pytest.raises(LimitExceeded, match="nested more than 100 levels") as caught:
            parse(nested(levels))
        assert caught.value.location is not None
        assert caught.value.location.line == 101


def test_branches_and_lines_are_no_nesting() -> None:
    parse(Source("if x: y\n" + "elif x: y\n" * 20_000))
    parse(Source("if x:\n" + "    y; z\n" * 20_000))


@pytest.mark.parametrize(
    "chain",
    ["x+", "3*x^2 - ", "x*", "x^", "x and ", "x or ", "x < ", "x if y else ", "2x+", "x\n"],
)
def test_flat_chains_are_no_nesting(chain: str) -> None:
    parse(Source(chain * 20_000 + "x"))


@pytest.mark.parametrize("link", [".T", "[0]", "(0)", "'"])
def test_chains_behind_a_value_are_no_nesting(link: str) -> None:
    tree = parse(Source("x" + link * 20_000))
    assert same(parse(Source(canonical(tree))), tree)


SMALL = TextLimits(source=40, nesting=3, name=5, string=6, list=4, number=7)


@pytest.mark.parametrize(
    ("limit", "fits", "exceeds"),
    [
        ("source", "x" + " " * 39, "x" + " " * 40),
        ("name", "abcde", "abcdef"),
        ("name", "ééééé", "éééééé"),
        ("name", "x.abcde", "x.abcdef"),
        ("string", "'abcdef'", "'abcdefg'"),
        ("string", 'f"abcdef{x}abcdef"', 'f"{x}abcdefg"'),
        ("number", "1234567", "12345678"),
        ("number", "0.12345", "0.123456"),
        ("number", "0x12345", "0x123456"),
        ("list", "[1, 2, 3, 4]", "[1, 2, 3, 4, 5]"),
        ("list", "[1, 2; 3, 4]", "[1, 2; 3, 4; 5]"),
        ("list", "(1, 2, 3, 4)", "(1, 2, 3, 4, 5)"),
        ("list", "1, 2, 3, 4", "1, 2, 3, 4, 5, 6"),
        ("list", "f(1, 2, a=3, b=4)", "f(1, 2, a=3, b=4, c=5)"),
        ("list", "x[1, 2, 3, 4]", "x[1, 2, 3, 4, 5]"),
        ("list", "{a:1, b:2, c:3, d:4}", "{a:1, b:2, c:3, d:4, e:5}"),
        ("nesting", "(((x)))", "((((x))))"),
    ],
)
def test_limits(limit: str, fits: str, exceeds: str) -> None:
    parse(Source(fits), limits=SMALL)
    parse_expression(Source(fits), limits=SMALL)
    with pytest.raises(LimitExceeded) as caught:
        parse(Source(exceeds), limits=SMALL)
    assert caught.value.limit == limit
    assert caught.value.location is not None


def test_the_limits_that_hold_by_default() -> None:
    parse_expression(Source("x".ljust(65_536)))
    parse(Source("x".ljust(1_048_576)))
    parse(Source(f"[{'1,' * 100_000}]"))
    for text, limit in [
        ("x".ljust(65_537), "source"),
        ("x" * 257, "name"),
        ("1" * 1_001, "number"),
    ]:
        with pytest.raises(LimitExceeded) as caught:
            parse_expression(Source(text))
        assert caught.value.limit == limit
    for text, limit in [
        ("x".ljust(1_048_577), "source"),
        (f"'{'x' * 65_537}'", "string"),
        (f"[{'1,' * 100_001}]", "list"),
    ]:
        with pytest.raises(LimitExceeded) as caught:
            parse(Source(text))
        assert caught.value.limit == limit


# ---- any text -----------------------------------------------------------------------------------

HOSTILE = [
    "(",
    "[",
    "{",
    "-",
    "not ",
    "x+",
    "x ",
    "f'",
    "f' ",
    "f'+",
    "'",
    '"',
    "'''",
    'f"{',
    "f'{x:",
    "\\\n",
    "\n",
    "#",
    "é",
    "x̂",
    "_",
    "1",
    "1e",
    "0x",
    ".",
    "...",
    ",",
    ";",
    "=",
    "x=",
    "^",
    "²",
    "√",
    "lambda:",
    "x if y else ",
    "$",
    "\0",
    "\u202e",
    "\ud800",
    "{{",
    "\\x41",
    "f'\n",
    "1_",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_quarter_megabyte_of_anything_ends_soon(text: str) -> None:
    for whole in (text * (250_000 // len(text)), f'"""{text * (60_000 // len(text))}"""'):
        outcome(whole)


def outcome(text: str) -> syntax.Block | GradcliError:
    """The tree of a text, or its error: located, on one line, nothing in it misleading."""
    try:
        return parse(Source(text))
    except (ParseError, LimitExceeded) as error:
        assert error.location is not None
        assert 1 <= error.location.line <= text.count("\n") + 1
        assert 1 <= error.location.column < error.location.end_column
        assert error.message.isprintable()
        assert (error.hint or "").isprintable()
        assert len(error.message) < 200
        return error


PIECES = [
    "x",
    "f",
    "e",
    "2",
    "2.",
    ".5",
    "1e3",
    "0x1f",
    "1j",
    "True",
    "None",
    "é",
    "𝑥",
    "π",
    "__a__",
    "^",
    "**",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "@",
    "&",
    "|",
    "~",
    "==",
    "=",
    "<",
    "<=",
    "!=",
    "~=",
    "²",
    "√",
    "≤",
    "·",
    "+=",
    "^=",
    "!",
    ",",
    ";",
    ":",
    ".",
    "...",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "not ",
    "and ",
    "or ",
    "if ",
    "else ",
    "lambda ",
    "in ",
    "is ",
    "for ",
    "def ",
    " ",
    "\t",
    ":\n  ",
    "\n  ",
    "try:",
    "else:",
    "return ",
    "with ",
    "import ",
    "'",
    '"',
    "'''",
    '"""',
    "f'",
    'f"',
    'r"',
    "{{",
    "}}",
    ":.3f",
    "\n",
    "\r\n",
    "\\",
    "#",
    "$",
    "\u202e",
    "\ud800",
    "\0",
    "\x85",
]
scraps = some.lists(some.sampled_from(PIECES), max_size=14).map("".join)


@settings(max_examples=1500, deadline=None)
@given(scraps | some.text())
@example("f'{f'{'")
@example("x[:" + "\n" * 3)
def test_any_text_is_a_tree_or_one_error(text: str) -> None:
    found = outcome(text)
    if isinstance(found, syntax.Block):
        assert same(parse(Source(canonical(found))), found)


@settings(max_examples=200, deadline=None)
@given(some.binary() | scraps.map(lambda text: text.encode(errors="replace")))
def test_any_bytes_are_a_tree_or_one_error(data: bytes) -> None:
    try:
        source = decode(data, "script.grad")
    except ParseError as error:
        assert error.location is not None
    else:
        outcome(source.text)


def test_errors_deep_in_a_text_leave_no_step_behind() -> None:
    with pytest.raises(ParseError):
        parse(Source("(" * 100 + "x +" + ")" * 100))


def test_the_front_end_loads_nothing_heavy() -> None:
    code = "import sys, gradcli.lang.printer, gradcli.lang.parser; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "sympy", "click", "tokenize_rt", "prompt_toolkit"} & set(
        done.stdout.split()
    )
