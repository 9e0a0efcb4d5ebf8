"""Sessions: statements are atomic, warnings have places, work is counted the same every time."""

from __future__ import annotations

import contextlib
import gc
import threading
from typing import Any

import numpy as np
import pytest

from gradcli.engine.graph import here
from gradcli.engine.tensor import Tensor
from gradcli.errors import (
    GradcliError,
    Interrupted,
    LeafRule,
    LimitExceeded,
    NotInPlace,
    Overwritten,
    UnknownName,
    WrongType,
    WrongValue,
)
from gradcli.lang import calculus, orders
from gradcli.lang.evaluation import Evaluation, Options, evaluate
from gradcli.lang.limits import Limits
from gradcli.lang.names import LATER
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.text import show


def run(session: Session, text: str) -> Any:
    return session.run(Source(text))[-1].value


def differentiated(text: str, options: Options | None = None, **values: str) -> Evaluation:
    session = Session()
    leaves = {name: session.leaf(Source(value)) for name, value in values.items()}
    return evaluate(session, Source(text), leaves, options or Options())


# ---- statements ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a, b = 5, 1/undefined", UnknownName),
        ("a, b = 5, 6, 7", WrongValue),
        ("a = [1, 2] + 'x'", WrongType),
        ("a = b = undefined", UnknownName),
        ("a += undefined", UnknownName),
        ("f(x) = 1; a = f()", WrongType),
    ],
)
def test_a_failed_statement_changes_nothing(text: str, error: type[GradcliError]) -> None:
    session = Session()
    run(session, "a = 1; b = 2; 3")
    with pytest.raises(error):
        run(session, text)
    names = {name: session.variables[name] for name in ("a", "b", "ans")}
    assert names == {"a": 1, "b": 2, "ans": 3}


def test_a_tuple_assignment_that_fails_half_way_assigns_nothing() -> None:
    session = Session()
    run(session, "a = 1; b = 2")
    with pytest.raises(WrongType):
        run(session, "a, (b, c) = 5, 6")
    assert session.variables["a"] == 1


def test_items_are_taken_back_too() -> None:
    session = Session()
    run(session, "d = [1, 2]; m = {'a': 1}")
    with pytest.raises(WrongType):
        run(session, "d[0], m['a'], m['b'], (x, y) = 7, 8, 9, 10")
    assert session.variables == {"d": [1, 2], "m": {"a": 1}}


def test_what_ran_before_an_error_stays() -> None:
    session = Session()
    with pytest.raises(UnknownName):
        run(session, "a = 1; b = undefined; c = 3")
    assert session.variables == {"a": 1}


def test_a_failed_backward_leaves_every_grad() -> None:
    session = Session()
    run(session, "a = tensor(3.0, requires_grad=True); y = a^2; y.backward()")
    with pytest.raises(GradcliError):
        run(session, "(a + y).backward()")
    assert show(run(session, "a.grad")) == "tensor(6.)"


def test_functions_read_names_when_they_run() -> None:
    session = Session()
    run(session, "f(x) = k*x")
    with pytest.raises(UnknownName) as caught:
        run(session, "f(2)")
    assert caught.value.location is not None
    assert caught.value.location.column == 8  # in f, where k stands
    run(session, "k = 5")
    assert run(session, "f(2)") == 10


def test_parameters_do_not_leak() -> None:
    session = Session()
    run(session, "f(inner) = inner + 1; f(2)")
    assert "inner" not in session.variables


def test_ans_is_the_last_result_that_is_something() -> None:
    session = Session()
    run(session, "2 + 3; print(1); x = 9")
    assert run(session, "ans") == 5


