"""An evaluation told step by step: forward, each value; backward, each adjoint and its rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import display
from gradcli.engine.tape import Tape
from gradcli.engine.tensor import Tensor
from gradcli.engine.trace import backward_trace, forward_trace, needed
from gradcli.views.evaluation import listed
from gradcli.views.rules import bracketed, rule, tangent, written

# Steps at either end of a trace that is too long to be read, and how long that is.
ENDS, MOST = 10, 60
# Elements of a tensor that is written out; of a larger one its shape is.
FEW = 6


class Line(NamedTuple):
    """`name = formula = numbers = value`; numbers are the formula's, put in.

    op  the operation that it is, or whose rule
    """

    name: str
    formula: str
    numbers: str
    value: Any
    op: str = ""


class Section(NamedTuple):
    title: str
    lines: Sequence[Line]


class Names:
    """What the entries of a tape are called: variables by name, constants by value, v1, v2 …"""

    def __init__(self, tape: Tape, numbers: Sequence[int], variables: Mapping[str, Tensor]) -> None:
        called = {id(tensor): name for name, tensor in variables.items()}
        self.tape = tape
        self.names: dict[int, str] = {}
        count = 0
        for number in numbers:
            entry = tape.entries[number]
            name = called.get(id(entry.tensor))
            if name is None and entry.op is None:
                name = shown(entry.value)
            elif name is None:
                count += 1
                name = f"v{count}"
                while name in variables:
                    count += 1
                    name = f"v{count}"
            self.names[number] = name

    def __getitem__(self, number: int) -> str:
        return self.names[number]


def sections(
    tape: Tape,
    output: Tensor,
    variables: Mapping[str, Tensor],
    adjoints: Mapping[int, Any],
    *,
    tangents: Sequence[str] = (),
    partial: str = "∂",
    digits: int | None = None,
) -> list[Section]:
    """The forward sweep, then the backward one, or forward mode by each of `tangents`."""
    numbers = needed(tape, [output])
    names = Names(tape, numbers, variables)
    found = [Section("forward", [forward(names, n, digits) for n in numbers if worth(tape, n)])]
    for name in tangents:
        moves = forward_trace(tape, output, variables[name])
        lines = [ahead(names, n, moves, digits) for n in numbers if n in moves]
        found.append(Section(f"tangents by {name}", lines))
    if not tangents and not adjoints:  # the result is a variable itself
        one = np.ones(output.shape, output.dtype)[()]
        found.append(Section("backward", [Line(partial + names[numbers[-1]], "", "", one)]))
    elif not tangents:
        found.append(Section("backward", backward(names, output, adjoints, partial, digits)))
    return found


def worth(tape: Tape, number: int) -> bool:
    """A constant is told where it is used."""
    entry = tape.entries[number]
    return entry.op is not None or entry.tensor.requires_grad


def forward(names: Names, number: int, digits: int | None) -> Line:
    entry = names.tape.entries[number]
    if entry.op is None:
        return Line(names[number], "", "", entry.value)
    operands = [names[k] for k in entry.operands]
    values = [names.tape.entries[k].value for k in entry.operands]
    formula, numbers = written(entry, operands, values), ""
    if not any(np.ndim(value) for value in values):
        numbers = written(entry, [shown(value, digits) for value in values], values)
    return Line(names[number], formula, numbers, entry.value, entry.op.name)


def ahead(names: Names, number: int, moves: Mapping[int, Any], digits: int | None) -> Line:
    """The tangent of a value, with the rule and what is put into it."""
    entry = names.tape.entries[number]
    name = f"d{names[number]}"
    if entry.op is None or not any(k in moves for k in entry.operands):
        return Line(name, "", "", moves[number])
    values = [entry.value, *(names.tape.entries[k].value for k in entry.operands), entry.value]
    moving = [k in moves for k in entry.operands]
    given = [name, *(names[k] for k in entry.operands), names[number]]
    steps = [f"d{names[k]}" * move for k, move in zip(entry.operands, moving, strict=True)]
    formula, numbers = tangent(entry, steps, given, values), ""
    if "'s rule" not in formula and not any(np.ndim(value) for value in values):
        texts = ["", *(shown(value, digits) for value in values[1:])]
        put = [
            bracketed(shown(moves[k], digits)) if move else ""
            for k, move in zip(entry.operands, moving, strict=True)
        ]
        numbers = tangent(entry, put, texts, values)
    return Line(name, formula, numbers, moves[number], entry.op.name)


def backward(
    names: Names, output: Tensor, adjoints: Mapping[int, Any], d: str, digits: int | None
) -> list[Line]:
    """The adjoint of each value, with the rule that gave it; a sum where several did."""
    tape = names.tape
    steps = [s for s in backward_trace(tape, output, adjoints) if s.target in names.names]
    last = max(n for n in adjoints if n in names.names)
    lines = [Line(d + names[last], "", "", adjoints[last])]
    awaited: dict[int, int] = {}
    for step in steps:
        awaited[step.target] = awaited.get(step.target, 0) + 1
    received: dict[int, list[str]] = {}
    for step in steps:
        entry = tape.entries[step.source]
        assert entry.op is not None
        values = [
            adjoints[step.source],
            *(tape.entries[n].value for n in entry.operands),
            entry.value,
        ]
        given = [d + names[step.source], *(names[n] for n in entry.operands), names[step.source]]
        texts = [shown(value, digits) for value in values]
        formula, numbers = rule(entry, step.k, given, values, texts)
        name = d + names[step.target]
        seen = received.setdefault(step.target, [])
        several = awaited[step.target] > 1
        label = f"{name}[{len(seen) + 1}]" if several else name
        seen.append(label)
        lines.append(Line(label, formula, numbers, step.part, entry.op.name))
        if several and len(seen) == awaited[step.target]:
            lines.append(Line(name, " + ".join(seen), "", adjoints[step.target]))
    return lines


def shown(value: Any, digits: int | None = None) -> str:
    """A number; a few of them; of more their shape."""
    array = np.asarray(value)
    if not array.ndim:
        return display.number(array[()], digits)
    if array.size > FEW:
        return f"tensor of shape {array.shape}"
    return " ".join(display.array(array, digits, padded=False).split())


# ---- forms --------------------------------------------------------------------------------------


def folded(lines: Sequence[Line]) -> list[Line | int]:
    """The ends of a long trace, and how many lines were left out between them."""
    if len(lines) <= MOST:
        return list(lines)
    return [*lines[:ENDS], len(lines) - 2 * ENDS, *lines[-ENDS:]]


def as_text(found: Sequence[Section], digits: int | None) -> str:
    blocks = []
    for section in found:
        rows = folded(section.lines)
        width = max(len(row.name) for row in rows if isinstance(row, Line))
        body = [
            f"  … {row} more"
            if isinstance(row, int)
            else "  " + " = ".join([row.name.ljust(width), *pieces(row, digits)])
            for row in rows
        ]
        blocks.append("\n".join([section.title, *body]))
    return "\n".join(blocks)


def pieces(line: Line, digits: int | None) -> list[str]:
    """Formula, numbers and value, each once."""
    value = shown(line.value, digits)
    numbers = "" if line.numbers.strip("()") == value else line.numbers
    return [text for text in dict.fromkeys([line.formula, numbers, value]) if text]


def as_markdown(found: Sequence[Section], digits: int | None) -> str:
    blocks = []
    for section in found:
        rows = ["| value | formula | numbers | result |", "|---|---|---|---|"]
        for row in folded(section.lines):
            if isinstance(row, int):
                rows.append(f"| … | {row} more | | |")
                continue
            cells = [row.name, row.formula, row.numbers, shown(row.value, digits)]
            rows.append("| " + " | ".join(code(cell) for cell in cells) + " |")
        blocks.append(f"**{section.title}**\n\n" + "\n".join(rows))
    return "\n\n".join(blocks)


def code(text: str) -> str:
    return f"`{text}`".replace("|", r"\|") if text else ""


def as_latex(found: Sequence[Section], digits: int | None) -> str:
    rows = []
    for section in found:
        rows.append(rf"  &\text{{{section.title}}}")
        for row in folded(section.lines):
            if isinstance(row, int):
                rows.append(rf"  &\vdots\quad({row}\text{{ more}})")
                continue
            ahead = section.title.startswith("tangents")
            texts = [dotted(text) if ahead else text for text in [row.name, *pieces(row, digits)]]
            name, *body = map(symbols, texts)
            rows.append(f"  {name} &= {' = '.join(body)}")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def dotted(text: str) -> str:
    """dx as a tangent."""
    return re.sub(r"\bd([A-Za-z_]\w*)\b(?!\()", r"\\dot{\1}", text)


def symbols(text: str) -> str:
    """A formula of the trace: functions upright, v1 with an index, ∂v as an adjoint."""
    text = re.sub(r"∂(\w+)", r"\\bar{\1}", text)
    text = re.sub(r"\bv(\d+)\b", r"v_{\1}", text)
    text = re.sub(r"(?<![\\\w])([A-Za-z]\w+)(?=\()", r"\\mathrm{\1}", text)
    text = re.sub(r"(\d)e([+-]?\d+)", r"\1 \\times 10^{\2}", text).replace("∂", r"\partial ")
    text = re.sub(r"\^(\([^()]*\)|[\w.]+)", r"^{\1}", text)
    return text.replace(" * ", r" \cdot ").replace("…", r"\ldots")


def as_object(found: Sequence[Section]) -> list[dict[str, Any]]:
    """All steps, none folded; of large tensors the shapes."""
    return [
        {"section": section.title, "steps": [step_object(line) for line in section.lines]}
        for section in found
    ]


def step_object(line: Line) -> dict[str, Any]:
    array = np.asarray(line.value)
    step: dict[str, Any] = {"name": line.name}
    step |= {"op": line.op} if line.op else {}
    step |= {"formula": line.formula} if line.formula else {}
    step |= {"numbers": line.numbers} if line.numbers else {}
    if array.size <= FEW:
        return step | {"value": listed(array.tolist())}
    return step | {"shape": list(array.shape)}
