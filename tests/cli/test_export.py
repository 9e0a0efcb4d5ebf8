"""Exported functions, compiled or run, give what the engine gives."""

from __future__ import annotations

import ctypes
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcli as library
from gradcli.engine.functions import FUNCTIONS as F

from .commands import gradcli

NUMBERS: dict[str, Any] = {
    "sin(x^2)*exp(y)": lambda x, y: F["sin"](x**2) * F["exp"](y),
    "x^y + log(x)/y": lambda x, y: x**y + F["log"](x) / y,
    "sigmoid(x)*softplus(y) - mish(x*y)": lambda x, y: (
        F["sigmoid"](x) * F["softplus"](y) - F["mish"](x * y)
    ),
    "where((x > y) & (x < 3), x*y, atan2(y, x))": lambda x, y: F["where"](
        F["logical_and"](x > y, x < 3), x * y, F["arctan2"](y, x)
    ),
    "abs(x - 2) + maximum(x, y)*cbrt(x)": lambda x, y: (
        F["abs"](x - 2) + F["maximum"](x, y) * F["cbrt"](x)
    ),
    "-7 % x + (9 // y)*x + floor(-x)*y": lambda x, y: (
        F["remainder"](-7.0, x) + F["floor_divide"](9.0, y) * x + F["floor"](-x) * y
    ),
    "hypot(x, 1) + copysign(1, x)*y + x^-2.5": lambda x, y: (
        F["hypot"](x, 1.0) + F["copysign"](1.0, x) * y + x**-2.5
    ),
}
POINTS = [(1.3, 0.7), (2.5, 1.75), (0.4, 3.2)]
A = np.arange(6.0).reshape(3, 2) / 4 - 0.3
V = np.array([0.7, -1.2])
ARRAYS: dict[str, Any] = {
    "sum((A @ x)^2)": lambda A, x: F["sum"]((A @ x) ** 2),
    "sum(A*x) + x[0]*x[1]^2": lambda A, x: F["sum"](A * x) + x[0] * x[1] ** 2,
    "mean(exp(A - mean(A, 0)) * x)": lambda A, x: F["mean"](F["exp"](A - F["mean"](A, 0)) * x),
    "sum(A' @ A) + sum(A[1:, 0])": lambda A, x: F["sum"](A.mT @ A) + F["sum"](A[1:, 0]),
    "sum(stack([x, 2*x]) @ x) + dot(x, x)": lambda A, x: (
        F["sum"](F["stack"]([x, 2 * x]) @ x) + F["dot"](x, x)
    ),
    "sum(where(A > 0, A, x)) * prod(x)": lambda A, x: (
        F["sum"](F["where"](A > 0, A, x)) * (x[0] * x[1])
    ),
}
ARRAYS |= {
    "log(softmax(A @ x)[0])": lambda A, x: F["log"](F["softmax"](A @ x)[0]),
    "sum(A)*norm(x) + std(A, 1)[2] - max(x)": lambda A, x: (
        F["sum"](A) * F["norm"](x) + F["std"](A, 1)[2] - F["max"](x)
    ),
    "dot(x, solve(A' @ A, x)) + log(det(A' @ A))": lambda A, x: (
        F["dot"](x, F["solve"](A.mT @ A, x)) + F["log"](F["det"](A.mT @ A))
    ),
    "sum(tril(inv(A[:2])) @ x) + slogdet(A[1:])[1]*x[-1]": lambda A, x: (
        F["sum"](F["tril"](F["inv"](A[:2])) @ x) + F["slogdet"](A[1:])[1] * x[-1]
    ),
}
ARRAYS = {text.replace("prod(x)", "(x[0]*x[1])"): f for text, f in ARRAYS.items()}


def exported(expression: str, declarations: Sequence[str], language: str, *options: str) -> str:
    outcome = gradcli("export", expression, *declarations, "--to", language, *options)
    assert outcome.stderr == ""
    return outcome.stdout


