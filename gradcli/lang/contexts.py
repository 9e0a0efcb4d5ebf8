"""What `with` enters: whether operations are recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gradcli.engine import graph
from gradcli.lang.limits import current
from gradcli.lang.operators import truth
from gradcli.lang.values import Context


def set_grad_enabled(mode: Any) -> Context:
    """Turn recording on or off at once; as a context, until its end."""
    meter, state = current(), graph.here.state
    if meter is not None:
        meter.journal.undo(partial(setattr, state, "recording", state.recording))
    return Context("set_grad_enabled", graph.set_grad_enabled(truth(mode)))


CONTEXTS: dict[str, Callable[..., Any]] = {
    "no_grad": lambda: Context("no_grad", graph.no_grad()),
    "enable_grad": lambda: Context("enable_grad", graph.enable_grad()),
    "inference_mode": lambda mode=True: Context(
        "inference_mode", graph.inference_mode(truth(mode))
    ),
    "set_grad_enabled": set_grad_enabled,
    "is_grad_enabled": graph.is_grad_enabled,
}
