"""`for epoch in track(range(100)):` — a loop whose progress is shown to whoever looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gradcli.errors import NAMES, WrongType, described
from gradcli.lang import text
from gradcli.lang.sequences import make_range, size_of
from gradcli.lang.types import TYPES
from gradcli.lang.types.table import Type
from gradcli.lang.values import ITEMS, Builtin
from gradcli.lang.vm.control import iterator

if TYPE_CHECKING:
    from gradcli.lang.session import Session


class Tracked:
    """A sequence, and what its bar says.

    label  before the bar
    said   after it
    """

    __slots__ = ("label", "said", "session", "values")

    def __init__(self, session: Session, values: Any, label: str) -> None:
        self.session = session
        self.values = values
        self.label = label
        self.said = ""

    def __len__(self) -> int:
        return size_of(self.values)

    def __iter__(self) -> Iterator[Any]:
        return self.session.outside.track(self, iterator(self.values))


def set_description(tracked: Tracked, desc: Any = None, refresh: Any = True) -> None:
    tracked.label = label_of(desc)


def set_postfix(tracked: Tracked, *_given: Any, refresh: Any = True, **said: Any) -> None:
    tracked.said = ", ".join(f"{name}={text.printed(value, 4)}" for name, value in said.items())


NAMES[Tracked] = "tracked sequence"
TYPES[Tracked] = Type(methods={"set_description": set_description, "set_postfix": set_postfix})
ITEMS[Tracked] = lambda tracked: tracked  # it has a length


def label_of(value: Any) -> str:
    if value is not None and type(value) is not str:
        raise WrongType(f"a description is a string, not {described(value)}")
    return value or ""


def names(session: Session) -> dict[str, Any]:
    """As `track` of the language and as `tqdm` call it."""

    def track(sequence: Any, description: Any = None) -> Tracked:
        size_of(sequence)  # or it is none
        return Tracked(session, sequence, label_of(description))

    def tqdm(iterable: Any, desc: Any = None, *_rest: Any, **_options: Any) -> Tracked:
        return track(iterable, desc)

    def trange(*ends: Any, desc: Any = None, **_options: Any) -> Tracked:
        return track(make_range(*ends), desc)

    calls: dict[str, Callable[..., Any]] = {"track": track, "tqdm": tqdm, "trange": trange}
    return {name: Builtin(name, call) for name, call in calls.items()}