def expected(function: Any, values: Sequence[Any]) -> list[np.ndarray]:
    """The value, the gradients and the blocks of the Hessian, one after the other."""
    every = range(len(values))
    value, gradients = library.value_and_grad(function, tuple(every))(*values)
    hessian = library.hessian(function, tuple(every))(*values)
    return [value.value, *(g.value for g in gradients), *(h.value for row in hessian for h in row)]


def agree(found: Sequence[Any], wanted: Sequence[np.ndarray]) -> None:
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(
            np.broadcast_to(np.asarray(ours), theirs.shape), theirs, rtol=1e-12, atol=1e-13
        )


def listed(result: Any) -> list[Any]:
    value, gradients, hessian = result
    return [value, *gradients, *(block for row in hessian for block in row)]


# ---- Python -------------------------------------------------------------------------------------


def defined(source: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(source, "<exported>", "exec"), names)
    return names["f"]


@pytest.mark.parametrize("language", ["python", "numpy"])
@pytest.mark.parametrize("expression", NUMBERS)
def test_numbers_in_python(expression: str, language: str) -> None:
    f = defined(exported(expression, ["x", "y"], language, "--hessian"))
    for point in POINTS:
        agree(listed(f(*point)), expected(NUMBERS[expression], point))


@pytest.mark.parametrize("expression", ARRAYS)
def test_arrays_in_numpy(expression: str) -> None:
    f = defined(exported(expression, ["A:3,2", "x:2"], "numpy", "--hessian"))
    agree(listed(f(A, V)), expected(ARRAYS[expression], [A, V]))


def torch_listed(f: Any, values: Sequence[Any]) -> list[Any]:
    torch = pytest.importorskip("torch")
    found = f(*(torch.tensor(x, dtype=torch.float64) for x in values))
    return [x.numpy() if hasattr(x, "numpy") else x for x in listed(found)]


@pytest.mark.parametrize("language", ["torch", "jax"])
@pytest.mark.parametrize("expression", [*NUMBERS, *ARRAYS])
def test_other_frameworks(expression: str, language: str) -> None:
    pytest.importorskip(language)
    numbers = expression in NUMBERS
    variables = ["x", "y"] if numbers else ["A:3,2", "x:2"]
    f = defined(exported(expression, variables, language, "--hessian"))
    values: Any = POINTS[0] if numbers else [A, V]
    found = torch_listed(f, values) if language == "torch" else listed(f(*values))
    agree(found, expected(NUMBERS[expression] if numbers else ARRAYS[expression], values))


# ---- C ------------------------------------------------------------------------------------------


