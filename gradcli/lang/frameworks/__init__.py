"""The modules that `import` knows, each made when a program first imports it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.lang.session import Session

# Where the names of each module are made, by `names(session)`.
MODULES = {
    "collections": "collecting",
    "copy": "copying",
    "functools": "functional",
    "math": "mathematics",
    "mindspore": "mindspore",
    "numpy": "numpy",
    "oneflow": "oneflow",
    "random": "chance",
    "torch": "torch",
    "torchvision": "torchvision",
    "tqdm": "progress",
}


def modules(session: Session) -> dict[str, Callable[[], dict[str, Any]]]:
    return {name: maker(session, file) for name, file in MODULES.items()}


def maker(session: Session, file: str) -> Callable[[], dict[str, Any]]:
    """The frameworks are imported by the programs that use them only."""

    def make() -> dict[str, Any]:
        names: dict[str, Any] = import_module(f"{__name__}.{file}").names(session)
        return names

    return make
