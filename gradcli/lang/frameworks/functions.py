"""`autograd.Function`: operations of the program whose derivatives it writes out."""

from __future__ import annotations

from functools import partial
from typing import Any

from gradcli.engine import custom
from gradcli.errors import UnknownAttribute
from gradcli.lang.hooks import evaluation
from gradcli.lang.values import Class, ClassMethod
from gradcli.lang.values import Function as ProgramFunction


def apply(cls: Class, *arguments: Any) -> Any:
    """The result of the class's forward, with its backward as the derivative."""
    methods = {name: staticmethod(partial(called, cls, name)) for name in ("forward", "backward")}
    operation: Any = type(cls.name, (custom.Function,), methods)
    return operation.apply(*arguments)


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
