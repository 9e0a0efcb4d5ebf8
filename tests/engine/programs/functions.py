"""Custom functions and checkpoints."""

from __future__ import annotations

from typing import Any

from programs.facts import fact, leaf, name, outcome


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


# ---- several results ----------------------------------------------------------------------------


def function(t: Any, forward: Any, backward: Any = lambda ctx, *gs: gs[0]) -> Any:
    """A Function of these two methods."""
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Made", (t.autograd.Function,), methods).apply


def shown(gs: Any) -> list[Any]:
    return [g if g is None else g.tolist() for g in gs]


def product_and_sum(t: Any, seen: list[Any], materialize: bool = True) -> Any:
    def forward(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(x, w)
        ctx.set_materialize_grads(materialize)
        return x * w, x + w

    def backward(ctx: Any, g: Any, h: Any) -> Any:
        x, w = ctx.saved_tensors
        seen.append(shown((g, h)))
        return (g * w + h, g * x + h) if materialize else (h * 1, None)

    return function(t, forward, backward)


@fact([True, [0, 1], "MadeBackward", 1, [4.0, 3.0], [1.0, 1.0], 1.0, [[1, 1], [0, 1], [1, 0]]])
def functions_of_several_results(t: Any) -> Any:
    seen: list[Any] = []
    x, w = leaf(t), leaf(t, 3.0)
    a, b = product_and_sum(t, seen)(x, w)
    both = t.autograd.grad(a + b, [x, w], retain_graph=True)
    one = t.autograd.grad(b, [x, w], retain_graph=True)
    (g,) = t.autograd.grad(a, x, create_graph=True)
    return [
        a.grad_fn is b.grad_fn,
        [a.output_nr, b.output_nr],
        name(a.grad_fn),
        (b * 2).grad_fn.next_functions[0][1],
        list(both),
        list(one),
        t.autograd.grad(g, w)[0],
        seen,
    ]


@fact([[1.0, None], "RuntimeError", [[None, 1.0], [None, 1.0]], None])
def gradients_that_are_not_there(t: Any) -> Any:
    seen: list[Any] = []
    x, w = leaf(t), leaf(t, 3.0)
    _, b = product_and_sum(t, seen, materialize=False)(x, w)
    found = t.autograd.grad(b, [x, w], retain_graph=True, allow_unused=True)
    refused = outcome(lambda t: t.autograd.grad(b, [x, w]), t)
    silent = function(t, lambda ctx, v: v * 2, lambda ctx, g: None)
    silent(w * 5).backward()
    return [list(found), refused, seen, w.grad]


@fact([[True, False, False], True, [[1.0, 0.0, 0.0]], 2.0, [False, False]])
def results_that_need_no_gradient(t: Any) -> Any:
    seen: list[Any] = []

    def forward(ctx: Any, x: Any) -> Any:
        marked = x * 3
        ctx.mark_non_differentiable(marked)
        return x * 2, marked, x > 1

    def backward(ctx: Any, *gs: Any) -> Any:
        seen.append([float(g) for g in gs])
        return gs[0] * 2

    made = function(t, forward, backward)
    x = leaf(t)
    results = made(x)
    results[0].backward()
    constants = made(t.tensor(1.0))[:2]
    needs = [r.requires_grad for r in results]
    return [needs, results[1].is_leaf, seen, x.grad, [r.requires_grad for r in constants]]


@fact([3, None, "a", 3, [[0.0, None, None, 1.0]], 1.0])
def results_that_are_no_tensors(t: Any) -> Any:
    seen: list[Any] = []

    def backward(ctx: Any, *gs: Any) -> Any:
        seen.append(shown(gs))
        return gs[0] * 7 + gs[3]

    x = leaf(t)
    _, three, nothing, last = function(t, lambda ctx, x: (x * 2, 3, None, x * 3), backward)(x)
    (text,) = function(t, lambda ctx, x: ("a",))(x)
    (g,) = t.autograd.grad(last, x)
    return [three, nothing, text, last.output_nr, seen, g]


@fact([1.0 + 4.0, 2.0 + 1.0, "RuntimeError", True, [1, 1], [[0.0, 3.0]]])
def results_that_are_saved(t: Any) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        a, b = t.exp(x - 2), x * x
        ctx.save_for_backward(a, x, b)
        return a, b

    def backward(ctx: Any, g: Any, h: Any) -> Any:
        a, x, _ = ctx.saved_tensors
        return g * a + 2 * h * x

    made = function(t, forward, backward)
    x, seen = leaf(t), []
    a, b = made(x)
    (g,) = t.autograd.grad(a + b, x, create_graph=True)
    (second,) = t.autograd.grad(g, x)
    y = made(x * t.tensor([1.0, 1.0]))
    y[1].add_(1)
    refused = outcome(lambda t: y[0].sum().backward(), t)

    def both(ctx: Any, g: Any, h: Any) -> Any:
        seen.append([g.item(), h.item()])
        return g + h

    def same(ctx: Any, x: Any) -> Any:
        y = x * 2
        return y, y

    p, q = function(t, same, both)(x)
    (p * 3).backward()
    return [g.item(), second, refused, p is q, [p.output_nr, q.output_nr], seen]


@fact([False, 0, 1, [5.0], "RuntimeError"])
def arguments_that_are_returned(t: Any) -> Any:
    x = leaf(t)
    a, b = function(t, lambda ctx, x: (x, x), lambda ctx, g, h: g * 2 + h * 3)(x)
    found = t.autograd.grad(a + b, x)
    short = function(t, lambda ctx, x: (x * 2, x * 3), lambda ctx, g, h: (g, h))
    return [
        a is x,
        a.output_nr,
        b.output_nr,
        list(found),
        outcome(lambda t: short(x)[0].backward(), t),
    ]


# ---- arguments that are overwritten -------------------------------------------------------------


def doubling(t: Any, dirty: bool = True) -> Any:
    def forward(ctx: Any, x: Any) -> Any:
        x.mul_(2)
        if dirty:
            ctx.mark_dirty(x)
        return x

    return function(t, forward, lambda ctx, g: g * 2)


@fact([True, "MadeBackward", 2, ["MulBackward0"], [2.0, 4.0], [2.0, 2.0]])
def functions_in_place(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * 1
    z = doubling(t)(y)
    edges = [name(node) for node, _ in y.grad_fn.next_functions]
    states = [z is y, name(y.grad_fn), y._version, edges, y.detach()]
    y.sum().backward()
    return [*states, x.grad]


@fact(["RuntimeError", "RuntimeError", "RuntimeError", "RuntimeError", False, [2.0]])
def refused_functions_in_place(t: Any) -> Any:
    x = leaf(t, [1.0, 2.0])
    y = x * 1
    z = t.sin(y)
    doubling(t)(y)

    def elsewhere(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x * 2

    return [
        outcome(lambda t: doubling(t)(leaf(t)), t),
        outcome(lambda t: z.sum().backward(), t),
        outcome(lambda t: function(t, elsewhere)(x * 1), t),
        outcome(lambda t: doubling(t)((x * 1).unbind()[0]), t),
        doubling(t, dirty=False)(y) is y,
        doubling(t)(t.tensor([1.0])),
    ]


@fact([[2.0, 1.0], "CopySlices", "AsStridedBackward0", [[6.0, 3.0], [2.0, 4.0], [0, 1]]])
def functions_in_place_on_views_and_beside_others(t: Any) -> Any:
    x, w = leaf(t, [1.0, 2.0]), leaf(t, [3.0, 3.0])
    y = x * 1
    v = y[:1]
    doubling(t)(v)
    names = [name(y.grad_fn), name(v.grad_fn)]

    def forward(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(w, x.clone())
        x.mul_(w)
        ctx.mark_dirty(x)
        return x, w * 2

    def backward(ctx: Any, g: Any, h: Any) -> Any:
        w, old = ctx.saved_tensors
        return g * w, g * old + h * 0

    z = x * t.tensor([2.0, 1.0])
    a, b = function(t, forward, backward)(z, w)
    places = [a.output_nr, b.output_nr]
    by_x, by_w = t.autograd.grad((z + b).sum(), [x, w])
    return [t.autograd.grad(y.sum(), x)[0], *names, [by_x, by_w * t.tensor([1.0, 2.0]), places]]


@fact([[3.0, 1.0], [3.0, 1.0], 2.0, [2.0, 0.0]])
def checkpoints_of_several_results(t: Any) -> Any:
    x, w = leaf(t, 1.0), leaf(t, 2.0)

    def body(v: Any) -> Any:
        return v * v * 0.5, v * w

    def again(v: Any) -> Any:
        return t.utils.checkpoint.checkpoint(body, v, use_reentrant=False)

    plain = t.autograd.grad(body(x)[0] + body(x)[1], [x, w], t.tensor(1.0))
    a, b = again(x)
    both = t.autograd.grad(a + b, [x, w])
    one = t.autograd.grad(again(x)[1], x)[0]
    (g,) = t.autograd.grad(again(x)[0] * 2, x, create_graph=True)
    second = [t.autograd.grad(g, x)[0], again(t.tensor(3.0))[1].item() - 6]
    return [list(plain), [v.item() for v in both], one, second]
