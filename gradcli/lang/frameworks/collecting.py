"""`collections`: dicts keep their order by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.sequences import to_dict

if TYPE_CHECKING:
    from gradcli.lang.session import Session


def names(_session: Session) -> dict[str, Any]:
    return builtins_of("collections", {"OrderedDict": to_dict})
