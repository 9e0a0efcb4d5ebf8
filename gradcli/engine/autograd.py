"""backward() and grad(): the pass, as PyTorch's users call it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from gradcli.engine import graph
from gradcli.engine.apply import ROWS
from gradcli.engine.backward import run
from gradcli.engine.graph import AccumulateGrad, Node, Output, here, output, recording
from gradcli.engine.hooked import accumulated, prehooked
from gradcli.engine.meta import Meta
from gradcli.engine.notice import warn
from gradcli.engine.operands import ONE, constant
from gradcli.engine.storage import check_not_inference, result_version, version_of
from gradcli.engine.tape import repeatable
from gradcli.engine.tensor import Tensor, edge
from gradcli.errors import (
    NoGraph,
    SeedNeeded,
    ShapeMismatch,
    UnusedInput,
    WrongType,
    WrongValue,
    described,
)


def seed_for(output: Tensor, seed: Any, create_graph: bool) -> Any:
    """The cotangent of `output` that a pass begins with: a raw value, or a Tensor if recorded."""
    shape, dtype = output.shape, output.dtype
    if seed is None:
        if output.size != 1:
            raise SeedNeeded(
                f"a result of shape {shape} needs a cotangent to be differentiated",
                hint="sum() it, or pass gradient=",
            )
        if dtype.kind == "c":
            raise SeedNeeded(
                "a complex result needs a cotangent to be differentiated",
                hint="take real() or abs() of it, or pass gradient=",
            )
        seed = np.ones(shape, dtype) if shape else dtype.type(1)
    elif isinstance(seed, Tensor):
        seed = seed if create_graph else seed.value
    else:
        seed = constant(seed, ONE)
    if create_graph and not isinstance(seed, Tensor):
        seed = Tensor(seed)
    if seed.shape != shape:
        if seed.shape:
            raise ShapeMismatch(
                f"the cotangent has shape {seed.shape}, the result {shape}",
                hint="they must be the same",
            )
        seed = np.broadcast_to(seed, shape)
    if seed.dtype != dtype:
        if seed.dtype.kind == "c" and dtype.kind != "c":
            seed = np.real(seed)
        seed = seed.astype(dtype)
    return seed


def differentiate(
    outputs: Sequence[Tensor],
    seeds: Sequence[Any],
    retain_graph: bool | None,
    create_graph: bool,
    wanted: Sequence[Node | AccumulateGrad | Output] | None = None,
    ours: set[Any] | None = None,
) -> dict[Any, Any]:
    """Run the pass from several outputs; cotangents by node, Tensors under `create_graph`.

    What is to be repeated for other inputs is recorded in any case; then they are Tensors, too.
    In `ours` come the nodes whose cotangents nothing else holds.
    """
    retain = create_graph if retain_graph is None else bool(retain_graph)
    asked, create_graph = create_graph, create_graph or repeatable()
    state = here.state
    mode = state.recording
    try:  # by hand: an interrupt while a context is entered would leave the mode changed
        state.recording = create_graph and not state.inference
        roots: dict[Any, Any] = {}
        for output, given in zip(outputs, seeds, strict=True):
            root = edge(output)
            if root is None:
                raise NoGraph(
                    "there is nothing to differentiate: the result does not depend on anything "
                    "that needs a gradient",
                    hint="requires_grad=True on the inputs, or leave no_grad()",
                )
            seed = seed_for(output, given, create_graph)
            roots[root] = roots[root] + seed if root in roots else seed
        wrap = saved_result if create_graph else None
        found = run(roots, retain=retain, wrap=wrap, wanted=wanted, ours=ours)
        return found if asked == create_graph else {k: constants(g) for k, g in found.items()}
    finally:
        state.recording = mode


def constants(g: Any) -> Any:
    """Cotangents that are on the tape, but have no graph."""
    if type(g) is tuple:
        return tuple([constants(part) for part in g])
    return g.detach() if isinstance(g, Tensor) else g


def saved_result(y: Any, node: Node) -> Any:
    """What a node saved of its result, as a tensor: it shares the version of what it is part of."""
    if type(y) is tuple:
        return tuple([saved_part(part, node, output(node, k)) for k, part in enumerate(y)])
    return saved_part(y, node, node)


def saved_part(y: Any, node: Node, origin: Node | Output) -> Tensor:
    tensor = Tensor(y, origin if y.dtype.kind in "fc" else None)
    if type(y) is np.ndarray:
        tensor._meta().version = result_version(node)
    if tensor.origin is None and here.state.tape is not None:
        here.state.tape.alias(tensor, Tensor(y, origin))
    return tensor


def tensors_of(value: Any, what: str) -> list[Tensor]:
    items = list(value) if isinstance(value, list | tuple) else [value]
    for item in items:
        if not isinstance(item, Tensor):
            raise WrongType(f"{what} must be tensors, not {described(item)}")
    return items


def seeds_of(value: Any, outputs: Any) -> list[Any]:
    """A cotangent for each output. A list is one for each, or numbers for a single output."""
    if not isinstance(outputs, list | tuple):
        one_in_a_list = isinstance(value, list | tuple) and len(value) == 1
        return list(value) if one_in_a_list and isinstance(value[0], Tensor) else [value]
    if value is None:
        return [None] * len(outputs)
    if not isinstance(value, tuple | list) or len(value) != len(outputs):
        raise WrongValue(f"{len(outputs)} outputs need a list of as many cotangents")
    return list(value)


def backward(
    outputs: Tensor | Sequence[Tensor],
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Add to `.grad` of every leaf, and of every tensor that retains its own.

    See `Tensor.backward`; several outputs are differentiated as their sum. Nothing is added unless
    the whole pass succeeds.
    """
    if type(outputs) is Tensor and gradient is None:
        roots, seeds = [outputs], [None]
    else:
        roots, seeds = tensors_of(outputs, "outputs"), seeds_of(gradient, outputs)
    owners = None if inputs is None else {needing(x): x for x in tensors_of(inputs, "inputs")}
    if owners is not None and not owners:
        raise NoGraph("backward(inputs=…) was given no inputs", hint="without inputs= all leaves")
    wanted = None if owners is None else list(owners)
    ours: set[Any] = set()
    if create_graph:
        warn(
            "backward(create_graph=True) ties .grad and the graph into a cycle; autograd.grad "
            "does not"
        )
    found = differentiate(roots, seeds, retain_graph, create_graph, wanted, ours)
    pairs: list[tuple[Tensor, Any]] = []
    hooked: list[tuple[AccumulateGrad, Any]] = []
    # A leaf keeps, uncopied, an array that the pass made for it and no hook has seen.
    owned: set[int] = set()
    for leaf in [node for node in found if type(node) is AccumulateGrad]:
        g, hooks = found.pop(leaf), leaf.hooks
        if hooks is not None and hooks.before:
            g = prehooked(hooks.before, g)
        if hooks is not None or leaf.watch is not None:
            hooked.append((leaf, g))
        if hooks is None and leaf in ours:
            owned.add(id(g))
        if g is not None:
            pairs.append((leaf.variable, g))
    for node, owner in (owners or {}).items():
        if node in found and not owner.retains_grad:
            pairs.append((owner, found[node]))
    pairs += retained(found)
    commit(pairs, hooked, owned)


