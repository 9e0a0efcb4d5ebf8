"""`--weights` and `--save-weights`: what a script may ask for, and what it leaves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcli.errors import FileError

if TYPE_CHECKING:
    from gradcli.lang.session import Session


def give(session: Session, path: str) -> None:
    """Read a file of weights for the script's networks."""
    from gradcli.nn.weights import arrays_in

    session.outside.given = arrays_in(Path(path), session.limits.memory)


def check_place(path: str) -> None:
    """Refuse, before a long training, a file that could not be written after it."""
    from gradcli.nn.weights import suffix

    suffix(path)
    file = Path(path)
    if file.is_dir() or not file.absolute().parent.is_dir():
        why = "it is a directory" if file.is_dir() else "there is no such directory"
        raise FileError(f"cannot write '{path}': {why}")


def keep(session: Session, path: str) -> None:
    """Write what the script saved last, or the state of the network that it leaves."""
    from gradcli.nn.weights import save

    kept = session.outside.kept
    save(kept if kept is not None else state_left(session.variables), path)


def state_left(variables: dict[str, Any]) -> dict[str, Any]:
    """Of the network among the variables; if there are several, with their names in front."""
    from gradcli.nn import Module

    networks = [(n, x) for n, x in variables.items() if isinstance(x, Module) and x.state_dict()]
    inside = {id(part) for _, net in networks for part in parts(net)}
    outermost = {id(net): (n, net) for n, net in networks if id(net) not in inside}
    if not outermost:
        raise FileError("the script leaves no network to save", hint="torch.save(state, name)")
    if len(outermost) == 1:
        ((_, net),) = outermost.values()
        found: dict[str, Any] = net.state_dict()
        return found
    return {k: x for name, net in outermost.values() for k, x in net.state_dict(name).items()}


def parts(net: Any) -> Iterable[Any]:
    """The modules below."""
    return (module for module in net.modules() if module is not net)
