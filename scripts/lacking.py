"""Write down which public names a framework has and gradcli has not.

    PYTHONPATH=. python scripts/lacking.py torch     # where torch is installed
    PYTHONPATH=. python scripts/lacking.py mindspore numpy

The lists let an error say "torch has it, gradcli does not" instead of "there is no such name".
"""

from __future__ import annotations

import sys
import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

from gradcli.lang.dialects import speaking
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.types import attributes_of
from gradcli.lang.values import Module

PLACE = Path(__file__).parent.parent / "gradcli" / "lang" / "frameworks" / "lacking"
# The modules of each framework whose names are public, and how a tensor is made.
FRAMEWORKS = {
    "torch": (
        *("torch", "torch.autograd", "torch.autograd.functional", "torch.distributions"),
        *("torch.fft", "torch.func", "torch.linalg", "torch.nn", "torch.nn.functional"),
        *("torch.nn.init", "torch.nn.utils", "torch.optim", "torch.optim.lr_scheduler"),
        *("torch.special", "torch.testing", "torch.utils.data"),
    ),
    "mindspore": ("mindspore", "mindspore.nn", "mindspore.ops"),
    "numpy": ("numpy", "numpy.fft", "numpy.linalg", "numpy.random", "numpy.testing"),
}
TENSORS = {"torch": "Tensor", "mindspore": "Tensor", "numpy": "ndarray"}
MAKERS = {
    "torch": "torch.ones(2)",
    "mindspore": "mindspore.Tensor([1.0])",
    "numpy": "numpy.ones(2)",
}
# Internals under public names.
INNER = (
    *("aten", "autocast", "cudnn", "fbgemm", "get_autocast", "is_autocast", "miopen", "mkldnn"),
    *("mps", "quantized", "set_autocast", "sym_", "has_torch", "handle_torch", "fake_quantize"),
)
ENDINGS = ("_copy", "_jvp", "_backward", "Storage", "Type", "_backward_elemt")


def public(owner: Any) -> set[str]:
    return {
        name
        for name in dir(owner)
        if not name.startswith(("_", *INNER))
        and not name.endswith(ENDINGS)
        and not isinstance(getattr(owner, name, None), type(sys))
    }


def ours(session: Session, path: str, framework: str) -> set[str]:
    """What gradcli has there."""
    root, *rest = path.split(".")
    module: Any = session.machine.imported[root]
    for name in rest:
        module = module.names.get(name) if type(module) is Module else None
    return set(module.names) if type(module) is Module else set()


def lists(framework: str) -> dict[str, list[str]]:
    session = Session(write=lambda text: None)
    session.run(Source(f"import {framework}\nx = {MAKERS[framework]}"), script=True)
    found = {}
    for path in FRAMEWORKS[framework]:
        theirs = public(import_module(path))
        found[path] = sorted(theirs - ours(session, path, framework))
    with speaking(session.dialect):
        methods = set(attributes_of(session.machine.variables["x"]))
    tensor = getattr(import_module(framework), TENSORS[framework])
    found[f"{framework}.{TENSORS[framework]}"] = sorted(public(tensor) - methods)
    return found


def written(framework: str) -> str:
    lines = [f'"""Names that {framework} has and gradcli has not; see scripts/lacking.py."""', ""]
    lines.append("NAMES = {")
    for path, names in lists(framework).items():
        text = textwrap.fill(" ".join(names), 92, break_long_words=False, break_on_hyphens=False)
        lines += [f'    "{path}": """', textwrap.indent(text, " " * 8), '    """,']
    return "\n".join([*lines, "}", ""])


if __name__ == "__main__":
    for name in sys.argv[1:]:
        (PLACE / f"{name}.py").write_text(written(name))
