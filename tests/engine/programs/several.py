"""Operations of several outputs."""

from __future__ import annotations

from typing import Any

from programs.facts import fact, leaf, name, outcome


@fact([True, 1, "SplitBackward0", "SplitWithSizesBackward0", "SplitBackward0", "UnbindBackward0"])
def nodes_of_several_outputs(t: Any) -> Any:
    a = leaf(t, [1.0, 2.0, 3.0]) * 1
    parts = a.split(2)
    rows = [parts, a.split([1, 2]), a.chunk(2), a.unbind()]
    same = parts[0].grad_fn is parts[1].grad_fn
    return [same, (parts[1] * 2).grad_fn.next_functions[0][1], *(name(r[0].grad_fn) for r in rows)]


@fact([[0.0, 0.0, 3.0], [2.0, 2.0, 9.0], [0.0, 8.0, 6.0], [[1.0], [2.0, 3.0]]])
def gradients_of_several_outputs(t: Any) -> Any:
    a = leaf(t, [1.0, 2.0, 3.0])
    first, last = a.split(2)
    one = t.autograd.grad((last * 3).sum(), a, retain_graph=True)[0]
    both = t.autograd.grad((first * 2).sum() + (last * 9).sum(), a, retain_graph=True)[0]
    _, y, z = a.unbind()
    (g,) = t.autograd.grad(y * y * z * 1, a, create_graph=True)
    (second,) = t.autograd.grad(g[1] * 2 - g[0], a, allow_unused=True)
    parts = a.detach().split([1, 2])
    return [one, both, [second[0], second[1] * 2 / 3, second[2] * 0.75], list(parts)]


@fact([[1.0, 1.0], [2.0, 2.0], 2.0, [20.0, 2.0]])
def hooks_on_several_outputs(t: Any) -> Any:
    a = leaf(t, [1.0, 2.0])
    y, z = (a * 1).unbind()
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    (y * 2 + z * 2).backward()
    grads = t.autograd.grad(sum(u * 2 for u in (a * 2).unbind()), a)
    return [[1.0, 1.0], grads[0] * 0.5, y.grad * 0.1, a.grad]


@fact(["RuntimeError", [5.0, 2.0], "RuntimeError", "RuntimeError"])
def views_of_several_outputs(t: Any) -> Any:
    a = leaf(t, [1.0, 2.0]) * 1
    refused = outcome(lambda t: a.unbind()[0].mul_(2), t)
    plain_numbers = t.tensor([1.0, 2.0])
    plain_numbers.split(1)[0].fill_(5.0)
    b = t.sin(a)
    with t.no_grad():
        a.chunk(2)[0].zero_()
    return [
        refused,
        plain_numbers,
        outcome(lambda t: b.sum().backward(), t),
        outcome(lambda t: a.split([1, 2]), t),
    ]
