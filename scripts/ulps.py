"""Measure how far the rows of the op table are from their twins: `python scripts/ulps.py [ROWS]`.

Writes tests/proof/ulps.tsv: of every row the largest error found of its value, in units in the last
place, and the bound that tests hold it to; and of elementwise rows the same of their slopes. With
names of rows it measures those again and keeps the lines of the rest.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

import numpy as np

TESTS = Path(__file__).parents[1] / "tests"
SEED, COUNT = 0, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help="rows to measure; by default all")
    chosen = parser.parse_args().rows
    sys.path[:0] = [str(TESTS / "engine"), str(TESTS / "proof")]
    ulps = import_module("ulps")

    known = {text.split("\t")[0]: text for text in ulps.FILE.read_text().splitlines()[1:]}
    lines = ["\t".join(ulps.COLUMNS)]
    with np.errstate(all="ignore"):
        for name in ulps.ROWS:
            if chosen and name not in chosen and name in known:
                lines.append(known[name])
                continue
            lines.append(ulps.line(name, ulps.measured(name, SEED, COUNT)))
            print(lines[-1])
    ulps.FILE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
