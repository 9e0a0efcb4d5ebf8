"""What is offered at the cursor: a pure function, so a table."""

from __future__ import annotations

import pytest

from gradcli.engine.functions import ROW_OF
from gradcli.lang import manual
from gradcli.lang.dialects import active
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.types import TYPES, attributes_of
from gradcli.lang.values import Builtin
from gradcli.repl.calls import Call, call_at, hint
from gradcli.repl.completion import Candidate, Known, complete, importable

PROGRAM = """
a = tensor([1, 2], requires_grad=True)
b = a^2
sum(b).backward()
big = ones(30, 40)
alpha = 3
def fit(x, rate=0.1, *, steps=10):
    return x
words = {"k": 1}
"""


@pytest.fixture(scope="module")
def known() -> Known:
    session = Session()
    session.run(Source(PROGRAM), script=True)
    commands = {"help": "about", "set": "change", "save": "write", "check": "prove"}
    arguments = {"set": [("digits", "shown"), ("dtype", "of tensors")], "check": None}
    return Known(
        session.variables,
        session.machine.builtins,
        commands,
        lambda name, typed: arguments.get(name, ()),
        importable(),
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        # names: variables, then functions with their signatures, then words
        ("al", ["alpha", "all", "allclose", "alpha_dropout"]),
        ("2 + sinh", ["sinh"]),
        ("whi", ["while"]),
        ("x whi", []),
        ("x an", ["angle", "any", "and"]),
        ("xyzzy", []),
        # attributes and methods, by type
        ("a.requ", ["requires_grad", "requires_grad_"]),
        ("a.grad.nume", ["numel"]),
        ("b.grad_fn.", ["next_functions", "name", "register_hook", "register_prehook"]),
        ("b.T.nu", ["numel"]),
        ("sin(a).nume", ["numel"]),
        ("b[0].nume", ["numel"]),
        ("words.ke", ["keys"]),
        ("autograd.", ["backward", "grad"]),
        ("a._v", ["_version"]),
        ("nothing.", []),
        ("a.nothing.", []),
        ("2.5", []),
        # what it is before what it does, and that before what changes it
        ("a.selu", ["selu", "selu_"]),
        (
            "a.si",
            [
                "size",
                "sigmoid",
                "sign",
                "silu",
                "sin",
                "sinc",
                "sinh",
                "sigmoid_",
                "sign_",
                "silu_",
                "sin_",
                "sinc_",
                "sinh_",
            ],
        ),
        # modules, and what they hold
        ("import to", ["torch", "torchvision"]),
        ("import math, nu", ["numpy"]),
        ("from tor", ["torch", "torchvision"]),
        ("from math import sinh, cos", ["cos", "cosh"]),
        ("from torch.nn import Lin", ["Linear"]),
        ("from nowhere import x", []),
        ("from torch.nothing import x", []),
        # arguments by name
        ("sum(a, ke", ["keepdims="]),
        ("fit(1, ste", ["steps="]),
        ("b.backward(ret", ["retain_graph="]),
        ("sum(a, axis=al", ["alpha", "all", "allclose", "alpha_dropout"]),
        # text is left alone, but for the fields of f-strings
        ("'al", []),
        ("x  # al", []),
        ('f"{al', ["alpha", "all", "allclose", "alpha_dropout"]),
        ('f"al', []),
        # symbols
        ("\\om", ["ο", "ω"]),
        ("\\pi", ["π"]),
        ("'\\sq", ["√", "²"]),
        # commands and what follows them
        (":", [":help", ":set", ":save", ":check"]),
        (":s", [":set", ":save"]),
        (":set d", ["digits", "dtype"]),
        (":set x", []),
        (":check a.requ", ["requires_grad", "requires_grad_"]),
    ],
)
def test_offered(known: Known, typed: str, offered: list[str]) -> None:
    assert [candidate.text for candidate in complete(typed, known)] == offered


@pytest.mark.parametrize(
    ("typed", "candidate"),
    [
        ("alp", Candidate("alpha", -3, "alpha", "integer 3")),
        ("big", Candidate("big", -3, "big", "float64 (30, 40)")),
        ("a.numel", Candidate("numel", -5, "numel", "numel()  how many elements")),
        ("sinh", Candidate("sinh", -4, "sinh", "sinh(x)  the hyperbolic sine")),
        ("fit", Candidate("fit", -3, "fit", "fit(x, rate=0.1, *, steps=10)")),
        ("softmax(a, ax", Candidate("axis=", -2, "axis=", "by default -1")),
        ("\\alph", Candidate("α", -5, "\\alpha", "α")),
    ],
)
def test_candidate(known: Known, typed: str, candidate: Candidate) -> None:
    assert candidate in complete(typed, known)


def test_nothing_is_offered_unasked_before_anything_is_typed(known: Known) -> None:
    assert complete("1 + ", known, asked=False) == []
    assert "a" in [candidate.text for candidate in complete("1 + ", known)]


# ---- the call that the cursor is in -------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "call"),
    [
        ("sin(", Call("sin", 0, None)),
        ("f(1, g(2), ", Call("f", 2, None)),
        ("f(1, g(2", Call("g", 0, None)),
        ("f([1, 2", Call("f", 0, None)),
        ("y.sum(axis=", Call("y.sum", 0, "axis")),
        ("y.sum(axis == ", Call("y.sum", 0, None)),
        ("(1 + ", None),
        ("f(x)", None),
        ("f(x)(", None),
        ("'f('", None),
    ],
)
def test_call_at(typed: str, call: Call | None) -> None:
    assert call_at(typed) == call


@pytest.mark.parametrize(
    ("signature", "call", "here"),
    [
        ("f(x, y=(1, 2), *rest)", Call("f", 0, None), "x"),
        ("f(x, y=(1, 2), *rest)", Call("f", 1, None), "y=(1, 2)"),
        ("f(x, y=(1, 2), *rest)", Call("f", 7, None), "*rest"),
        ("f(x, *, y=1)", Call("f", 1, None), ""),
        ("f(x, *, y=1)", Call("f", 1, "y"), "y=1"),
        ("f(x)", Call("f", 3, None), ""),
        ("f()", Call("f", 0, None), ""),
        ("f(x)", Call("f", 0, "z"), ""),
    ],
)
def test_hint(signature: str, call: Call, here: str) -> None:
    shown = hint(signature, call)
    assert shown.here == here
    assert "".join(shown).rstrip(")") == signature.rstrip(")")


# ---- what is known of names ---------------------------------------------------------------------


def test_every_operation_and_method_has_a_signature_and_a_line() -> None:
    builtins = Session().machine.builtins
    for name, value in builtins.items():
        if type(value) is Builtin:
            assert manual.signature(value)
        if name in ROW_OF:
            assert manual.summary(name), f"summaries.txt says nothing of {name}"
    for kind in TYPES:
        for name in TYPES[kind].methods:
            assert manual.method_signature(kind, name)


def test_every_line_is_of_something(known: Known) -> None:
    names = {*known.builtins, *[n for t in TYPES.values() for n in (*t.methods, *t.attributes)]}
    assert set(manual.lines()) <= names


def test_attributes_of_a_list_are_those_of_a_tensor_too() -> None:
    assert "sum" in attributes_of([1, 2])


def test_names_of_a_framework_are_offered_without_adopting_it(known: Known) -> None:
    assert complete("from torch import man", known) != []
    assert active.dialect is None
