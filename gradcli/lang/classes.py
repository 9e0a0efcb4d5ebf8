"""Classes of the program: based on those that are built in, with members looked up in tables."""

from __future__ import annotations

from typing import Any

from gradcli.errors import WrongType, described
from gradcli.lang.values import (
    ABSENT,
    Base,
    Bound,
    Builtin,
    Class,
    ClassMethod,
    Function,
    NativeSteps,
)


def derived(name: str, base: Any) -> Class:
    """A class of the program, yet without members."""
    hint = f"as in class {name}(nn.Module):"
    if type(base) is not Class:
        raise WrongType(f"a class is based on a class, not on {described(base)}", hint=hint)
    if base.call is not None:
        raise WrongType(f"{base.name} is complete: no class is based on it", hint=hint)
    return Class(name, base)


def instantiated(cls: Class, arguments: tuple[Any, ...], named: dict[str, Any]) -> NativeSteps:
    """A new instance, once its `__init__` has returned."""
    if cls.blank is None:
        raise WrongType(f"{cls.name} has no instances", hint=f"{cls.name}.apply(x) calls it")
    instance = cls.blank(cls)
    begin = cls.find("__init__")
    if type(begin) is Function:
        if (yield (Bound(begin, instance), arguments, named)) is not None:
            raise WrongType(f"{cls.name}: __init__ returns nothing")
    elif arguments or named:
        raise WrongType(f"{cls.name} takes no arguments: it has no __init__")
    return instance


def member_of_class(cls: Class, name: str) -> Any:
    """`Net.method`, which takes the instance as its first argument, or a value of the class."""
    found = cls.find(name)
    if type(found) is ClassMethod:
        method = found
        return Builtin(
            f"{cls.name}.{name}",
            lambda *arguments, **named: method.call(cls, *arguments, **named),
        )
    return found


def member_of_instance(cls: Class | None, owner: Any, name: str) -> Any:
    """What an instance has from its class: a method is bound to it, unless it is static."""
    if cls is None:
        return ABSENT
    found = cls.find(name)
    if type(found) is Function and not cls.is_static(name):
        return Bound(found, owner)
    return found


def member_of_base(base: Base, name: str) -> Any:
    """`super().name`; a built-in base has nothing to do in its `__init__`."""
    found = member_of_instance(base.cls.base, base.owner, name)
    if found is ABSENT and name == "__init__":
        return Builtin(f"{base.cls.name}.__init__", nothing)
    return found


def nothing(*arguments: Any, **named: Any) -> None:
    """The `__init__` of a base."""
    if arguments or named:
        raise WrongType("this base takes no arguments")


def names_of(cls: Class | None) -> list[str]:
    """All members, for messages."""
    found: list[str] = []
    while cls is not None:
        found += cls.names
        cls = cls.base
    return found
