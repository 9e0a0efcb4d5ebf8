"""What is allowed and rarely meant, told to whoever listens."""

from __future__ import annotations

import warnings

from gradcli.engine.graph import here


class GradWarning(UserWarning):
    """Something that is allowed and rarely meant."""


def warn(message: str) -> None:
    """Tell the session that runs this thread, or Python's warnings."""
    notice = here.state.notice
    if notice is not None:
        notice(message)
    else:
        warnings.warn(message, GradWarning, stacklevel=3)
