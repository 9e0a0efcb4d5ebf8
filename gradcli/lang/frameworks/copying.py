"""`copy`: copies of values, of tensors and modules too, that share nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli import nn
from gradcli.engine.tensor import Tensor
from gradcli.errors import LeafRule, WrongType, WrongValue, described
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.limits import current
from gradcli.lang.values import LISTS
from gradcli.nn.members import Members
from gradcli.nn.parameter import ParameterMeta

if TYPE_CHECKING:
    from gradcli.lang.session import Session

DEEPEST = 64  # values within values
KEPT = (str, int, float, complex, bool, type(None), range)


def shallow(x: Any) -> Any:
    """Another list or dict with the same items; another tensor on the same storage."""
    if type(x) is list or type(x) is dict:
        return x.copy()
    if type(x) is Tensor:
        return x.detach().requires_grad_(x.requires_grad)
    return deep(x) if type(x) in (*KEPT, *LISTS) else refused(x)


def deep(x: Any) -> Any:
    return copied(x, {}, DEEPEST)


def refused(x: Any) -> Any:
    raise WrongType(f"{described(x)} is not copied")


def copied(x: Any, known: dict[int, Any], depth: int) -> Any:
    """A copy; what occurs several times in it does so in the copy.

    known  the copies that were made, by the identity of what they are of
    """
    if type(x) in KEPT:
        return x
    if id(x) in known:
        return known[id(x)]
    if not depth:
        raise WrongValue(f"values nested more than {DEEPEST} deep are not copied")
    if type(x) is Tensor:
        found: Any = leaf(x)
    elif type(x) is dict:
        known[id(x)] = found = {}
        found.update({key: copied(item, known, depth - 1) for key, item in x.items()})
    elif type(x) in LISTS:
        found = type(x)([copied(item, known, depth - 1) for item in x])
    elif isinstance(x, nn.Module):
        found = module(x, known, depth)
    else:
        found = refused(x)
    known[id(x)] = found
    return found


def leaf(x: Tensor) -> Tensor:
    if x.origin is not None:
        raise LeafRule("a result of an operation is not copied", hint="clone() or detach() it")
    meter = current()
    if meter is not None:
        meter.allocate(x.shape)
    value = np.array(x.value)
    copy = Tensor(value if value.shape else value[()])
    if type(x.meta) is ParameterMeta:
        copy.meta = ParameterMeta(x.meta.name)
    if x.requires_grad:
        copy.requires_grad_()
    if x.grad is not None:
        copy.grad = leaf(x.grad.detach())
    if meter is not None:
        meter.hold(copy.value)
    return copy


def module(x: nn.Module, known: dict[int, Any], depth: int) -> nn.Module:
    """A module with members of its own, of the same class."""
    copy = type(x).__new__(type(x))
    members = Members()
    for mine, theirs in zip(members.tables, x.members.tables, strict=True):
        mine.update({name: copied(item, known, depth - 1) for name, item in theirs.items()})
    members.passing = set(x.members.passing)
    own = {name: value for name, value in vars(x).items() if name != "members"}
    if "fields" in own:
        own["fields"] = {k: copied(v, known, depth - 1) for k, v in own["fields"].items()}
    vars(copy).update(own, members=members)
    return copy


def names(_session: Session) -> dict[str, Any]:
    return builtins_of("copy", {"copy": shallow, "deepcopy": deep})
