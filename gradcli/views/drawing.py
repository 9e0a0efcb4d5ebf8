"""A graph as a tree for a terminal, and in the languages of Graphviz and Mermaid."""

from __future__ import annotations

from collections.abc import Iterator

from gradcli.views.graph import Graph, Vertex

BOLD, DIM, GREEN, CYAN, RESET = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[36m", "\x1b[0m"
COLORS = {"leaf": GREEN, "constant": DIM, "freed": DIM, "retained": ""}
FILLS = {"leaf": "#d5f0d5", "constant": "#eeeeee", "freed": "#f5f5f5", "retained": "#dce9f9"}


def words(vertex: Vertex, view: str) -> list[str]:
    """What is said of a vertex in a view: forward, backward or both."""
    shape = "x".join(map(str, vertex.shape))
    said = [vertex.label if vertex.kind != "constant" else vertex.value]
    if shape and said[0] != shape:
        said[0] += f" ({shape})"
    if view != "backward" and vertex.kind != "constant" and vertex.value != shape:
        said.append(f"= {vertex.value}")
    if view != "forward":
        if vertex.adjoint:
            said.append(f"adjoint {vertex.adjoint}")
        if vertex.node:
            freed = " freed" if vertex.kind == "freed" else ""
            said.append(f"<{vertex.node}>{freed}")
    return said


# ---- terminal -----------------------------------------------------------------------------------


def tree(graph: Graph, view: str, *, width: int, color: bool, unicode: bool) -> str:
    """Results on top, operands below; what was shown before is referred to by its number."""
    readers: dict[int, int] = {}
    for vertex in graph.vertices:
        for k in set(vertex.operands):
            readers[k] = readers.get(k, 0) + 1
    marks = ("├─ ", "└─ ", "│  ", "   ") if unicode else ("|- ", "`- ", "|  ", "   ")
    lines: list[str] = []
    seen: set[int] = set()
    stack = [(end, "", "") for end in reversed(graph.ends)]
    while stack:
        number, head, below = stack.pop()
        vertex = graph.vertices[number]
        shared = readers.get(number, 0) > 1 and vertex.operands
        if number in seen and vertex.operands:
            lines.append(cut(f"{head}v{number} above", width))
            continue
        seen.add(number)
        name = f"v{number}: " if shared else ""
        text = cut(head + name + "  ".join(words(vertex, view)), width)
        paint = COLORS[vertex.kind] if color else ""
        lines.append(f"{head}{paint}{text[len(head) :]}{RESET}" if paint else text)
        children = list(vertex.operands)
        for k, child in reversed(list(enumerate(children))):
            last = k == len(children) - 1
            stack.append((child, below + marks[last], below + marks[2 + last]))
    return "\n".join(lines)


def cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: max(1, width - 1)] + "…"


# ---- Graphviz and Mermaid -----------------------------------------------------------------------


def dot(graph: Graph, view: str) -> str:
    """For Graphviz. Values flow downwards; a cotangent flows against the arrows."""
    lines = [
        "digraph gradcli {",
        '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11];',
        '  edge [color="#777777", arrowsize=0.7];',
    ]
    for vertex in graph.vertices:
        label = "\\n".join(escaped(word, '"\\') for word in words(vertex, view))
        border = ', style="filled", shape=plain' if vertex.kind == "constant" else ""
        fill = FILLS[vertex.kind]
        lines.append(f'  v{vertex.number} [label="{label}", fillcolor="{fill}"{border}];')
    lines += [f"  v{a} -> v{b};" for a, b in edges(graph)]
    return "\n".join([*lines, "}"])


def mermaid(graph: Graph, view: str) -> str:
    """For Markdown pages that draw Mermaid's diagrams."""
    lines = ["flowchart TD"]
    for vertex in graph.vertices:
        label = "<br>".join(
            word.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
            for word in words(vertex, view)
        )
        lines.append(f'  v{vertex.number}["{label}"]:::{vertex.kind}')
    lines += [f"  v{a} --> v{b}" for a, b in edges(graph)]
    lines += [f"  classDef {kind} fill:{fill},stroke:#777" for kind, fill in FILLS.items()]
    return "\n".join(lines)


def edges(graph: Graph) -> Iterator[tuple[int, int]]:
    for vertex in graph.vertices:
        for k in vertex.operands:
            yield k, vertex.number


def escaped(text: str, special: str) -> str:
    return "".join("\\" + c if c in special else c for c in text)
