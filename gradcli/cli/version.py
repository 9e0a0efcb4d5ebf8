"""`gradcli --version --verbose`: what a report of a defect should name."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from gradcli import __version__

PROGRAM = f"gradcli {__version__}"
NOT_INSTALLED = "not installed"


def versions() -> str:
    """Of gradcli, Python, the system and every package that takes part, a line each."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    rows = [
        ("python", python),
        ("platform", system),
        ("encoding", f"{sys.stdout.encoding if sys.stdout else 'none'}"),
        *((name, installed(name)) for name in packages()),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join([PROGRAM, *(f"{name.ljust(width)}  {found}" for name, found in rows)])


def packages() -> Iterator[str]:
    """What gradcli requires, then what its extras do, by its own metadata."""
    try:
        needed = requires("gradcli") or []
    except PackageNotFoundError:  # run from a directory
        return
    names: dict[str, None] = {}
    for requirement in sorted(needed, key=lambda text: "extra ==" in text):
        if "extra == 'test'" not in requirement.replace('"', "'"):
            name = requirement
            for mark in "[<>=!~;( ":
                name = name.partition(mark)[0]
            names[name] = None
    names.pop("gradcli", None)
    yield from names


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return NOT_INSTALLED
