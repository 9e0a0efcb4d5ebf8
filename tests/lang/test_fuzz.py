"""Whatever the text, a session gives a value or an error of ours, in bounded time."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from gradcli.errors import GradcliError, InternalError
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source, decode
from gradcli.lang.text import show

from .trees import blocks, pairs

SMALL = Limits()._replace(steps=20_000, nodes=20_000, elements=100_000, memory=2**24, seconds=2)
VALID = [text for text, _ in pairs("values.grad")]
SCRIPTS = [text for text, _ in blocks("scripts.grad")]
fuzz = settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def outcome(source: Source) -> str | None:
    """Run a text and show what it gives; None for an error, which must be one of ours."""
    session = Session(SMALL, seed=0)
    session.run(Source("x = tensor([1, 2], requires_grad=True); y = 2; g(x) = x^2"))
    try:
        shown = show(session.run(source)[-1].value)
    except InternalError as error:
        pytest.fail(f"{source.text!r}: {error.message}")
    except GradcliError as error:
        assert "0x" not in error.message or "0x" in source.text
        return None
    except IndexError:
        assert not session.compile(source)
        return None
    assert " at 0x" not in shown
    return shown


@given(some.binary(max_size=60))
@fuzz
def test_any_bytes(data: bytes) -> None:
    try:
        source = decode(data, "bytes")
    except GradcliError:
        return
    outcome(source)


@given(some.text(max_size=40))
@fuzz
def test_any_text(text: str) -> None:
    outcome(Source(text))


FRAGMENTS = [
    *"+-*/%@^&|~'\"()[]{},:;.=<>!x y 0 1 2".replace(" ", ""),
    "//",
    "**",
    "==",
    "~=",
    " in ",
    " is ",
    " not ",
    " and ",
    " or ",
    " if ",
    " else ",
    "lambda x: ",
    "sin",
    "grad(",
    "x.grad",
    ".sum()",
    ".backward()",
    ".T",
    "f'{",
    "}'",
    "''",
    "1e308",
    "nan",
    "inf",
    "1j",
    "None",
    "True",
    "[1, 2]",
    "(1, 2)",
    "{'a': 1}",
    "2^63",
    "x[0]",
    "x[:, None]",
    "...",
    "g'",
    "⏎",
    "π",
    "√",
    "²",
]


@given(some.sampled_from(VALID), some.data())
@fuzz
def test_programs_with_changes(text: str, data: some.DataObject) -> None:
    for _ in range(data.draw(some.integers(1, 4))):
        at = data.draw(some.integers(0, len(text)))
        until = min(len(text), at + data.draw(some.sampled_from([0, 0, 1, 1, 2, 5])))
        text = text[:at] + data.draw(some.sampled_from(["", *FRAGMENTS])) + text[until:]
    outcome(Source(text))


SCRAPS = [
    *FRAGMENTS,
    "\n",
    "\n    ",
    ":",
    ": ",
    "for i in x: ",
    "for i in range(3):\n",
    "while x: ",
    "if x: ",
    "else: ",
    "try: ",
    "except: ",
    "except RuntimeError as e: ",
    "finally: ",
    "raise ",
    "def f(a, *b): ",
    "return ",
    "break",
    "continue",
    "pass",
    "with no_grad(): ",
    "del x",
    "*",
    "assert ",
    "import math",
    "from math import ",
    "range(3)",
    "[i for i in x]",
    "x.append(",
    "sorted(",
    "map(g, ",
    "RuntimeError('a')",
    "x += 1",
    "lambda *a: ",
    "@no_grad()\n",
]


@given(some.sampled_from(SCRIPTS), some.data())
@fuzz
@example("for i in x: break", None)
def test_scripts_with_changes(text: str, data: some.DataObject | None) -> None:
    for _ in range(data.draw(some.integers(1, 4)) if data else 0):
        at = data.draw(some.integers(0, len(text)))
        until = min(len(text), at + data.draw(some.sampled_from([0, 0, 1, 1, 2, 5, 9])))
        text = text[:at] + data.draw(some.sampled_from(["", *SCRAPS])) + text[until:]
    outcome(Source(text))


# ---- programs that parse, of values of every type -----------------------------------------------

ATOMS = some.sampled_from(
    [
        "x",
        "y",
        "g",
        "g'",
        "sin",
        "max",
        "print",
        "tensor",
        "autograd",
        "float32",
        "None",
        "True",
        "0",
        "1",
        "-1",
        "2.5",
        "1e308",
        "nan",
        "inf",
        "2^63",
        "1j",
        "'a'",
        "f'{x}'",
        "[]",
        "()",
        "[1, 2]",
        "[[1, 2], [3]]",
        "(1, x)",
        "{'a': x}",
        "x.grad_fn",
        "x.shape",
        "ones(2, 2)",
        "x > 1",
        "lambda: 1",
        "lambda x: x*x",
        "grad(g)",
        "x.dtype",
        "x.sum",
        "x[0]",
        "range(3)",
        "RuntimeError",
        "ValueError('a')",
        "no_grad()",
        "'a b'",
        "[i for i in [1, 2]]",
    ]
)
BINARY = some.sampled_from(
    [
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "^",
        "@",
        "&",
        "|",
        "==",
        "!=",
        "<",
        ">=",
        "~=",
        " in ",
        " is ",
        " and ",
        " or ",
    ]
)
NAMES = sorted(name for name in Session().machine.builtins if name.isidentifier())
METHODS = some.sampled_from(
    [
        "sum",
        "backward",
        "reshape",
        "T",
        "grad",
        "item",
        "tolist",
        "detach",
        "retain_grad",
        "mean",
        "max",
        "astype",
        "expand",
        "get",
        "items",
        "upper",
        "real",
        "name",
        "next_functions",
        "foo",
        "requires_grad_",
        "transpose",
        "squeeze",
        "clip",
        "prod",
        "norm",
        "cumsum",
        "argmax",
        "mul_",
        "register_hook",
        "register_post_accumulate_grad_hook",
        "remove",
        "append",
        "extend",
        "insert",
        "pop",
        "sort",
        "index",
        "count",
        "copy",
        "update",
        "setdefault",
        "keys",
        "join",
        "format",
        "split",
        "replace",
        "rjust",
        "zfill",
        "startswith",
        "args",
    ]
)


def larger(part: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    arguments = some.lists(part, max_size=3).map(", ".join)
    keyword = some.sampled_from(["axis", "dim", "keepdims", "dtype", "x", "gradient", "order"])
    named = some.builds("{}={}".format, keyword, part)
    call = some.sampled_from(NAMES)
    return some.one_of(
        some.builds("({}){}({})".format, part, BINARY, part),
        some.builds("(-{})".format, part),
        some.builds("(not {})".format, part),
        some.builds("({})[{}]".format, part, part),
        some.builds("({})[{}:{}]".format, part, part, part),
        some.builds("({})[{}, {}]".format, part, part, part),
        some.builds("({})({})".format, part, arguments),
        some.builds("{}({})".format, call, arguments),
        some.builds("{}({}, {})".format, call, part, named),
        some.builds("({}).{}({})".format, part, METHODS, arguments),
        some.builds("({}).{}".format, part, METHODS),
        some.builds("({})'".format, part),
        some.builds("({} if {} else {})".format, part, part, part),
        some.builds("[{}]".format, arguments),
        some.builds("[t for t in {} if {}]".format, part, part),
        some.builds("({})(*{}, **{})".format, part, part, part),
        some.builds("[*{}, {}]".format, part, part),
        some.builds("(lambda t: {})({})".format, part, part),
    )


EXPRESSIONS = some.recursive(ATOMS, larger, max_leaves=6)


@given(EXPRESSIONS)
@settings(fuzz, max_examples=1500)
@example("autograd.grad(x, [x], [[1], [2]])")
@example("where(x > 0, a=(x, 1), b=0)")
@example("x.backward([[[1], [2]]])")
def test_generated_expressions(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome(Source(text))


@given(
    some.lists(
        some.builds(
            "{} = {}".format,
            some.sampled_from(["x", "y", "z", "x[0]", "x.grad", "y, z", "y, *z", "g"]),
            EXPRESSIONS,
        )
        | some.builds("{} += {}".format, some.sampled_from("xyz"), EXPRESSIONS)
        | some.builds("del {}".format, some.sampled_from(["x", "x[0]", "z"]))
        | some.builds("raise {}".format, EXPRESSIONS)
        | some.builds("assert {}, {}".format, EXPRESSIONS, EXPRESSIONS),
        max_size=3,
    ),
    some.sampled_from(
        [
            "{}",
            "for i in {}: {}",
            "if {}: {}",
            "with {} as c: {}",
            "try: {}; {}\nexcept: {}",
            "try: {}\nexcept {}: {}\nfinally: {}",
            "for i, *j in {}: {}\nelse: {}",
            "def h(a={}, *b): return {}\nh({})",
            "@no_grad()\ndef h(): {}\nh({}, *{})",
        ]
    ),
    EXPRESSIONS,
)
@settings(fuzz, max_examples=700)
def test_generated_programs(statements: list[str], form: str, last: str) -> None:
    outcome(Source("\n".join(["; ".join(statements), form.replace("{}", last)])))
