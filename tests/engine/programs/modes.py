"""Inputs of backward, modes, anomalies."""

from __future__ import annotations

from typing import Any

from programs.facts import PROGRAMS, fact, leaf, outcome


@fact([[2.0, None], [2.0, None, 3.0], [2.0, None], "RuntimeError", "RuntimeError"])
def backward_to_inputs(t: Any) -> Any:
    x, w, unused = leaf(t), leaf(t, 3.0), leaf(t)
    y = x * w
    t.autograd.backward(y * 2, inputs=[y])
    first = [y.grad, x.grad]
    a = leaf(t)
    b = a * 2
    b.retain_grad()
    (b * 3).backward(inputs=[w, b])
    (x * 2).backward(inputs=[x, unused])
    return [
        first,
        [2.0, a.grad, b.grad],
        [x.grad, unused.grad],
        outcome(lambda t: (x * 2).backward(inputs=[]), t),
        outcome(lambda t: (x * 2).backward(inputs=[t.tensor(1.0)]), t),
    ]


@fact([False, True, False, True, True])
def setting_modes(t: Any) -> Any:
    states = []
    t.set_grad_enabled(False)
    states.append(t.is_grad_enabled())
    with t.set_grad_enabled(True):
        states.append(t.is_grad_enabled())
    states.append(t.is_grad_enabled())
    t.set_grad_enabled(True)
    states.append(t.is_grad_enabled())
    with t.set_grad_enabled(False):
        pass
    return [*states, t.is_grad_enabled()]


@fact([False, False, True, True])
def inference(t: Any) -> Any:
    x = leaf(t)
    with t.inference_mode():
        y, made = x * 2, leaf(t)
        with t.enable_grad():
            z = x * 3
    return [y.requires_grad, z.requires_grad, made.requires_grad, (x * 2).requires_grad]


@fact(["RuntimeError", "RuntimeError", [4.0]])
def anomalies(t: Any) -> Any:
    with t.autograd.detect_anomaly():
        return [
            outcome(lambda t: (t.sqrt(leaf(t, 0.0)) * 0).backward(), t),
            outcome(lambda t: t.sqrt(leaf(t, -1.0)).backward(), t),
            [t.autograd.grad(x * x, x)[0] for x in [leaf(t)]],
        ]


# ---- inference tensors --------------------------------------------------------------------------


def inferred(t: Any) -> Any:
    with t.inference_mode():
        return t.tensor([1.0, 2.0])


@fact([True, True, True, False, False, False, False, True, True])
def what_is_made_under_inference_mode(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    with t.inference_mode():
        y = x * 2
        made = [y, y > 1, t.tensor(1.0), x, x[:1], x.detach()]
    return [r.is_inference() for r in (*made, y + 1, y[:1], y.detach())]


USES = {
    "x * i": (lambda x, i: x * i, "RuntimeError"),
    "i / x": (lambda x, i: i / x, "RuntimeError"),
    "x @ i": (lambda x, i: x @ i, "RuntimeError"),
    "x ** i": (lambda x, i: x**i, "RuntimeError"),
    "x + i": (lambda x, i: x + i, [1.0, 1.0]),
    "x * i.clone()": (lambda x, i: x * i.clone(), [1.0, 2.0]),
    "x * 1 - i": (lambda x, i: x * 1 - i, [1.0, 1.0]),
    "in place": (lambda x, i: (x * 1).add_(i), [1.0, 1.0]),
    "saving in place": (lambda x, i: (x * 1).mul_(i), "RuntimeError"),
    "copying": (lambda x, i: (x * 1).copy_(i) + x, [1.0, 1.0]),
    "as a constant": (lambda x, i: x + i * 2, [1.0, 1.0]),
}


def using(use: Any) -> Any:
    def program(t: Any) -> Any:
        x, i = leaf(t, [1.0, 2.0]), inferred(t)
        return outcome(lambda t: t.autograd.grad(use(x, i).sum(), x)[0], t)

    return program


for _name, (_use, _expected) in USES.items():
    PROGRAMS[f"an inference tensor in {_name}"] = (using(_use), _expected)

REFUSED = {
    "add_": lambda i: i.add_(1),
    "assignment": lambda i: i.__setitem__(0, 5.0),
    "writing a view": lambda i: i[:1].zero_(),
    "requires_grad_": lambda i: i.requires_grad_(),
    "the setter": lambda i: setattr(i, "requires_grad", True),
    "the version": lambda i: i._version,
}


def doing(action: Any) -> Any:
    def program(t: Any) -> Any:
        i = inferred(t)
        with t.no_grad():
            silent = outcome(lambda t: action(i), t)
        return [silent, outcome(lambda t: action(i), t)]

    return program


for _name, _action in REFUSED.items():
    PROGRAMS[f"refused to an inference tensor: {_name}"] = (doing(_action), ["RuntimeError"] * 2)


@fact([[2.0, 3.0], [1.0, 1.0], 1, [True, False], "RuntimeError", [10.0, 20.0], False])
def inference_tensors_in_their_mode(t: Any) -> Any:
    i, n, x = inferred(t), t.tensor([1.0, 2.0]), leaf(t, [1.0, 2.0])
    with t.inference_mode():
        i.add_(1)
        n.mul_(1)
        w = t.tensor([1.0, 1.0]).requires_grad_()
    (w + 1).sum().backward()
    x.grad = inferred(t)
    with t.inference_mode():
        ten = t.tensor([10.0, 20.0])
    return [
        i,
        w.grad,
        n._version,
        [w.is_inference(), n.is_inference()],
        outcome(lambda t: (x * 3).sum().backward(), t),
        t.autograd.grad(x * 1, x, ten)[0],
        inferred(t).requires_grad_(False).requires_grad,
    ]
