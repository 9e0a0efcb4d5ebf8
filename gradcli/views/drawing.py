"""A graph as a tree for a terminal, and in the languages of Graphviz and Mermaid."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from gradcli.errors import FileError
from gradcli.views.graph import LEAF, Graph, Vertex

BOLD, DIM, GREEN, CYAN, RESET = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[36m", "\x1b[0m"
COLORS = {"leaf": GREEN, "constant": DIM, "freed": DIM, "retained": CYAN}
FILLS = {"leaf": "#d5f0d5", "constant": "#eeeeee", "freed": "#f8f8f8", "retained": "#dce9f9"}
DASHED = "freed"
CUT = "…"
# The part of the width that branches may take before a subtree is drawn for itself, and how wide
# that is where lines may be of any length.
INDENT, WIDEST = 0.5, 120


def words(vertex: Vertex, view: str) -> list[str]:
    """What is said of a vertex in a view: forward, backward or both."""
    if vertex.kind == "constant":
        return [vertex.label]
    shape = "x".join(map(str, vertex.shape))
    said = [" = ".join(filter(None, [vertex.name, vertex.label])) or shape]
    if shape and said[0] != shape:
        said[0] += f" ({shape})"
    if view != "backward" and vertex.value != shape:
        said.append(f"= {vertex.value}")
    if view != "forward":
        if vertex.adjoint:
            said.append(f"adjoint {vertex.adjoint}")
        if vertex.node and (vertex.node != LEAF or view == "backward"):
            freed = " freed" if vertex.kind == "freed" else ""
            said.append(f"<{vertex.node}>{freed}")
    return said


def operands_of(graph: Graph, vertex: Vertex, view: str) -> list[int]:
    """What a vertex leads to: no cotangent flows to constants."""
    return [
        k
        for k in vertex.operands
        if view != "backward" or graph.vertices[k].kind != "constant" or not vertex.node
    ]


# ---- terminal -----------------------------------------------------------------------------------


def tree(graph: Graph, view: str, *, width: int, color: bool, unicode: bool) -> str:
    """Results on top, operands below, as wide as `width`.

    What was shown before is referred to by its number; so is a subtree that would stand too far
    to the right, which follows below.
    """
    readers: dict[int, int] = {}
    for vertex in graph.vertices:
        for k in set(vertex.operands):
            readers[k] = readers.get(k, 0) + 1
    marks = ("├─ ", "└─ ", "│  ", "   ") if unicode else ("|- ", "`- ", "|  ", "   ")
    lines: list[str] = []
    seen: set[int] = set()
    numbered = {k for k, count in readers.items() if count > 1}
    room = INDENT * min(width, WIDEST)
    stack = [(end, "", "") for end in reversed(graph.ends)]
    later: list[int] = []
    while stack or later:
        number, head, below = stack.pop() if stack else (later.pop(0), "", "")
        vertex = graph.vertices[number]
        operands = operands_of(graph, vertex, view)
        if operands and number in seen:
            lines.append(cut(f"{head}v{number} above", width))
            continue
        if operands and len(head) > room:
            lines.append(cut(f"{head}v{number} below", width))
            numbered.add(number)
            if number not in later:
                later.append(number)
            continue
        seen.add(number)
        name = f"v{number}: " if operands and number in numbered else ""
        text = cut(head + name + "  ".join(words(vertex, view)), width)
        paint = COLORS[vertex.kind] if color else ""
        lines.append(f"{head}{paint}{text[len(head) :]}{RESET}" if paint else text)
        for k, child in reversed(list(enumerate(operands))):
            last = k == len(operands) - 1
            stack.append((child, below + marks[last], below + marks[2 + last]))
    return "\n".join(lines)


def cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: max(1, width - 1)] + CUT


# ---- Graphviz and Mermaid -----------------------------------------------------------------------


def dot(graph: Graph, view: str) -> str:
    """For Graphviz. Values flow downwards; where only cotangents are shown, so do they."""
    lines = [
        "digraph gradcli {",
        '  node [shape=box, style="rounded,filled", fontname="DejaVu Sans,Helvetica,Arial", '
        'fontsize=11, color="#777777", margin="0.12,0.06"];',
        '  edge [color="#777777", arrowsize=0.7];',
    ]
    for vertex in drawn(graph, view):
        label = "\\n".join(escaped(word, '"\\') for word in words(vertex, view))
        style = ""
        if vertex.kind == "constant":
            style = ', style="filled", width=0.3, height=0.25, margin="0.06,0.03"'
        elif vertex.kind == DASHED:
            style = ', style="rounded,filled,dashed"'
        fill = FILLS[vertex.kind]
        lines.append(f'  v{vertex.number} [label="{label}", fillcolor="{fill}"{style}];')
    lines += [f"  v{a} -> v{b};" for a, b in edges(graph, view)]
    return "\n".join([*lines, "}"])


def mermaid(graph: Graph, view: str) -> str:
    """For Markdown pages that draw Mermaid's diagrams."""
    lines = ["flowchart TD"]
    for vertex in drawn(graph, view):
        label = "<br>".join(
            word.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
            for word in words(vertex, view)
        )
        lines.append(f'  v{vertex.number}["{label}"]:::{vertex.kind}')
    lines += [f"  v{a} --> v{b}" for a, b in edges(graph, view)]
    for kind, fill in FILLS.items():
        dashes = ",stroke-dasharray:4 3" if kind == DASHED else ""
        lines.append(f"  classDef {kind} fill:{fill},stroke:#777{dashes}")
    return "\n".join(lines)


def drawn(graph: Graph, view: str) -> list[Vertex]:
    """The vertices of a view."""
    reached = {k for edge in edges(graph, view) for k in edge}.union(graph.ends)
    return [vertex for vertex in graph.vertices if vertex.number in reached]


def edges(graph: Graph, view: str) -> Iterator[tuple[int, int]]:
    for vertex in graph.vertices:
        for k in operands_of(graph, vertex, view):
            yield (vertex.number, k) if view == "backward" else (k, vertex.number)


def escaped(text: str, special: str) -> str:
    return "".join("\\" + c if c in special else c for c in text)


# ---- pictures -----------------------------------------------------------------------------------


# What Graphviz has to say of fonts, it says in a process of its own.
DRAW = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot"))
"""


def picture(source: str, form: str) -> bytes:
    """Of a text for Graphviz, as SVG, PNG or PDF: by its Python package, or its command."""
    dot = shutil.which("dot")
    if find_spec("pygraphviz") is not None:
        command = [sys.executable, "-c", DRAW, form]
    elif dot is not None:
        command = [dot, f"-T{form}"]
    else:
        raise FileError(
            f"{form} pictures are drawn by Graphviz, which is not installed",
            hint="pip install 'gradcli[graph]', or take --format dot",
        )
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise FileError(f"Graphviz cannot draw {form}: {said}")
    return done.stdout
