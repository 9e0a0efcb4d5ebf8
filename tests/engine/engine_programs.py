"""Small programs that PyTorch and gradcli run alike, each with the facts it must state.

A program gets `t`, a namespace with the names both have, and returns numbers, booleans, names or
None in lists. A RuntimeError is the fact "RuntimeError". Double precision is the default.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

PROGRAMS: dict[str, tuple[Callable[[Any], Any], Any]] = {}
INF, NAN = float("inf"), float("nan")


def fact(expected: Any) -> Callable[[Callable[[Any], Any]], None]:
    def register(program: Callable[[Any], Any]) -> None:
        PROGRAMS[program.__name__] = (program, expected)

    return register


def outcome(program: Callable[[Any], Any], t: Any) -> Any:
    """What a program states, in Python's own types."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return plain(program(t))
        except (RuntimeError, ValueError, TypeError) as error:
            kinds = (RuntimeError, ValueError, TypeError)
            return next(kind.__name__ for kind in kinds if isinstance(error, kind))


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value


def name(node: Any) -> str | None:
    """A node's name: an attribute here, a method with C++ namespaces in PyTorch."""
    if node is None:
        return None
    return (node.name() if callable(node.name) else node.name).rpartition("::")[2]


def leaf(t: Any, value: Any = 2.0) -> Any:
    return t.tensor(value, requires_grad=True)


# ---- leaves and gradients -----------------------------------------------------------------------


@fact([True, True, False, True, True, True, False])
def leaves(t: Any) -> Any:
    a = leaf(t)
    b = a * 2
    with t.no_grad():
        c = a * 2
        d = t.tensor(1.0, requires_grad=True)
    plain_number = t.tensor(1.0)
    return [
        a.is_leaf, plain_number.is_leaf, b.is_leaf, c.is_leaf,
        b.detach().is_leaf, d.requires_grad, c.requires_grad,
    ]  # fmt: skip


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


@fact("RuntimeError")
def requires_grad_setter_on_non_leaf(t: Any) -> Any:
    b = leaf(t) * 2
    b.requires_grad = False


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
    a.grad = a.grad * 0
    zero = a.grad
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
    slopes = [t.autograd.grad(f(a), a, create_graph=True)[0]
              for f in (lambda a: 3 * a, lambda a: a + a, lambda a: a * a)]  # fmt: skip
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


# ---- the graph as an object ---------------------------------------------------------------------

NODES = {
    "a + m": "AddBackward0", "a - m": "SubBackward0", "a - 1": "SubBackward0",
    "1 - a": "RsubBackward1", "a * m": "MulBackward0", "2 * a": "MulBackward0",
    "a / 2": "DivBackward0", "-a": "NegBackward0", "a**2": "PowBackward0",
    "a**a": "PowBackward1", "2**a": "PowBackward2", "t.square(a)": "PowBackward0",
    "a % 2": "RemainderBackward0", "m.sum()": "SumBackward0", "m.sum(0)": "SumBackward1",
    "m.mean()": "MeanBackward0", "m.mean(1)": "MeanBackward1", "m.prod()": "ProdBackward0",
    "m.prod(0)": "ProdBackward1", "m.max()": "MaxBackward1", "m.min()": "MinBackward1",
    "m.amax(0)": "AmaxBackward0", "m[0]": "SelectBackward0", "m[:1]": "SliceBackward0",
    "m[[0, 1]]": "IndexBackward0", "m[m > 2]": "IndexBackward0", "m[0, 1]": "SelectBackward0",
    "m[0:1, 1]": "SelectBackward0", "m[1, 0:1]": "SliceBackward0", "m[:, 1]": "SelectBackward0",
    "m[None]": "UnsqueezeBackward0", "m[...]": "AliasBackward0", "m[0, [0, 1]]": "IndexBackward0",
    "m.T": "PermuteBackward0", "m.t()": "TBackward0", "m.mT": "TransposeBackward0",
    "m.swapaxes(0, 1)": "TransposeBackward0", "m.reshape(4)": "ViewBackward0",
    "m.view(4)": "ViewBackward0", "m.ravel()": "ViewBackward0", "a.expand(3)": "ExpandBackward0",
    "m[None].squeeze()": "SqueezeBackward0", "m[None].squeeze(0)": "SqueezeBackward1",
    "m.unsqueeze(0)": "UnsqueezeBackward0", "t.cat([m, m])": "CatBackward0",
    "t.stack([a, a])": "StackBackward0", "m[0] @ m[1]": "DotBackward0", "m @ m[0]": "MvBackward0",
    "m[0] @ m": "SqueezeBackward4", "m @ m": "MmBackward0", "t.clamp(a, 0, 1)": "ClampBackward1",
    "t.log1p(a)": "Log1PBackward0", "t.exp2(a)": "Exp2Backward0", "t.asin(a / 4)": "AsinBackward0",
    "t.atan2(a, m)": "Atan2Backward0", "t.deg2rad(a)": "Deg2RadBackward0",
    "t.floor(a)": "FloorBackward0", "t.round(a)": "RoundBackward0", "t.sign(a)": "SignBackward0",
    "t.sgn(a)": "SgnBackward0", "t.norm(m)": "LinalgVectorNormBackward0",
    "m.logsumexp(0)": "LogsumexpBackward0", "t.where(a > 0, a, a)": "WhereBackward0",
    "t.maximum(a, m)": "MaximumBackward0", "t.logaddexp(a, a)": "LogaddexpBackward0",
    "t.outer(m[0], m[1])": "MulBackward0", "t.angle(a)": "AngleBackward0",
    "a > 1": None, "m.argmax()": None, "a == a": None, "a.detach()": None,
}  # fmt: skip


