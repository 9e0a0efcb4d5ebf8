"""The modules that `import` knows, each made when a program first imports it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.lang.frameworks import mathematics

MODULES: dict[str, Callable[[], dict[str, Any]]] = {"math": mathematics.names}
