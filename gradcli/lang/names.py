"""The names that every program begins with: constants, operations, functions, calculus."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradcli.engine.catalogue import Catalogue, module_of
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue, described
from gradcli.lang import contexts, passes, sequences, text, tracking
from gradcli.lang.constructors import constructors
from gradcli.lang.exceptions import ERROR_TYPES
from gradcli.lang.numbers import NUMBERS, integer
from gradcli.lang.operations import DTYPES, OPERATIONS
from gradcli.lang.operators import truth
from gradcli.lang.values import Builtin, DType, Module

if TYPE_CHECKING:
    from gradcli.lang.session import Session

CONSTANTS: dict[str, Any] = {
    "pi": math.pi,
    "e": math.e,
    "tau": math.tau,
    "inf": math.inf,
    "nan": math.nan,
}

# ---- plain functions ----------------------------------------------------------------------------


def length(value: Any) -> int | float:
    return len(value) if type(value) is Tensor else integer(sequences.size_of(value))


def number_of(value: Any, kind: str) -> Any:
    """A number, a tensor of one element or a string of digits as one number."""
    if type(value) is Tensor:
        value = value.item()
    if type(value) is str:
        try:
            return float(value)
        except ValueError:
            raise WrongValue(f"'{value[:40]}' is no number") from None
    if type(value) not in NUMBERS or type(value) is complex:
        raise WrongType(f"{described(value)} does not become {kind}")
    return value


def to_float(value: Any) -> float:
    return float(number_of(value, "a float"))


def to_int(value: Any) -> int | float:
    number = number_of(value, "an integer")
    if not math.isfinite(number):
        raise WrongValue(f"{text.printed(number)} is no integer")
    if not -(2**63) <= number < 2**63:
        raise WrongValue(f"{text.printed(number)} does not fit 64 bits")
    return int(number)


# Names that most programs do without, by the modules in whose BUILTINS they are.
LATER = module_of(
    {
        "calculus": "grad hessian hvp jacobian jvp stop_gradient value_and_grad vjp vmap",
        "orders": "derivative taylor",
    }
)


def builtin(name: str) -> Any:
    """A name of the language that is made when a program asks for it."""
    if name in LATER:
        return import_module(f"gradcli.lang.{LATER[name]}").BUILTINS[name]
    return Builtin(name, OPERATIONS[name])


def represented(value: Any) -> str:
    return text.show(value)


def string_or(value: Any, usual: str) -> str:
    """An option of print: a string, or None for the usual one."""
    if value is not None and type(value) is not str:
        raise WrongType(f"print: sep and end are strings, not {described(value)}")
    return usual if value is None else value


def builtins(session: Session) -> Catalogue[Any]:
    """All names of a new session, each with a value of the language."""

    def write(*values: Any, sep: Any = " ", end: Any = "\n", flush: Any = False) -> None:
        between, last = (string_or(given, usual) for given, usual in ((sep, " "), (end, "\n")))
        for k, value in enumerate(values):
            session.write(between * (k > 0) + text.printed(value, session.digits))
        session.write(last)

    plain: dict[str, Callable[..., Any]] = {
        "print": write,
        "len": length,
        "float": to_float,
        "int": to_int,
        "bool": truth,
        "str": lambda value="": text.printed(value),
        "repr": represented,
        **constructors(session),
        **sequences.FUNCTIONS,
    }
    names = dict(CONSTANTS)
    names |= {name: Builtin(name, function) for name, function in plain.items()}
    names |= {name: Builtin(name, make) for name, make in contexts.CONTEXTS.items()}
    names["track"] = tracking.names(session)["track"]
    names |= ERROR_TYPES
    names |= {name: DType(name) for name in DTYPES if name != "bool"}
    names |= {name: Builtin(name, call, steps=True) for name, call in sequences.STEPS.items()}
    names["autograd"] = Module(
        "autograd",
        {
            "grad": Builtin("autograd.grad", passes.gradients),
            "backward": Builtin("autograd.backward", passes.backward),
        },
    )
    found: Catalogue[Any] = Catalogue(builtin, OPERATIONS, LATER)
    found.made |= names
    return found
