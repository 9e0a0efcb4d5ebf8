"""`autograd.Function`: operations of the program whose derivatives it writes out."""

from __future__ import annotations

from functools import partial
from typing import Any

from gradcli.engine import custom
from gradcli.engine.context import Context
from gradcli.errors import UnknownAttribute
from gradcli.lang.hooks import evaluation
from gradcli.lang.values import Class, ClassMethod
from gradcli.lang.values import Function as ProgramFunction


def apply(cls: Class, *arguments: Any) -> Any:
    """The result of the class's forward, with its backward as the derivative."""
    forward = partial(called, cls, "forward")
    if type(cls.find("setup_context")) is ProgramFunction:
        forward = partial(with_context, cls)
    methods = {"forward": forward, "backward": partial(called, cls, "backward")}
    members = {name: staticmethod(method) for name, method in methods.items()}
    operation: Any = type(cls.name, (custom.Function,), members)
    return operation.apply(*arguments)


def with_context(cls: Class, ctx: Context, *arguments: Any) -> Any:
    """A forward that knows no context, and what fills in the context then."""
    result = called(cls, "forward", *arguments)
    called(cls, "setup_context", ctx, arguments, result)
    return result


def called(cls: Class, name: str, *arguments: Any) -> Any:
    method = cls.find(name)
    if type(method) is not ProgramFunction:
        raise UnknownAttribute(
            f"{cls.name} has no {name}", hint=f"@staticmethod def {name}(ctx, x): …"
        )
    return evaluation().call_back(method, arguments)


def function_class() -> Class:
    cls = Class("Function")
    cls.names["apply"] = ClassMethod(apply)
    return cls
