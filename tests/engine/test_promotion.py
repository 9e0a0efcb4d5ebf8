"""Dtypes: PyTorch's promotion where it is switched on, numpy's otherwise."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gradient_facts import EXPRESSIONS, GRADIENTS, LEAVES, WRITES, gradients, written
from promotion_facts import (
    BINARY,
    DTYPES,
    NUMBERS,
    OPERATIONS,
    UNARY,
    WRITTEN,
    binary_table,
    dtype_of,
    made,
    unary,
    unary_row,
)
from test_programs import gradcli

from gradcli.engine import autograd
from gradcli.engine.notice import GradWarning
from gradcli.engine.promotion import category, torch_promotion
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import (
    DtypeMismatch,
    NotInPlace,
    ShapeMismatch,
    WrongType,
    WrongValue,
)

t = SimpleNamespace(**vars(gradcli), **{name: np.dtype(name) for name in DTYPES.values()})
SHAPES = [(), (3,)]


def ones(letter: str, shape: tuple[int, ...] = (3,)) -> Tensor:
    return tensor(np.ones(shape), dtype=DTYPES[letter])


# ---- PyTorch's ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BINARY)
def test_two_operands_meet_as_in_pytorch(name: str) -> None:
    with torch_promotion():
        assert binary_table(t, name, len(BINARY[name])) == BINARY[name]


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("shape", SHAPES)
def test_one_operand_gives_what_pytorch_gives(name: str, shape: tuple[int, ...]) -> None:
    with torch_promotion():
        assert unary_row(t, name, shape) == UNARY[name]


def test_integers_become_the_default_dtype() -> None:
    n = ones("l")
    for default in (np.float32, np.float64):
        with torch_promotion(default):
            assert {(n / 2).dtype, (n * 2.5).dtype, n.sin().dtype} == {np.dtype(default)}
            wide = np.result_type(default, np.complex64)
            assert {(n * 1j).dtype, (n**1j).dtype} == {wide}
    with pytest.raises(WrongType, match="default dtype"):
        torch_promotion(np.int64)


def test_the_promotion_ends_with_its_context_and_is_of_one_thread() -> None:
    seen = []
    half = lambda: seen.append(str((ones("l") / 2).dtype))  # noqa: E731  # twice in one breath
    with (
        pytest.raises(ZeroDivisionError),
        torch_promotion(),
        torch_promotion(np.float64),
    ):
        raise ZeroDivisionError
    half()
    with torch_promotion():
        half()
        thread = threading.Thread(target=half)
        thread.start()
        thread.join()
    assert seen == ["float64", "float32", "float64"]


Refusal = tuple[Callable[[], Any], type[Exception], str]
REFUSED: dict[str, Refusal] = {
    "a difference of masks": (
        lambda: (ones("f") > 0) - (ones("f") > 1),
        DtypeMismatch,
        "a bool is not subtracted",
    ),
    "the mean of integers": (
        lambda: ones("l").mean(),
        DtypeMismatch,
        "not defined for int64",
    ),
    "a matrix product of two dtypes": (
        lambda: ones("f") @ ones("d"),
        DtypeMismatch,
        "one dtype, not float32 and float64",
    ),
    "a negative power of integers": (
        lambda: ones("l") ** -1,
        DtypeMismatch,
        "negative",
    ),
    "an order of complex numbers": (
        lambda: ones("F") < 1,
        DtypeMismatch,
        "needs an order",
    ),
    "an integer that does not fit": (
        lambda: ones("l") + 2**63,
        WrongValue,
        "64 bits",
    ),
    "shapes that do not fit": (
        lambda: ones("l") + ones("f", (2,)),
        ShapeMismatch,
        "do not fit",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    call, error, message = REFUSED[name]
    with torch_promotion(), pytest.raises(error, match=message):
        call()


# ---- numpy's ------------------------------------------------------------------------------------

numpy = SimpleNamespace(**vars(np) | {"tensor": lambda x, dtype=None: np.array(x, dtype)[()]})
KINDS = [
    *((letter, shape) for letter in DTYPES for shape in SHAPES),
    *((n, None) for n in NUMBERS),
]
ORDERED = {
    "amax",
    "argmax",
    "clip to halves",
    "clip to integers",
    "maximum",
    "minimum",
    "x < 1.5",
}
# numpy rounds truths to half precision, and complex numbers; a norm is no method there; and where
# no tensor stands beside numbers they are float64 here.
OURS = {"round", "norm", "logsumexp", "where of integers"}
NUMPY = [name for name in UNARY if (name in WRITTEN or hasattr(np, name)) and name not in OURS]
VECTORS = ("concatenate", "einsum", "matmul", "outer", "stack")


def native(operation: Callable[..., Any], *operands: Any) -> str:
    """numpy's letter, but two things differ on purpose.

    A scalar of no higher category than an array takes the array's dtype, and what numpy computes
    of truths and 8 bits in half precision or 8 bits is float64 or int64.
    """
    arrays = [x.dtype for x in operands if np.ndim(x)]
    ready = [
        x.astype(arrays[0])
        if arrays and isinstance(x, np.generic) and category(x.dtype) <= category(arrays[0])
        else x
        for x in operands
    ]
    return dtype_of(numpy, operation, *ready).replace("float16", "d").replace("int8", "l")


def ordered(operation: Callable[..., Any]) -> Callable[..., Any]:
    """numpy orders complex numbers by their real parts first; here they have no order."""

    def refusing(t: Any, *operands: Any) -> Any:
        if any(np.iscomplexobj(x) for x in operands):
            raise TypeError
        return operation(t, *operands)

    return refusing


@pytest.mark.parametrize("name", OPERATIONS)
def test_natively_two_operands_meet_as_in_numpy(name: str) -> None:
    operation = OPERATIONS[name]
    in_numpy = ordered(operation) if name in ORDERED else operation
    for a, b in itertools.product(KINDS, KINDS):
        if (a[1] == b[1] == (3,)) if name in VECTORS else (a[1] is not None or b[1] is not None):
            expected = native(in_numpy, made(numpy, *a), made(numpy, *b))
            assert dtype_of(t, operation, made(t, *a), made(t, *b)) == expected, (a, b)


@pytest.mark.parametrize("name", NUMPY)
def test_natively_one_operand_gives_what_numpy_gives(name: str) -> None:
    in_numpy = ordered(unary(name)) if name in ORDERED else unary(name)
    for letter, shape in itertools.product(DTYPES, SHAPES):
        expected = native(in_numpy, made(numpy, letter, shape))
        assert dtype_of(t, unary(name), made(t, letter, shape)) == expected, (
            letter,
            shape,
        )


# ---- gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("create_graph", [False, True], ids=["raw", "recorded"])
@pytest.mark.parametrize("promotion", [contextlib.nullcontext, torch_promotion])
def test_gradients_of_mixed_dtypes(promotion: Any, create_graph: bool, name: str) -> None:
    with promotion():
        found = gradients(t, name, create_graph)
    for leaf, (dtype, gradient) in found.items():
        assert dtype == LEAVES[leaf][0]
        # The facts have six digits.
        np.testing.assert_allclose(gradient, GRADIENTS[name][leaf], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("promotion", [contextlib.nullcontext, torch_promotion])
def test_masks_are_operands_of_recorded_rules(promotion: Any) -> None:
    mask, x = tensor([True, False]), tensor([2.0, 3.0], dtype=np.float32, requires_grad=True)
    with promotion():
        power, rest = (x * x) ** mask, mask % (x / 4)
        (first,) = autograd.grad(power.sum(), x, create_graph=True)
        (second,) = autograd.grad(first.sum(), x)
        (slope,) = autograd.grad(rest.sum(), x, create_graph=True)
    assert (first.tolist(), second.tolist(), slope.tolist()) == ([4, 0], [2, 0], [-0.5, 0])


# ---- in place -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WRITES)
def test_writes_in_place_keep_the_dtype(name: str) -> None:
    with torch_promotion():
        assert written(t, name) == WRITES[name][1]


def test_imaginary_parts_are_lost_with_a_warning() -> None:
    real, numbers = ones("f"), tensor([1j, 2, 3])
    for write in (real.copy_, lambda x: real.__setitem__(slice(None), x)):
        with pytest.warns(GradWarning, match="lose their imaginary parts"):
            write(numbers)
    with pytest.raises(NotInPlace, match="does not fit in place") as caught:
        real[0] = 1j
    assert "real()" in str(caught.value.hint)
