"""Every small mistake in a rule fails a test, or is listed with the proof that it changes nothing.

The list has blocks of a site, an original, mutants of it, and "= why they are equivalent".
"""

from __future__ import annotations

import itertools
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from mutation import Mutant, Site, sites
from occasions import Occasion, of_code, of_row

LISTED = Path(__file__).with_name("equivalent_mutants.txt")
SITES = sites()


def listed() -> dict[str, set[str]]:
    """Of each site, the mutants that are known to change nothing."""
    found = defaultdict(set)
    for block in filter(None, LISTED.read_text().strip().split("\n\n")):
        site, *lines, proof = block.split("\n")
        original, *changed = lines
        assert original.startswith("- "), block
        assert proof.startswith("= "), block
        found[site] |= {f"{original}\n{line}" for line in changed}
    return found


EQUIVALENT = listed()


def lines(mutant: Mutant) -> str:
    return f"- {mutant.original}\n+ {mutant.changed}"


SECONDS = 1.0  # of work: a mutant may never end


@contextmanager
def an_end() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def survives(mutant: Mutant, site: Site, occasions: list[Occasion]) -> bool:
    site.put(mutant.code)
    try:
        with an_end():
            return all(occasion() for occasion in occasions)
    except Exception:  # noqa: BLE001  # whatever it raises, it is found
        return False
    finally:
        site.restore()


def survivors(site: Site) -> set[str]:
    occasions = [
        *itertools.chain.from_iterable(map(of_row, site.rows)),
        *of_code().get(site.code, ()),
    ]
    assert all(occasion() for occasion in occasions)
    return {lines(mutant) for mutant in site.mutants() if survives(mutant, site, occasions)}


@pytest.mark.parametrize("name", SITES)
def test_every_mutant_fails_a_test_or_is_equivalent(name: str) -> None:
    found = survivors(SITES[name])
    assert found == EQUIVALENT.get(name, set())
