"""Saving and loading states: a program's text opens no file, the command line does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcli import nn
from gradcli.engine.notice import warn
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, described

if TYPE_CHECKING:
    from gradcli.lang.session import Session


def state_of(value: Any) -> dict[str, Tensor]:
    """The tensors by name of a state, or of a module."""
    state = value.state_dict() if isinstance(value, nn.Module) else value
    if type(state) is not dict or any(type(x) is not Tensor for x in state.values()):
        raise WrongType(
            f"what is saved is a dict of tensors, not {described(value)}",
            hint="net.state_dict() gives one",
        )
    return state


def save(session: Session, obj: Any, f: Any = None, *_rest: Any, **_options: Any) -> None:
    """Keep a state, which --save-weights writes; the name that the program gives says nothing."""
    state = state_of(obj)
    if not session.outside.keeps:
        warn("a program writes no file: gradcli run --save-weights FILE keeps what it saves")
    session.outside.keep(state)


def load(session: Session, f: Any = None, *_rest: Any, **_options: Any) -> dict[str, Tensor]:
    """The state that --weights has read."""
    return session.outside.state()


def load_param_into_net(
    net: Any, parameter_dict: Any, strict_load: Any = False
) -> tuple[list[str], list[str]]:
    """MindSpore's: the names that the network lacks, and those that it has no use for."""
    if not isinstance(net, nn.Module):
        raise WrongType(f"parameters are loaded into a network, not into {described(net)}")
    missing, unexpected = net.load_state_dict(state_of(parameter_dict), strict=strict_load is True)
    return missing, unexpected


def functions(session: Session) -> dict[str, Callable[..., Any]]:
    """As PyTorch and OneFlow call them."""
    return {"load": partial(load, session), "save": partial(save, session)}


def checkpoint_functions(session: Session) -> dict[str, Callable[..., Any]]:
    """As MindSpore calls them."""
    return {
        "load_checkpoint": partial(load, session),
        "load_param_into_net": load_param_into_net,
        "save_checkpoint": partial(save, session),
    }
