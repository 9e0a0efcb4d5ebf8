"""A pass adds to every `.grad` or to none, whatever stops it and wherever."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.graph import State, here
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import UnusedInput, WrongType

# Where a step is an instruction of Python's machine; elsewhere it is a line.
CLOSELY = {"commit", "accumulate", "accumulate_in_place"}


@pytest.fixture(autouse=True)
def own_state() -> Iterator[None]:
    before = here.state
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    here.state = before


@contextmanager
def interrupted(at: int) -> Iterator[list[int]]:
    """Raise KeyboardInterrupt at this step of the engine. Counts the steps."""
    steps = [0]

    def step(frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        # Python swallows what is raised while it closes a generator that nobody reads to its end.
        if "/gradcli/engine/" not in code.co_filename or code.co_name == "<genexpr>":
            return None
        frame.f_trace_opcodes = code.co_name in CLOSELY
        steps[0] += 1
        if steps[0] == at:
            raise KeyboardInterrupt
        return step

    sys.settrace(step)
    try:
        yield steps
    finally:
        sys.settrace(None)


class Scene:
    """Leaves of both kinds and a retained result, most with a gradient from an earlier pass."""

    def __init__(self) -> None:
        here.state = State()  # an interrupt may have come while a mode was being left
        x, w = tensor([1.0, 2.0], requires_grad=True), tensor(3.0, requires_grad=True)
        v, fresh = tensor([2.0, 2.0], requires_grad=True), tensor(1.0, requires_grad=True)
        middle = x * w
        middle.retain_grad()
        self.owners = {"x": x, "w": w, "v": v, "middle": middle, "fresh": fresh}
        (middle * v).sum().backward(retain_graph=True)
        self.y = (middle * F["sin"](v)).sum() * fresh
        self.objects = {name: t.grad for name, t in self.owners.items()}
        self.before = self.values()

    def values(self) -> dict[str, Any]:
        return {name: g if (g := t.grad) is None else g.tolist() for name, t in self.owners.items()}

    def untouched(self) -> bool:
        same = all(self.objects[name] is t.grad for name, t in self.owners.items())
        return same and self.values() == self.before


PASSES: dict[str, Callable[[Scene], object]] = {
    "backward": lambda scene: scene.y.backward(),
    "create_graph": lambda scene: scene.y.backward(create_graph=True),
    "inputs": lambda scene: scene.y.backward(inputs=list(scene.owners.values())),
}


@pytest.mark.parametrize("name", PASSES)
def test_an_interrupt_at_any_step_leaves_all_gradients_or_none(name: str) -> None:
    for _ in range(2):  # what is done but once is done in the first
        scene = Scene()
        with interrupted(at=0) as steps:
            PASSES[name](scene)
    finished = scene.values()
    assert all(finished[key] != scene.before[key] for key in finished)
    outcomes = []
    for at in range(1, steps[0] + 1):
        scene = Scene()
        with pytest.raises(KeyboardInterrupt), interrupted(at):
            PASSES[name](scene)
        assert scene.untouched() or scene.values() == finished, at
        outcomes.append(scene.untouched())
    # Only on the way out of backward(), when all is done, does an interrupt come too late.
    assert outcomes == sorted(outcomes, reverse=True)
    assert outcomes.count(False) < 10


def fail(_: Any) -> None:
    raise ZeroDivisionError


HOOKS: dict[str, Callable[[Tensor], object]] = {
    "after accumulation": lambda leaf: leaf.register_post_accumulate_grad_hook(fail),
    "after the leaf's node": lambda leaf: (
        (leaf * 1).grad_fn.next_functions[0][0].register_hook(lambda _, gs: fail(gs))
    ),
    "before the leaf's node": lambda leaf: (
        (leaf * 1).grad_fn.next_functions[0][0].register_prehook(fail)
    ),
    "of the leaf": lambda leaf: leaf.register_hook(fail),
}


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("owner", ["x", "w", "fresh"])
@pytest.mark.parametrize("kind", HOOKS)
def test_a_hook_that_raises_leaves_every_gradient_as_it_was(
    kind: str, owner: str, create_graph: bool
) -> None:
    scene = Scene()
    HOOKS[kind](scene.owners[owner])
    with pytest.raises(ZeroDivisionError):
        scene.y.backward(create_graph=create_graph)
    assert scene.untouched()


def test_what_a_hook_wrote_before_another_failed_is_taken_back() -> None:
    scene = Scene()
    scene.owners["x"].register_post_accumulate_grad_hook(lambda x: x.grad.zero_())
    scene.owners["w"].register_post_accumulate_grad_hook(lambda w: setattr(w, "grad", None))
    scene.owners["fresh"].register_post_accumulate_grad_hook(lambda _: 3)
    with pytest.raises(WrongType):
        scene.y.backward()
    assert scene.untouched()


def test_a_refused_call_of_grad_leaves_what_is_retained() -> None:
    scene = Scene()
    with pytest.raises(UnusedInput):
        autograd.grad(scene.y, [scene.owners["x"], tensor(1.0, requires_grad=True)])
    assert scene.untouched()
