"""What each row of the op table costs, against what its row says.

    OPENBLAS_NUM_THREADS=1 python scripts/cost.py

Fuel is charged by the rows' costs, so a row that understates its own lets an evaluation run longer
than its limit. A row is measured on arrays of SIZE elements of its domain: its forward, and
all of its rules, which are charged twice as much. A cost should be the measured one, rounded up;
both are of this thread's work, so that a busy machine does not change them much.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import gradcli.engine.functions  # noqa: F401  # Tensor gets its operators there
from gradcli.engine.ops.index import Index
from gradcli.engine.ops.normalization import Frame
from gradcli.engine.ops.table import TABLE, Op
from gradcli.engine.ops.windows import Layout
from gradcli.engine.ops.writing import Region

SIZE = 200_000
ROUNDS = 7
# The longest a row may run over its declared cost before it is called understated: machines differ.
TOLERANCE = 1.5

# Nanoseconds of any call at all; every instruction is charged for by the machine that runs it.
OVERHEAD = 5000

Call = tuple[tuple[Any, ...], tuple[Any, ...]]

rng = np.random.default_rng(0)
V = rng.random(SIZE)
PLACES = rng.permutation(SIZE)
A, B = rng.random((2, 300, 300))
DEFINITE = A @ A.mT + np.eye(300)
IMAGES, KERNELS = rng.random((4, 16, 32, 32)), rng.random((32, 16, 3, 3))
FILTERED = rng.random((4, 32, 32, 32))
MANY = np.zeros((4, 32, 32, 32), np.int32)

SCORES, CLASSES = V.reshape(-1, 10), rng.integers(0, 10, SIZE // 10)

# Windows of 3 x 3, as networks have them, and of 2 x 2 side by side.
LAYOUT = Layout((3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
TILES = Layout((2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1))


def normed(axes: tuple[int, ...], shape: tuple[int, ...]) -> Call:
    """Normalization over axes of a shape, with a weight and a bias for each of 32 channels."""
    frame = Frame(shape, axes, (4, 32, 1024), (32, 1))
    return (FILTERED, np.ones(32), np.zeros(32)), (frame, 1e-5)


# Every other element; and halves.
EVERY_OTHER = Region.of(V[::2], V)
HALVES = (Index.of(slice(SIZE // 2), V.shape), Index.of(slice(SIZE // 2, None), V.shape))

# Operands and static parameters of the rows that are not elementwise, or that take parameters.
CALLS: dict[str, Call] = {
    "adaptive_avg_pool": ((FILTERED,), ((7, 7),)),
    "addcdiv": ((V, V, V), (2.0,)),
    "addmm": ((np.zeros(300), A, B), (1.0, 1.0)),
    "addcmul": ((V, V, V), (2.0,)),
    "all": ((V > 0,), ((-1,), False)),
    "any": ((V > 1,), ((-1,), False)),
    "argcummax": ((V,), (-1,)),
    "argcummin": ((V,), (-1,)),
    "argmax": ((V,), (-1, False)),
    "argmin": ((V,), (-1, False)),
    "argsort": ((V,), (-1, False)),
    "as_strided": ((V,), (EVERY_OTHER,)),
    "astype": ((V,), (np.dtype(np.float32),)),
    "avg_pool": ((FILTERED,), (TILES,)),
    "avg_pool_spread": ((FILTERED,), ((64, 64), TILES)),
    "beta_density": ((V + 1, V + 1, V), ()),
    "betainc": ((V + 1, V + 1, V), (1, 0)),
    "binary_cross_entropy": ((V, V), ("mean",)),
    "binary_cross_entropy_with_logits": ((V, V), ("mean",)),
    "bincount": ((PLACES,), (SIZE,)),
    "bitwise_and": ((V > 0.5, V > 0.2), ()),
    "bitwise_or": ((V > 0.5, V > 0.2), ()),
    "bmm": ((A, B), ()),
    "broadcast_to": ((V,), ((2, SIZE),)),
    "celu": ((-V,), (1.5,)),
    "cholesky": ((DEFINITE,), ()),
    "clip": ((V,), (0.2, 0.8)),
    "cofactor": ((A,), ()),
    "concatenate": ((V, V), (-1, (0, SIZE, 2 * SIZE))),
    "convolution": ((IMAGES, KERNELS), (LAYOUT,)),
    "convolution_bias": ((IMAGES, KERNELS, V[:32]), (LAYOUT,)),
    "convolution_by_w": ((FILTERED, IMAGES), (LAYOUT,)),
    "convolution_by_x": ((FILTERED, KERNELS), (LAYOUT, (32, 32))),
    "convolve": ((V, V[:100]), ("full",)),
    "transposed_convolution": ((FILTERED, KERNELS), (LAYOUT, (32, 32))),
    "copy": ((V, V), ()),
    "copy_slices": ((V, V[::2]), (EVERY_OTHER,)),
    "count_nonzero": ((V,), ((-1,), False)),
    "cross_entropy": ((SCORES, CLASSES, np.ones(10)), ("mean", -100, -1)),
    "cross_entropy_slope": ((SCORES, CLASSES, np.ones(10)), ("mean", -100, -1)),
    "cross": ((V[:199_998].reshape(-1, 3),) * 2, (-1,)),
    "cummax": ((V,), (-1,)),
    "cummin": ((V,), (-1,)),
    "cumprod": ((V,), (-1,)),
    "cumsum": ((V,), (-1,)),
    "det": ((A,), ()),
    "diag_embed": ((V[:450],), (0, 450, 450)),
    "diagonal": ((A,), (0,)),
    "dot": ((V, V), ()),
    "eigh": ((DEFINITE,), ()),
    "einsum": ((A, B), (("ij", "jk"), "ik")),
    "elu": ((-V,), (1.0, 1.0)),
    "erfcx": ((V,), (1,)),
    "expand_dims": ((V,), ((-1,),)),
    "expm": ((A,), ()),
    "embedding": ((V.reshape(-1, 100), PLACES[:1000] % 100), ()),
    "fft": ((V,), (SIZE, -1, "backward")),
    "fftshift": ((V,), ((-1,),)),
    "fill": ((V,), (2.5,)),
    "flip": ((V,), ((-1,),)),
    "gammainc": ((V * 6, V * 6), (1,)),
    "gather": ((V, PLACES), (-1,)),
    "gelu": ((V,), ("tanh",)),
    "getitem": ((V,), (Index.of(np.arange(SIZE), (SIZE,)),)),
    "glu": ((V,), (-1,)),
    "hardshrink": ((V,), (0.5,)),
    "hardtanh": ((V,), (0.2, 0.8)),
    "huber_loss": ((V, V), ("mean", 0.5)),
    "ifft": ((V,), (SIZE, -1, "backward")),
    "ifftshift": ((V,), ((-1,),)),
    "imag": ((V,), ()),
    "index_add": ((V, PLACES, V), (-1,)),
    "index_put": ((V, V), (Index.of(PLACES, (SIZE,)),)),
    "index_select": ((V, PLACES), (-1,)),
    "inv": ((A,), ()),
    "invert": ((V > 0.5,), ()),
    "irfft": ((V,), (2 * SIZE - 2, -1, "backward")),
    "isclose": ((V, V), (1e-5, 1e-8, False)),
    "iv": ((V * 4 + 0.1,), (3,)),
    "ive": ((V * 4 + 0.1,), (3,)),
    "jv": ((V * 4 + 0.1,), (3,)),
    "kv": ((V * 4 + 0.1,), (3,)),
    "kve": ((V * 4 + 0.1,), (3,)),
    "lambertw": ((V,), (0,)),
    "last_written": ((PLACES,), ((SIZE,), -1)),
    "leaky_relu": ((V - 0.5,), (0.01,)),
    "lerp": ((V, V, V), (False,)),
    "linear": ((np.zeros(300), A, B), ()),
    "log_softmax": ((V,), (-1,)),
    "logcumsumexp": ((V,), (-1,)),
    "logsumexp": ((V,), ((-1,), False)),
    "lu": ((A,), ()),
    "masked_fill": ((V, V > 0.5), (2.5,)),
    "max": ((V,), ((-1,), False)),
    "max_along": ((V,), (-1, False)),
    "max_pool": ((FILTERED,), (LAYOUT,)),
    "max_pool_pick": ((FILTERED, MANY[..., :16, :16]), (TILES,)),
    "max_pool_places": ((FILTERED,), (LAYOUT,)),
    "max_pool_put": (
        (FILTERED, MANY),
        ((64, 64), TILES),
    ),
    "mean": ((V,), ((-1,), False)),
    "min": ((V,), ((-1,), False)),
    "min_along": ((V,), (-1, False)),
    "mm": ((A, B), ()),
    "mse_loss": ((V, V), ("mean",)),
    "multigammaln": ((V + 3,), (4,)),
    "mv": ((A, B[0]), ()),
    "nan_to_num": ((V,), (0.0, 1.0, 1.0)),
    "nansum": ((V,), ((-1,), False)),
    "native_batch_norm": normed((-3, -1), (4, 32, 1024)),
    "native_group_norm": normed((-1,), (4, 8, 4096)),
    "native_layer_norm": normed((-1,), (128, 1024)),
    "nll_loss": (
        (A, np.arange(300), np.ones(300)),
        ("mean", -100, -1),
    ),
    "norm2": ((V,), ((-1,), False)),
    "norm_p": ((V,), (3.5, (-1,), False)),
    "one_hot": ((PLACES[:2000] % 100,), (100,)),
    "outer": ((V[:450], V[:450]), ()),
    "pad": ((A,), (((1, 2), (3, 4)), "reflect", 0)),
    "pinv": ((A,), (1e-13,)),
    "polygamma": ((V,), (2,)),
    "pow_scalar": ((V,), (2.5,)),
    "prod": ((V,), ((-1,), False)),
    "qr": ((A,), ()),
    "ravel": ((V,), ()),
    "recurrence": ((V, V), ()),
    "repeat": ((V,), (3, -1)),
    "reshape": ((V,), ((2, SIZE // 2),)),
    "rfft": ((V,), (SIZE, -1, "backward")),
    "roll": ((V,), ((3,), (-1,))),
    "rot90": ((A,), (1, (-2, -1))),
    "round_decimals": ((V,), (2,)),
    "scatter": ((V, PLACES, V), (-1,)),
    "scatter_add": ((V, PLACES, V), (-1,)),
    "scatter_index": (
        (V,),
        (Index.of(np.arange(SIZE)[::-1].copy(), (SIZE,)), (SIZE,)),
    ),
    "searchsorted": ((np.sort(V), V), ("left",)),
    "selu": ((-V,), (1.7, 1.05)),
    "slogdet": ((A,), ()),
    "smooth_l1_loss": ((V, V), ("mean", 0.5)),
    "softmax": ((V,), (-1,)),
    "softplus": ((V - 0.5,), (2.0, 20.0)),
    "softshrink": ((V,), (0.5,)),
    "solve": ((A, B), (False,)),
    "solve_triangular": (
        (DEFINITE + 1e4 * np.eye(300), A),
        (False, False, False),
    ),
    "sort": ((V,), (-1, True, 0, SIZE, "Sort")),
    "split": ((V,), (HALVES, -1)),
    "split_with_sizes": ((V,), (HALVES, -1)),
    "squeeze": ((V[None],), ((-2,),)),
    "stack": ((V, V), (-2,)),
    "std": ((V,), ((-1,), False, 1)),
    "sum": ((V,), ((-1,), False)),
    "svd": ((A,), ()),
    "swapaxes": ((A,), (-1, -2)),
    "t": ((A,), ((-1, -2),)),
    "threshold": ((V,), (0.5, 20.0)),
    "tile": ((A,), ((2, 3),)),
    "trace": ((A,), (0, -2, -1)),
    "transpose": ((A,), ((-1, -2),)),
    "tril": ((A,), (0,)),
    "triu": ((A,), (0,)),
    "unbind": ((V,), (HALVES, -1)),
    "unfold": ((V,), (-1, 5, 2)),
    "unique": ((V,), ()),
    "var": ((V,), ((-1,), False, 1)),
    "vm": ((A[0], B), ()),
    "where": ((V > 0.5, V, V), ()),
    "yv": ((V * 4 + 0.1,), (3,)),
}


def call_of(op: Op) -> Call | None:
    """Operands for a row: its own call above, or points of an elementwise row's domain."""
    if op.name in CALLS:
        return CALLS[op.name]
    if not op.elementwise:
        return None
    return tuple(rng.uniform(d.low, d.high, SIZE) for d in op.domain), ()


