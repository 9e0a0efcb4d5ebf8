"""Text to tokens.

The kind of a token is what the parser decides by: an operator, bracket or keyword is its own kind,
normalised (`**` is `^`, `≤` is `<=`). The rest are:

    name number string prime newline end     a `;` is a token of its own
    f" ftext f{ fspec f} f-end               an f-string, its texts, its fields between
    comment error                            only where they are asked for

Newlines inside brackets are blanks. The quote after a name, `)`, `]` or `'` is a prime.
"""

from __future__ import annotations

import keyword
import re
from typing import NamedTuple

from gradcli.errors import GradcliError, LimitExceeded, ParseError
from gradcli.lang import literals, quotes
from gradcli.lang.characters import (
    BARRED,
    NAMES,
    SYMBOLS,
    continues_name,
    describe,
    normal_form,
    visible,
)
from gradcli.lang.source import Source, Span


class TextLimits(NamedTuple):
    """How much text is read: characters, levels of nesting, items."""

    source: int = 65_536
    nesting: int = 100
    name: int = 256
    string: int = 65_536
    list: int = 100_000
    number: int = 1_000


EXPRESSION_LIMITS = TextLimits()
SCRIPT_LIMITS = TextLimits(source=1_048_576)


class Token(NamedTuple):
    """`value` is the text, but for names (normalised), strings (the value) and errors (why)."""

    kind: str
    value: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


# What to write for names that Python reserves.
ROWS = "DataLoader takes TensorDataset(x, y) or a list of rows: [(x[k], y[k]) for k in range(n)]"
NAMED = "isinstance(m, nn.Linear) tells what it is; for text write the name itself"
RESERVED = {
    "__future__": "leave the line out",
    "__name__": "a script is the main program: leave the if out and write its body at the margin",
    "__class__": NAMED,
    "__version__": "leave the line out: gradcli --version tells its own",
    "__call__": "def forward(self, x): … is what calling a module calls",
    **dict.fromkeys(("__getitem__", "__len__"), ROWS),
    **dict.fromkeys(("__iter__", "__next__"), "a function that returns a list: def rows(): …"),
    **dict.fromkeys(("__repr__", "__str__"), "def extra_repr(self): … shows more of a module"),
    **dict.fromkeys(
        ("__add__", "__mul__", "__neg__", "__pow__", "__radd__", "__rmul__", "__sub__"),
        "operators are those of tensors: a function of two values does as well",
    ),
}
KEYWORDS = frozenset(keyword.kwlist)
CLOSERS = {")": "(", "]": "[", "}": "{"}
DIGITS = "[0-9](?:_?[0-9])*+"
TOKEN = re.compile(
    rf"""
    [ \t]*+ (?: \\\r?\n [ \t]*+ )*+
    (?: (?P<name> [A-Za-z_][A-Za-z_0-9]*+ )
      | (?P<number> 0[xXbBoO][A-Za-z_0-9]*+
          | (?: {DIGITS} (?: \. (?:{DIGITS})? )? | \.{DIGITS} ) (?: [eE][+-]?{DIGITS} )?
            (?: [jJ] (?![A-Za-z_0-9]) )? )
      | (?P<operator> \*\*=? | //=? | <[<>=]? | >[>=]? | =[=>]? | != | ~= | -> | && | \|\|
          | [-+*/%@^&|]=? | \.\.\. | [.,;~]
          | [×·⋅\u0387÷−] (?: = (?!=) )? | [≤≥≠≈²³√] )
      | (?P<opener> [(\[{{] )
      | (?P<closer> [)\]}}] )
      | (?P<colon> :=? | ! )
      | (?P<quote> ["'] )
      | (?P<newline> \r?\n )
      | (?P<comment> \# [^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*+ )
      | (?P<other> . )
      | (?P<end> \Z )
    )""",
    re.VERBOSE | re.DOTALL,
)
# Patterns that few texts need are compiled (and kept, by `re`) where they are used.
BASED = "(?i)0(?:x[0-9a-f]+(_[0-9a-f]+)*|b[01]+(_[01]+)*|o[0-7]+(_[0-7]+)*)"
FORMAT = r"[<>^]?[0-9]{0,3}(\.[0-9]{1,2})?[defg%]?"
SAME = {"**": "^", "**=": "^=", **SYMBOLS, **{sign + "=": SYMBOLS[sign] + "=" for sign in SYMBOLS}}


