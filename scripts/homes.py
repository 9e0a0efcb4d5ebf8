"""Write gradcli/engine/homes.py, the index of names: `python scripts/homes.py [--check]`.

By it a row or function is found without importing the modules of all. It is read off the
declarations. With --check nothing is written: the status is 1 if it would be anything new.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

FILE = Path(__file__).parents[1] / "gradcli" / "engine" / "homes.py"
NAME = "gradcli.engine.homes"
WIDTH = 100
HEAD = '''\
"""Which module declares each name, in the order of declaration: written by `scripts/homes.py`.

ROWS       of the op table, by modules of `ops`
ALIASES    other names of rows
FUNCTIONS  what is registered beside the rows, by modules of `functions`
PRIVATE    rows that functions choose and nobody calls by name
IN_PLACE   functions that overwrite their first operand
"""
'''


def index() -> str:
    """The text of the file."""
    for package in ("gradcli.engine.ops", "gradcli.engine.functions"):
        for module in iter_modules(import_module(package).__path__):
            import_module(f"{package}.{module.name}")
    from gradcli.engine.functions.registry import FUNCTIONS, overwrites  # noqa: PLC0415  # after the rows are imported
    from gradcli.engine.ops import TABLE  # noqa: PLC0415  # likewise

    rows = TABLE.made.values()
    registered = {n: f.__module__ for n, f in FUNCTIONS.made.items() if hasattr(f, "__wrapped__")}
    names = {name for row in rows if row.public for name in (row.name, *row.aliases)}
    written = sorted(f"{name}_" for name in {*names, *registered} if overwrites(name))
    return "\n".join(
        [
            HEAD,
            *part("ROWS", ((row.home, row.name) for row in rows)),
            *part(
                "ALIASES", ((row.home, name) for row in rows if row.public for name in row.aliases)
            ),
            *part("FUNCTIONS", sorted((home, name) for name, home in registered.items())),
            "PRIVATE = (",
            strings([row.name for row in rows if not row.public], "    "),
            ")",
            "IN_PLACE = (",
            strings(written, "    "),
            ")\n",
        ]
    )


def part(title: str, names: Iterable[tuple[str, str]]) -> list[str]:
    by_module: dict[str, list[str]] = {}
    for home, name in names:
        by_module.setdefault(home.rpartition(".")[2], []).append(name)
    lines = [f"{title} = {{"]
    for module, found in by_module.items():
        line = f'    "{module}": "{" ".join(found)}",'
        if len(line) > WIDTH:
            line = f'    "{module}": (\n{strings(found, " " * 8)}\n    ),'
        lines.append(line)
    return [*lines, "}"]


def strings(names: list[str], indent: str) -> str:
    """The names, with a blank between two, as adjacent literals on lines of their own."""
    *lines, last = textwrap.wrap(" ".join(names), WIDTH - len(indent) - len('" "'))
    return "\n".join([*(f'{indent}"{line} "' for line in lines), f'{indent}"{last}"'])


def main() -> None:
    # What is there may be out of date, so it is not read.
    empty = ModuleType(NAME)
    vars(empty).update(ROWS={}, ALIASES={}, FUNCTIONS={}, PRIVATE="", IN_PLACE="")
    sys.modules[NAME] = empty
    text = index()
    if sys.argv[1:] != ["--check"]:
        FILE.write_text(text)
    elif FILE.read_text() != text:
        sys.exit("gradcli/engine/homes.py is out of date: run python scripts/homes.py")


if __name__ == "__main__":
    main()
