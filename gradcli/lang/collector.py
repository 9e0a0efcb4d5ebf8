"""Python's collector of cycles, held back while graphs grow.

Graphs are freed by reference counting, and walking a million live nodes again and again doubles
the time to build them.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Objects made, and not freed, between two collections of the youngest.
SELDOM = 200_000


class Collector:
    """The threshold of the process, which evaluations in several threads share."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.evaluations = 0
        self.before = gc.get_threshold()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Collect seldom until the last evaluation ends; then as before the first."""
        with self.lock:
            self.evaluations += 1
            if self.evaluations == 1:
                self.before = youngest, *older = gc.get_threshold()
                if 0 < youngest < SELDOM:  # 0 is never
                    gc.set_threshold(SELDOM, *older)
        try:
            yield
        finally:
            with self.lock:
                self.evaluations -= 1
                if not self.evaluations:
                    gc.set_threshold(*self.before)


collector = Collector()