def node_name(source: str) -> Callable[[Any], Any]:
    code = compile(source, source, "eval")

    def program(t: Any) -> Any:
        m = leaf(t, [[1.0, 2.0], [3.0, 4.0]])
        return name(eval(code, {"t": t, "a": leaf(t), "m": m}).grad_fn)

    return program


for _source, _node in NODES.items():
    PROGRAMS[f"node of {_source}"] = (node_name(_source), _node)


@fact(
    [
        ["AccumulateGrad", None],
        ["AccumulateGrad", "MulBackward0"],
        ["AccumulateGrad"],
        ["AccumulateGrad"],
        ["AccumulateGrad"],
        ["AccumulateGrad", "AccumulateGrad"],
        True,
        True,
        [],
    ]
)
def next_functions(t: Any) -> Any:
    a = leaf(t)
    results = [a * 2, a + a * 2, a**2, 1 - a, 2**a, t.where(a > 0, a, a)]
    edges = [[name(node) for node, _ in y.grad_fn.next_functions] for y in results]
    first, second = (y.grad_fn.next_functions[0][0] for y in results[:2])
    return [*edges, first is second, first.variable is a, list(first.next_functions)]


@fact([0, 0])
def input_numbers(t: Any) -> Any:
    return [number for _, number in (leaf(t) * 2).grad_fn.next_functions]


# ---- in-place operations and versions -----------------------------------------------------------


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


# ---- hooks --------------------------------------------------------------------------------------


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
    return [t.autograd.grad(r, x)[0] if r is not w else outcome(lambda t: w.backward(), t)
            for r in (y, z, w)]  # fmt: skip


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


# ---- inputs of backward, modes, anomalies -------------------------------------------------------


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


# ---- custom functions and checkpoints -----------------------------------------------------------


def cube(t: Any) -> Any:
    class Cube(t.autograd.Function):  # type: ignore[misc]  # one of two classes
        @staticmethod
        def forward(ctx: Any, x: Any, scale: float) -> Any:
            ctx.save_for_backward(x)
            ctx.scale = scale
            return x * x * x * scale

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return g * 3 * x * x * ctx.scale, None

    return Cube.apply


@fact([16.0, 24.0, 24.0, "CubeBackward", ["AccumulateGrad"], "RuntimeError"])
def custom_functions(t: Any) -> Any:
    x = leaf(t)
    y = cube(t)(x, 2.0)
    edges = [name(node) for node, _ in y.grad_fn.next_functions]
    (first,) = t.autograd.grad(y, x, create_graph=True)
    (second,) = t.autograd.grad(first, x, retain_graph=True)
    y.backward()
    again = outcome(lambda t: y.backward(), t)
    return [y.item(), first.item(), second, name(y.grad_fn), edges, again]


def exponential(t: Any) -> Any:
    class Exponential(t.autograd.Function):  # type: ignore[misc]  # one of two classes
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = t.exp(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * ctx.saved_tensors[0]

    return Exponential.apply


@fact([[1.0, 1.0], [1.0, 1.0], "RuntimeError"])
def custom_functions_save_their_result(t: Any) -> Any:
    x = leaf(t, [0.0, 0.0])
    (first,) = t.autograd.grad(exponential(t)(x).sum(), x, create_graph=True)
    (second,) = t.autograd.grad(first.sum(), x)
    y = exponential(t)(x * 1)
    y.add_(1)
    return [first.detach(), second, outcome(lambda t: y.sum().backward(), t)]


@fact([[True, False, False], [None, 3.0], False, "RuntimeError", [6.0, 6.0]])
def contexts(t: Any) -> Any:
    seen = []

    class Product(t.autograd.Function):  # type: ignore[misc]  # one of two classes
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any, flag: bool) -> Any:
            seen.append(list(ctx.needs_input_grad))
            y = a * b
            if flag:
                ctx.mark_non_differentiable(y)
            return y

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return (g * 3, g * 5, None)[: 2 if flags else 3]

    flags: list[bool] = []
    a, b, c = leaf(t), t.tensor(3.0), leaf(t)
    y = Product.apply(a, b, False)
    y.backward()
    first = [b.grad, a.grad.item()]
    silent = Product.apply(a, c, True).requires_grad
    z = Product.apply(a, c, False)
    z.backward(retain_graph=True)
    z.backward()  # it saved nothing
    a.grad = a.grad * 0 + 6
    flags.append(True)
    refused = outcome(lambda t: Product.apply(a, c, False).backward(), t)
    return [seen[0], first, silent, refused, [a.grad.item(), a.grad.item()]]


@fact([[12.0, 4.0], [12.0, 4.0], [144.0, 108.0]])
def checkpoints(t: Any) -> Any:
    x, w = leaf(t), leaf(t, 3.0)

    def body(v: Any) -> Any:
        return v * v * w

    def again(v: Any) -> Any:
        return t.utils.checkpoint.checkpoint(body, v, use_reentrant=False)

    plain = t.autograd.grad(body(x), [x, w])
    saving = t.autograd.grad(again(x * 1), [x, w])
    again(again(x) * 2).backward()
    return [list(plain), list(saving), [x.grad.item() / 24, w.grad.item() / 16]]


@fact([12.0, 4.0, 6.0])
def derivatives_of_checkpoints(t: Any) -> Any:
    x, w = leaf(t), leaf(t, 3.0)
    y = t.utils.checkpoint.checkpoint(lambda v: v * v * w, x, use_reentrant=False)
    (g,) = t.autograd.grad(y, x, create_graph=True)
    return [g.item(), *t.autograd.grad(g, [w, x])]


# ---- several outputs ----------------------------------------------------------------------------


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
