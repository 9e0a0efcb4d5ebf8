"""What rules may not be written with: it would be wrong under batch axes, or cut the graph."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gradcli.engine.ops
from gradcli.engine import blocks
from gradcli.engine.functions import TABLE

FORBIDDEN = {"outer", "dot", "vdot", "inner", "trace", "diag", "diagonal", "tensordot", "kron"}
REDUCTIONS = {"sum", "mean", "prod", "max", "min", "any", "all", "argmax", "argmin"}
SOURCES = sorted(Path(gradcli.engine.ops.__file__).parent.glob("*.py"))


def offences(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "T":
            found.append(f"{node.lineno}: .T reverses the batch axes; .mT does not")
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        if name in FORBIDDEN:
            found.append(f"{node.lineno}: {name}() knows no batch axes")
        on_numpy = isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "math")
        axis = any(keyword.arg == "axis" for keyword in node.keywords)
        if name in REDUCTIONS and not axis and not (on_numpy and node.func.value.id == "math"):
            found.append(f"{node.lineno}: {name}() without an axis folds the batch axes")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_rules_leave_batch_axes_alone(path: Path) -> None:
    allowed = ("np.all(",)  # forward values have no batch axes: `length` asks one question of all
    lines = path.read_text().split("\n")
    wrong = [
        o
        for o in offences(path.read_text())
        if not any(a in lines[int(o.split(":")[0]) - 1] for a in allowed)
    ]
    assert not wrong


def test_the_lint_finds_what_it_looks_for() -> None:
    source = "a.T\nnp.outer(a, b)\nnp.sum(x)\nx.sum()\nnp.sum(x, axis=-1)\nx.mT\nmath.prod(s)\n"
    assert [o.split(":")[0] for o in offences(source)] == ["1", "2", "3", "4"]


def test_rows_are_complete() -> None:
    for op in TABLE.values():
        if op.differentiable:
            assert op.twin is not None or op.why_no_twin, f"{op.name} has no twin and no reason"
        assert op.cost >= 0
        # By the price alone it is seen that nothing goes in blocks.
        assert op.cost >= blocks.SHORT / blocks.MANY or not op.divides, op.name
        for rule in op.rules:
            if rule is not None and not op.variadic:
                names = rule.__code__.co_varnames[: rule.__code__.co_argcount]
                assert len(names) >= 2 + len(op.rules), op.name
