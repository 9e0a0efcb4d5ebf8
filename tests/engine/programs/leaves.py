"""Leaves, gradients, backward, create_graph, autograd.grad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from programs.facts import PROGRAMS, fact, leaf, outcome

# ---- leaves and gradients -----------------------------------------------------------------------


@fact([True, True, False, True, True, True, False, True])
def leaves(t: Any) -> Any:
    a = leaf(t)
    b = a * 2
    with t.no_grad():
        c = a * 2
        d = t.tensor(1.0, requires_grad=True)
    plain_number = t.tensor(1.0)
    return [
        a.is_leaf,
        plain_number.is_leaf,
        b.is_leaf,
        c.is_leaf,
        b.detach().is_leaf,
        d.requires_grad,
        c.requires_grad,
        all(x.is_leaf == (x.grad_fn is None) for x in (a, plain_number, b, c, d, b.detach())),
    ]


@fact([None, 12.0, 24.0])
def grad_accumulates(t: Any) -> Any:
    a = leaf(t)
    before = a.grad
    (a**3).backward()
    first = a.grad.tolist()
    (a**3).backward()
    return [before, first, a.grad]


@fact([True, True, 5.0])
def grad_accumulates_in_place(t: Any) -> Any:
    a = leaf(t, [1.0, 2.0])
    a.sum().backward()
    kept = a.grad
    (a * 2).sum().backward()
    same = kept is a.grad
    (a * 2).sum().backward()
    return [same, kept is a.grad, a.grad[0]]


@fact([False, [8.0, 12.0]])
def create_graph_accumulates_a_new_object(t: Any) -> Any:
    a = leaf(t, [1.0, 2.0])
    (a * a).sum().backward(create_graph=True)
    kept = a.grad
    (a * a * a).sum().backward(create_graph=True)
    return [kept is a.grad, [4 + kept[0].item() * 2, a.grad[1].item() - 4]]


@fact([False, False, True, None, 3.0, 6.0])
def retained_non_leaves_accumulate(t: Any) -> Any:
    a = leaf(t)
    b = a * a
    a.retain_grad()
    before = b.retains_grad
    b.retain_grad()
    states = [a.retains_grad, before, b.retains_grad, b.grad]
    (3 * b).backward(retain_graph=True)
    states.append(b.grad.tolist())
    (3 * b).backward()
    return [*states, b.grad]


@fact("RuntimeError")
def retain_grad_without_graph(t: Any) -> Any:
    t.tensor(1.0).retain_grad()


@fact(None)
def grad_of_a_non_leaf_is_none(t: Any) -> Any:
    a = leaf(t)
    b = a * a
    (b * 2).backward()
    return b.grad


@fact(["RuntimeError", "RuntimeError", "RuntimeError"])
def requires_grad_of_a_non_leaf(t: Any) -> Any:
    b = leaf(t) * 2
    return [
        outcome(lambda t: setattr(b, "requires_grad", True), t),
        outcome(lambda t: setattr(b, "requires_grad", False), t),
        outcome(lambda t: b.requires_grad_(False), t),
    ]


@fact(True)
def requires_grad_method_on_non_leaf(t: Any) -> Any:
    return (leaf(t) * 2).requires_grad_(True).requires_grad


@fact("RuntimeError")
def integers_need_no_gradient(t: Any) -> Any:
    (leaf(t) > 1).requires_grad_()


@fact([0.0, None])
def clearing(t: Any) -> Any:
    a = leaf(t)
    (a * 3).backward()
    zero = a.grad.zero_().clone()
    a.grad = None
    return [zero, a.grad]


@fact(["RuntimeError", 7.0])
def assigning_grad_checks_shape(t: Any) -> Any:
    a = leaf(t)
    refused = outcome(lambda t: setattr(a, "grad", t.tensor([1.0, 2.0])), t)
    a.grad = t.tensor(4.0)
    (a * 3).backward()
    return [refused, a.grad]


@fact([[1.0, 1.0], [1.0, 1.0], [3.0, 3.0], [1.0, 1.0]])
def gradients_share_no_memory(t: Any) -> Any:
    a, b = leaf(t, [1.0, 2.0]), leaf(t, [3.0, 4.0])
    (a + b).sum().backward()
    before = [a.grad.tolist(), b.grad.tolist()]
    (a * 2).sum().backward()
    return [*before, a.grad, b.grad]


# ---- backward -----------------------------------------------------------------------------------


@fact([[2.0], "RuntimeError", "RuntimeError", "RuntimeError", [[2.0, 20.0]]])
def seeds(t: Any) -> Any:
    a = leaf(t, [1.0])
    (a * 2).backward()
    b = leaf(t, [1.0, 2.0])
    y = b * 2
    states = [a.grad]
    for seed in (None, t.tensor([1.0]), t.tensor([[1.0, 1.0]])):
        states.append(outcome(lambda t, seed=seed: y.backward(seed), t))
    return [*states, t.autograd.grad(y, b, t.tensor([1.0, 10.0]))]


@fact(["RuntimeError", "RuntimeError"])
def no_graph(t: Any) -> Any:
    with t.no_grad():
        y = leaf(t) * 2
    return [outcome(lambda t: y.backward(), t), outcome(lambda t: t.tensor(1.0).backward(), t)]


@fact(1.0)
def backward_of_a_leaf(t: Any) -> Any:
    a = leaf(t)
    a.backward()
    return a.grad


REPEATABLE = {
    "add": lambda t, a, m: a + a,
    "sub": lambda t, a, m: a - 1,
    "rsub": lambda t, a, m: 1 - a,
    "neg": lambda t, a, m: -a,
    "sum": lambda t, a, m: m.sum(),
    "mean": lambda t, a, m: m.mean(),
    "reshape": lambda t, a, m: m.reshape(-1),
    "T": lambda t, a, m: m.T,
    "index": lambda t, a, m: m[0],
    "slice": lambda t, a, m: m[:, 1:],
    "expand": lambda t, a, m: a.expand(3),
    "concatenate": lambda t, a, m: t.cat([m, m]),
    "stack": lambda t, a, m: t.stack([a, a]),
    "floor": lambda t, a, m: t.floor(a),
    "sign": lambda t, a, m: t.sign(a),
    "round": lambda t, a, m: t.round(a),
    "clone": lambda t, a, m: m.clone(),
    "cumsum": lambda t, a, m: t.cumsum(m, 0),
}
SAVING = {
    "mul": lambda t, a, m: a * a,
    "mul by a number": lambda t, a, m: a * 2,
    "div": lambda t, a, m: a / 2,
    "pow": lambda t, a, m: a**2,
    "exp": lambda t, a, m: t.exp(a),
    "sin": lambda t, a, m: t.sin(a),
    "sqrt": lambda t, a, m: t.sqrt(a),
    "tanh": lambda t, a, m: t.tanh(a),
    "abs": lambda t, a, m: t.abs(a),
    "where": lambda t, a, m: t.where(a > 0, a, 0.0),
    "max": lambda t, a, m: m.max(),
    "maximum": lambda t, a, m: t.maximum(a, m),
    "clamp": lambda t, a, m: t.clamp(a, 0, 1),
    "prod": lambda t, a, m: m.prod(),
    "matmul": lambda t, a, m: m @ m,
    "mv": lambda t, a, m: m @ m[0],
    "logsumexp": lambda t, a, m: m[0].logsumexp(0),
    "norm": lambda t, a, m: m.norm(),
    "relu": lambda t, a, m: t.relu(a),
}


def twice(operation: Any) -> Callable[[Any], Any]:
    """Run one node's backward, and its again."""

    def program(t: Any) -> Any:
        a, m = leaf(t), leaf(t, [[1.0, 2.0], [3.0, 4.0]])
        y = operation(t, a, m)
        seed = t.ones_like(y).detach()
        y.backward(seed)
        return outcome(lambda t: y.backward(seed), t)

    return program


