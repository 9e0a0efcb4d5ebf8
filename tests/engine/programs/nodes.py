"""The graph as an object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from programs.facts import PROGRAMS, fact, leaf, name

NODES = {
    "a + m": "AddBackward0",
    "a - m": "SubBackward0",
    "a - 1": "SubBackward0",
    "1 - a": "RsubBackward1",
    "a * m": "MulBackward0",
    "2 * a": "MulBackward0",
    "a / 2": "DivBackward0",
    "-a": "NegBackward0",
    "a**2": "PowBackward0",
    "a**a": "PowBackward1",
    "2**a": "PowBackward2",
    "t.square(a)": "PowBackward0",
    "a % 2": "RemainderBackward0",
    "m.sum()": "SumBackward0",
    "m.sum(0)": "SumBackward1",
    "m.mean()": "MeanBackward0",
    "m.mean(1)": "MeanBackward1",
    "m.prod()": "ProdBackward0",
    "m.prod(0)": "ProdBackward1",
    "m.max()": "MaxBackward1",
    "m.min()": "MinBackward1",
    "m.amax(0)": "AmaxBackward0",
    "m[0]": "SelectBackward0",
    "m[:1]": "SliceBackward0",
    "m[[0, 1]]": "IndexBackward0",
    "m[m > 2]": "IndexBackward0",
    "m[0, 1]": "SelectBackward0",
    "m[0:1, 1]": "SelectBackward0",
    "m[1, 0:1]": "SliceBackward0",
    "m[:, 1]": "SelectBackward0",
    "m[None]": "UnsqueezeBackward0",
    "m[...]": "AliasBackward0",
    "m[0, [0, 1]]": "IndexBackward0",
    "m.T": "PermuteBackward0",
    "m.t()": "TBackward0",
    "m.mT": "TransposeBackward0",
    "m.swapaxes(0, 1)": "TransposeBackward0",
    "m.reshape(4)": "ViewBackward0",
    "m.view(4)": "ViewBackward0",
    "m.ravel()": "ViewBackward0",
    "a.expand(3)": "ExpandBackward0",
    "m[None].squeeze()": "SqueezeBackward0",
    "m[None].squeeze(0)": "SqueezeBackward1",
    "m.unsqueeze(0)": "UnsqueezeBackward0",
    "t.cat([m, m])": "CatBackward0",
    "t.stack([a, a])": "StackBackward0",
    "m[0] @ m[1]": "DotBackward0",
    "m @ m[0]": "MvBackward0",
    "m[0] @ m": "SqueezeBackward4",
    "m @ m": "MmBackward0",
    "t.clamp(a, 0, 1)": "ClampBackward1",
    "t.log1p(a)": "Log1PBackward0",
    "t.exp2(a)": "Exp2Backward0",
    "t.asin(a / 4)": "AsinBackward0",
    "t.atan2(a, m)": "Atan2Backward0",
    "t.deg2rad(a)": "Deg2RadBackward0",
    "t.floor(a)": "FloorBackward0",
    "t.round(a)": "RoundBackward0",
    "t.sign(a)": "SignBackward0",
    "t.sgn(a)": "SgnBackward0",
    "t.norm(m)": "LinalgVectorNormBackward0",
    "m.logsumexp(0)": "LogsumexpBackward0",
    "t.where(a > 0, a, a)": "WhereBackward0",
    "t.maximum(a, m)": "MaximumBackward0",
    "t.logaddexp(a, a)": "LogaddexpBackward0",
    "t.outer(m[0], m[1])": "MulBackward0",
    "t.angle(a)": "AngleBackward0",
    "a.clone()": "CloneBackward0",
    "t.clone(m)": "CloneBackward0",
    "a > 1": None,
    "m.argmax()": None,
    "a == a": None,
    "a.detach()": None,
}


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


@fact([True, 2, 0, [None, 0]])
def input_numbers(t: Any) -> Any:
    edges = (leaf(t) * 2).grad_fn.next_functions
    return [type(edges) is tuple, len(edges), edges[0][1], edges[1]]
