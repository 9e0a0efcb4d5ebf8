"""What a module owns: parameters, buffers and modules, by name, in the order they came.

It knows nothing of Python's attributes: Module puts its own here, and so may any other kind of
object that has members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.engine.tensor import Tensor
from gradcli.errors import UnknownAttribute, WrongType, WrongValue, described
from gradcli.nn.parameter import Parameter

if TYPE_CHECKING:
    from gradcli.nn.module import Module


class Members:
    """The registry of one module. A name is in one of the three tables at most.

    passing     names of buffers that are no part of a state_dict
    """

    __slots__ = ("buffers", "modules", "parameters", "passing", "tables")

    def __init__(self) -> None:
        self.parameters: dict[str, Tensor | None] = {}
        self.buffers: dict[str, Tensor | None] = {}
        self.modules: dict[str, Module | None] = {}
        self.passing: set[str] = set()
        self.tables: tuple[dict[str, Any], ...] = (self.parameters, self.buffers, self.modules)

    def __contains__(self, name: str) -> bool:
        return any(name in table for table in self.tables)

    def find(self, name: str) -> Any:
        for table in self.tables:
            if name in table:
                return table[name]
        raise UnknownAttribute(f"there is no member '{name}'")

    def take(self, name: str, value: Any) -> bool:
        """Keep a value that is assigned to a name, if it is of a kind that is kept here."""
        if isinstance(value, Parameter):
            self.put(self.parameters, name, value)
        elif is_module(value):
            self.put(self.modules, name, value)
        elif name in self.parameters or name in self.modules:
            if value is not None:
                what = "parameter" if name in self.parameters else "module"
                raise WrongType(f"'{name}' is a {what}; {described(value)} cannot replace it")
            self.put(self.parameters if name in self.parameters else self.modules, name, None)
        elif name in self.buffers and (value is None or type(value) is Tensor):
            self.buffers[name] = value
        else:
            return False
        return True

    def put(self, table: dict[str, Any], name: str, value: Any) -> None:
        if not isinstance(name, str) or not name or "." in name:
            raise WrongValue(f"a member's name is not empty and has no dot: {name!r}")
        below = value.modules() if table is self.modules and value is not None else ()
        if any(module.members is self for module in below):
            raise WrongValue(f"'{name}' would make the module a part of itself")
        for other in self.tables:
            if other is not table:
                other.pop(name, None)
        table[name] = value

    def drop(self, name: str) -> None:
        for table in self.tables:
            table.pop(name, None)
        self.passing.discard(name)


def is_module(value: object) -> bool:
    from gradcli.nn.module import Module  # noqa: PLC0415  # which is built on this module

    return isinstance(value, Module)
