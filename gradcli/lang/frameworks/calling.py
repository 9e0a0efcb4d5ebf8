"""Calls of what `nn` has, with any arguments; and instances of classes of the program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli import nn
from gradcli.errors import (
    GradcliError,
    UnknownAttribute,
    WrongType,
    described,
    misfit,
)
from gradcli.lang.classes import member_of_instance
from gradcli.lang.frameworks.factories import check_device
from gradcli.lang.frameworks.strictness import positioned
from gradcli.lang.hooks import evaluation
from gradcli.lang.limits import current
from gradcli.lang.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    DType,
    Function,
    Method,
    NativeSteps,
)


def fitting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """A call of what knows only sensible arguments: others are the program's error."""

    def checked(*arguments: Any, **named: Any) -> Any:
        try:
            return call(*map(plain, arguments), **{k: plain(x) for k, x in named.items()})
        except GradcliError:
            raise
        except (AttributeError, TypeError, ValueError) as error:
            what, _, words = str(error).partition("() ")
            if what.endswith(".__init__"):
                raise misfit(name, words, owners=1) from None
            raise WrongType(f"{name} does not take arguments like these") from None

    return checked


def plain(value: Any) -> Any:
    """A dtype by its name."""
    return value.name if type(value) is DType else value


def from_program(value: Any) -> Any:
    """A function that calls one of the program, or several; other values as they are."""
    if type(value) is list:
        return [from_program(each) for each in value]
    if type(value) not in (Bound, Builtin, Function):
        return value
    return lambda *arguments: evaluation().call_back(value, arguments)


def maker(name: str, python: Callable[..., Any]) -> Callable[..., Any]:
    """What makes an object of nn: functions that it is given may be the program's.

    It may be told the one device that there is.
    """
    make = fitting(name, python)

    def call(*arguments: Any, device: Any = None, **named: Any) -> Any:
        check_device(device)
        found = {key: from_program(x) for key, x in named.items()}
        return make(*map(from_program, arguments), **found)

    return call


# ---- modules of the program ---------------------------------------------------------------------


class ProgramModule(nn.Module):
    """An instance of a class of the program that is based on Module."""

    cls: Class
    fields: dict[str, Any]

    def __init__(self, cls: Class) -> None:
        super().__init__()
        vars(self).update(cls=cls, fields={})

    def forward(self, *arguments: Any) -> Any:
        """For modules that are built in and hold this one."""
        return evaluation().call_back(forward_of(self), arguments)

    def extra_repr(self) -> str:
        """What the program's own method of this name says, while a program runs."""
        own = member_of_instance(self.cls, self, "extra_repr")
        meter = current()
        if own is ABSENT or meter is None:
            return ""
        shown = meter.call_back(own, ())
        if type(shown) is not str:
            raise WrongType(f"extra_repr returns a string, not {described(shown)}")
        return shown

    def __repr__(self) -> str:
        return self.cls.name + super().__repr__().removeprefix(type(self).__name__)


def called(module: ProgramModule) -> Any:
    """What a call of the module calls: forward, with its hooks around it."""
    target = forward_of(module)
    callbacks = module.callbacks
    if callbacks is None:
        return target

    def steps(*arguments: Any, **named: Any) -> NativeSteps:
        arguments, watch = callbacks.watched(module, callbacks.entering(module, arguments))
        result = yield (target, arguments, named)
        return watch(callbacks.leaving(module, arguments, result))

    return Builtin(module.cls.name, steps, steps=True)


def forward_of(module: ProgramModule) -> Any:
    for name in ("forward", "construct"):
        found = member_of_instance(module.cls, module, name)
        if found is not ABSENT:
            return found
    raise UnknownAttribute(f"{module.cls.name} has no forward", hint="def forward(self, x): …")


def built_in(module: nn.Module) -> Method:
    """The call of a module that is built in."""
    return Method(type(module).__name__, result, module)


def forward(module: nn.Module, /, *arguments: Any, **named: Any) -> Any:
    """Without the hooks."""
    return result(module.forward, *arguments, **named)


def result(call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
    """What a module, or its forward, makes of operands, whatever names they were given by."""
    if named:
        arguments, named = positioned("", arguments, named, ("target",))
    try:
        return call(*arguments, **named)
    except GradcliError:
        raise
    except KeyError as error:
        name = type(getattr(call, "__self__", call)).__name__
        raise WrongType(f"{name} has no parameter {error} any more", hint="assign one") from None
