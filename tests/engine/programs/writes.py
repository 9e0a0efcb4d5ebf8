"""In-place operations and versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from programs.facts import PROGRAMS, fact, leaf, name, outcome


@fact(["RuntimeError", "RuntimeError", "RuntimeError", 1, [7.0, 1.0], True])
def in_place_on_leaves(t: Any) -> Any:
    a = leaf(t, [1.0, 2.0])

    def assign(t: Any) -> None:
        a[0] = 3.0

    refused = [outcome(act, t) for act in (lambda t: a.add_(1), lambda t: a[0].mul_(2), assign)]
    with t.no_grad():
        a.add_(1)
    version = a._version
    with t.no_grad():
        a[0] = 7.0
        a[1].sub_(2)
    return [*refused, version, a.detach(), a.is_leaf]


@fact([[2.0, 2.0], 0, 1, 2, 2])
def versions_count_writes(t: Any) -> Any:
    y = t.tensor([1.0, 2.0])
    fresh = y._version
    y.add_(0)
    first = y._version
    v, d = y[:1], y.detach()
    v.mul_(2)
    return [y, fresh, first, v._version, d._version]


SAVED = {
    "exp's operand": (lambda t, y: t.exp(y), None),
    "sin's operand": (lambda t, y: t.sin(y), "RuntimeError"),
    "tanh's operand": (lambda t, y: t.tanh(y), None),
    "log's operand": (lambda t, y: t.log(y), "RuntimeError"),
    "add's operand": (lambda t, y: y + 1, None),
    "mul by a number's operand": (lambda t, y: y * 2, None),
    "mul's operand": (lambda t, y: y * y, "RuntimeError"),
    "sum's operand": (lambda t, y: y.sum(), None),
    "a square's operand": (lambda t, y: y**2, "RuntimeError"),
    "a matrix product's operand": (lambda t, y: y @ y, "RuntimeError"),
    "the largest's operand": (lambda t, y: y.max(), "RuntimeError"),
}
WRITES = {
    "add_": lambda y: y.add_(1),
    "through a view": lambda y: y[0].mul_(3),
    "through detach": lambda y: y.detach().zero_(),
    "assignment": lambda y: y.__setitem__(0, 4.0),
    "assignment by a mask": lambda y: y.__setitem__(y > 2, 4.0),
}


def overwriting(operation: Any, write: Any) -> Callable[[Any], Any]:
    def program(t: Any) -> Any:
        y = leaf(t, [1.0, 2.0]) * 2
        z = operation(t, y)
        write(y)
        return outcome(lambda t: z.sum().backward(), t)

    return program


for _name, (_operation, _expected) in SAVED.items():
    for _way, _write in WRITES.items():
        PROGRAMS[f"overwriting {_name} by {_way}"] = (overwriting(_operation, _write), _expected)


@fact(["RuntimeError", "RuntimeError", "RuntimeError", None, None])
def overwriting_results(t: Any) -> Any:
    def after(operation: Any, write: Any) -> Any:
        y = operation(leaf(t, [1.0, 2.0]) * 1)
        z = y * 1
        write(y)
        return outcome(lambda t: z.sum().backward(), t)

    return [
        after(t.exp, lambda y: y.add_(1)),
        after(t.sqrt, lambda y: y[0].zero_()),
        after(t.tanh, lambda y: y.detach().mul_(2)),
        after(t.sin, lambda y: y.add_(1)),
        after(lambda x: x * 2, lambda y: y.add_(1)),
    ]


@fact(["RuntimeError", [8.0, 16.0], "RuntimeError", [3.0, 3.0], "RuntimeError", [0.0, 0.0]])
def operations_in_place(t: Any) -> Any:
    w = t.tensor([3.0, 3.0])

    def after(write: Any) -> Any:
        x = leaf(t, [1.0, 2.0])
        y = x * 1
        write(y)
        return outcome(lambda t: (y.sum().backward(), x.grad)[1], t)

    def square_by_itself(y: Any) -> None:
        y *= y

    def double_and_square(y: Any) -> None:
        y *= 2
        y **= 2

    return [
        after(square_by_itself),
        after(double_and_square),
        after(lambda y: (y.exp_(), y.exp_())),
        after(lambda y: y.mul_(w)),
        after(lambda y: (y.exp_(), y.add_(1))),
        after(lambda y: y.sub_(y)),
    ]


@fact([[2.0, 4.0], [6.0, 6.0]])
def what_mul_saves_of_itself(t: Any) -> Any:
    """`y.mul_(w)` reads the old y for w's gradient, and has kept it."""
    x, w = leaf(t, [1.0, 2.0]), leaf(t, [3.0, 3.0])
    y = x * 2
    y.mul_(w)
    y.sum().backward()
    return [w.grad, x.grad]


@fact([[0.0, 2.0, 2.0], "CopySlices", ["MulBackward0", None], 1, [5.0, 4.0, 6.0]])
def assigning_an_element(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0, 3.0])
    y = x * 2
    y[0] = 5
    node, version = y.grad_fn, y._version
    y.sum().backward()
    return [x.grad, name(node), [name(n) for n, _ in node.next_functions], version, y.detach()]


