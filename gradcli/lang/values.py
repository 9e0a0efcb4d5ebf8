"""The values that a program can hold beside numbers, texts, collections and tensors.

The set is closed: nothing else is ever in a variable, so nothing else can be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from gradcli.engine.graph import AccumulateGrad, Node
from gradcli.engine.hooks import Handle
from gradcli.engine.tensor import Tensor
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.lang.compiler import Code

# What a native step asks the machine to do: call a value with arguments and send the result back.
Request = tuple[Any, tuple[Any, ...], dict[str, Any]]
NativeSteps = Generator[Request, Any, Any]


LONGEST_NAME = 256


class Scope:
    """Names and their values; `outer` is the scope that a function was defined in."""

    __slots__ = ("names", "outer")

    def __init__(self, outer: Scope | None = None) -> None:
        self.names: dict[str, Any] = {}
        self.outer = outer


class Function:
    """A function that the program defined."""

    __slots__ = ("code", "defaults", "scope")

    def __init__(self, code: Code, defaults: dict[str, Any], scope: Scope) -> None:
        self.code = code
        self.defaults = defaults
        self.scope = scope

    @property
    def name(self) -> str:
        return self.code.name


class Builtin:
    """A function of the language. If it `steps`, it calls others and returns a generator."""

    __slots__ = ("call", "name", "steps")

    def __init__(self, name: str, call: Callable[..., Any], *, steps: bool = False) -> None:
        # The name of grad(grad(… f …)) would grow without end.
        self.name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        self.call = call
        self.steps = steps


class Method:
    """A method of a value, not yet called."""

    __slots__ = ("call", "name", "owner")

    def __init__(self, name: str, call: Callable[..., Any], owner: Any) -> None:
        self.name = name
        self.call = call
        self.owner = owner


class Module:
    """Names under a name."""

    __slots__ = ("name", "names")

    def __init__(self, name: str, names: dict[str, Any]) -> None:
        self.name = name
        self.names = names


class DType:
    """A dtype by its name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Derivative:
    """`f'`, `f''` …: the derivative of a function of one number."""

    __slots__ = ("function", "order")

    def __init__(self, function: Any, order: int) -> None:
        self.function = function
        self.order = order

    @property
    def name(self) -> str:
        return str(self.function.name) + "'" * self.order


class Context:
    """What `with` enters: no_grad() and its like."""

    __slots__ = ("manager", "name")

    def __init__(self, name: str, manager: AbstractContextManager[None]) -> None:
        self.name = name
        self.manager = manager


class ErrorType:
    """A kind of error, by Python's name for it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class ErrorValue:
    """An error that was made or caught; what was caught is raised again as it was."""

    __slots__ = ("arguments", "caught", "name")

    def __init__(
        self, name: str, arguments: tuple[Any, ...], caught: GradcliError | None = None
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.caught = caught


# Where a name or key was not before it was assigned.
ABSENT: Any = object()

CALLABLE = frozenset({Function, Builtin, Method, Derivative, ErrorType})

# The closed set of types, and what to call each in a message.
NAMES: dict[type, str] = {
    bool: "bool",
    int: "integer",
    float: "number",
    complex: "complex number",
    str: "string",
    type(None): "None",
    type(Ellipsis): "ellipsis",
    slice: "slice",
    tuple: "tuple",
    list: "list",
    dict: "dict",
    Tensor: "tensor",
    Node: "graph node",
    AccumulateGrad: "graph node",
    Handle: "hook handle",
    range: "range",
    Context: "context",
    ErrorType: "kind of error",
    ErrorValue: "exception",
    DType: "dtype",
    Function: "function",
    Builtin: "function",
    Derivative: "function",
    Method: "method",
    Module: "module",
}


def type_name(value: Any) -> str:
    return NAMES[type(value)]


def described(value: Any) -> str:
    """A value's type with its article: `a tensor`, `an integer`, `None`."""
    name = NAMES[type(value)]
    if value is None:
        return name
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
