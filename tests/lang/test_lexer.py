"""Text to tokens: quotes, Unicode, decoding, and reading what is not finished."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gradcli.errors import ParseError
from gradcli.lang.characters import visible
from gradcli.lang.lexer import tokens, unfinished
from gradcli.lang.source import Source, Span, decode


def kinds(text: str, *, tolerant: bool = False) -> str:
    return " ".join(token.kind for token in tokens(Source(text), tolerant=tolerant)[:-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # directly after a name, `)`, `]` or a prime
        ("A'", "name prime"),
        ("A''", "name prime prime"),
        ("(a)'", "( name ) prime"),
        ("[a]'", "[ name ] prime"),
        ("A' + B'", "name prime + name prime"),
        # elsewhere
        ("'a'", "string"),
        ("A 'a'", "name string"),
        ("2'a'", "number string"),
        ("x in'a'", "name in string"),
        ("not'a'", "not string"),
        ('A"a"', "name string"),
        # the bare name f
        ("f'(2)", "name prime ( number )"),
        ("f' + g'", "name prime + name prime"),
        ("f''", "name prime prime"),
        ("f'' + f'''", "name prime prime + name prime prime prime"),
        ("f'a'", 'f" ftext f-end'),
        ("f'{x}'", 'f" f{ name f} f-end'),
        ("f'\\n'", 'f" ftext f-end'),
        ("f' {x}'", 'f" ftext f{ name f} f-end'),
        ("f' [x]'", "name prime [ name ] prime"),
        ("f'\n'{'", "name prime newline string"),
        ("a.f'x'", "name . name prime name prime"),
        ("ff'x'", "name prime name prime"),
        ("r'x'", "name prime name prime"),
        ("F'x'", "name prime name prime"),
        ('r"x"', "string"),
        ('f"x"', 'f" ftext f-end'),
        ('Rf"x"', 'f" ftext f-end'),
        # inside a field, quotes begin anew
        ("f'{A'}'", 'f" f{ name prime f} f-end'),
        ('f"{"a"}"', 'f" f{ string f} f-end'),
        ("f'{x['a']}'", 'f" f{ name [ string ] f} f-end'),
    ],
)
def test_a_quote_is_a_prime_or_opens_a_string(text: str, expected: str) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2e3", ["2e3"]),
        ("2e", ["2", "e"]),
        ("2e+x", ["2", "e", "+", "x"]),
        ("2ex", ["2", "ex"]),
        ("1j", ["1j"]),
        ("1jx", ["1", "jx"]),
        ("5.real", ["5.", "real"]),
        ("x1", ["x1"]),
        ("1_000.5e-1_0", ["1_000.5e-1_0"]),
        ("0xFFx", None),
        ("1_x", None),
    ],
)
def test_numbers_come_first(text: str, values: list[str] | None) -> None:
    if values is None:
        with pytest.raises(ParseError):
            tokens(Source(text))
    else:
        assert [token.value for token in tokens(Source(text))[:-1]] == values


def test_spans_are_places_in_the_text_as_written() -> None:
    source = Source("2·π² ≤ 'aé' # end")
    found = [(token.kind, source.slice(token.span)) for token in tokens(source)]
    assert found == [
        ("number", "2"),
        ("*", "·"),
        ("name", "π"),
        ("²", "²"),
        ("<=", "≤"),
        ("string", "'aé'"),
        ("end", ""),
    ]


def test_newlines_in_brackets_are_blanks() -> None:
    assert kinds("a\n\n# b\nb") == "name newline name"
    assert kinds("[a,\n\n# b\nb]") == "[ name , name ]"
    assert kinds("a\\\n+ b\\\r\n") == "name + name"


# ---- Unicode ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["ﬁ = 1\nfi", "𝑥 + x", "x + 𝑥", "ϖ", "µ + μ", "𝐝𝐞𝐟", "𝐢𝐧", "＿＿x＿＿"],
)
def test_names_that_collide_under_nfkc_are_refused(text: str) -> None:
    with pytest.raises(ParseError):
        tokens(Source(text))


def test_one_spelling_of_a_name_is_normalised() -> None:
    for text, name in [("ﬁ + ﬁ", "fi"), ("𝑥", "x"), ("e\u0301", "é"), ("π", "pi"), ("∞", "inf")]:
        assert tokens(Source(text))[0].value == name


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\u061c", "\ud800"])
@pytest.mark.parametrize("text", ["x{}", "'{}'", "'''{}'''", "f'a{}'", "# {}", "{}", "x\n'a{}'"])
def test_marks_that_reorder_text_are_refused_everywhere(mark: str, text: str) -> None:
    with pytest.raises(ParseError) as caught:
        tokens(Source(text.replace("{}", mark)))
    assert f"U+{ord(mark):04X}" in caught.value.message
    place = caught.value.location
    assert place is not None
    assert place.text[place.column - 1] == mark


@pytest.mark.parametrize("char", ["\r", "\v", "\f", "\x85", "\u2028", "\u2029", "\0", "\xa0"])
def test_other_line_ends_and_blanks_are_refused_outside_strings(char: str) -> None:
    comments = () if char in "\0\xa0" else (f"x # y{char}z",)
    for text in (f"x{char}y", f"{char}", *comments):
        with pytest.raises(ParseError):
            tokens(Source(text))
    assert tokens(Source(f"'{char}'"))[0].value == char


def test_crlf_ends_lines() -> None:
    assert kinds("a\r\nb # c\r\n") == "name newline name newline"
    assert tokens(Source('"""a\r\nb"""'))[0].value == "a\nb"


def test_messages_show_nothing_that_reorders_text() -> None:
    assert visible("a\u202eb\x1b\n\ud800") == r"a\u202eb\x1b\x0a\ud800"
    assert visible("x" * 1000) == "x" * 29 + "…" + "x" * 29


# ---- files --------------------------------------------------------------------------------------


def test_files_are_utf8() -> None:
    assert decode("x = π\n".encode(), "a.grad").text == "x = π\n"
    assert decode(b"\xef\xbb\xbfx", "a.grad").text == "x"


@pytest.mark.parametrize("data", [b"x = 1\ny\xe9 = \xff2", b"x = 1\ny\xed\xa0\x80 = 2"])
def test_a_byte_that_is_not_utf8_is_located(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        decode(data, "a.grad")
    place = caught.value.location
    assert place is not None
    assert (place.name, place.line, place.column) == ("a.grad", 2, 2)


# ---- unfinished text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(x, # y", "name ( name , comment"),
        ("f(x]", "name ( name error"),
        ("x)", "name error"),
        ("'abc", "error"),
        ("f'{x", 'f" f{ name'),
        ("f'a {", 'f" ftext f{'),
        ('"""a\nb', "error"),
        ('"\\q" + x', "string + name"),
        ("x $ y", "name error name"),
        ("__x__ + 0xzz", "error + error"),
        ("def f", "def name"),
    ],
)
def test_tolerant_reading_never_raises(text: str, expected: str) -> None:
    assert kinds(text, tolerant=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + 1", False),
        ("f(x,", True),
        ("[1,\n2", True),
        ("x = {", True),
        ('"""a', True),
        ('f"""{x}', True),
        ("x + \\", True),
        ("'abc", False),
        ("x)", False),
        ("x $ (", False),
    ],
)
def test_whether_more_lines_could_complete_the_text(text: str, expected: bool) -> None:
    assert unfinished(Source(text)) is expected


@settings(max_examples=300, deadline=None)
@given(some.text())
def test_any_text_is_tokens_in_order(text: str) -> None:
    at = 0
    for token in tokens(Source(text), tolerant=True):
        assert at <= token.start <= token.end <= len(text)
        at = token.end
    assert token.kind == "end"
    assert token.span == Span(len(text), len(text))
