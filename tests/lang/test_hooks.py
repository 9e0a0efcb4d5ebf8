"""Hooks: functions of the program that a pass calls, under the same limits as all others."""

from __future__ import annotations

from typing import Any

import pytest

from gradcli.errors import (
    GradcliError,
    Interrupted,
    LeafRule,
    LimitExceeded,
    ShapeMismatch,
    UnknownName,
    WrongType,
)
from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.text import show


def started(value: str = "3", **limits: int) -> Session:
    session = Session(Limits()._replace(**limits))
    session.variables["x"] = session.leaf(Source(value))
    return session


def run(session: Session, text: str) -> Any:
    return session.run(Source(text))[-1].value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # Once, with the summed gradient; what it returns replaces that.
        ("x.register_hook(lambda g: 2*g); (x^2 + x).backward(); x.grad", "tensor(14.)"),
        ("x.register_hook(print); (x^2 + x).backward(); x.grad", "tensor(7.)"),
        ("y = x*x; y.register_hook(lambda g: -g); (5y).backward(); x.grad", "tensor(-30.)"),
        ("x.register_hook(lambda g: g + 1); grad(x*x, x)[0]", "tensor(7.)"),
        (
            "x.register_hook(lambda g: 2*g); x.register_hook(lambda g: g + 1); "
            "x.backward(); x.grad",
            "tensor(3.)",
        ),
        ("x.register_hook(grad(lambda t: t^3)); x.backward(); x.grad", "tensor(3.)"),
        (
            "h = x.register_hook(lambda g: 2*g); h.remove(); h.remove(); x.backward(); x.grad",
            "tensor(1.)",
        ),
        ("h = x.register_hook(print); h", "<hook handle>"),
        # Its own calculations are recorded only if the pass is.
        ("y = x + 0; y.register_hook(lambda g: g*x); grad(y, x)[0].requires_grad", "False"),
        (
            "y = x + 0; y.register_hook(lambda g: g*x); grad(y, x, create_graph=True)[0]"
            ".requires_grad",
            "True",
        ),
        # On nodes: before the rules and after.
        (
            "y = x*x; y.grad_fn.register_prehook(lambda g: (10*g[0],)); y.backward(); x.grad",
            "tensor(60.)",
        ),
        (
            "y = x*2; y.grad_fn.register_hook(lambda i, o: (i[0] + 9*o[0], None)); y.backward();"
            "x.grad",
            "tensor(11.)",
        ),
        ("y = x*x; y.grad_fn.register_hook(lambda i, o: None); y.backward(); x.grad", "tensor(6.)"),
        (
            "a = (x*x).grad_fn.next_functions[0][0]; a.register_prehook(lambda g: (2*g[0],));"
            "a.register_hook(lambda i, o: print(i, o)); (x*x).backward(); x.grad",
            "tensor(12.)",
        ),
        # After accumulation: what a step of gradient descent needs.
        (
            "x.register_post_accumulate_grad_hook(lambda p: p.sub_(p.grad/10)); "
            "(x*x).backward(); x",
            "tensor(2.4, requires_grad=True)",
        ),
        # A pass within a pass.
        (
            "x.register_hook(lambda g: g + grad(lambda t: t*t)(x)); (3x).backward(); x.grad",
            "tensor(9.)",
        ),
    ],
)
def test_hook(text: str, shown: str) -> None:
    assert show(run(started(), text)) == shown


def test_a_hook_that_writes_into_the_gradient_changes_no_other() -> None:
    session = started("[1, 2]")
    run(session, "y = x*1; y.register_hook(lambda g: g.mul_(5)); sum(x + y).backward()")
    assert show(run(session, "x.grad")) == "tensor([6., 6.])"


@pytest.mark.parametrize(
    ("text", "error", "column"),
    [
        ("x.register_hook(lambda g: g + absent); x.backward()", UnknownName, 31),
        ("x.register_hook(lambda g: 'a'); x.backward()", WrongType, 17),
        ("x.register_hook(lambda g: [g]); x.backward()", WrongType, 17),
        ("x.register_hook(lambda: None); x.backward()", WrongType, 17),
        ("x.register_hook(lambda g: ones(2)); x.backward()", ShapeMismatch, 37),
        ("x.register_hook(5)", WrongType, 1),
        ("x.detach().register_hook(print)", LeafRule, 1),
        ("(x*x).register_post_accumulate_grad_hook(print)", LeafRule, 1),
        ("x.register_post_accumulate_grad_hook(lambda p: absent); x.backward()", UnknownName, 48),
    ],
)
def test_an_error_of_a_hook(text: str, error: type[GradcliError], column: int) -> None:
    """It stands where the hook's text does, and `.grad` is as it was."""
    session = started()
    run(session, "(7x).backward()")
    with pytest.raises(error) as caught:
        run(session, text)
    assert caught.value.location is not None
    assert caught.value.location.column == column
    assert show(session.variables["x"].grad) == "tensor(7.)"


def test_a_failed_statement_registers_and_removes_no_hook() -> None:
    session = started()
    run(session, "h = x.register_hook(lambda g: 10*g)")
    for text in ("[x.register_hook(lambda g: g + 1), absent]", "[h.remove(), absent]"):
        with pytest.raises(UnknownName):
            run(session, text)
    assert show(run(session, "x.backward(); x.grad")) == "tensor(10.)"


@pytest.mark.parametrize(
    ("limit", "least", "text"),
    [
        ("depth", 1, "f(g) = g; x.register_hook(f); x.backward()"),
        (
            "depth",
            3,
            "f(n) = n if n <= 0 else f(n - 1); x.register_hook(lambda g: g + f(1));x.backward()",
        ),
        ("steps", 24, "f(g) = g*2*2*2*2*2; x.register_hook(f); x.backward()"),
    ],
)
def test_limits_hold_in_hooks(limit: str, least: int, text: str) -> None:
    run(started(**{limit: least}), text)
    with pytest.raises(LimitExceeded) as caught:
        run(started(**{limit: least - 1}), text)
    assert caught.value.limit == limit


@pytest.mark.parametrize("depth", [100, 10**6])
def test_hooks_whose_passes_call_them_end(depth: int) -> None:
    """However many calls are allowed, Python's stack does not overflow."""
    session = started(depth=depth)
    run(session, "y = x + 0; f(g) = [y.backward(), g][1]; x.register_hook(f)")
    with pytest.raises(LimitExceeded) as caught:
        run(session, "y.backward()")
    assert caught.value.limit == "depth"
    assert session.variables["x"].grad is None


def test_a_hook_can_be_interrupted() -> None:
    session = started()
    ten = "f(" * 10 + "t" + ")" * 10
    run(session, f"f(t) = t; g(t) = {ten}; x.register_hook(lambda c: g(g(c)))")
    meter = session.meter
    call_back = meter.call_back

    def interrupted(*arguments: Any) -> Any:
        meter.stop = "interrupt"
        return call_back(*arguments)

    meter.call_back = interrupted
    run(session, "x.register_hook(lambda c: g(g(c)))")
    with pytest.raises(Interrupted) as caught:
        run(session, "x.backward()")
    assert caught.value.location is not None
    assert session.variables["x"].grad is None


def test_a_pass_outside_an_evaluation_calls_hooks_too() -> None:
    session = started()
    y = run(session, "x.register_hook(lambda g: 2*g); x*x")
    y.backward(retain_graph=True)
    session.meter.fuel = 0
    y.backward()
    assert session.variables["x"].grad.item() == 24.0