def nanoseconds(act: Callable[[], Any]) -> float:
    """The best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.thread_time()
        act()
        best = min(best, time.thread_time() - begin)
    return best * 1e9


def slopes(op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> Callable[[], Any]:
    """What the pass runs: every rule, on a cotangent of ones."""
    y = op.forward(*operands, *static)
    g = tuple(map(np.ones_like, y)) if op.several else np.ones_like(y)
    rules = [rule for rule in op.rules if rule is not None]
    if op.variadic:
        return lambda: [rules[0](g, k, operands, y, *static) for k in range(len(operands))]
    return lambda: [rule(g, *operands, y, *static) for rule in rules]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help="rows to measure; by default all")
    chosen = parser.parse_args().rows or list(TABLE)
    understated = unmeasured = 0
    print(f"{'row':27} {'measured':>12} {'charged':>12} {'ratio':>7}   [microseconds a call]")
    with np.errstate(all="ignore"):
        for op in [TABLE[name] for name in chosen]:
            call = call_of(op)
            if call is None:
                unmeasured += 1
                print(f"{op.name:27} {'no call':>12}")
                continue
            operands, static = call
            charged = op.nanoseconds(*call)
            parts: list[tuple[str, float, Callable[[], Any]]] = [
                ("", charged, partial(op.forward, *operands, *static))
            ]
            if op.differentiable:
                parts.append((" (pass)", 2 * charged, slopes(op, *call)))
            for part, limit, act in parts:
                spent = nanoseconds(act)
                ratio = spent / max(limit, OVERHEAD)
                mark = " understated" if ratio > TOLERANCE else ""
                understated += bool(mark)
                row = op.name + part
                print(f"{row:27} {spent / 1000:12.1f} {limit / 1000:12.1f} {ratio:7.2f}{mark}")
    print(f"{understated} understated, {unmeasured} without a call")
    return 1 if understated or unmeasured else 0


if __name__ == "__main__":
    raise SystemExit(main())
