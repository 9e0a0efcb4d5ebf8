"""The scripts of tests/examples say what is so, and the README names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcli.errors import Status

from .cli.commands import gradcli

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "tests" / "examples").glob("*.grad"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path) -> None:
    """Its expectations hold, it is silent, and `fmt` keeps what it says."""
    outcome = gradcli("run", str(path))
    assert (outcome.stdout, outcome.stderr, outcome.status) == ("", "", Status.DONE)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env -S gradcli run\n")
    assert path.stat().st_mode & 0o111
    assert text.count("#=>") >= 2


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_canonical_form_of_an_example_holds_too(path: Path) -> None:
    canonical = gradcli("fmt", str(path)).stdout
    assert canonical.count("#") == path.read_text(encoding="utf-8").count("#")
    outcome = gradcli("run", "-", stdin=canonical.encode())
    assert (outcome.stderr, outcome.status) == ("", Status.DONE)


def test_readme_names_the_examples() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert EXAMPLES
    assert "gradcli run tests/examples/*.grad" in readme