def retained(found: dict[Any, Any]) -> list[tuple[Tensor, Any]]:
    """The results that retain their gradient, with what a pass found for them."""
    pairs = []
    for node, g in found.items():
        if node.watch is not None and node.watch.retained is not None:
            owner = node.watch.retained()
            if owner is not None:
                pairs.append((owner, g))
    return pairs


def needing(tensor: Tensor) -> Node | AccumulateGrad | Output:
    """Where the tensor's gradient is to be found; an error if it needs none."""
    target = edge(tensor)
    if target is None:
        raise NoGraph("an input needs no gradient", hint="requires_grad=True")
    return target


# What `.grad` was before a pass added to it, and its value if it is written in place, else None.
Former = tuple[Meta, Tensor | None, Any]


def restore(meta: Meta, grad: Tensor | None, value: Any) -> None:
    meta.grad = grad
    if grad is None or value is None:
        return
    if type(value) is np.ndarray:
        grad.value[...] = value
    else:
        grad.value = value


def commit(
    pairs: Sequence[tuple[Tensor, Any]],
    hooked: Iterable[tuple[AccumulateGrad, Any]] = (),
    owned: Collection[int] = (),
) -> None:
    """Add to every `.grad` and call the hooks that wait for that, or, if it fails, to none."""
    formers: list[Former] = []
    if here.state.meter is not None:
        here.state.meter.changing(list(map(itemgetter(0), pairs)))
    try:
        for owner, g in pairs:
            accumulate(owner, g, formers, id(g) in owned)
        for leaf, g in hooked:
            accumulated(leaf, g)
    except BaseException:  # an interrupt, too
        for former in reversed(formers):
            restore(*former)
        raise


