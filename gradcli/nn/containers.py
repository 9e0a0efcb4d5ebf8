"""Modules that hold others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from gradcli.engine.ops.axes import integer
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongIndex, WrongKey, WrongType, described
from gradcli.nn.module import Module
from gradcli.nn.parameter import Parameter


class _Row(Module):
    """Modules in an order, numbered from 0 or named."""

    def __len__(self) -> int:
        return len(self.members.modules)

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(*self._given([*self.named_children()][index]))
        at = integer(index, "an index")
        if not -len(self) <= at < len(self):
            raise WrongIndex(f"there is no module {at} of {len(self)}")
        return [*self.children()][at]

    def append(self, module: Module) -> Self:
        self.register_module(str(len(self)), held(module))
        return self

    @staticmethod
    def _given(rows: list[tuple[str, Module]]) -> tuple[Any, ...]:
        """What makes a container of these; their names stay."""
        return (dict(rows),)


class Sequential(_Row):
    """Each module is called with what the one before gave. They come one by one or in a dict."""

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping | list | tuple):
            given = modules[0]
            named = given if isinstance(given, Mapping) else dict(numbered(given))
        else:
            named = dict(numbered(modules))
        for name, module in named.items():
            self.register_module(name, held(module))

    def forward(self, input: Any) -> Any:
        for module in self.members.modules.values():
            if module is not None:
                input = module(input)
        return input


class ModuleList(_Row):
    """A list of modules, which the module that holds it calls as it likes."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def extend(self, modules: Iterable[Module]) -> Self:
        for module in modules:
            self.append(module)
        return self

    def children_shown(self) -> list[str]:
        """Those that follow each other and look alike are shown once."""
        lines, first = [], 0
        shown = [repr(child).replace("\n", "\n  ") for child in self.children()]
        for k, (text, following) in enumerate(zip(shown, [*shown[1:], None], strict=True)):
            if text == following:
                continue
            alike = k + 1 - first
            place = f"({first}-{k}): {alike} x" if alike > 1 else f"({k}):"
            lines.append(f"  {place} {text}")
            first = k + 1
        return lines

    @staticmethod
    def _given(rows: list[tuple[str, Module]]) -> tuple[Any, ...]:
        return ([module for _, module in rows],)


class ModuleDict(Module):
    """Modules by name, which the module that holds it calls as it likes."""

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        super().__init__()
        for name, module in dict(modules).items():
            self[name] = module

    def __len__(self) -> int:
        return len(self.members.modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self.members.modules)

    def __contains__(self, name: object) -> bool:
        return name in self.members.modules

    def __getitem__(self, name: str) -> Module:
        found = self.members.modules.get(name) if isinstance(name, str) else None
        if found is None:
            known = ", ".join(self.members.modules)
            raise WrongKey(f"there is no module {name!r}"[:200], hint=f"there are {known}")
        return found

    def __setitem__(self, name: str, module: Module) -> None:
        self.register_module(name, held(module))

    def keys(self) -> list[str]:
        return [*self]

    def values(self) -> list[Module]:
        return [*self.children()]

    def items(self) -> list[tuple[str, Module]]:
        return [*self.named_children()]


class ParameterList(Module):
    """A list of parameters; tensors that are put in become some."""

    def __init__(self, values: Iterable[Tensor] = ()) -> None:
        super().__init__()
        self.extend(values)

    def __len__(self) -> int:
        return len(self.members.parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.members.parameters.values())

    def __getitem__(self, index: Any) -> Any:
        rows = [*self]
        if isinstance(index, slice):
            return type(self)(rows[index])
        at = integer(index, "an index")
        if not -len(rows) <= at < len(rows):
            raise WrongIndex(f"there is no parameter {at} of {len(rows)}")
        return rows[at]

    def append(self, value: Tensor) -> Self:
        self.register_parameter(str(len(self)), as_parameter(value))
        return self

    def extend(self, values: Iterable[Tensor]) -> Self:
        for value in values:
            self.append(value)
        return self

    def children_shown(self) -> list[str]:
        return [f"    ({k}): {brief(x, str(x.dtype))}" for k, x in enumerate(self)]


class ParameterDict(Module):
    """Parameters by name; tensors that are put in become some."""

    def __init__(
        self, parameters: Mapping[str, Tensor] | Iterable[tuple[str, Tensor]] = ()
    ) -> None:
        super().__init__()
        for name, value in dict(parameters).items():
            self[name] = value

    def __len__(self) -> int:
        return len(self.members.parameters)

    def __iter__(self) -> Iterator[str]:
        return iter(self.members.parameters)

    def __contains__(self, name: object) -> bool:
        return name in self.members.parameters

    def __getitem__(self, name: str) -> Any:
        found = self.members.parameters.get(name) if isinstance(name, str) else None
        if found is None:
            known = ", ".join(self.members.parameters)
            raise WrongKey(f"there is no parameter {name!r}"[:200], hint=f"there are {known}")
        return found

    def __setitem__(self, name: str, value: Tensor) -> None:
        self.register_parameter(name, as_parameter(value))

    def keys(self) -> list[str]:
        return [*self]

    def values(self) -> list[Any]:
        return [*self.members.parameters.values()]

    def items(self) -> list[tuple[str, Any]]:
        return [*self.members.parameters.items()]

    def children_shown(self) -> list[str]:
        return [f"    ({name}): {brief(x, str(x.dtype))}" for name, x in self.items()]


def as_parameter(value: Any) -> Tensor:
    if type(value) is not Tensor:
        raise WrongType(f"{described(value)} is no parameter")
    return value if isinstance(value, Parameter) else Parameter(value)


def brief(parameter: Tensor, dtype: str) -> str:
    """Without its numbers."""
    size = "x".join(map(str, parameter.shape))
    return f"Parameter containing: [torch.{dtype} of size {size}]"


class SequentialCell(Sequential):
    """Sequential, as MindSpore spells it."""


class CellList(ModuleList):
    """ModuleList, as MindSpore spells it."""


def numbered(modules: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    return ((str(k), module) for k, module in enumerate(modules))


def held(module: Any) -> Module:
    if not isinstance(module, Module):
        raise WrongType(f"{described(module)} is no module")
    return module
