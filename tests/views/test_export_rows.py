"""Every row of the table, with its gradient, in every language: it gives what the engine gives, or
is refused by name. Numbers also at infinities, nan, zeros of both signs and where things overflow.
"""

from __future__ import annotations

import ctypes
import importlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from engine_calls import CALLS, Call

from gradcli.engine import autograd
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.ops import TABLE
from gradcli.engine.program import Program, trace
from gradcli.engine.tensor import Tensor, tensor
from gradcli.errors import WrongType
from gradcli.views.export import source_code
from gradcli.views.export.words import Words

Function = Callable[..., Sequence[Any]]
FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-ffp-contract=off"]


class Example(NamedTuple):
    label: str
    program: Program
    points: tuple[Any, ...]
    elementwise: bool

    def source(self, language: str, name: str = "f") -> str:
        """Its code; "" if it is refused, by name."""
        shapes = {
            name: np.shape(x) for name, x in zip(self.program.inputs, self.points, strict=True)
        }
        try:
            return source_code(self.program, Words(name, self.label, shapes, False), language)
        except WrongType as error:
            assert re.fullmatch(REFUSAL, str(error)), error
            return ""

    def expected(self, points: Sequence[Any]) -> list[Any]:
        return self.program.run(dict(zip(self.program.inputs, points, strict=True)))


REFUSAL = (
    r"export: (\w+ (of batches of matrices )?has no form in (C|Python|numpy|PyTorch|JAX|LaTeX)"
    r"|Python alone has no arrays|LaTeX is for functions of numbers"
    r"|this needs complex numbers; only real ones are written)"
)


def example(call: Call) -> Example:
    """A weighted sum of the call's result, and its gradients."""

    def function(*inputs: Tensor) -> list[Tensor]:
        y = call.function(*inputs)
        if y.ndim:
            y = F["sum"](y * tensor(np.cos(np.arange(1, 1 + y.size)).reshape(y.shape)))
        return [y, *autograd.grad(y, inputs, create_graph=True, materialize_grads=True)]  # type: ignore[list-item]  # None is asked away

    points = tuple(np.asarray(x)[()] for x in call.points)
    program = trace(function, {f"x{k}": x for k, x in enumerate(points)})
    elementwise = TABLE[call.row].elementwise and not any(map(np.ndim, points))
    return Example(call.label, program, points, elementwise)


def traced() -> Iterator[Example]:
    for call in CALLS:
        try:
            yield example(call)
        except WrongType:  # its result or its gradient takes indices by values
            continue


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    with np.errstate(all="ignore"):
        return list(traced())


# How many of them each language takes, at least; the others are refused.
TAKEN = {"python": 105, "numpy": 655, "torch": 610, "jax": 610, "c": 550, "latex": 125}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 710.0, -750.0, np.inf, -np.inf, np.nan]
# Libraries differ in where the gamma function and its kin have poles, or are infinite.
KIN = re.compile("(digamma|gamma|lgamma|beta|lbeta|exp1|expi)-.*")
# PyTorch's polygamma and Bessel functions are good to eight digits and more.
ROUGH = re.compile("(polygamma|digamma|multigammaln|gamma_density|[jyk][01]e?)-.*")


def compare(example: Example, function: Function, language: str) -> None:
    """At the example's point; of numbers also at special ones."""
    rough = language == "torch" and ROUGH.fullmatch(example.label)
    points: list[Sequence[Any]] = [example.points]
    if example.elementwise and not KIN.fullmatch(example.label):
        points += list(product(map(np.float64, SPECIAL), repeat=len(example.points)))
    for point in points:
        expected = example.expected(point)
        try:
            found = function(*point)
        except (ArithmeticError, ValueError):  # Python raises where numpy notes it, and goes on
            assert language == "python"
            if np.isfinite(expected).all():
                with np.errstate(all="raise"), pytest.raises(FloatingPointError):
                    example.expected(point)
            continue
        for ours, theirs in zip(found, expected, strict=True):
            whole = np.broadcast_to(np.asarray(ours, float), np.shape(theirs))
            np.testing.assert_allclose(
                whole, theirs, rtol=1e-8 if rough else 1e-11, atol=1e-12, err_msg=example.label
            )


