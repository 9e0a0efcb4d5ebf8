"""`gradcli graph`: trees, Graphviz, Mermaid, and graphs that are too large to draw."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from gradcli.engine.tape import Tape
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.views.drawing import tree
from gradcli.views.graph import graph_of

from .commands import gradcli

TREE = """\
*  = -1.2477563717331153  adjoint 1.0  <MulBackward0> freed
├─ sin  = -0.7568024953079282  adjoint 1.6487212707001282  <SinBackward0> freed
│  └─ ^2  = 4.0  adjoint -1.077676141175287  <PowBackward0> freed
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
    assert out.splitlines()[0] == "∂/∂a = +  = 75.0"


def test_gradients_that_are_one_tensor() -> None:
    out = gradcli("graph", "a + b", "a=1", "b=2", "--create-graph").stdout
    assert out == "∂/∂a, ∂/∂b  = 1.0\n"


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
    fake.write_text("#!/bin/sh\necho no such font >&2; exit 1\n")
    failed = gradcli("graph", "a*a", "a=3", "-f", "svg")
    assert (failed.status, failed.stdout) == (7, "")
    assert "cannot draw svg: no such font" in failed.stderr


def test_a_large_graph_is_summed_up() -> None:
    terms = "+".join(["x*x"] * 10_000)
    patient = ("x=2", "--limit", "seconds=100")
    out = gradcli("graph", terms, *patient).stdout
    assert out.startswith("20,000 values: 19,999 operations on 1 variable, 10,000 deep")
    assert "10,000  *" in out
    refused = gradcli("graph", terms, *patient, "-f", "svg")
    assert (refused.status, refused.stdout) == (8, "")
    assert "pictures are of 500 at most" in refused.stderr
    assert gradcli("graph", terms, *patient, "-f", "dot").stdout.count(" -> ") == 39_998


def test_what_an_operation_is_told_is_shown() -> None:
    out = gradcli("graph", "sum(A[0, :1]*x^3, axis=0)", "A=[1,2;3,4]", "x=[1]").stdout
    assert "sum(axis=-1)" in out
    assert "[0, :1] (1)" in out
    assert "^3 (1)" in out


def test_a_backward_view_is_of_what_cotangents_flow_to() -> None:
    done = gradcli("graph", "a*2 + b", "a=3", "b=2", "--view", "backward")
    assert done.stdout == (
        "+  adjoint 1.0  <AddBackward0>\n├─ *  adjoint 1.0  <MulBackward0> freed\n"
        "│  └─ a  adjoint 2.0  <AccumulateGrad>\n└─ b  adjoint 1.0  <AccumulateGrad>\n"
    )
    dot = gradcli("graph", "a*2 + b", "a=3", "b=2", "--view", "backward", "-f", "dot").stdout
    assert "v4 -> v2;" in dot
    assert '"2.0"' not in dot


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_deep_tree_fits_the_width(width: int) -> None:
    session = Session()
    x = session.variables["x"] = session.leaf_of(0.5)
    tape = session.tape = Tape()
    y = session.run(Source("sin(cos(" * 40 + "x" + "))" * 40))[0].value
    found = graph_of(tape, [y], {"x": x}, {}, 3)
    shown = tree(found, "forward", width=width, color=False, unicode=True).splitlines()
    assert all(len(line) <= width for line in shown)
    operations = sum("sin " in line or "cos " in line for line in shown)
    assert operations == 80
    below, above = ([line for line in shown if line.endswith(end)] for end in ("below", "above"))
    assert below
    assert not above


def test_a_narrow_terminal_cuts_lines() -> None:
    from gradcli.views.drawing import cut

    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"


def test_errors() -> None:
    assert gradcli("graph", "'text'", "x=1").status == 4
    assert "such as x=2" in gradcli("graph", "sin(2)").stderr
    assert "give --grad-output" in gradcli("graph", "[a, a]", "a=1").stderr
    assert gradcli("graph", "x*", "x=1").status == 3
    assert gradcli("graph", "x*x", "x=1", "-o", "/nowhere/graph.txt").status == 7
