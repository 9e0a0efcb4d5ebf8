"""The line below the prompt: the parameters of the call being typed, and what is in force."""

from __future__ import annotations

from gradcli.repl.calls import Hint
from gradcli.repl.settings import Settings

Fragments = list[tuple[str, str]]
GAP = "  "


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def state(settings: Settings, seconds: float | None, vi_mode: str | None = None) -> Fragments:
    """What is in force; what differs from the defaults stands out."""
    limits = "on" if not settings.limit_sources else "changed"
    if settings.limits == settings.limits.trusted():
        limits = "off"
    items = [(settings["dtype"], settings["dtype"] == "float64")]
    items += [
        (f"{name} {settings[name]}", not settings.is_on(name))
        for name in ("retain_graph", "create_graph", "check")
    ]
    items.append((f"limits {limits}", limits == "on"))
    items += [] if vi_mode is None else [(f"vi {vi_mode}", vi_mode == "insert")]
    items += [] if seconds is None else [(duration(seconds), True)]
    return [("" if plain else "class:bottom-toolbar.set", text) for text, plain in items]


def toolbar(items: Fragments, hint: Hint | None, columns: int) -> Fragments:
    """As much as fits: the hint first, then what is set, then the rest."""
    line: Fragments = []
    room = columns - 1
    if hint is not None:
        before, here, after = hint
        line = [
            ("class:bottom-toolbar.hint", before[:room]),
            ("class:bottom-toolbar.here", here[: max(0, room - len(before))]),
            ("class:bottom-toolbar.hint", after[: max(0, room - len(before) - len(here))]),
        ]
        room -= len(before) + len(here) + len(after) + len(GAP)
    chosen = set()
    for at in sorted(range(len(items)), key=lambda at: (not items[at][0], at)):
        needed = len(items[at][1]) + len(GAP)
        if needed <= room + len(GAP):
            chosen.add(at)
            room -= needed
    for at in sorted(chosen):
        line += [("", GAP if line else ""), items[at]]
    return [fragment for fragment in line if fragment[1]]