def accumulate(owner: Tensor, g: Any, formers: list[Former], owned: bool) -> None:
    """Add to `.grad`: into the same object, or, if the gradient has a graph, as a new one."""
    meta = owner.meta or owner._meta()
    before = meta.grad
    if before is not None and not isinstance(g, Tensor) and not before.requires_grad:
        accumulate_in_place(meta, before, g, formers)
        return
    if before is None:
        # A seed handed in by the caller must not become this tensor's .grad itself.
        total = copied(g) if type(g) is Tensor else Tensor(g if owned else fresh(g))
    elif isinstance(g, Tensor):
        with recording(True):
            total = before + g
    else:
        total = Tensor(before.value + g)
    formers.append((meta, before, None))
    meta.grad = total


def accumulate_in_place(meta: Meta, before: Tensor, g: Any, formers: list[Former]) -> None:
    """The nodes that saved the former gradient see by its version that it was written."""
    check_not_inference(before)
    value = before.value
    version = version_of(before)
    if type(value) is np.ndarray and value.flags.writeable:
        formers.append((meta, before, value.copy()))
        value += g
    else:
        formers.append((meta, before, value))
        before.value = value + g
    version.count += 1


def copied(g: Tensor) -> Tensor:
    """The same number at the same place in the graph, in storage of its own."""
    if g.origin is None and g.requires_grad:
        return ROWS["positive"](g)
    copy = Tensor(fresh(g.value), g.origin)
    if g.origin is None and here.state.tape is not None:
        here.state.tape.alias(copy, g)
    return copy


def fresh(g: Any) -> Any:
    """A value that nothing else holds: numpy scalars are immutable, arrays are copied."""
    if type(g) is not np.ndarray:
        return g
    copy = g.copy() if g.shape else g[()]
    if here.state.meter is not None:
        here.state.meter.hold(copy)
    return copy


no_grad, enable_grad, inference_mode = graph.no_grad, graph.enable_grad, graph.inference_mode
set_grad_enabled, detect_anomaly = graph.set_grad_enabled, graph.detect_anomaly


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    *,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the summed outputs with respect to `inputs`, without touching `.grad`.

    Only the part of the graph between outputs and inputs runs, and only that is freed. An input
    that no output depends on is an error, None under `allow_unused`, zeros under
    `materialize_grads`.
    """
    if materialize_grads and allow_unused is False:
        raise WrongValue("materialize_grads=True needs allow_unused to be left out or True")
    roots, leaves = tensors_of(outputs, "outputs"), tensors_of(inputs, "inputs")
    targets = [needing(leaf) for leaf in leaves]
    seeds = seeds_of(grad_outputs, outputs)
    found = differentiate(roots, seeds, retain_graph, create_graph, targets)
    gradients: list[Tensor | None] = []
    for leaf, target in zip(leaves, targets, strict=True):
        g = found.get(target)
        if g is not None:
            gradients.append(g if isinstance(g, Tensor) else Tensor(fresh(g)))
        elif materialize_grads:
            gradients.append(Tensor(np.zeros_like(leaf.value)[()]))
        elif allow_unused:
            gradients.append(None)
        else:
            raise UnusedInput(
                "the outputs do not depend on one of the inputs",
                hint="allow_unused=True gives None for it, materialize_grads=True zeros",
            )
    commit(retained(found))
    return tuple(gradients)
