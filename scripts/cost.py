"""What each row of the op table costs, against what its row says: `python scripts/cost.py`.

Fuel is charged by the rows' costs, so a row that understates its own lets an evaluation run longer
than its limit. A row is measured on arrays of SIZE elements of its domain, forward alone (the pass
is charged twice that) and, for the pass, as the time of its rules over the time of its forward.
A cost should be the measured one, rounded up.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import gradcli.engine.functions  # noqa: F401  # Tensor gets its operators there
from gradcli.engine.ops.index import Index
from gradcli.engine.ops.normalization import Frame
from gradcli.engine.ops.table import TABLE, Op
from gradcli.engine.ops.windows import Layout

SIZE = 200_000
ROUNDS = 7
# The longest a row may run over its declared cost before it is called understated: machines differ.
TOLERANCE = 1.5

# Nanoseconds of any call at all; every instruction is charged for by the machine that runs it.
OVERHEAD = 5000

Call = tuple[tuple[Any, ...], tuple[Any, ...]]


def matrices() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.random((300, 300)), rng.random((300, 300))


def definite() -> Any:
    a, _ = matrices()
    return a @ a.mT + np.eye(len(a))


def long_vector() -> Any:
    return np.random.default_rng(0).random(SIZE)


def images() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.random((4, 16, 32, 32)), rng.random((32, 16, 3, 3))


def filtered() -> Any:
    return np.random.default_rng(0).random((4, 32, 32, 32))


def normed(axes: tuple[int, ...], shape: tuple[int, ...]) -> Call:
    """Normalization over axes of a shape, with a weight and a bias for each of 32 channels."""
    frame = Frame(shape, axes, (4, 32, 1024), (32, 1))
    return (filtered(), np.ones(32), np.zeros(32)), (frame, 1e-5)


# Windows of 3 x 3, as networks have them, and of 2 x 2 side by side.
LAYOUT = Layout((3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1))
TILES = Layout((2, 2), (2, 2), ((0, 0), (0, 0)), (1, 1))


def places() -> Any:
    return np.random.default_rng(0).permutation(SIZE)


# Operands and static parameters of the rows that are not elementwise, or that take parameters.
CALLS: dict[str, Callable[[], Call]] = {
    "adaptive_avg_pool": lambda: ((filtered(),), ((7, 7),)),
    "addcdiv": lambda: ((long_vector(), long_vector(), long_vector()), (2.0,)),
    "addmm": lambda: ((np.zeros(300), *matrices()), (1.0, 1.0)),
    "addcmul": lambda: ((long_vector(), long_vector(), long_vector()), (2.0,)),
    "all": lambda: ((long_vector() > 0,), ((-1,), False)),
    "any": lambda: ((long_vector() > 1,), ((-1,), False)),
    "argcummax": lambda: ((long_vector(),), (-1,)),
    "argcummin": lambda: ((long_vector(),), (-1,)),
    "argmax": lambda: ((long_vector(),), (-1, False)),
    "argmin": lambda: ((long_vector(),), (-1, False)),
    "argsort": lambda: ((long_vector(),), (-1, False)),
    "astype": lambda: ((long_vector(),), (np.dtype(np.float32),)),
    "avg_pool": lambda: ((filtered(),), (TILES,)),
    "avg_pool_spread": lambda: ((filtered(),), ((64, 64), TILES)),
    "binary_cross_entropy": lambda: ((long_vector(), long_vector()), ("mean",)),
    "binary_cross_entropy_with_logits": lambda: ((long_vector(), long_vector()), ("mean",)),
    "bincount": lambda: ((places(),), (SIZE,)),
    "betainc": lambda: ((long_vector() + 1, long_vector() + 1, long_vector()), (1, 0)),
    "beta_density": lambda: ((long_vector() + 1, long_vector() + 1, long_vector()), ()),
    "bitwise_and": lambda: ((long_vector() > 0.5, long_vector() > 0.2), ()),
    "bitwise_or": lambda: ((long_vector() > 0.5, long_vector() > 0.2), ()),
    "bmm": lambda: (matrices(), ()),
    "broadcast_to": lambda: ((long_vector(),), ((2, SIZE),)),
    "celu": lambda: ((-long_vector(),), (1.5,)),
    "cholesky": lambda: ((definite(),), ()),
    "clip": lambda: ((long_vector(),), (0.2, 0.8)),
    "cofactor": lambda: ((matrices()[0],), ()),
    "concatenate": lambda: ((long_vector(), long_vector()), (-1, (0, SIZE, 2 * SIZE))),
    "convolution": lambda: (images(), (LAYOUT,)),
    "convolution_bias": lambda: ((*images(), long_vector()[:32]), (LAYOUT,)),
    "convolution_by_w": lambda: ((filtered(), images()[0]), (LAYOUT,)),
    "convolution_by_x": lambda: ((filtered(), images()[1]), (LAYOUT, (32, 32))),
    "convolve": lambda: ((long_vector(), long_vector()[:100]), ("full",)),
    "count_nonzero": lambda: ((long_vector(),), ((-1,), False)),
    "cross": lambda: ((long_vector()[:199_998].reshape(-1, 3),) * 2, (-1,)),
    "cummax": lambda: ((long_vector(),), (-1,)),
    "cummin": lambda: ((long_vector(),), (-1,)),
    "cumprod": lambda: ((long_vector(),), (-1,)),
    "cumsum": lambda: ((long_vector(),), (-1,)),
    "det": lambda: ((matrices()[0],), ()),
    "diag_embed": lambda: ((long_vector()[:450],), (0, 450, 450)),
    "diagonal": lambda: ((matrices()[0],), (0,)),
    "dot": lambda: ((long_vector(), long_vector()), ()),
    "eigh": lambda: ((definite(),), ()),
    "einsum": lambda: (matrices(), (("ij", "jk"), "ik")),
    "elu": lambda: ((-long_vector(),), (1.0, 1.0)),
    "erfcx": lambda: ((long_vector(),), (1,)),
    "expand_dims": lambda: ((long_vector(),), ((-1,),)),
    "expm": lambda: ((matrices()[0],), ()),
    "fft": lambda: ((long_vector(),), (SIZE, -1, "backward")),
    "fftshift": lambda: ((long_vector(),), ((-1,),)),
    "flip": lambda: ((long_vector(),), ((-1,),)),
    "gather": lambda: ((long_vector(), places()), (-1,)),
    "gelu": lambda: ((long_vector(),), ("tanh",)),
    "gammainc": lambda: ((long_vector() * 6, long_vector() * 6), (1,)),
    "getitem": lambda: ((long_vector(),), (Index.of(np.arange(SIZE), (SIZE,)),)),
    "glu": lambda: ((long_vector(),), (-1,)),
    "hardshrink": lambda: ((long_vector(),), (0.5,)),
    "hardtanh": lambda: ((long_vector(),), (0.2, 0.8)),
    "huber_loss": lambda: ((long_vector(), long_vector()), ("mean", 0.5)),
    "ifft": lambda: ((long_vector(),), (SIZE, -1, "backward")),
    "ifftshift": lambda: ((long_vector(),), ((-1,),)),
    "imag": lambda: ((long_vector(),), ()),
    "index_add": lambda: ((long_vector(), places(), long_vector()), (-1,)),
    "index_select": lambda: ((long_vector(), places()), (-1,)),
    "inv": lambda: ((matrices()[0],), ()),
    "invert": lambda: ((long_vector() > 0.5,), ()),
    "irfft": lambda: ((long_vector(),), (2 * SIZE - 2, -1, "backward")),
    "isclose": lambda: ((long_vector(), long_vector()), (1e-5, 1e-8, False)),
    "iv": lambda: ((long_vector() * 4 + 0.1,), (3,)),
    "ive": lambda: ((long_vector() * 4 + 0.1,), (3,)),
    "jv": lambda: ((long_vector() * 4 + 0.1,), (3,)),
    "kv": lambda: ((long_vector() * 4 + 0.1,), (3,)),
    "kve": lambda: ((long_vector() * 4 + 0.1,), (3,)),
    "lambertw": lambda: ((long_vector(),), (0,)),
    "last_written": lambda: ((places(),), ((SIZE,), -1)),
    "leaky_relu": lambda: ((long_vector() - 0.5,), (0.01,)),
    "lerp": lambda: ((long_vector(), long_vector(), long_vector()), (False,)),
    "log_softmax": lambda: ((long_vector(),), (-1,)),
    "logcumsumexp": lambda: ((long_vector(),), (-1,)),
    "logsumexp": lambda: ((long_vector(),), ((-1,), False)),
    "lu": lambda: ((matrices()[0],), ()),
    "masked_fill": lambda: ((long_vector(), long_vector() > 0.5), (2.5,)),
    "max": lambda: ((long_vector(),), ((-1,), False)),
    "max_along": lambda: ((long_vector(),), (-1, False)),
    "max_pool": lambda: ((filtered(),), (LAYOUT,)),
    "max_pool_pick": lambda: ((filtered(), np.zeros((4, 32, 16, 16), np.int32)), (TILES,)),
    "max_pool_places": lambda: ((filtered(),), (LAYOUT,)),
    "max_pool_put": lambda: (
        (filtered(), np.zeros((4, 32, 32, 32), np.int32)),
        ((64, 64), TILES),
    ),
    "mean": lambda: ((long_vector(),), ((-1,), False)),
    "min": lambda: ((long_vector(),), ((-1,), False)),
    "min_along": lambda: ((long_vector(),), (-1, False)),
    "mm": lambda: (matrices(), ()),
    "mse_loss": lambda: ((long_vector(), long_vector()), ("mean",)),
    "multigammaln": lambda: ((long_vector() + 3,), (4,)),
    "mv": lambda: ((matrices()[0], matrices()[1][0]), ()),
    "nan_to_num": lambda: ((long_vector(),), (0.0, 1.0, 1.0)),
    "nansum": lambda: ((long_vector(),), ((-1,), False)),
    "native_batch_norm": lambda: normed((-3, -1), (4, 32, 1024)),
    "native_group_norm": lambda: normed((-1,), (4, 8, 4096)),
    "native_layer_norm": lambda: normed((-1,), (128, 1024)),
    "nll_loss": lambda: (
        (matrices()[0], np.arange(300), np.ones(300)),
        ("mean", -100, -1),
    ),
    "norm2": lambda: ((long_vector(),), ((-1,), False)),
    "norm_p": lambda: ((long_vector(),), (3.5, (-1,), False)),
    "one_hot": lambda: ((places()[:2000] % 100,), (100,)),
    "outer": lambda: ((long_vector()[:450], long_vector()[:450]), ()),
    "pad": lambda: ((matrices()[0],), (((1, 2), (3, 4)), "reflect", 0)),
    "pinv": lambda: ((matrices()[0],), (1e-13,)),
    "polygamma": lambda: ((long_vector(),), (2,)),
    "pow_scalar": lambda: ((long_vector(),), (2.5,)),
    "prod": lambda: ((long_vector(),), ((-1,), False)),
    "qr": lambda: ((matrices()[0],), ()),
    "ravel": lambda: ((long_vector(),), ()),
    "recurrence": lambda: ((long_vector(), long_vector()), ()),
    "repeat": lambda: ((long_vector(),), (3, -1)),
    "reshape": lambda: ((long_vector(),), ((2, SIZE // 2),)),
    "rfft": lambda: ((long_vector(),), (SIZE, -1, "backward")),
    "roll": lambda: ((long_vector(),), ((3,), (-1,))),
    "rot90": lambda: ((matrices()[0],), (1, (-2, -1))),
    "round_decimals": lambda: ((long_vector(),), (2,)),
    "scatter": lambda: ((long_vector(), places(), long_vector()), (-1,)),
    "scatter_add": lambda: ((long_vector(), places(), long_vector()), (-1,)),
    "scatter_index": lambda: (
        (long_vector(),),
        (Index.of(np.arange(SIZE)[::-1].copy(), (SIZE,)), (SIZE,)),
    ),
    "searchsorted": lambda: ((np.sort(long_vector()), long_vector()), ("left",)),
    "selu": lambda: ((-long_vector(),), (1.7, 1.05)),
    "slogdet": lambda: ((matrices()[0],), ()),
    "smooth_l1_loss": lambda: ((long_vector(), long_vector()), ("mean", 0.5)),
    "softmax": lambda: ((long_vector(),), (-1,)),
    "softplus": lambda: ((long_vector() - 0.5,), (2.0, 20.0)),
    "softshrink": lambda: ((long_vector(),), (0.5,)),
    "solve": lambda: (matrices(), (False,)),
    "solve_triangular": lambda: (
        (definite() + 1e4 * np.eye(300), matrices()[0]),
        (False, False, False),
    ),
    "sort": lambda: ((long_vector(),), (-1, True, 0, SIZE, "Sort")),
    "squeeze": lambda: ((long_vector()[None],), ((-2,),)),
    "stack": lambda: ((long_vector(), long_vector()), (-2,)),
    "std": lambda: ((long_vector(),), ((-1,), False, 1)),
    "sum": lambda: ((long_vector(),), ((-1,), False)),
    "svd": lambda: ((matrices()[0],), ()),
    "swapaxes": lambda: ((matrices()[0],), (-1, -2)),
    "t": lambda: ((matrices()[0],), ((-1, -2),)),
    "threshold": lambda: ((long_vector(),), (0.5, 20.0)),
    "tile": lambda: ((matrices()[0],), ((2, 3),)),
    "trace": lambda: ((matrices()[0],), (0, -2, -1)),
    "transpose": lambda: ((matrices()[0],), ((-1, -2),)),
    "tril": lambda: ((matrices()[0],), (0,)),
    "triu": lambda: ((matrices()[0],), (0,)),
    "unfold": lambda: ((long_vector(),), (-1, 5, 2)),
    "unique": lambda: ((long_vector(),), ()),
    "var": lambda: ((long_vector(),), ((-1,), False, 1)),
    "vm": lambda: ((matrices()[0][0], matrices()[1]), ()),
    "where": lambda: ((long_vector() > 0.5, long_vector(), long_vector()), ()),
    "yv": lambda: ((long_vector() * 4 + 0.1,), (3,)),
}


def call_of(op: Op) -> Call | None:
    """Operands for a row: its own call above, or points of an elementwise row's domain."""
    if op.name in CALLS:
        return CALLS[op.name]()
    if not op.elementwise:
        return None
    rng = np.random.default_rng(0)
    return tuple(rng.uniform(d.low, d.high, SIZE) for d in op.domain), ()


def nanoseconds(op: Op, operands: tuple[Any, ...], static: tuple[Any, ...]) -> float:
    """The best of several rounds of the forward, for all of its elements."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        op.forward(*operands, *static)
        best = min(best, time.perf_counter() - begin)
    return best * 1e9


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help="rows to measure; by default all")
    chosen = parser.parse_args().rows or list(TABLE)
    understated = unmeasured = 0
    print(f"{'row':20} {'measured':>12} {'charged':>12} {'ratio':>7}   [microseconds a call]")
    with np.errstate(all="ignore"):
        for name in chosen:
            op = TABLE[name]
            call = call_of(op)
            if call is None:
                unmeasured += 1
                print(f"{name:20} {'no call':>12}")
                continue
            spent, charged = nanoseconds(op, *call), op.nanoseconds(*call)
            ratio = spent / max(charged, OVERHEAD)
            mark = " understated" if ratio > TOLERANCE else ""
            understated += bool(mark)
            print(f"{name:20} {spent / 1000:12.1f} {charged / 1000:12.1f} {ratio:7.2f}{mark}")
    print(f"{understated} understated, {unmeasured} without a call")
    return 1 if understated or unmeasured else 0


if __name__ == "__main__":
    raise SystemExit(main())
