"""Values from files: `A=@weights.npy` on the command line, which text can never open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.cli.system.files import reason
from gradcli.errors import FileError, GradcliError, LimitExceeded

if TYPE_CHECKING:
    from gradcli.engine.tensor import Tensor
    from gradcli.lang.session import Session


def leaf(session: Session, name: str, file: str, *, requires_grad: bool) -> Tensor:
    """The array in a file as the leaf that a variable is."""
    if not file:
        raise FileError("@ stands before the name of a file", hint=f"such as {name}=@{name}.npy")
    array = loaded(Path(file), name, session.limits.memory)
    try:
        return session.leaf_of(np.asarray(array), requires_grad=requires_grad)
    except GradcliError as error:
        raise FileError(f"'{file}' holds no numbers: {error.message}") from None


def loaded(path: Path, name: str, most: int) -> Any:
    """The array in a file; of a file of several, the one that is called as the variable is."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise FileError(
            f"'{path}' is of no kind that holds values",
            hint="values are read from " + ", ".join(READERS),
        )
    try:
        if path.stat().st_size > most:
            raise LimitExceeded(f"'{path}' is larger than {most >> 20} MiB", limit="memory")
        return chosen(reader(path), path, name)
    except OSError as error:
        raise FileError(f"cannot read '{path}': {reason(error)}") from None
    except (ValueError, TypeError, EOFError, KeyError) as error:
        raise FileError(f"cannot read '{path}': {said(error, path)}") from None


def said(error: Exception, path: Path) -> str:
    """What is wrong with a file's content: of a text its reader says where."""
    if path.suffix.lower() not in (".csv", ".json") or isinstance(error, UnicodeError):
        return f"it is no whole {path.suffix} file of numbers"
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON from line {error.lineno}, column {error.colno} on"
    return str(error).partition("\n")[0][:80] or type(error).__name__


def chosen(content: Any, path: Path, name: str) -> Any:
    if not isinstance(content, dict):
        return content
    if name in content:
        return content[name]
    if len(content) == 1:
        return next(iter(content.values()))
    raise FileError(f"'{path}' has no '{name}'", hint="it has " + ", ".join(list(content)[:8]))


def comma_separated(path: Path) -> Any:
    """Rows of numbers; a first row of names makes a dict of columns."""
    text = path.read_text(encoding="utf-8-sig")
    first = text.partition("\n")[0]
    if not text.strip():
        raise ValueError("it is empty")
    try:
        [float(cell) for cell in first.split(",")]
    except ValueError:
        names = [cell.strip().strip('"') for cell in first.split(",")]
        columns = numbers(text.splitlines(), 1)
        return {name: columns[:, k] for k, name in enumerate(names)}
    table = numbers(text.splitlines(), 0)
    return table[0] if len(table) == 1 else table[:, 0] if table.shape[1] == 1 else table


def numbers(lines: list[str], above: int) -> Any:
    """The lines below the names, if there are any, as a matrix; what is none is pointed at."""
    try:
        return np.loadtxt(lines[above:], delimiter=",", ndmin=2)
    except ValueError:
        width = len(lines[0].split(","))
        for number, line in enumerate(lines[above:], above + 1):
            cells = line.split(",")
            if line.strip() and len(cells) != width:
                raise ValueError(f"line {number} has {len(cells)} of {width} cells") from None
            for cell in cells:
                try:
                    float(cell)
                except ValueError:
                    raise ValueError(f"'{cell}' in line {number} is no number") from None
        raise


def archive(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as content:
        return {key: content[key] for key in content.files}


def tensors(path: Path) -> dict[str, Any]:
    try:
        from safetensors.numpy import load_file
    except ImportError:
        raise FileError(
            "safetensors files are read by a package that is not installed",
            hint="pip install 'gradcli[weights]'",
        ) from None
    found: dict[str, Any] = load_file(path)
    return found


READERS: dict[str, Callable[[Path], Any]] = {
    ".npy": lambda path: np.load(path, allow_pickle=False),
    ".npz": archive,
    ".csv": comma_separated,
    ".json": lambda path: json.loads(path.read_text(encoding="utf-8")),
    ".safetensors": tensors,
}
