"""Proofs of derivatives of every kind, as proofs of gradients.

A Jacobian is proven by cotangents: v^T J is the gradient of v^T y. A Hessian is the Jacobian of a
gradient, a higher derivative the gradient of the one below it; so both lead, gradient by gradient,
down to the value. A tangent J t is compared with the proven v^T J by v^T (J t) = (v^T J) t.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.engine.transforms import pulled_back
from gradcli.proof.agreement import AGREES, DIFFERS, ORDER, ULPS, UNDECIDED
from gradcli.proof.crosscheck import SECONDS, Check, Claim, check_all, least

Array = np.ndarray[Any, Any]
Found = Mapping[tuple[str, ...], Tensor]
Named = Mapping[str, Tensor]

# An output of so many elements is proven element by element, a larger one along as many cotangents
# by lot: a wrong derivative would have to be orthogonal to all of them.
COTANGENTS = 3


class Contracted(NamedTuple):
    """The gradients of an output that is contracted with a cotangent."""

    output: Tensor
    gradients: Mapping[str, Any]
    seed: Array | None


def prove(
    tape: Tape,
    output: Tensor,
    by: Named,
    found: Found,
    *,
    kind: str = "gradient",
    seed: Tensor | None = None,
    steps: Sequence[Tensor] = (),
    tangents: Named | None = None,
    seconds: float = SECONDS,
) -> Check:
    """Compare what was found with independent methods, in a process of its own.

    kind      "gradient" and "vjp" (with the `seed`), "jacobian", "hessian", "order", "jvp"
    steps     for a Hessian the gradients by each variable, for "order" the lower derivatives: on
              the tape, too
    tangents  for a jvp
    """
    if kind in ("jacobian", "jvp") and any(x.dtype.kind == "c" for x in (output, *by.values())):
        what = "Jacobian" if kind == "jacobian" else "derivative along tangents"
        return Check("skipped", reason=f"a complex {what} is not proven, only real ones are")
    if kind == "jacobian":
        claims = jacobian_claims(output, {names[0]: j for names, j in found.items()})
    elif kind == "hessian":
        claims = hessian_claims(output, by, found, steps)
    elif kind == "order":
        claims = order_claims(output, by, found, seed, steps)
    elif kind == "jvp":
        return tangent_check(tape, output, by, found[()], tangents or {}, seconds)
    else:
        gradients = {names[0]: g.value for names, g in found.items()}
        claims = iter([Contracted(output, gradients, None if seed is None else seed.value)])
    return together(check_all([as_sent(tape, by, claim) for claim in claims], seconds=seconds))


def claims_of(tape: Tape, y: Tensor, by: Named, jacobians: Mapping[str, Array]) -> list[Claim]:
    """What is to be shown of Jacobians, of the shapes of the output and then of the variables."""
    named = {name: Tensor(np.asarray(j)[()]) for name, j in jacobians.items()}
    return [as_sent(tape, by, claim) for claim in jacobian_claims(y, named)]


def as_sent(tape: Tape, by: Named, claim: Contracted) -> Claim:
    return Claim(tape, claim.output, by, claim.gradients, claim.seed)


# ---- what is to be shown ------------------------------------------------------------------------


def cotangents(y: Tensor) -> list[Array]:
    """Unit vectors for a few elements; beyond, whole numbers of either sign by lot."""
    if y.size <= COTANGENTS:
        return [row.reshape(y.shape) for row in np.eye(y.size)]
    lot = np.random.default_rng(0)
    return [lot.choice([-3.0, -2, -1, 1, 2, 3], y.shape) for _ in range(COTANGENTS)]


def contracted(v: Array, j: Tensor) -> Array:
    """v^T J, rounded once; an infinite derivative leaves nan, which proves nothing."""
    with np.errstate(all="ignore"):
        wide = np.tensordot(v.astype(np.longdouble), j.value.astype(np.longdouble), v.ndim)
        return np.asarray(wide, j.dtype)


def jacobian_claims(y: Tensor, jacobians: Named) -> Iterator[Contracted]:
    for v in cotangents(y):
        yield Contracted(y, {name: contracted(v, j) for name, j in jacobians.items()}, v)


def hessian_claims(
    y: Tensor, by: Named, found: Found, steps: Sequence[Tensor]
) -> Iterator[Contracted]:
    yield Contracted(
        y, {name: g.value for name, g in zip(by, steps, strict=True)}, np.ones(y.shape)
    )
    for name, g in zip(by, steps, strict=True):
        yield from jacobian_claims(g, {other: found[name, other] for other in by})


def order_claims(
    y: Tensor, by: Named, found: Found, seed: Tensor | None, steps: Sequence[Tensor]
) -> Iterator[Contracted]:
    """Each derivative as the gradient of the one before it, as far as these are on the tape.

    Of several elements by one number, those of their sum.
    """
    ((name, x),) = by.items()
    for below, d in zip((y, *steps), found.values(), strict=False):
        v = np.ones(below.shape)
        if below is y and seed is not None:
            v = np.broadcast_to(seed.value, y.shape)
        yield Contracted(below, {name: d.value if d.shape == x.shape else np.sum(d.value)}, v)


# ---- verdicts -----------------------------------------------------------------------------------


def together(checks: Sequence[Check]) -> Check:
    """One verdict for many: the worst, and the fewest digits."""
    status = max((c.status for c in checks), key=ORDER.index)
    methods: dict[str, str] = {}
    for each in checks:
        for name, found in each.methods.items():
            methods[name] = max(found, methods.get(name, AGREES), key=ORDER.index)
    reasons = [c.reason for c in checks if c.status == status and c.reason]
    names = dict.fromkeys(name for c in checks for name in c.gradient_digits)
    return Check(
        status,
        methods,
        digits=least(c.digits for c in checks),
        value_digits=checks[0].value_digits,
        gradient_digits={n: least(c.gradient_digits.get(n) for c in checks) for n in names},
        value_trusted=checks[0].value_trusted,
        gradient_trusted={n: least(c.gradient_trusted.get(n) for c in checks) for n in names},
        reason=reasons[0] if reasons else "",
        by_method={
            method: {
                n: least(c.by_method[method].get(n) for c in checks if method in c.by_method)
                for n in names
            }
            for method in dict.fromkeys(m for c in checks for m in c.by_method)
        },
    )


def tangent_check(
    tape: Tape, y: Tensor, by: Named, t: Tensor, tangents: Named, seconds: float
) -> Check:
    """Forward mode against reverse mode, whose gradients are proven."""
    leaves = {name: by[name] for name in tangents}
    rows = [(v, reverse(y, v, leaves)) for v in cotangents(y)]
    checks = check_all([Claim(tape, y, leaves, g, v) for v, g in rows], seconds=seconds)
    for v, gradients in rows:
        ours = np.sum(v.astype(np.longdouble) * t.value)
        terms = np.concatenate(
            [np.ravel(g.astype(np.longdouble) * tangents[n].value) for n, g in gradients.items()]
        )
        gap, scale = abs(ours - terms.sum()), np.abs(terms).sum() + np.abs(v * t.value).sum()
        checks.append(Check(*agreement(float(gap), float(scale), t.dtype)))
    return together(checks)


def reverse(y: Tensor, v: Array, leaves: Named) -> dict[str, Array]:
    """v^T J of each leaf, by a pass that leaves the graph to others."""
    found = pulled_back(y, list(leaves.values()), v)
    return {
        name: np.asarray(g.value) for name, g in zip(leaves, found, strict=True) if g is not None
    }


def agreement(gap: float, scale: float, dtype: Any) -> tuple[str, dict[str, str]]:
    """The status of the two modes' difference: rounding, or more than half the digits."""
    eps = float(np.finfo(dtype).eps)
    if gap <= ULPS * eps * scale:
        status = AGREES
    else:
        status = DIFFERS if gap > eps**0.5 * scale else UNDECIDED
    return status, {"reverse": status}