def built(source: str, folder: Path) -> Any:
    """The function of a C file, compiled without a warning."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    (folder / "f.c").write_text(source)
    flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O1", "-ffp-contract=off"]
    command = [compiler, *flags, "-shared", "-fPIC", "-o", "f.so", "f.c", "-lm"]
    subprocess.run(command, cwd=folder, check=True)
    f = ctypes.CDLL(str(folder / "f.so")).f
    f.restype = ctypes.c_double
    return f


def called(f: Any, values: Sequence[Any], *, hessian: bool = True) -> list[np.ndarray]:
    """Value, gradients and Hessian of a C function; results begin as nan."""
    shapes = [np.shape(x) for x in values]
    shapes += [a + b for a in shapes for b in shapes if hessian]
    results = [np.full(shape, np.nan) for shape in shapes]
    inputs = [
        np.ascontiguousarray(x).ctypes.data_as(ctypes.c_void_p)
        if np.ndim(x)
        else ctypes.c_double(x)
        for x in values
    ]
    value = f(*inputs, *(y.ctypes.data_as(ctypes.c_void_p) for y in results))
    return [np.float64(value), *results]  # type: ignore[list-item]  # a number is an array, too


@pytest.mark.parametrize("expression", NUMBERS)
def test_numbers_in_c(expression: str, tmp_path: Path) -> None:
    f = built(exported(expression, ["x", "y"], "c", "--hessian"), tmp_path)
    for point in POINTS:
        agree(called(f, point), expected(NUMBERS[expression], point))


@pytest.mark.parametrize("expression", ARRAYS)
def test_arrays_in_c(expression: str, tmp_path: Path) -> None:
    f = built(exported(expression, ["A:3,2", "x:2"], "c", "--hessian"), tmp_path)
    agree(called(f, [A, V]), expected(ARRAYS[expression], [A, V]))


NAMES = "double int y0 f t1 t c1 i j np math torch jnp special placed added cofactors solve modulo"
NAMES += (
    " main d_x d2_x_y register λ1 é NAN signbit log tgamma x_ x async_ print list abs jax digamma"
)


def test_names_that_languages_have_given_away(tmp_path: Path) -> None:
    names = NAMES.split()
    expression = f"({' + '.join(names)})^2 + rint(x) + floor(x) + x % 3"
    point = [k / 4 for k in range(len(names))]
    x = point[names.index("x")]
    value = sum(point) ** 2 + np.rint(x) + np.floor(x) + np.remainder(x, 3)
    for language in ("python", "numpy"):
        assert defined(exported(expression, names, language))(*point)[0] == value
    f = built(exported(expression, names, "c"), tmp_path)
    assert called(f, point, hessian=False)[0] == value


@pytest.mark.parametrize(
    ("name", "language"),
    [("lambda", "python"), ("np", "numpy"), ("placed", "jax"), ("double", "c"), ("printf", "c")],
)
def test_names_that_no_function_may_have(name: str, language: str) -> None:
    outcome = gradcli("export", "x", "x", "--to", language, "--name", name)
    assert outcome.status == 2
    assert "cannot name a function" in outcome.stderr


SINGULAR, INDEFINITE = np.array([[1.0, 2], [2, 4]]), np.array([[1.0, 2], [2, 1]])


@pytest.mark.parametrize(
    ("expression", "matrix"),
    [
        ("sum(inv(A))", SINGULAR),
        ("sum(solve(A, [1, 2]))", SINGULAR),
        ("sum(cholesky(A))", INDEFINITE),
    ],
)
def test_what_has_no_inverse_or_factor_gives_nan_in_c(
    expression: str, matrix: np.ndarray, tmp_path: Path
) -> None:
    f = built(exported(expression, ["A:2,2"], "c"), tmp_path)
    assert all(np.isnan(found).all() for found in called(f, [matrix], hessian=False))


# ---- every language of arrays beside eval ------------------------------------------------------

B, W = np.array([[4.0, 1], [0.3, 2]]), np.array([0.0, 1.0])
BESIDE = [
    "(x[0] > 0.5)*0.3 + 0.1/((x[1] > 0) + 2) + sum(x)",
    "where(x[0] > 1, argmax(x), 0.3)*x[1] + where(x[0] > x[1], 0.1, 0.7)*x[0]",
    "mean(A > 0.5)*x[1] + sum([x > 0, x < 1]*0.7)",
    "z = zeros(2); z[0] = x[1]; z[1] = A[0, 0]*x[1]; z[0]*z[1] + x[0]",
    "sum(scatter(A[0], 0, [1], x[1:])^3) + sum(index_add(x, 0, [1, 1], A[0])^2)",
    "sum(x[[0, 1, 0]]^3) + sum(tile(x, 2)^2) + sum(gather(A, 1, [[1], [0]])^2)",
    "trace(A @ A)^2 + sum(pinv(A)*A)*0 + x[0]",
    "median(A[0])*x[1] + sum(sort(A, 0, descending=True)[0]^2) + sum(sort(x)*[1, 2])",
    "sum(topk(A, 1, 0)[0]^2) + quantile(x, 0.3)^2 + sum(sort(A)[0]*x)",
    # Second derivatives of elements that have nothing to do with each other stay 0 beside a pole.
    "sum(x/(x - 1)) + sum(nan_to_num(log(x)))",
    "sum(jacobian(lambda t: t[1:]^2*t[0])(A[0])*x[1]) + sum(A)",
]
BESIDE.append("sum(solve(A, x)^2) + sum(cholesky(A @ A')*A) + log(det(A)) + sum(tanh(A @ x)^2)")
IN_C = [text for text in BESIDE if "pinv" not in text] + ["sum(convolve(x, A[0])^2)*x[1]"]


def beside(expression: str) -> list[np.ndarray]:
    values = ("A=[[4, 1], [0.3, 2]]", "x=[0, 1]")
    value = json.loads(gradcli("eval", expression, *values, "--json").stdout)
    hessian = json.loads(gradcli("hessian", expression, *values, "--json").stdout)["hessian"]
    blocks = [hessian[a][b] for a in "Ax" for b in "Ax"]
    every = [value["value"], *(value["gradient"][name] for name in "Ax"), *blocks]
    return [np.array(json_numbers(found), float) for found in every]


def json_numbers(found: Any) -> Any:
    """JSON has no infinities, and no nan: they are texts there."""
    if isinstance(found, list):
        return [json_numbers(part) for part in found]
    return float(found)


@pytest.mark.parametrize("language", ["numpy", "torch", "jax"])
@pytest.mark.parametrize("expression", BESIDE)
def test_arrays_beside_eval(expression: str, language: str) -> None:
    f = defined_for(language, exported(expression, ["A:2,2", "x:2"], language, "--hessian"))
    with np.errstate(all="ignore"):
        found = torch_listed(f, [B, W]) if language == "torch" else listed(f(B, W))
    agree(found, beside(expression))


def defined_for(language: str, source: str) -> Any:
    pytest.importorskip(language)
    return defined(source)


@pytest.mark.parametrize("expression", IN_C)
def test_arrays_beside_eval_in_c(expression: str, tmp_path: Path) -> None:
    f = built(exported(expression, ["A:2,2", "x:2"], "c", "--hessian"), tmp_path)
    agree(called(f, [B, W]), beside(expression))


def test_only_what_is_used_is_imported() -> None:
    assert exported("x*y", ["x", "y"], "python").startswith("def f(x, y):")
    assert exported("x*y", ["x", "y"], "numpy").startswith("def f(x, y):")
    assert exported("erf(x)", ["x"], "numpy").startswith(
        "import numpy as np\nfrom scipy import special\n"
    )


# ---- LaTeX, and the command ---------------------------------------------------------------------


def test_latex() -> None:
    outcome = gradcli("export", "sin(x^2)/y", "x", "y=2", "--to", "latex")
    assert outcome.stdout.splitlines() == [
        r"\begin{aligned}",
        r"  t_{1} &= x \, x \\",
        r"  t_{2} &= \frac{\sin\left(t_{1}\right)}{y} \\",
        r"  f &= t_{2} \\",
        r"  \frac{\partial f}{\partial x} &= \frac{1}{y} \, \cos\left(t_{1}\right) \, "
        r"\left(2 \, x\right) \\",
        r"  \frac{\partial f}{\partial y} &= -\frac{t_{2}}{y}",
        r"\end{aligned}",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x*[1,2]", "x"], "what is exported is one number"),
        (["x", "x=1", "--dtype", "float32"], "real numbers in double precision"),
        (["x", "x", "x"], "x is given twice"),
        (["x", "x:0"], "'x:0' is no variable"),
        (["x*y", "x"], "y has no value"),
        (["sum(x)", "x:3", "--to", "python"], "Python alone has no arrays"),
        (["digamma(x)", "x", "--to", "c"], "polygamma has no form in C"),
        (["if x > 0:\n    y = x\nelse:\n    y = -x\ny", "x"], "depends on the inputs"),
        (["x", "x", "--name", "1f"], "cannot name a function"),
        (["abs((x*1j))", "x"], "only real ones"),
        (["z = zeros(2); z[0] = x.detach(); z[0]*x", "x"], "a write outside of the graph"),
        (["rand(1)[0]*x", "x"], "random numbers would be the same ones"),
    ],
)
def test_refusals(arguments: list[str], message: str) -> None:
    outcome = gradcli("export", *arguments)
    assert outcome.status != 0
    assert message in outcome.stderr