for _name, _operation in REPEATABLE.items():
    PROGRAMS[f"repeatable: {_name}"] = (twice(_operation), None)
for _name, _operation in SAVING.items():
    PROGRAMS[f"not repeatable: {_name}"] = (twice(_operation), "RuntimeError")


@fact([16.0, 32.0])
def retain_graph(t: Any) -> Any:
    a = leaf(t)
    y = a * a * a + a * 4
    y.backward(retain_graph=True)
    first = a.grad.tolist()
    y.backward()
    return [first, a.grad]


@fact([[12.0], [1.0], "RuntimeError"])
def grad_frees_only_what_it_ran(t: Any) -> Any:
    a, b = leaf(t), leaf(t, 3.0)
    u, v = a * a * a, t.exp(b)
    y = u + v * 0 + b
    first = t.autograd.grad(y, a)
    second = t.autograd.grad(y, b)
    return [first, second, outcome(lambda t: y.backward(), t)]


@fact(["RuntimeError", 4.0])
def losses_that_share_a_graph(t: Any) -> Any:
    a = leaf(t)
    shared = a * a
    u, v = shared + 1, shared + 2
    u.backward()
    refused = outcome(lambda t: v.backward(), t)
    return [refused, a.grad]


@fact(8.0)
def several_roots_at_once(t: Any) -> Any:
    a = leaf(t)
    shared = a * a
    t.autograd.backward([shared + 1, shared + 2])
    return a.grad


