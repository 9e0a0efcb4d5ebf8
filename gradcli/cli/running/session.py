"""A session as the command line asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli.lang.limits import Limits
from gradcli.lang.session import Session
from gradcli.views.insight import insight


def new_session(options: dict[str, Any], write: Callable[[str], object]) -> Session:
    """By the options of numbers and digits; `write` receives what is printed."""
    limits = Limits().trusted() if options["trusted"] else Limits()
    for setting in options["limit"]:
        limits = limits.setting(setting)
    return Session(
        limits,
        dtype=options["dtype"],
        seed=options["seed"],
        digits=options["digits"],
        strict=options["strict"],
        insight=insight,
        write=write,
    )
