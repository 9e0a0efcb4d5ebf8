"""Every limit holds exactly: n is enough, n - 1 is not, and the error says which limit it was."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from gradcli.errors import GradcliError, LimitExceeded, Status, UsageError
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from tests.cli.commands import gradcli


def run(text: str, **limits: int) -> Any:
    return Session(Limits()._replace(**limits)).run(Source(text))[-1].value


# A limit, the least n under which the text runs, and the text.
EXACT = [
    ("source", 5, "1 + 2"),
    ("nesting", 3, "(((1)))"),
    ("nesting", 3, "[[[1]]]"),
    ("name", 3, "abc = 1"),
    ("string", 3, "'abc'"),
    ("string", 3, "'ab' + 'c'"),
    ("string", 3, "f'{12}c'"),
    ("string", 3, "str(123)"),
    ("string", 8, "'%s%s' % ('abcd', 'efgh')"),
    ("string", 12, "'{0}{0}{0}'.format('abcd')"),
    ("string", 12, "'ab'*6"),
    ("string", 5, "'-'.join(['ab', 'cd'])"),
    ("string", 9, "'a'.rjust(9)"),
    ("string", 9, "'aaa'.replace('a', 'bbb')"),
    ("list", 5, "list(range(5))"),
    ("list", 5, "[x for x in range(5)]"),
    ("list", 4, "xs = [1, 2, 3]; xs.append(4)"),
    ("list", 4, "xs = [1, 2]; xs.extend(xs)"),
    ("list", 4, "(lambda *xs: xs)(*'abcd')"),
    ("string", 2, "'ß'.upper()"),
    ("list", 3, "[1, 2, 3]"),
    ("list", 3, "(1, 2) + (3,)"),
    ("list", 2, "d = {'a': 1}; d['b'] = 2"),
    ("list", 4, "tensor([1, 2; 3, 4]).tolist()"),
    ("number", 4, "1234"),
    ("steps", 4, "1 + 2"),
    ("steps", 21, "for i in range(5): i"),
    ("kernel", 400, "zeros(100, 100) @ zeros(100, 100)"),
    ("depth", 3, "f(n) = 0 if n <= 0 else f(n - 1); f(2)"),
    ("depth", 2, "grad(lambda x: x)(1)"),
    ("elements", 6, "zeros(2, 3)"),
    ("elements", 6, "[1, 2, 3; 4, 5, 6] + 0"),
    ("elements", 6, "zeros(2, 1) + zeros(3)"),
    ("elements", 6, "x = zeros(2); x.expand(3, 2)"),
    ("rank", 3, "zeros(1, 1, 1)"),
    ("rank", 3, "[[[1]]] + 0"),
    ("order", 3, "f(x) = x^5; f'''(1)"),
    ("order", 3, "derivative(sin, 0, 3)"),
    ("output", 4, "print('abc')"),
    ("output", 6, "print('ab'); print('cd')"),
    ("nodes", 3, "x = tensor(1.0, requires_grad=True); x*x*x*x"),
    ("memory", 8000, "zeros(1000)"),
    ("memory", 24000, "a = zeros(1000); b = a + 1; b*2"),
    ("string", 3, "'%s' % 'abc'"),
    ("string", 4, "'{}c'.format('abc')"),
    ("string", 5, "'a'.ljust(5)"),
    ("string", 5, "'-'.join(['ab', 'cd'])"),
    ("string", 4, "'ab'.replace('a', 'xyz')"),
    ("string", 6, "'ab'*3"),
    ("list", 3, "list(range(3))"),
    ("list", 3, "[i for i in range(3)]"),
    ("list", 3, "a = [1]; a.append(2); a.extend([3])"),
    ("list", 3, "[*(1, 2), 3]"),
    ("list", 3, "sorted('abc')"),
    ("list", 3, "a, *b = range(3)"),
    ("depth", 3, "def f(n):\n    if n: f(n - 1)\nf(2)"),
    ("order", 4, "taylor(exp, 0, 4)"),
    ("elements", 12, "fft([1, 2, 3], 12)"),
    ("elements", 12, "one_hot([0, 1, 2], 4)"),
    ("elements", 12, "tile([1, 2, 3], 4)"),
    ("elements", 12, "repeat_interleave([1, 2, 3], 4)"),
    ("elements", 7, "pad([1, 2, 3], 2)"),
    ("elements", 12, "kron([1, 2, 3], [1, 2, 3, 4])"),
    ("elements", 12, "outer([1, 2, 3], [1, 2, 3, 4])"),
    ("elements", 12, "einsum('i,j->ij', [1, 2, 3], [1, 2, 3, 4])"),
    ("elements", 12, "vander([1, 2, 3], 4)"),
    ("elements", 9, "diag([1, 2, 3])"),
    ("elements", 9, "diag_embed([1, 2, 3])"),
    ("elements", 12, "zeros(0, 12)"),
    ("elements", 12, "zeros(0, 1).expand(0, 12)"),
    ("elements", 12, "prod(zeros(0).reshape(0, 12), axis=0)"),
]


@pytest.mark.parametrize(("name", "least", "text"), EXACT)
def test_limit_is_exact(name: str, least: int, text: str) -> None:
    run(text, **{name: least})
    run(text, **{name: least + 1})
    with pytest.raises(LimitExceeded) as caught:
        run(text, **{name: least - 1})
    assert caught.value.limit == name
    assert caught.value.location is not None
    assert caught.value.status == Status.LIMIT


@pytest.mark.parametrize(("name", "least", "text"), EXACT)
def test_no_program_catches_it_and_what_was_stays(name: str, least: int, text: str) -> None:
    if name in ("source", "nesting", "name", "number"):
        pytest.skip("a limit of the text, which then does not run at all")
    lines = [
        "before = 1",
        "try:",
        *["    " + line for line in text.split("\n")],
        "except: caught = 1",
        "finally: caught = 1",
    ]
    session = Session(Limits()._replace(**{name: least - 1}))
    with pytest.raises(LimitExceeded):
        session.run(Source("\n".join(lines)))
    assert "caught" not in session.variables


@pytest.mark.parametrize(("name", "least", "text"), EXACT)
def test_the_command_line_sets_each_limit(name: str, least: int, text: str) -> None:
    """By --limit NAME=N, over what --trusted lifts; the exit status is 8."""
    limit = f"{name}={least - 1}" if name != "source" else f"script={least - 1}"
    done = gradcli("run", "--trusted", "--limit", limit, "-", stdin=text.encode())
    assert done.status == Status.LIMIT
    assert done.stderr.partition("error: ")[2]


@pytest.mark.parametrize("name", Limits._fields)
def test_each_limit_has_a_case(name: str) -> None:
    elsewhere = {"script": "source", "seconds": "a real clock", "check": "tests/proof"}
    assert name in elsewhere or any(row[0] == name for row in EXACT)


def test_freed_memory_can_be_used_again() -> None:
    run("a = zeros(1000); a = a + 1; a = a + 1; a = a + 1; a + 1", memory=25_000)


def test_what_a_function_has_no_more_is_freed() -> None:
    run("def f():\n    for i in range(9): x = zeros(1000)\nf()", memory=25_000)


@pytest.mark.parametrize(
    "text",
    [
        "f(x) = [x, x]",
        "f(x) = (x, x)",
        "f(x) = {'a': x, 'b': x}",
    ],
)
@pytest.mark.parametrize(
    "use", ["a", "str(a)", "f'{a}'", "a == b", "a in [b]", "a ~= b", "sum(a)", "tensor(a)", "x[a]"]
)
def test_collections_that_hold_each_other_twice(text: str, use: str) -> None:
    """2^60 numbers in 60 lists are a value, and no use of it takes exponential time."""
    session = Session()
    ten = "f(" * 10 + "x" + ")" * 10
    session.run(Source(f"{text}; g(x) = {ten}; x = zeros(2)"))
    session.run(Source("a = g(g(g(g(g(g(1)))))); b = g(g(g(g(g(g(1))))))"))
    with contextlib.suppress(GradcliError):
        session.run(Source(use))


@pytest.mark.parametrize(
    "text",
    [
        "zeros(10^9)",
        "eye(10^5)",
        "arange(0, 1, 1e-12)",
        "rand(10^9)",
        "linspace(0, 1, 10^10)",
        "full(10^9, 1)",
        "zeros(2).expand(10^9, 2)",
        "tensor(1.0).broadcast_to(2^62, 2^62, 2^62)",
        "outer(zeros(10^4), zeros(10^4))",
        "ones(10^4, 1) + ones(10^4)",
        "ones(3000, 3000) @ ones(3000, 3000)",
        "einsum('i,j,k,l->ijkl', ones(99), ones(99), ones(99), ones(99))",
        "zeros(10^6).tolist()",
        "[ones(10^7), ones(10^7)] + 0",
    ],
)
def test_what_is_too_large_is_refused_before_it_is_made(text: str) -> None:
    with pytest.raises(LimitExceeded):
        run(text)


@pytest.mark.parametrize(
    "text",
    [
        "while True: pass",
        "try:\n    while True: pass\nexcept: caught = 1\nfinally: caught = 1",
        "while True:\n    try: continue\n    finally: pass",
        "def f():\n    while True:\n        with no_grad(): pass\nf()",
        "[0 for i in range(10^6) for j in range(10^6) if j < 0]",
    ],
)
def test_loops_without_end(text: str) -> None:
    session = Session(Limits()._replace(steps=20_000))
    with pytest.raises(LimitExceeded) as caught:
        session.run(Source(text))
    assert caught.value.limit == "steps"
    assert "caught" not in session.variables


@pytest.mark.parametrize(
    "text",
    ["f(x) = f(x); f(1)", "f(x) = f(f(x)); f(1)", "f(x) = f'(x); f(1)", "f(x) = grad(f)(x); f(1)"],
)
def test_recursion_without_end(text: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        run(text)
    assert caught.value.limit == "depth"


def test_a_long_calculation_runs_out_of_fuel() -> None:
    calls = "f(x) = x; g(x) = " + "f(" * 10 + "x" + ")" * 10
    text = f"{calls}; h(x) = " + "g(" * 10 + "x" + ")" * 10 + "; h(h(h(1)))"
    with pytest.raises(LimitExceeded) as caught:
        run(text, steps=500)
    assert caught.value.limit == "steps"


def test_what_is_always_allowed() -> None:
    assert run("(" * 50 + "1" + ")" * 50) == 1
    assert run("+".join(["1"] * 20_000)) == 20_000
    assert run("sum(ones(1000, 1000))").item() == 1e6
    assert run("n = 0\nfor i in range(10^5): n += i\nn") == 4999950000


def test_unknown_limit() -> None:
    with pytest.raises(UsageError) as caught:
        Limits().changed("fuel", 3)
    assert "steps" in str(caught.value.hint)


def test_trusted_lifts_work_and_memory_and_nothing_else() -> None:
    free, default = Limits().trusted(), Limits()
    changed = {name for name in default._fields if getattr(free, name) != getattr(default, name)}
    assert changed == {"steps", "kernel", "memory", "nodes", "elements", "seconds"}