@fact([False, True, "CopySlices", [None, "SelectBackward0"], [0.0, 0.0, 3.0]])
def assigning_into_a_constant(t: Any) -> Any:
    x, y = leaf(t, [1.0, 2.0, 3.0]), t.tensor([0.0, 0.0, 0.0])
    y[1] = x[2]
    node = y.grad_fn
    (y * 3).sum().backward()
    edges = [name(n) for n, _ in node.next_functions]
    return [y.is_leaf, y.requires_grad, name(node), edges, x.grad]


@fact([[20.0, 2.0, 2.0], "CopySlices", "AsStridedBackward0", "AsStridedBackward0", ["CopySlices"]])
def writing_through_a_view(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0, 3.0])
    y = x * 2
    v, sibling = y[0], y[1:]
    v.mul_(10)
    names = [name(node) for node in (y.grad_fn, v.grad_fn, sibling.grad_fn)]
    edges = [name(n) for n, _ in sibling.grad_fn.next_functions]
    y.sum().backward()
    return [x.grad, *names, edges]


@fact([[[1.0, 3.0], [20.0, 40.0]], [[1.0, 10.0], [1.0, 10.0]], [[2.0, 0.0], [6.0, 6.0]]])
def views_of_views(t: Any) -> Any:
    x = leaf(t, [[1.0, 2.0], [3.0, 4.0]])
    y = x * 1
    columns = y.T
    columns[1].mul_(10)
    z = x * 1
    w = z[1:].reshape(2)
    z.mul_(2)
    z[0, 1] = 0.0
    return [
        columns.detach(),
        t.autograd.grad(columns.sum(), x)[0],
        t.autograd.grad(z.sum() + w.sum() * 2, x)[0],
    ]


@fact([[2.0, 2.0], [0.0, 2.0]])
def writing_through_the_transposed(t: Any) -> Any:
    x = leaf(t, [[1.0, 2.0], [3.0, 4.0]])
    y = x * 1
    y.T[1, 0] = 7.0
    (g,) = t.autograd.grad(y.sum() * 2, x)
    return [g[1], [g[0, 1].item(), g[0, 0].item()]]


@fact([[1.0, 20.0, 3.0, 40.0], [1.0, 10.0, 1.0, 10.0]])
def writing_with_a_step(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0, 3.0, 4.0])
    y = x * 1
    y[1::2] *= 10
    y.sum().backward()
    return [y.detach(), x.grad]


