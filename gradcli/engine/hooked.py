"""Cotangents as hooks leave them: what a pass calls where a node or a tensor is watched.

A cotangent is a raw value, or a Tensor in a pass that is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gradcli.engine.graph import AccumulateGrad, Node
from gradcli.engine.hooks import Hooks
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, described

Cotangents = tuple[Any, ...]


def replaced(hooks: Hooks, g: Any) -> Any:
    """The cotangent after a tensor's hooks."""
    for hook in tuple(hooks.values()):
        result = hook(as_tensor(g))
        if result is not None:
            g = checked(result, g)
    return g


def prehooked(hooks: Hooks, g: Any) -> Any:
    """The cotangent, or the several of a node with several outputs, after hooks before the node."""
    gs = g if type(g) is tuple else (g,)
    for hook in tuple(hooks.values()):
        results = hook(as_tensors(gs))
        if results is not None:
            gs = exchanged(results, gs)
    return gs if type(g) is tuple else gs[0]


def posthooked(
    node: Node, g: Any, sent: Iterable[tuple[Any, Any, bool]]
) -> Iterator[tuple[Any, Any, bool]]:
    """What a node sends after the hooks that stand behind it: None where an operand gets none."""
    assert node.watch is not None
    places = node.places
    given: list[Any] = [None] * len(places)
    slots: list[int] = []
    for target, part, _ in sent:  # one target may stand in several places
        slot = next(k for k, t in enumerate(places) if t is target and k not in slots)
        slots.append(slot)
        given[slot] = part
    outputs = as_tensors(g if type(g) is tuple else (g,))
    for hook in tuple(node.watch.after.values()):
        results = hook(as_tensors(given), outputs)
        if results is not None:
            given = list(exchanged(results, tuple(given)))
    return ((places[slot], given[slot], False) for slot in slots)


def accumulated(leaf: AccumulateGrad, g: Any) -> None:
    """Call the hooks that wait for a leaf's .grad: the leaf's own, then those of its node."""
    for hook in () if leaf.watch is None else tuple(leaf.watch.after.values()):
        if hook(leaf.variable) is not None:
            raise WrongType("a hook after accumulation returns nothing")
    for hook in () if leaf.hooks is None else tuple(leaf.hooks.after.values()):
        results = hook((), as_tensors((g,)))
        if results is not None:
            exchanged(results, ())


def as_tensors(cotangents: Iterable[Any]) -> tuple[Tensor | None, ...]:
    """Cotangents as hooks get them."""
    return tuple([None if g is None else as_tensor(g) for g in cotangents])


def as_tensor(g: Any) -> Tensor:
    return g if type(g) is Tensor else Tensor(g)


def exchanged(results: Any, cotangents: Cotangents) -> Cotangents:
    """What a node's hook returned in place of these cotangents."""
    if type(results) is not tuple:
        raise WrongType(
            f"a hook of a node returns a tuple or None, not {described(results)}",
            hint="a single gradient is (g,)",
        )
    if len(results) != len(cotangents):
        raise ShapeMismatch(
            f"a hook returned {len(results)} gradients in place of {len(cotangents)}"
        )
    pairs = zip(results, cotangents, strict=True)
    return tuple([None if r is None else checked(r, g) for r, g in pairs])


def checked(result: Any, g: Any) -> Any:
    """What a hook returned in place of the cotangent g."""
    if type(result) is not Tensor:
        raise WrongType(f"a hook returns a tensor or None, not {described(result)}")
    if g is None:
        raise ShapeMismatch("a hook returned a gradient where there is none to replace")
    if result.shape != g.shape or result.dtype != g.dtype:
        raise ShapeMismatch(
            f"a hook replaced a gradient of shape {g.shape} and dtype {g.dtype} by one of shape "
            f"{result.shape} and dtype {result.dtype}"
        )
    return result if type(g) is Tensor else result.value
