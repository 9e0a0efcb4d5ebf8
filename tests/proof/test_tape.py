"""The tape: what is on it, and that a calculation can be read back from it."""

import numpy as np

from gradcli.engine import autograd, functions  # noqa: F401  # which gives tensors their operators
from gradcli.engine.graph import here
from gradcli.engine.tape import Tape, taping
from gradcli.engine.tensor import tensor


def names(tape: Tape) -> list[str]:
    return [entry.op.name if entry.op else "input" for entry in tape.entries]


def test_operations_and_constants_in_order() -> None:
    with taping() as tape:
        x = tensor(2.0, requires_grad=True)
        y = (np.sin(x * x) + 1) ** 2
        z = (y * tensor([1.0, 2.0])).sum()
    assert names(tape) == [
        *("input", "mul", "sin", "input", "add", "pow_scalar", "input", "mul", "sum")
    ]
    assert tape.entries[1].operands == (0, 0)
    assert tape.entries[3].value == 1.0
    assert tape.entries[5].static == (2,)
    assert tape.entries[-1].value == z.value


def test_nothing_is_recorded_outside() -> None:
    assert here.state.tape is None
    x = tensor(2.0, requires_grad=True)
    with taping() as tape:
        x * x
        with taping() as inner:
            x + x
        x - x
    x / x
    assert names(tape) == ["input", "mul", "sub"]
    assert names(inner) == ["input", "add"]
    assert here.state.tape is None


def test_what_needs_no_gradient_enters_by_value() -> None:
    with taping() as tape:
        x = tensor(2.0, requires_grad=True)
        c = np.exp(tensor(1.0)) + 1
        x * c + x.detach()
    assert names(tape) == ["input", "input", "mul", "input", "add"]


def test_inputs_are_copied() -> None:
    c = tensor([1.0, 2.0])
    with taping() as tape:
        x = tensor([2.0, 3.0], requires_grad=True)
        x * c
    c.value[0] = 7
    assert tape.entries[1].value.tolist() == [1, 2]


def test_a_recorded_pass_reads_results_that_are_on_the_tape() -> None:
    with taping() as tape:
        x = tensor(0.5, requires_grad=True)
        y = np.exp(x)
        (g,) = autograd.grad(y * y, x, create_graph=True)
        g * 2
    assert all(e.tensor.grad_fn is None for e in tape.entries if e.op is None)


def test_ancestors() -> None:
    with taping() as tape:
        x = tensor(2.0, requires_grad=True)
        y = x * 3
        x + 1
        z = np.sin(y)
    assert tape.ancestors(tape.enter(z)) == [0, 1, 2, tape.enter(z)]


def test_a_forgotten_leaf_is_entered_anew() -> None:
    x = tensor(2.0, requires_grad=True)
    with taping() as tape:
        x * 1
        x.value = np.float64(5)
        tape.forget(x)
        x * 1
    assert [e.value for e in tape.entries if e.tensor is x] == [2.0, 5.0]


def test_kept_are_what_results_depend_on() -> None:
    with taping() as tape:
        x = tensor(2.0, requires_grad=True)
        y = x * 3
        (x + 1) * 5
        z = np.sin(y)
        w = x - 7
    tape.keep([z, w, tensor(1.0)])
    assert names(tape) == ["input", "input", "mul", "sin", "input", "sub"]
    assert [entry.operands for entry in tape.entries] == [(), (), (0, 1), (2,), (), (0, 4)]
    assert tape.ancestors(tape.enter(z)) == [0, 1, 2, 3]
    assert tape.enter(y) == 2
    tape.keep([])
    assert tape.entries == [] and tape.numbers == {}


def test_identities_stay_their_own_when_a_result_is_overwritten() -> None:
    """A node that is freed while the tape lives would leave its address to another."""
    with taping() as tape:
        x = tensor(2.0, requires_grad=True)
        y = x * 3
        node = y.grad_fn
        y.zero_()
    assert tape.entries[2].origin is node


def test_a_tape_withdraws_when_it_is_full() -> None:
    x = tensor([1.0, 2.0], requires_grad=True)
    for tape in (Tape(most=3, room=10**6), Tape(most=10**6, room=4 * 16)):
        here.state.tape = tape
        y = x * x + x
        y = y * y
        assert here.state.tape is None
        assert names(tape) == ["input", "mul", "add"]
        tape.keep([x * x])  # nothing of it
        assert tape.left == tape.room
    with taping(Tape(most=1)) as tape:  # who asks for a tape gets the whole calculation
        x * x + x
        assert here.state.tape is tape
    assert names(tape) == ["input", "mul", "add"]
    assert tape.most == 1
