"""The verbs that differentiate otherwise than `eval`: the cases of derivatives.grad, progress."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gradcli.cli.system import progress as bars
from gradcli.engine.graph import here

from .commands import Case, arguments, cases, gradcli


@pytest.mark.parametrize("case", cases("derivatives.grad"), ids=lambda case: case.command[:50])
def test_case(case: Case) -> None:
    outcome = gradcli(*arguments(case))
    assert outcome.stdout.splitlines() == case.stdout
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status


@pytest.mark.parametrize("verb", ["jacobian", "hessian", "jvp", "vjp"])
def test_help_shows_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert gradcli(verb, "--help").status == 0
    assert f"gradcli {verb} '" in capsys.readouterr().out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "seconds", "shown"),
    [(Terminal(), 2.0, True), (Terminal(), 0.5, False), (io.StringIO(), 2.0, False)],
)
def test_a_bar_after_one_second_on_a_terminal(
    stream: Any, seconds: float, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, seconds, seconds, seconds])
    monkeypatch.setattr(bars.time, "monotonic", lambda: next(times))
    with bars.progress(stream):
        told = here.state.progress
        for done in (1, 2, 3) if told else ():
            told(done, 3)
    assert here.state.progress is None
    assert ("differentiating" in stream.getvalue()) == shown
