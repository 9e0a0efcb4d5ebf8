"""What a person should know of a run: how many rows, which were bad, where nan and kinks are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Met:
    """Something that rows have in common: how many they are, and the first.

    where   tells the first one's place, a line of a file or a row, which may take a while
    what    is wrong with it
    values  of its variables
    """

    rows: int
    where: Callable[[], str] | str
    what: str = ""
    values: Sequence[float] = ()

    def placed(self, more: str = "") -> Met:
        """The same, with the place found, and without the rows that it was found in."""
        where = self.where if isinstance(self.where, str) else self.where()
        return Met(self.rows, where + more, self.what, self.values)


@dataclass
class Summary:
    """Of a run, or of a part of it.

    rows     that were written
    bad      rows that were not evaluated, and what was wrong with the first
    strange  by the title of a result, rows in which it is nan or infinite
    kinks    by what is to be said of them
    """

    rows: int = 0
    bad: Met | None = None
    strange: dict[str, Met] = field(default_factory=dict)
    kinks: dict[str, Met] = field(default_factory=dict)

    def add(self, later: Summary, more: str = "") -> None:
        """Take in what came of rows that follow; `more` is to be said of their places."""
        self.rows += later.rows
        if later.bad is not None:
            if self.bad is None:
                self.bad = later.bad.placed(more)
            else:
                self.bad.rows += later.bad.rows
        for ours, theirs in ((self.strange, later.strange), (self.kinks, later.kinks)):
            for key, met in theirs.items():
                if key in ours:
                    ours[key].rows += met.rows
                else:
                    ours[key] = met.placed(more)
