"""`gradcli map` from the command line: what it writes, and what it says."""

from __future__ import annotations

import pytest

from ..cli.commands import Case, arguments, cases, gradcli


@pytest.mark.parametrize("case", cases("map.grad"), ids=lambda case: case.command[:50])
def test_tables(case: Case) -> None:
    outcome = gradcli("map", *arguments(case), stdin=case.script)
    assert outcome.stdout.splitlines() == case.stdout
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status