def tokens(source: Source, *, tolerant: bool = False) -> list[Token]:
    """The tokens of a text, the last one `end`.

    Tolerant reading never raises: what is refused becomes an `error` token whose value says why,
    comments become tokens, an open bracket just ends, and escapes are not checked. It is for
    highlighting what somebody is still typing.
    """
    lexer = Lexer(source, SCRIPT_LIMITS, tolerant=tolerant)
    found = lexer.read()
    if lexer.failure and not tolerant:
        raise lexer.failure
    return found


def unfinished(source: Source) -> bool:
    """Whether more lines could complete the text: a bracket, a triple quote, a backslash."""
    lexer = Lexer(source, SCRIPT_LIMITS)
    lexer.read()
    return lexer.unfinished


class Lexer:
    """Reads a text to its end or to the first thing it refuses.

    The refusal is kept in `failure` and stands in the tokens as an `error`, so that the parser
    reports whatever comes first.
    """

    def __init__(self, source: Source, limits: TextLimits, *, tolerant: bool = False) -> None:
        self.source = source
        self.text = source.text
        self.ascii = source.text.isascii()
        self.limits = limits
        self.tolerant = tolerant
        self.tokens: list[Token] = []
        self.open: list[Token] = []  # brackets and f-string fields that wait for their closer
        self.fstrings: list[tuple[Token, str, bool]] = []  # being read: token, quote, raw
        self.names: dict[str, tuple[str, str]] = {}  # spelling: kind, value
        self.spellings: dict[str, str] = {}  # normal form: the spelling seen first
        self.failure: GradcliError | None = None
        self.unfinished = False
        self.resume = 0

    # ---- the loop -------------------------------------------------------------------------------

    def read(self) -> list[Token]:
        while True:
            try:
                self.scan(self.resume)
            except GradcliError as failure:
                self.failure = self.failure or failure
                if self.tolerant and self.resume <= len(self.text):
                    continue
                self.add("end", "", len(self.text), len(self.text))
            return self.tokens

    def scan(self, at: int) -> None:
        text, match, names = self.text, TOKEN.match, self.names
        add, new = self.tokens.append, tuple.__new__
        while found := match(text, at):
            group = found.lastgroup
            start, at = found.span(found.lastindex or 0)
            value = text[start:at]
            if group == "name":
                if not self.ascii and text[at : at + 1] > "\x7f":
                    at = self.end_of_name(at)
                    value = text[start:at]
                kind, value = names.get(value) or self.learn(value, start)
                add(new(Token, (kind, value, start, at)))
            elif group == "operator":
                kind = SAME.get(value, value)
                add(new(Token, (kind, value, start, at)))
            elif group == "number":
                if len(value) > 1 or text.startswith("_", at):
                    self.check_number(value, start)
                add(new(Token, ("number", value, start, at)))
            elif group == "opener":
                token = Token(value, value, start, at)
                self.open.append(token)
                add(token)
            elif group == "closer":
                at = self.close(value, start)
            elif group == "newline":
                if not self.open and self.tokens and self.tokens[-1].kind != "newline":
                    add(Token("newline", value, start, at))
            elif group == "quote":
                at = quotes.read(self, start)
            elif group == "colon":
                at = self.colon(value, start, at)
            elif group == "comment":
                self.check_marks(start, at)
                if self.tolerant:
                    add(Token("comment", value, start, at))
            elif group == "other":
                at = self.other(value, start)
            else:
                self.finish(at)
                return

    def finish(self, at: int) -> None:
        self.resume = at + 1
        if self.open and not self.tolerant:
            self.unfinished = True
            opener = self.open[-1]
            what = "the field of an f-string" if opener.kind == "f{" else repr(opener.value)
            raise self.refuse(f"{what} is never closed", opener.start, opener.end)
        self.add("end", "", at, at)

    def add(self, kind: str, value: str, start: int, end: int) -> Token:
        token = Token(kind, value, start, end)
        self.tokens.append(token)
        return token

    # ---- names and numbers ----------------------------------------------------------------------

    def end_of_name(self, at: int) -> int:
        text, size = self.text, len(self.text)
        while at < size and continues_name(text[at]):
            at += 1
        return at

    def learn(self, spelling: str, start: int) -> tuple[str, str]:
        """Kind and value of a name that is new in this text."""
        end = start + len(spelling)
        self.check_limit("name", "a name", start, end)
        name = normal_form(spelling)
        if name == "__init__" and self.initialises():
            return "name", name
        if name[:2] == "__" == name[-2:]:
            raise self.refuse(
                f"the name {visible(name)!r} is reserved",
                start,
                end,
                hint=NAMED
                if name == "__name__" and self.tokens and self.tokens[-1].value == "."
                else RESERVED.get(name, "names do not begin and end with two underscores"),
            )
        reserved = name in KEYWORDS or name in NAMES or not name.isidentifier()
        seen = name if reserved else self.spellings.setdefault(name, spelling)
        if spelling != seen:
            raise self.refuse(
                f"two spellings of one name: {visible(spelling)!r} and {visible(seen)!r}",
                start,
                end,
                hint="their letters differ in style only, so they would be one variable",
            )
        learnt = (name, name) if name in KEYWORDS else ("name", NAMES.get(name, name))
        self.names[spelling] = learnt
        return learnt

    def initialises(self) -> bool:
        """Whether `def` or `super().` stands before: there alone a method is called __init__."""
        before = [token.kind for token in self.tokens[-2:]]
        return before[-1:] == ["def"] or before == [")", "."]

    def check_number(self, literal: str, start: int) -> None:
        end = start + len(literal)
        self.check_limit("number", "a number", start, end)
        prefix = literal[:2].lower()
        if prefix[1:] in literals.BASES and not re.fullmatch(BASED, literal):
            rest = literal[1:]
            kind = literals.BASES[prefix[1:]][1]
            hint = f"to multiply, write 0*{rest}" if len(rest) < 20 else None
            raise self.refuse(f"{visible(literal)!r} is no {kind} number", start, end, hint=hint)
        if self.text.startswith("_", end):
            raise self.refuse(
                "an underscore in a number stands between two digits",
                start,
                end + 1,
            )

    # ---- brackets -------------------------------------------------------------------------------

    def close(self, closer: str, start: int) -> int:
        end = start + 1
        if not self.open:
            raise self.refuse(f"unmatched {closer!r}", start, end, hint="nothing is open here")
        opener = self.open[-1]
        if opener.kind == "f{" and closer == "}":
            self.open.pop()
            self.add("f}", closer, start, end)
            return quotes.fstring_text(self, end)
        if opener.kind != CLOSERS[closer]:
            place = self.source.locate(opener.span)
            raise self.refuse(
                f"{closer!r} does not close {opener.value!r}",
                start,
                end,
                hint=f"{opener.value!r} was opened in line {place.line}, column {place.column}",
            )
        self.open.pop()
        self.add(closer, closer, start, end)
        return end

    def colon(self, value: str, start: int, end: int) -> int:
        """A colon, or what follows the value in the field of an f-string."""
        if not (self.open and self.open[-1].kind == "f{"):
            self.add(value, value, start, end)
            return end
        if value == "!":
            raise self.refuse(
                "conversions such as !r do not exist", start, end, hint="write the value alone"
            )
        stop = start + 1
        while stop < len(self.text) and self.text[stop] not in "{}\"'\n":
            stop += 1
        spec = self.text[start + 1 : stop]
        if self.text.startswith("{", stop):
            hint = "a format is like .3f, >8, 10.4e, .1%"
            raise self.refuse("a format has no fields of its own", stop, stop + 1, hint=hint)
        if not re.fullmatch(FORMAT, spec):
            raise self.refuse(
                f"no format: {visible(spec)!r}",
                start + 1,
                max(stop, start + 2),
                hint="a format is like .3f, >8, 10.4e, .1%; put parentheses around a lambda",
            )
        self.add("fspec", spec, start, stop)
        return stop

    # ---- the rest -------------------------------------------------------------------------------

    def other(self, char: str, start: int) -> int:
        end = start + 1
        if char.isidentifier():
            end = self.end_of_name(end)
            spelling = self.text[start:end]
            self.add(*(self.names.get(spelling) or self.learn(spelling, start)), start, end)
            return end
        if char in NAMES:
            self.add("name", NAMES[char], start, end)
            return end
        self.unfinished = char == "\\" and end == len(self.text)
        message, hint = describe(char)
        raise self.refuse(message, start, end, hint=hint)

    def check_marks(self, start: int, end: int) -> None:
        if not (self.ascii or self.tolerant) and (
            found := re.compile(BARRED).search(self.text, start, end)
        ):
            message, hint = describe(found[0])
            raise self.refuse(message, *found.span(), hint=hint)

    def check_limit(self, limit: str, what: str, start: int, end: int) -> None:
        most = getattr(self.limits, limit)
        if end - start > most:
            message = f"{what} of more than {most} characters"
            self.resume = end
            self.failure = LimitExceeded(message, limit=limit)
            self.add("error", message, start, end)
            raise self.source.blame(self.failure, Span(start, end))

    def refuse(self, message: str, start: int, end: int, *, hint: str | None = None) -> ParseError:
        """The error, after its token; a tolerant reading goes on behind it."""
        self.resume = end
        self.add("error", message, start, end)
        refusal = ParseError(message, hint=hint)
        return refusal if self.tolerant else self.source.blame(refusal, Span(start, end))
