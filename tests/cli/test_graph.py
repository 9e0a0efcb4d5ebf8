"""`gradcli graph`: trees, Graphviz, Mermaid, and graphs that are too large to draw."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from .commands import gradcli

TREE = """\
*  = -1.2477563717331153  adjoint 1.0  <MulBackward0> freed
├─ sin  = -0.7568024953079282  adjoint 1.6487212707001282  <SinBackward0> freed
│  └─ pow  = 4.0  adjoint -1.077676141175287  <PowBackward0> freed
│     └─ x  = 2.0  adjoint -4.310704564701148
└─ exp  = 1.6487212707001282  adjoint -0.7568024953079282  <ExpBackward0> freed
   └─ y  = 0.5  adjoint -1.2477563717331153
"""


def test_a_tree_has_values_adjoints_and_nodes() -> None:
    assert gradcli("graph", "sin(x^2)*exp(y)", "x=2", "y=0.5").stdout == TREE


def test_views_and_what_was_retained() -> None:
    assert (
        gradcli("graph", "a*a", "a=3", "--view", "forward").stdout
        == "*  = 9.0\n├─ a  = 3.0\n└─ a  = 3.0\n"
    )
    backward = gradcli("graph", "a*a", "a=3", "--view", "backward", "--retain-graph").stdout
    assert backward.splitlines()[0] == "*  adjoint 1.0  <MulBackward0>"


def test_what_is_shared_is_shown_once_and_bears_the_name_of_its_variable() -> None:
    lines = gradcli("graph", "y = x*2; y*y + y", "x=3", "--view", "forward").stdout.splitlines()
    assert lines[0] == "+  = 42.0"
    assert sum("y = *" in line for line in lines) == 1
    assert sum("v2 above" in line for line in lines) == 2


def test_the_gradients_own_graph() -> None:
    out = gradcli("graph", "a*a*a", "a=5", "--create-graph", "--view", "forward").stdout
    assert out.splitlines()[0] == "+  = 75.0"


def test_graphviz_and_mermaid() -> None:
    dot = gradcli(
        "graph", "A @ x", "A=[1,2;3,4]", "x=[1,1]", "--grad-output", "[1,0]", "-f", "dot"
    ).stdout
    assert dot.startswith("digraph gradcli {")
    assert 'v0 [label="A (2x2)\\nadjoint 2x2"' in dot
    assert "v0 -> v2;" in dot
    chart = gradcli("graph", "a*a", "a=3", "-f", "mermaid").stdout
    assert chart.startswith("flowchart TD\n")
    assert 'v0["a<br>= 3.0<br>adjoint 6.0"]:::leaf' in chart


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_pictures(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"graph.{form}"
    assert gradcli("graph", "a*a", "a=3", "-o", str(path)).status == 0
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[form]
    assert path.read_bytes().startswith(begins)


def test_pictures_need_graphviz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = gradcli("graph", "a*a", "a=3", "-f", "svg")
    assert found.status == 7
    assert "gradcli[graph]" in found.stderr
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\ncat\n")
    fake.chmod(0o700)
    monkeypatch.setattr(shutil, "which", lambda name: str(fake))
    assert gradcli("graph", "a*a", "a=3", "-f", "svg").stdout.startswith("digraph gradcli {")


def test_a_large_graph_is_summed_up() -> None:
    terms = " + ".join(["x*x"] * 400)
    out = gradcli("graph", terms, "x=2").stdout
    assert out.startswith("800 values: 799 operations on 1 variables, 400 deep")
    assert "400  *" in out


def test_a_narrow_terminal_cuts_lines() -> None:
    from gradcli.views.drawing import cut

    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"


def test_errors() -> None:
    assert gradcli("graph", "'text'", "x=1").status == 4
    assert gradcli("graph", "x*", "x=1").status == 3
    assert gradcli("graph", "x*x", "x=1", "-o", "/nowhere/graph.txt").status == 7