# ---- what a person should know ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "message", "place"),
    [
        ("1 + log(x)", "-1", "the value is nan: invalid value in log(x) where x = -1.0", "log(x)"),
        ("2*(x/0)", "1", "the value is inf: divide by zero in x/0 where x = 1.0", "x/0"),
        (
            "exp(1000*x) + 1",
            "1",
            "the value is inf: overflow in exp(1000*x) where 1000*x = 1000.0",
            "exp(1000*x)",
        ),
        (
            "1 + sqrt(x)",
            "0",
            "the gradient by x is inf: divide by zero in the derivative of sqrt(x)",
            "sqrt(x)",
        ),
        (
            "x^3 + (x*x)^0.5",
            "0",
            "the gradient by x is nan: divide by zero in the derivative of (x*x)^0.5",
            "(x*x)^0.5",
        ),
    ],
)
def test_the_first_nan_or_inf_is_located(text: str, value: str, message: str, place: str) -> None:
    session = Session()
    evaluate(session, Source(text), {"x": session.leaf(Source(value))}, Options())
    caution = session.warnings[0]
    assert caution.message == message
    assert caution.place is not None
    assert caution.place.text == place


def test_a_hidden_constant_is_noted_once() -> None:
    session = Session()
    run(session, "e = 1")
    run(session, "e = 1")
    said = "'e' is now a variable; the constant is hidden"
    assert [w.message for w in session.warnings] == [said]


# ---- differentiating ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values", "gradient"),
    [
        ("x^2", {"x": "3"}, {"x": 6.0}),
        ("x*y", {"x": "3", "y": "4"}, {"x": 4.0, "y": 3.0}),
        ("x = x + 1; x^2", {"x": "2"}, {"x": 6.0}),
        ("[x, y^2] @ [1, 10]", {"x": "3", "y": "4"}, {"x": 1.0, "y": 80.0}),
        ("3", {"x": "1"}, {"x": 0.0}),
        ("f(t) = t^3; f'(x)", {"x": "2"}, {"x": 12.0}),
        ("grad(lambda z: z*x)(x)", {"x": "3"}, {"x": 1.0}),
        ("x.detach()*x", {"x": "3"}, {"x": 3.0}),
    ],
)
def test_gradient(text: str, values: dict[str, str], gradient: dict[str, float]) -> None:
    evaluation = differentiated(text, **values)
    assert {name: g.item() for name, g in evaluation.gradient.items()} == gradient


def test_the_dtype_of_the_variables_is_that_of_the_results() -> None:
    session = Session(dtype="float32")
    x = session.leaf(Source("1.5"))
    for text in ("x*2.5", "x*[1, 2.5]", "[x, 2] + 1", "dot([1, 2], [x, x])", "x + 1"):
        value = evaluate(session, Source(text), {"x": x}, Options(gradients=False)).value
        assert value.dtype == np.float32, text


# ---- work is counted, the same every time -------------------------------------------------------

PROGRAMS = [
    "sum(x^2)",
    "f(t) = sin(t)*t; f''(x)",
    "A = ones(30, 30); sum((A*x) @ A)",
    "grad(lambda t: t^3)(x)",
    "[x, [x]] == [x, [x]]",
    "str([x, x, x])",
    "concatenate([x*ones(100), zeros(5)]).sum()",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_fuel_is_the_same_every_time(text: str) -> None:
    def used(gradients: bool) -> float:
        session = Session()
        leaf = session.leaf(Source("2"))
        evaluate(session, Source(text), {"x": leaf}, Options(gradients=gradients))
        return session.limits.steps - session.meter.fuel

    assert used(False) == used(False) > 0
    assert used(True) == used(True)


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_ledger_is_empty_when_all_is_freed(text: str) -> None:
    session = Session()
    leaf = session.leaf(Source("2"))
    evaluate(session, Source(text), {"x": leaf}, Options())
    session.variables.clear()
    del leaf
    gc.collect()
    assert session.meter.live == 0


def test_an_evaluation_begins_with_its_fuel_anew() -> None:
    session = Session(Limits()._replace(steps=2000))
    for _ in range(5):
        run(session, "sum(ones(1000)*2)")


def test_backward_is_charged() -> None:
    """A pass over a large graph costs about twice what building it did."""
    session = Session()
    leaf = session.leaf(Source("ones(1000, 100)"))
    evaluate(session, Source("sum(sin(x)*cos(x))"), {"x": leaf}, Options(gradients=False))
    forward = session.limits.steps - session.meter.fuel
    evaluate(session, Source("sum(sin(x)*cos(x))"), {"x": leaf}, Options())
    backward = session.limits.steps - session.meter.fuel
    assert backward > forward / 2


# ---- being told to stop -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "error"), [("interrupt", Interrupted), ("clock", LimitExceeded)]
)
def test_a_flag_stops_an_evaluation(reason: str, error: type[GradcliError]) -> None:
    session = Session()
    timer = threading.Timer(0.05, lambda: setattr(session.meter, "stop", reason))
    pairs = zip("abcdef", "bcdefg", strict=True)
    loops = "; ".join(
        ["a(x) = x", *(f"{g}(x) = {f}(" + f"{f}(" * 9 + "x" + ")" * 10 for f, g in pairs)]
    )
    timer.start()
    with pytest.raises(error) as caught:
        run(session, f"{loops}; g(g(1))")
    timer.cancel()
    assert caught.value.location is not None


