"""Hooks on tensors, nodes and leaves."""

from __future__ import annotations

from typing import Any

from programs.facts import fact, leaf, outcome


@fact([["tensor", 3.0], ["before", 3.0], ["after", 6.0, None, 3.0]])
def hooks_in_order(t: Any) -> Any:
    x, log = leaf(t), []
    y = x * 2
    y.register_hook(lambda g: log.append(["tensor", g.item()]))
    y.grad_fn.register_prehook(lambda gs: log.append(["before", gs[0].item()]))
    y.grad_fn.register_hook(
        lambda inputs, gs: log.append(["after", inputs[0].item(), inputs[1], gs[0].item()])
    )
    (y * 3).backward()
    return log


@fact([[62.0, 62.0], [31.0, 31.0]])
def a_hook_replaces_the_gradient(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.retain_grad()
    y.register_hook(lambda g: g + 1)
    (y * 3).sum().backward()
    return [x.grad, y.grad]


@fact([[30.0], [10.0, 10.0], 1, [3.0]])
def a_hook_on_a_leaf(t: Any) -> Any:
    x, calls = leaf(t, [1.0]), []
    handle = x.register_hook(lambda g: (calls.append(1), g * 10)[1])
    (x + x * x).sum().backward()
    first, count = x.grad.tolist(), len(calls)
    w = leaf(t, [1.0, 2.0])
    w.register_hook(lambda g: g * 10)
    (second,) = t.autograd.grad(w.sum(), w)
    handle.remove()
    handle.remove()
    x.grad = None
    (x * 3).sum().backward()
    return [first, second, count, x.grad]


@fact([10.0, 5.0, "RuntimeError"])
def hooks_on_nodes_replace_too(t: Any) -> Any:
    x = leaf(t)
    y, z, w = x * 2, x * 1, x * 1
    y.grad_fn.register_hook(lambda inputs, _: (inputs[0] * 5, None))
    z.grad_fn.register_prehook(lambda gs: (gs[0] * 5,))
    w.grad_fn.register_hook(lambda inputs, _: (inputs[0],))
    return [
        t.autograd.grad(r, x)[0] if r is not w else outcome(lambda t: w.backward(), t)
        for r in (y, z, w)
    ]


@fact([4.0, 8.0, "TypeError", "RuntimeError"])
def hooks_after_accumulation(t: Any) -> Any:
    x, w, log = leaf(t), leaf(t), []
    x.register_post_accumulate_grad_hook(lambda leaf: log.append(leaf.grad.item()))
    (x * x).backward()
    (x * x).backward()
    w.register_post_accumulate_grad_hook(lambda leaf: 3)
    return [
        *log,
        outcome(lambda t: (w * w).backward(), t),
        outcome(lambda t: (w * w).register_post_accumulate_grad_hook(print), t),
    ]


@fact(["RuntimeError", "RuntimeError", "TypeError", None, None])
def refused_hooks(t: Any) -> Any:
    x, y = leaf(t), leaf(t)
    states = [outcome(lambda t: t.tensor(1.0).register_hook(print), t)]
    for value in (t.tensor([1.0, 2.0, 3.0]), 3):
        handle = x.register_hook(lambda _, value=value: value)
        states.append(outcome(lambda t: (x * y).backward(), t))
        handle.remove()
    return [*states, x.grad, y.grad]


@fact([[2.0, 8.0], [4.0, 8.0]])
def hooks_in_a_recorded_pass(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    return [g.detach(), t.autograd.grad(g.sum(), x)[0]]


@fact([3.0, None])
def grad_fills_what_is_retained(t: Any) -> Any:
    x = leaf(t)
    y = x * 2
    y.retain_grad()
    t.autograd.grad(y * 3, x)
    return [y.grad, x.grad]


# ---- nodes of several outputs, nodes of leaves --------------------------------------------------


def shown(gs: Any) -> list[Any]:
    return [g if g is None else g.tolist() for g in gs]


@fact([["before", [[2.0, 2.0], None]], ["after", [[2.0, 2.0, 0.0]], [[2.0, 2.0], None]]])
def hooks_on_a_node_of_several_outputs(t: Any) -> Any:
    a, log = leaf(t, [1.0, 2.0, 3.0]), []
    first, _ = (a * 1).split(2)
    node = first.grad_fn
    node.register_prehook(lambda gs: log.append(["before", shown(gs)]))
    node.register_hook(lambda inputs, gs: log.append(["after", shown(inputs), shown(gs)]))
    (first * 2).sum().backward()
    return log


def several(t: Any, before: Any = None, after: Any = None) -> Any:
    def ask(t: Any) -> Any:
        a = leaf(t, [1.0, 2.0, 3.0])
        first, last = (a * 1).split(2)
        if before is not None:
            first.grad_fn.register_prehook(before)
        if after is not None:
            first.grad_fn.register_hook(after)
        return t.autograd.grad((first * 2).sum() + (0 * last).sum(), a)[0]

    return outcome(ask, t)


@fact([[20.0, 20.0, 0.0], [2.0, 2.0, 0.0], "RuntimeError", [20.0, 20.0, 0.0], "TypeError"])
def hooks_on_several_outputs_replace(t: Any) -> Any:
    return [
        several(t, before=lambda gs: (gs[0] * 10, None)),
        several(t, before=lambda gs: (gs[0], gs[1])),
        several(t, before=lambda gs: (gs[0] * 10,)),
        several(t, after=lambda inputs, _: (inputs[0] * 10,)),
        several(t, after=lambda inputs, _: inputs[0] * 10),
    ]


@fact(["TypeError", "TypeError", [None, 6.0], [None, 2.0], "RuntimeError", "TypeError"])
def what_hooks_on_nodes_may_return(t: Any) -> Any:
    def before(hook: Any) -> Any:
        x, w = leaf(t), leaf(t)
        y = x * 2
        y.grad_fn.register_prehook(hook)
        return outcome(lambda t: ((y + w * 6).backward(), [x.grad, w.grad])[1], t)

    def after(hook: Any) -> Any:
        x, w = leaf(t), leaf(t)
        y = x * w
        y.grad_fn.register_hook(hook)
        return outcome(lambda t: (y.backward(), [x.grad, w.grad])[1], t)

    return [
        before(lambda gs: gs[0]),
        before(lambda gs: [gs[0]]),
        before(lambda gs: (None,)),
        after(lambda inputs, _: (None, inputs[1])),
        after(lambda inputs, _: (t.tensor([1.0, 1.0]), inputs[1])),
        after(lambda inputs, _: (3.0, inputs[1])),
    ]


@fact([["of the leaf", "before", "accumulated", "after"], [3.0, None], [[], [3.0], 3.0], 6.0])
def hooks_on_the_node_of_a_leaf(t: Any) -> Any:
    x, order, states = leaf(t), [], []
    y = x * 3
    node = y.grad_fn.next_functions[0][0]

    def before(gs: Any) -> None:
        order.append("before")
        states.append([gs[0].item(), x.grad])

    def after(inputs: Any, gs: Any) -> None:
        order.append("after")
        states.append([list(inputs), shown(gs), x.grad.item()])

    handles = [node.register_hook(after), node.register_prehook(before)]
    x.register_post_accumulate_grad_hook(lambda leaf: order.append("accumulated"))
    x.register_hook(lambda g: order.append("of the leaf"))
    y.backward(retain_graph=True)
    seen = order[:]
    for handle in handles:
        handle.remove()
    y.backward()
    return [seen, *states, x.grad]


@fact([30.0, "RuntimeError", None, [3.0, 0], 2, 2.0])
def what_hooks_on_the_node_of_a_leaf_do(t: Any) -> Any:
    def backward(before: Any = None, after: Any = None) -> Any:
        x = leaf(t)
        y = x * 3
        node = y.grad_fn.next_functions[0][0]
        if before is not None:
            node.register_prehook(before)
        if after is not None:
            node.register_hook(after)
        return outcome(lambda t: (y.backward(), x.grad)[1], t)

    calls: list[int] = []
    x = leaf(t)
    y = x * 3
    node = y.grad_fn.next_functions[0][0]
    node.register_prehook(lambda gs: calls.append(1))
    node.register_hook(lambda inputs, gs: calls.append(1))
    asked = [t.autograd.grad(y, x, retain_graph=True)[0], len(calls)]
    y.backward(inputs=[x])
    del y, node
    counted = len(calls)
    x.grad = None
    (x * 2).backward()  # the node is another one
    return [
        backward(before=lambda gs: (gs[0] * 10,)),
        backward(after=lambda inputs, gs: (gs[0] * 10,)),
        backward(before=lambda gs: (None,)),
        asked,
        counted,
        x.grad,
    ]
