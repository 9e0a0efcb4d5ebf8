"""Catalogues: values by name that come to be when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Catalogue(Mapping[str, T]):
    """It has all its names from the start; `make(name)` gives the value of one, once.

    `in`, iteration and len() make nothing; values() and items() make everything. What is put into
    `made` by hand is not made any more, and may have a name of its own.
    """

    __slots__ = ("_make", "_names", "made")

    def __init__(self, make: Callable[[str], T], *names: Collection[str]) -> None:
        self._make = make
        self._names = names
        self.made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        try:
            return self.made[name]
        except KeyError:
            if name not in self:
                raise
        return self.made.setdefault(name, self._make(name))

    def __contains__(self, name: object) -> bool:
        return name in self.made or any(name in names for names in self._names)

    def __iter__(self) -> Iterator[str]:
        names = dict.fromkeys(name for some in self._names for name in some)
        return iter(names | dict.fromkeys(self.made))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def module_of(names_of_modules: Mapping[str, str]) -> dict[str, str]:
    """The module of every name, of a part of `homes`."""
    return {name: module for module, names in names_of_modules.items() for name in names.split()}
