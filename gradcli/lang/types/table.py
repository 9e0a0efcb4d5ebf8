"""What a type of the language offers: its attributes, its methods, and what may be assigned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Type(NamedTuple):
    """One table a type: nothing is ever looked up on Python's own objects.

    attributes  name to a function of the value
    methods     name to a function of the value and the call's arguments
    setters     name to a function of the value and what is assigned
    """

    attributes: dict[str, Callable[[Any], Any]] = {}  # noqa: RUF012  # never written to
    methods: dict[str, Callable[..., Any]] = {}  # noqa: RUF012
    setters: dict[str, Callable[[Any, Any], None]] = {}  # noqa: RUF012
