"""The values that a program can hold beside numbers, texts, collections and tensors.

The set is closed: nothing else is ever in a variable, so nothing else can be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from gradcli.engine.context import Context as Saved
from gradcli.engine.graph import AccumulateGrad, Between, Node
from gradcli.engine.hooks import Handle
from gradcli.engine.tensor import Tensor
from gradcli.errors import NAMES, GradcliError

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


class Derived(NamedTuple):
    """What of a function is calculated: such as its gradient, by which arguments."""

    function: Any
    what: Any


class Builtin:
    """A function of the language. If it `steps`, it calls others and returns a generator.

    derived  if it is a derivative of another function and nothing else, which
    """

    __slots__ = ("call", "derived", "name", "steps")

    def __init__(
        self,
        name: str,
        call: Callable[..., Any],
        *,
        steps: bool = False,
        derived: Derived | None = None,
    ) -> None:
        # The name of grad(grad(… f …)) would grow without end.
        self.name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        self.call = call
        self.steps = steps
        self.derived = derived


class Size(tuple[int, ...]):
    """A shape as PyTorch has it: a tuple that says what it is."""

    __slots__ = ()


# What holds values in order: as arguments these are alike.
TUPLES = frozenset({tuple, Size})
LISTS = TUPLES | {list}


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
    """A dtype by its name; there is one of each, so `is` compares them too."""

    __slots__ = ("name",)
    known: ClassVar[dict[str, DType]] = {}

    def __new__(cls, name: str) -> DType:
        if name not in cls.known:
            cls.known[name] = super().__new__(cls)
            cls.known[name].name = name
        return cls.known[name]

    name: str


class Record:
    """Values in order, with a name for each: what `max(x, dim)` returns."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.name = name
        self.fields = fields

    def __len__(self) -> int:
        return len(self.fields)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fields.values())

    def __getitem__(self, index: Any) -> Any:
        return tuple(self.fields.values())[index]


class Class:
    """A class: built in, or of the program, based on one that is.

    base    whose members its instances have, too
    names   its own members; `static` are those that take no instance
    call    makes an instance of a class that is built in
    blank   makes the instance that a class of the program then gives its members, if it has any
    """

    __slots__ = ("base", "blank", "call", "name", "names", "static")

    def __init__(
        self,
        name: str,
        base: Class | None = None,
        *,
        call: Callable[..., Any] | None = None,
        blank: Callable[[Class], Any] | None = None,
    ) -> None:
        self.name = name
        self.base = base
        self.names: dict[str, Any] = {}
        self.static: set[str] = set()
        self.call = call
        self.blank: Callable[[Class], Any] | None = blank if base is None else base.blank

    def find(self, name: str) -> Any:
        """A member, its own or of the classes that it is based on; or ABSENT."""
        cls: Class | None = self
        while cls is not None:
            if name in cls.names:
                return cls.names[name]
            cls = cls.base
        return ABSENT

    def is_static(self, name: str) -> bool:
        cls = self
        while name not in cls.names and cls.base is not None:
            cls = cls.base
        return name in cls.static

    def within(self, other: Class) -> bool:
        cls: Class | None = self
        while cls is not None and cls is not other:
            cls = cls.base
        return cls is other


class ClassMethod:
    """A member of a class that is called with the class."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call


class Bound:
    """A method of the program with its instance."""

    __slots__ = ("function", "owner")

    def __init__(self, function: Function, owner: Any) -> None:
        self.function = function
        self.owner = owner

    @property
    def name(self) -> str:
        return self.function.name


class Base:
    """`super()`: an instance as one of the base of a class."""

    __slots__ = ("cls", "owner")

    def __init__(self, cls: Class, owner: Any) -> None:
        self.cls = cls
        self.owner = owner


class Derivative:
    """`f', `f''` …: the derivative of a function of one number."""

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

# It grows by the modules of `nn`, once they are imported.
CALLABLE = {Function, Builtin, Method, Derivative, ErrorType, Class, Bound}

# By the types of modules, once they are imported: what a call calls, the class, the items.
CALLED: dict[type, Callable[[Any], Any]] = {}
CLASS_OF: dict[type, Callable[[Any], Class]] = {}
ITEMS: dict[type, Callable[[Any], list[Any]]] = {}
# How others are shown than by the name of their type.
SHOWN: dict[type, Callable[[Any], str]] = {}

# The closed set of types, and what to call each in a message.
NAMES |= {
    bool: "bool",
    int: "integer",
    float: "number",
    complex: "complex number",
    str: "string",
    type(None): "None",
    type(Ellipsis): "ellipsis",
    slice: "slice",
    tuple: "tuple",
    Size: "shape",
    list: "list",
    dict: "dict",
    Tensor: "tensor",
    Node: "graph node",
    Between: "graph node",
    AccumulateGrad: "graph node",
    Handle: "hook handle",
    range: "range",
    Context: "context",
    ErrorType: "kind of error",
    ErrorValue: "exception",
    DType: "dtype",
    Record: "named tuple",
    Function: "function",
    Class: "class",
    Base: "super()",
    Bound: "method",
    Saved: "context of an operation",
    Builtin: "function",
    Derivative: "function",
    Method: "method",
    Module: "module",
}


def type_name(value: Any) -> str:
    return NAMES[type(value)]