# ---- create_graph -------------------------------------------------------------------------------


@fact([True, False, True, True])
def which_gradients_have_a_graph(t: Any) -> Any:
    states = []
    for power in (1, 2):
        a = leaf(t)
        b = a * a
        b.retain_grad()
        c = b if power == 1 else b * b
        c.backward(create_graph=True)
        states += [a.grad.requires_grad, b.grad.requires_grad]
    return states


@fact([False, False, True, "RuntimeError"])
def linear_functions_have_no_second_derivative(t: Any) -> Any:
    a = leaf(t)
    slopes = [
        t.autograd.grad(f(a), a, create_graph=True)[0]
        for f in (lambda a: 3 * a, lambda a: a + a, lambda a: a * a)
    ]
    states = [g.requires_grad for g in slopes]
    return [*states, outcome(lambda t: slopes[0].backward(), t)]


@fact([12.0, 12.0, 6.0, 0.0])
def derivatives_of_derivatives(t: Any) -> Any:
    a = leaf(t)
    found, y = [], a * a * a
    for _ in range(4):
        (y,) = t.autograd.grad(y, a, create_graph=True, allow_unused=True)
        found.append(0.0 if y is None else y.tolist())
        if not y.requires_grad:
            break
    return [*found, 0.0][:4]


@fact([2.0, "RuntimeError"])
def create_graph_without_retain_graph(t: Any) -> Any:
    states = []
    for f in (lambda a: a * a, lambda a: a * a * a):
        a = leaf(t)
        (g,) = t.autograd.grad(f(a), a, retain_graph=False, create_graph=True)
        states.append(outcome(lambda t, g=g, a=a: t.autograd.grad(g, a)[0], t))
    return states


@fact([4.0, 6.0])
def seeds_with_a_graph(t: Any) -> Any:
    a, v = leaf(t), leaf(t, 3.0)
    (g,) = t.autograd.grad(a * a, a, v, create_graph=True)
    return list(t.autograd.grad(g, [v, a]))


@fact([12.0, 24.0, "RuntimeError"])
def create_graph_retains_the_graph(t: Any) -> Any:
    a = leaf(t)
    y = a**3
    y.backward(create_graph=True)
    first = a.grad.item()
    y.backward()
    return [first, a.grad, outcome(lambda t: y.backward(), t)]


@fact([[0.0, 1.0], "RuntimeError", [3.0, -4.0]])
def complex_numbers(t: Any) -> Any:
    """The conjugate convention: the gradient points where the real result grows fastest."""
    z = leaf(t, 3 + 4j)
    i = leaf(t, 4j)
    (g,) = t.autograd.grad(i.abs(), i)
    refused = outcome(lambda t: (z * z).backward(), t)
    (h,) = t.autograd.grad(z * z, z, t.tensor(0.5 + 0j))
    return [[g.item().real, g.item().imag], refused, [h.item().real, h.item().imag]]


# ---- autograd.grad ------------------------------------------------------------------------------


@fact([[3.0, 2.0], [None, None]])
def grad_leaves_grad_alone(t: Any) -> Any:
    a, b = leaf(t), leaf(t, 3.0)
    return [list(t.autograd.grad(a * b, [a, b])), [a.grad, b.grad]]


@fact(["RuntimeError", [2.0, None], [2.0, 0.0], "ValueError", "RuntimeError"])
def unused_inputs(t: Any) -> Any:
    a, b = leaf(t), leaf(t)

    def ask(**options: Any) -> Any:
        return outcome(lambda t: list(t.autograd.grad(a * 2, [a, b], **options)), t)

    return [
        ask(),
        ask(allow_unused=True),
        ask(materialize_grads=True),
        ask(allow_unused=False, materialize_grads=True),
        outcome(lambda t: t.autograd.grad(a * 2, t.tensor(1.0)), t),
    ]


@fact([[6.0], [2.0], [4.0, 3.0]])
def grad_by_a_non_leaf(t: Any) -> Any:
    a = leaf(t, 3.0)
    b = a * a
    c = b * 2
    d = c * b / 6
    return [
        list(t.autograd.grad(d, b, retain_graph=True)),
        list(t.autograd.grad(c, b, retain_graph=True)),
        [x.item() * k for x, k in zip(t.autograd.grad(d, [b, c]), (2 / 3, 2), strict=True)],
    ]


@fact([1.0, 4.0])
def a_result_by_itself(t: Any) -> Any:
    a = leaf(t)
    b = a * a
    return [t.autograd.grad(b, b, retain_graph=True)[0], t.autograd.grad(b, a)[0]]