def test_nothing_of_an_evaluation_remains_in_the_engine() -> None:
    state = here.state
    before = (state.meter, state.notice, state.span, state.recording, state.tape)
    session = Session()
    for text in ("sin(2)", "undefined", "grad(lambda x: undefined)(2)"):
        with contextlib.suppress(GradcliError):
            run(session, text)
        assert (state.meter, state.notice, state.span, state.recording, state.tape) == before


def test_a_session_holds_no_tensor_twice() -> None:
    session = Session()
    value = run(session, "x = tensor([1, 2]); x")
    assert type(value) is Tensor
    assert session.variables["x"] is value


# ---- what a failed statement did is undone ------------------------------------------------------


@pytest.mark.parametrize("value", ["3", "[3, 4]"])
def test_a_failed_statement_leaves_gradients_as_they_were(value: str) -> None:
    session = Session()
    session.variables["x"] = session.leaf(Source(value))
    run(session, "y = sum(x*x); y.backward(retain_graph=True); before = x.grad")
    shown = show(session.variables["x"].grad)
    with pytest.raises(UnknownName):
        run(session, "[y.backward(retain_graph=True), y.backward(), nothing]")
    assert show(session.variables["x"].grad) == shown
    assert session.variables["x"].grad is session.variables["before"]


# ---- in place -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("y = x*2; y[0] = 5; sum(y).backward(); x.grad", "tensor([0., 2., 2.])"),
        ("y = x*2; v = y[0]; v.mul_(10); sum(y).backward(); x.grad", "tensor([20.,  2.,  2.])"),
        ("y = x*2; y += 1; y *= [1, 2, 3]; sum(y).backward(); x.grad", "tensor([2., 4., 6.])"),
        ("y = x*2; y.zero_(); sum(y).backward(); x.grad", "tensor([0., 0., 0.])"),
        ("a, b = x.split([1, 2]); (sum(b) * a[0]).backward(); x.grad", "tensor([5., 1., 1.])"),
        ("y = x*1; y[y > 1] = 0; y", "tensor([1., 0., 0.], grad_fn=<IndexPutBackward0>)"),
        ("y = x*1; y.add_(1)._version", "1"),
        ("sum(x).backward(); x.grad.zero_(); x.grad", "tensor([0., 0., 0.])"),
        ("t = 0; t += sum(x); t.backward(); x.grad", "tensor([1., 1., 1.])"),
    ],
)
def test_in_place(text: str, shown: str) -> None:
    session = Session()
    session.variables["x"] = session.leaf(Source("[1, 2, 3]"))
    assert show(run(session, text)) == shown


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("x += 1", LeafRule),
        ("x[0] = 1", LeafRule),
        ("y = x*2; z = sin(y); y += 1; sum(z).backward()", Overwritten),
        ("y = x*x; y *= y; sum(y).backward()", Overwritten),
        ("y = x*2; y += ones(2, 3)", NotInPlace),
    ],
)
def test_in_place_where_it_must_not_be(text: str, error: type[GradcliError]) -> None:
    session = Session()
    session.variables["x"] = session.leaf(Source("[1, 2, 3]"))
    with pytest.raises(error):
        run(session, text)


def test_the_names_of_calculus_are_those_that_it_declares() -> None:
    """They are known before it is imported."""
    assert {*LATER} == {*calculus.BUILTINS, *orders.BUILTINS}
