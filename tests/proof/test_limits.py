"""What the child may take, and what becomes of it when it takes more."""

import functools
import subprocess
import sys

import numpy as np
import pytest
from proving import Differentiated

from gradcli.engine.tensor import Tensor
from gradcli.proof import crosscheck, process
from gradcli.proof.process import Stopped, ask


def chain(x: Tensor, length: int) -> Tensor:
    return functools.reduce(lambda y, _: np.sin(y) + 0.5, range(length), x)


def test_no_time_is_undecided() -> None:
    work = Differentiated(lambda x: chain(x, 2000), 0.3)
    found = work.checked(seconds=0.2)
    assert found.status == "undecided"
    assert "time" in found.reason


STALLED = """\
import sys, time, gradcli.proof.prover as p
usual = p.Prover.whole
def whole(self, run):
    {}
    return usual(self, run)
p.Prover.whole = whole
sys.argv[0]"""


def stall(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Let sympy's part of a proof do something else."""
    boot = process.BOOT.replace("sys.argv[0]", STALLED.format(statement))
    monkeypatch.setattr(process, "BOOT", boot)


def test_a_method_that_was_stopped_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """One method's proof is enough; the other is not said to have passed."""
    stall(monkeypatch, "while True: pass")
    found = Differentiated(np.sin, 2.0).checked(seconds=0.5)
    assert found.status == "agrees"
    assert found.methods == {"mpmath-50": "agrees", "sympy": "undecided"}


def test_a_busy_machine_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process waits for its turn is not counted, within reason."""
    stall(monkeypatch, "time.sleep(1)")
    found = Differentiated(np.sin, 2.0).checked(seconds=0.5)
    assert found.methods == {"mpmath-50": "agrees", "sympy": "agrees"}
    monkeypatch.setattr(process, "PATIENCE", 1.0)
    found = Differentiated(np.sin, 2.0).checked(seconds=0.5)
    assert found.methods == {"mpmath-50": "agrees", "sympy": "undecided"}


def test_one_process_answers_one_request_after_another() -> None:
    ask([], seconds=20, memory=crosscheck.MEMORY)
    (first,) = process.WAITING
    assert Differentiated(np.sin, 2.0).checked().status == "agrees"
    assert process.WAITING.index(first) == 0
    with pytest.raises(Stopped):
        ask([1], seconds=1, memory=crosscheck.MEMORY)
    assert process.WAITING == []
    assert Differentiated(np.cos, 2.0).checked().status == "agrees"


def test_the_process_of_a_large_one_is_kept_too() -> None:
    """What its parent holds is not its own."""
    process.dismiss()
    parent = np.ones(crosscheck.MEMORY // 8)
    ask([], seconds=20, memory=crosscheck.MEMORY)
    assert len(process.WAITING) == 1
    assert parent.nbytes == crosscheck.MEMORY


def test_what_is_far_too_long_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crosscheck, "ask", lambda *_, **__: pytest.fail("a child was started"))
    found = Differentiated(lambda x: chain(x, 30_000), 0.3).checked()
    assert found.status == "undecided"
    assert "too long" in found.reason


def test_a_long_kernel_is_stopped_from_outside() -> None:
    """One product of matrices cannot look at the clock."""
    rng = np.random.default_rng(0)
    work = Differentiated(lambda a: (a @ a).sum(), rng.normal(size=(120, 120)))
    found = work.checked(seconds=0.5)
    assert found.status == "undecided"
    assert "time" in found.reason


@pytest.mark.slow
def test_too_much_memory_is_undecided() -> None:
    work = Differentiated(lambda x: (x * np.ones((500, 1000))).sum(), 2.0)
    found = work.checked(memory=256 * 2**20, seconds=30)
    assert found.status == "undecided"
    assert "memory" in found.reason


def test_a_child_that_cannot_start_is_undecided() -> None:
    found = Differentiated(np.sin, 2.0).checked(memory=20 * 2**20)
    assert found.status == "undecided"
    assert "did not start" in found.reason


def test_starting_is_not_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "import time; time.sleep(1.5)\n" + process.BOOT
    monkeypatch.setattr(process, "BOOT", slow)
    assert Differentiated(np.sin, 2.0).checked(seconds=1).status == "agrees"


def test_a_child_that_never_gets_ready_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "BOOT", "import time; time.sleep(60)")
    monkeypatch.setattr(process, "START_SECONDS", 0.3)
    found = Differentiated(np.sin, 2.0).checked()
    assert found.status == "undecided"
    assert "did not start in time" in found.reason


@pytest.mark.parametrize(
    "request_", [None, [1], [{"steps": []}], [{"steps": [["rm", [], 0, 0, 0, 0]]}]]
)
def test_nonsense_is_an_early_end(request_: object) -> None:
    with pytest.raises(Stopped, match="ended early"):
        ask(request_, seconds=2, memory=512 * 2**20)


def test_the_child_imports_nothing_heavy_and_the_parent_no_sympy() -> None:
    code = (
        "import sys, gradcli.proof.crosscheck\n"
        "print([m for m in ('sympy', 'mpmath', 'scipy', 'matplotlib') if m in sys.modules])\n"
        "import gradcli.proof.prover\n"
        "print([m for m in ('scipy', 'matplotlib', 'click', 'pytest') if m in sys.modules])\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out.splitlines() == ["[]", "[]"]


@pytest.mark.slow
def test_three_thousand_operations_within_two_seconds() -> None:
    work = Differentiated(lambda x: chain(x, 1500), 0.3)
    assert work.checked(seconds=4).status == "agrees"
