"""`tqdm`: loops whose progress is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.lang import tracking
from gradcli.lang.values import Module

if TYPE_CHECKING:
    from gradcli.lang.session import Session


def names(session: Session) -> dict[str, Any]:
    found = tracking.names(session)
    both = {name: found[name] for name in ("tqdm", "trange")}
    return {**both, "auto": Module("tqdm.auto", both), "notebook": Module("tqdm.notebook", both)}