@fact(["IndexPutBackward0", ["MulBackward0", None], [2.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
def assigning_by_mask_and_by_places(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0, 3.0])
    y = x * 2
    y[y > 3] = 0
    z = x * 2
    z[[1, 2]] = 4
    edges = [name(n) for n, _ in y.grad_fn.next_functions]
    first = t.autograd.grad(y.sum(), x)[0]
    return [name(y.grad_fn), edges, first, t.autograd.grad(z.sum(), x)[0]]


@fact([[10.0, 0.0], [0.0, 20.0]])
def gradients_of_assigned_values(t: Any) -> Any:
    x, v = leaf(t, [1.0, 2.0]), leaf(t, [5.0, 6.0])
    y, z = x * 1, x * 1
    y[0] = v[0]
    z[t.tensor([1.0, 2.0]) > 1] = v[1]
    weights = t.tensor([10.0, 20.0])
    return [t.autograd.grad((r * weights).sum(), v)[0] for r in (y, z)]


@fact([[10.0, 4.0], [8.0, 4.0]])
def derivatives_through_writes(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * x
    y[1] = (y[0] + 0) * x[1] * x[1]
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = t.autograd.grad(g[1], x)
    return [g.detach(), second * t.tensor([1.0, 2.0])]


@fact([[1.0, 1.0], [3.0, 3.0]])
def retained_gradients_follow_writes(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * 1
    y.retain_grad()
    y.mul_(3)
    y.sum().backward()
    return [y.grad, x.grad]


@fact(["ZeroBackward0", [0.0, 0.0], "FillBackward2", "CopyBackwards", [[0.0, 0.0], [2.0, 2.0]]])
def constants_in_place(t: Any) -> Any:
    x, s = leaf(t, [1.0, 2.0]), leaf(t, [3.0, 4.0])
    y, z, w = x * 1, x * 1, x * 1
    y.zero_()
    z.fill_(3.0)
    w.copy_(s * 2)
    names = [name(r.grad_fn) for r in (y, z, w)]
    (g,) = t.autograd.grad(y.sum(), x)
    both = t.autograd.grad(w.sum(), [x, s])
    return [names[0], g, names[1], names[2], list(both)]


@fact(["MulBackward0", 1, [2.0, 2.0], [3.0, 5.0]])
def writing_without_a_record(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * 2
    with t.no_grad():
        y.add_(1)
    node, version = name(y.grad_fn), y._version
    y.sum().backward()
    return [node, version, x.grad, y.detach()]


REFUSED_IN_PLACE = {
    "growing": lambda t, y: y.add_(t.tensor([[1.0, 1.0], [1.0, 1.0]])),
    "a fraction into integers": lambda t, y: (y > 1).add_(1.5),
    "an expanded view": lambda t, y: y[:1].expand(2).mul_(2),
    "a view made without a record": lambda t, y: unrecorded(t, y).mul_(2),
    "copying another shape": lambda t, y: y.copy_(t.tensor([1.0, 1.0, 1.0])),
    "filling with several": lambda t, y: y.fill_(t.tensor([1.0, 1.0])),
}


def unrecorded(t: Any, y: Any) -> Any:
    with t.no_grad():
        return y[:1]


def refused_in_place(write: Any) -> Callable[[Any], Any]:
    return lambda t: outcome(lambda t: write(t, leaf(t, [1.0, 2.0]) * 2), t)


for _name, _write in REFUSED_IN_PLACE.items():
    PROGRAMS[f"refused in place: {_name}"] = (refused_in_place(_write), "RuntimeError")


@fact([12.0, "CopySlices", 1])
def views_of_scalars(t: Any) -> Any:
    y = leaf(t) * 2
    y.reshape(1).mul_(3)
    return [y.item(), name(y.grad_fn), y._version]


@fact([[1.0, 0.0], [5.0, 2.0]])
def truncating_assignment(t: Any) -> Any:
    y = t.tensor([1.0, 2.0])
    y[0] = t.tensor([5.0])
    z = t.tensor([3.0, 1.0]) > 2
    z[1] = 0.0
    return [[float(v) for v in z.tolist()], y]


@fact(["RuntimeError", [1.0, 1.0]])
def writing_between_derivatives(t: Any) -> Any:
    """The second derivative reads what the first one saved, which is checked as well."""
    x = leaf(t, [1.0, 2.0])
    y = t.exp(x * 1)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    y.add_(1)
    refused = outcome(lambda t: t.autograd.grad(g.sum(), x), t)
    z = x * 1
    (g,) = t.autograd.grad(z.sum(), x, create_graph=True)
    z.add_(1)
    return [refused, g]


@fact([True, False, True, [2.0, 2.0], [6.0, 6.0]])
def earlier_readers_keep_their_history(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * 2
    z, old = y + 1, y.grad_fn
    y.mul_(3)
    reader, writer = (r.grad_fn.next_functions[0][0] for r in (z, y))
    states = [reader is old, y.grad_fn is old, writer is old]
    return [*states, *(t.autograd.grad(r.sum(), x, retain_graph=True)[0] for r in (z, y))]


VIEWS = {
    "y[0]": lambda y: y[0],
    "y[0, ...]": lambda y: y[0, ...],
    "y[..., 1]": lambda y: y[..., 1],
    "y[0, 0]": lambda y: y[0, 0],
    "y[:, ::2]": lambda y: y[:, ::2],
    "y[None]": lambda y: y[None],
    "y.reshape(4)": lambda y: y.reshape(4),
    "y.T": lambda y: y.T,
    "y.detach()": lambda y: y.detach(),
}
COPIES = {
    "y[[0, 1]]": lambda y: y[[0, 1]],
    "y[y > 0]": lambda y: y[y > 0],
    "y.T.reshape(4)": lambda y: y.T.reshape(4),
    "y.clone()": lambda y: y.clone(),
    "y + 0": lambda y: y + 0,
}


def writing_into(view: Any) -> Callable[[Any], Any]:
    """Is what is written into the view written into its base, and counted there?"""

    def program(t: Any) -> Any:
        y = t.tensor([[1.0, 2.0], [3.0, 4.0]])
        view(y).add_(10)
        return [bool((y > 10).any()), y._version]

    return program


for _way, _view in VIEWS.items():
    PROGRAMS[f"a view: {_way}"] = (writing_into(_view), [True, 1])
for _way, _view in COPIES.items():
    PROGRAMS[f"no view: {_way}"] = (writing_into(_view), [False, 0])


@fact([[2.0, 3.0], [1.0, 2.0], [1.0, 1.0], 0])
def clones(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x.clone()
    y.add_(1)
    y.sum().backward()
    return [y.detach(), x.detach(), x.grad, x._version]


@fact([[0.0, 0.0], 0, [False, True], [5.0, 5.0], [7.0, 1.0]])
def writing_through_data(t: Any) -> Any:
    """What is written through .data goes unnoticed: here into what exp saved of its result."""
    x = leaf(t, [1.0, 2.0])
    y = t.exp(x)
    y.data.fill_(5.0)
    states = [y.data.requires_grad, y.data.is_leaf]
    y.sum().backward()
    z = leaf(t, [0.0, 1.0])
    z.data[0] = 7.0
    return [y.detach() * 0, y._version, states, x.grad, z.detach()]


@fact("RuntimeError")
def accumulating_into_what_is_saved(t: Any) -> Any:
    """`.grad` is a tensor like others: a node that saved it sees that it was overwritten."""
    x, w = leaf(t, [1.0, 2.0]), leaf(t, [1.0, 1.0])
    (x * 2).sum().backward()
    y = (w * x.grad).sum()
    (x * 3).sum().backward()
    y.backward()