# ---- Python -------------------------------------------------------------------------------------


def defined(source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(compile(source, "<exported>", "exec"), names)
    function: Callable[..., Any] = names["f"]
    return function


def of_arrays(function: Callable[..., Any], language: str) -> Function:
    """With arguments as the language has them, and results in a row."""
    module = {"torch": "torch", "jax": "jax.numpy"}.get(language)
    names = importlib.import_module(module) if module else np
    takes: dict[str, Callable[[Any], Any]] = {
        "python": float,
        "numpy": lambda x: x,
        "torch": lambda x: names.tensor(x, dtype=names.float64),
        "jax": getattr(names, "asarray", np.asarray),
    }

    def flat(*arguments: Any) -> list[Any]:
        value, gradients = function(*map(takes[language], arguments))
        return [x.numpy() if hasattr(x, "numpy") else x for x in (value, *gradients)]

    return flat


@pytest.mark.parametrize("language", ["python", "numpy", "torch", "jax"])
def test_rows_in_python(language: str, examples: list[Example]) -> None:
    if language in ("torch", "jax"):
        pytest.importorskip(language)
    taken = 0
    for each in examples:
        source = each.source(language)
        if source:
            taken += 1
            compare(each, of_arrays(defined(source), language), language)
    assert taken >= TAKEN[language]


# ---- C ------------------------------------------------------------------------------------------

HELPER = re.compile(r"(/\* [^\n]* \*/\n)?static \w+ (\w+)\([^\n]*\)\n\{\n.*?\n\}\n\n", re.DOTALL)


def without_repetition(sources: Sequence[str]) -> str:
    """Many files as one: functions that several of them define are defined once."""
    helpers: dict[str, str] = {}
    bodies = []
    for source in sources:
        for match in HELPER.finditer(source):
            helpers[match[2]] = match[0]
        bodies.append(HELPER.sub("", source).replace("#include <math.h>\n", ""))
    order = sorted(helpers.values(), key=lambda text: ("solve(" in text, "invert" in text))
    return "\n".join(["#include <math.h>\n", *order, *bodies])


@pytest.mark.slow
def test_rows_in_c(examples: list[Example], tmp_path: Path) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    sources = {f"f{k}": each.source("c", f"f{k}") for k, each in enumerate(examples)}
    taken = {name: source for name, source in sources.items() if source}
    assert len(taken) >= TAKEN["c"]
    (tmp_path / "f.c").write_text(without_repetition(list(taken.values())))
    subprocess.run(
        [compiler, *FLAGS, "-shared", "-fPIC", "-o", "f.so", "f.c", "-lm"], cwd=tmp_path, check=True
    )
    library = ctypes.CDLL(str(tmp_path / "f.so"))
    for name in taken:
        each = examples[int(name[1:])]
        compare(each, called(library[name], list(map(np.shape, each.points))), "c")


def called(function: Any, shapes: Sequence[tuple[int, ...]]) -> Function:
    function.restype = ctypes.c_double

    def call(*points: Any) -> list[Any]:
        given = [np.ascontiguousarray(x, float) for x in points]
        results = [np.full(shape, np.nan) for shape in shapes]
        inputs = [
            address(x) if shape else ctypes.c_double(x.item())
            for x, shape in zip(given, shapes, strict=True)
        ]
        return [function(*inputs, *map(address, results)), *results]

    return call


def address(x: Any) -> Any:
    return x.ctypes.data_as(ctypes.c_void_p)


# ---- LaTeX --------------------------------------------------------------------------------------


def test_rows_in_latex(examples: list[Example]) -> None:
    taken = [source for source in (each.source("latex") for each in examples) if source]
    assert len(taken) >= TAKEN["latex"]
    for source in taken:
        assert source.count("{") == source.count("}")
        assert source.count(r"\left") == source.count(r"\right")
