"""What a type of the language offers: its attributes, its methods, and what may be assigned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple


class Type(NamedTuple):
    """One table a type: nothing is ever looked up on Python's own objects.

    attributes  name to a function of the value
    methods     name to a function of the value and the call's arguments
    setters     name to a function of the value and what is assigned
    find        what else a value has by a name, or ABSENT; it comes first
    put         what takes any other name that is assigned
    known       the names that `find` knows
    item        what stands at an index, of what holds others
    put_item    what replaces it
    """

    attributes: Mapping[str, Callable[[Any], Any]] = {}
    methods: Mapping[str, Callable[..., Any]] = {}
    setters: Mapping[str, Callable[[Any, Any], None]] = {}
    find: Callable[[Any, str], Any] | None = None
    put: Callable[[Any, str, Any], None] | None = None
    known: Callable[[Any], Iterable[str]] | None = None
    item: Callable[[Any, Any], Any] | None = None
    put_item: Callable[[Any, Any, Any], None] | None = None
