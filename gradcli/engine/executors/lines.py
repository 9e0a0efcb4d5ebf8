"""Programs as one Python function over numpy's values, an assignment for each operation.

Half the time of small operations is finding out what to do. Values are dropped after their last
use. Only numbers of values and functions of the table are compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.engine.program import Program


def line_by_line(program: Program) -> Callable[..., list[Any]]:
    """The program as a function of its inputs, in their order."""
    values, outputs = program.values, set(program.outputs)
    last = {j: k for k, value in enumerate(values) for j in value.operands}
    names: dict[str, Any] = {"__builtins__": {}}
    lines: list[str] = []
    for k, value in enumerate(values):
        if value.op is None:
            if not value.name:
                names[f"v{k}"] = value.constant
            continue
        names[f"f{k}"] = value.op.forward
        static = {f"s{k}_{at}": parameter for at, parameter in enumerate(value.static)}
        names |= static
        arguments = ", ".join([*(f"v{j}" for j in value.operands), *static])
        part = "" if value.part is None else f"[{value.part}]"
        # As the engine has them: scalars are numpy's, not arrays without axes.
        number = "" if value.shape else "[()]"
        lines.append(f"v{k} = f{k}({arguments}){part}{number}")
        dead = [
            f"v{j}"
            for j in dict.fromkeys(value.operands)
            if last[j] == k and values[j].op is not None and j not in outputs
        ]
        if dead:
            lines.append(f"del {', '.join(dead)}")
    lines.append(f"return [{', '.join(f'v{k}' for k in program.outputs)}]")
    inputs = ", ".join(f"v{k}" for k in program.inputs.values())
    source = f"def calculate({inputs}):\n    " + "\n    ".join(lines)
    exec(compile(source, "<program>", "exec"), names)  # no text but what is made here
    function: Callable[..., list[Any]] = names["calculate"]
    return function
