"""Write the manual's pages: `python scripts/man.py`, from the commands, the op table and man/text.

man/text/NAME.txt holds what people write of a page, EXAMPLES above all: NAME is that of a verb, or
of the page. `--fill` runs the examples first and writes what they print below them. With `--check`
nothing is written, and the exit status is 1 if a page is not what it would be.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from manual import pages, running

MAN = Path(__file__).parent.parent / "man"
TEXTS = MAN / "text"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fill", action="store_true", help="rewrite what the examples print")
    parser.add_argument("--check", action="store_true", help="write nothing; tell what differs")
    options = parser.parse_args()
    if options.fill:
        for path in sorted(TEXTS.glob("*.txt")):
            path.write_text(running.filled(path.read_text(encoding="utf-8")), encoding="utf-8")
    stale = 0
    made = pages.all_pages(TEXTS)
    for name, page in made.items():
        path = MAN / f"man{name[-1]}" / name
        if path.exists() and path.read_text(encoding="utf-8") == page:
            continue
        stale += 1
        if options.check:
            print(f"{path.relative_to(MAN.parent)} is not what scripts/man.py writes")
        else:
            path.write_text(page, encoding="utf-8")
    for path in sorted(MAN.glob("man?/*")):
        if path.name not in made:
            stale += 1
            print(f"{path.relative_to(MAN.parent)} is no page of scripts/man.py")
    return int(options.check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
