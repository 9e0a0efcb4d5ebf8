"""Programs that use numpy alone print what they print under numpy."""

from __future__ import annotations

import contextlib
import io

import pytest

from gradcli.errors import GradcliError
from gradcli.lang.session import Session
from gradcli.lang.source import Source

PROGRAMS = {
    "the older random numbers": """
np.random.seed(3)
print(np.random.rand(2), np.random.randn(2, 2), np.random.randint(0, 9, 4), np.random.random())
print(np.random.uniform(-1, 1, 2), np.random.normal(1, 2, size=2), np.random.permutation(4))
print(np.random.choice(5, 3, replace=False), np.random.choice([1, 2], p=[0.2, 0.8]))
rows = np.arange(6).reshape(3, 2)
np.random.shuffle(rows)
print(rows, np.random.permutation(rows), np.random.binomial(9, 0.5), np.random.poisson(2.0, 3))
""",
    "newer generators": """
rng = np.random.default_rng(5)
print(rng.random(2), rng.normal(size=2), rng.integers(0, 9, 3), rng.standard_normal())
print(rng.choice(7), rng.permutation(3), rng.uniform(0, 2))
""",
    "a network by hand": """
np.random.seed(1)
x = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
w, v = 2 * np.random.random((3, 4)) - 1, 2 * np.random.random((4, 1)) - 1
for turn in range(200):
    h = 1 / (1 + np.exp(-np.dot(x, w)))
    out = 1 / (1 + np.exp(-np.dot(h, v)))
    d = (y - out) * out * (1 - out)
    e = d.dot(v.T) * h * (1 - h)
    v += h.T.dot(d)
    w += x.T.dot(e)
print("loss:", np.mean(np.abs(y - out)))
print(out, w.shape, out.dtype)
""",
    "arrays": """
a = np.arange(6).reshape(2, 3)
print(a, a.T, a / 2, a[a > 2], a[:, 1], a.sum(axis=0), a.mean(), a.max(), a.argmax(), a.dtype)
print(np.outer([1, 2], [3, 4]), np.maximum([1, 5], [3, 2]), np.array_equal(a, a), np.float32(1.5))
print([a[0]], {'k': np.eye(2)}, (np.float64(2.0),), f"{np.pi:.3f}", "%.2f" % a.mean())
print(np.where(a > 2, a, 0), np.clip(a, 1, 4), np.concatenate([a, a]), np.vstack((a, a)).shape)
np.set_printoptions(precision=3, suppress=True)
print(np.array([1 / 3, 1e-9]), np.linalg.inv(np.array([[2.0, 1.0], [1.0, 3.0]])))
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_prints_what_numpy_prints(name: str) -> None:
    program = "import numpy as np\n" + PROGRAMS[name]
    ours: list[str] = []
    Session(write=ours.append).run(Source(program), script=True)
    theirs = io.StringIO()
    with contextlib.redirect_stdout(theirs):
        exec(f"import numpy as np\nwith np.printoptions():\n{indented(program)}", {})  # our own
    assert "".join(ours) == theirs.getvalue()


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "call",
    [
        "seed(-1)",
        "randint(5, 2)",
        "choice([])",
        "normal(0, -1)",
        "choice(3, 5, False)",
        "rand('a')",
    ],
)
def test_refuses(call: str) -> None:
    with pytest.raises(GradcliError):
        Session().run(Source(f"import numpy\nnumpy.random.{call}"), script=True)
