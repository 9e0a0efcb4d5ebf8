"""What gradcli costs beside other packages: `python scripts/bench [WORKLOAD]...`.

Every workload runs in a process of its own, which another's threads and memory do not disturb, and
whose failure costs its rows alone. Other packages are columns where they are installed. With
--report the table of ratios is written into the README.
"""

from __future__ import annotations

import argparse
import compileall
import random
import sys

import report
import timing
from workloads import WORKLOADS, measured

import gradcli


def main() -> None:
    parser = argparse.ArgumentParser(prog="python scripts/bench", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WORKLOADS))
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--set", action="append", default=[], metavar="SIZE=N", help="rows=1000000, say"
    )
    parser.add_argument("--report", action="store_true", help="write the table into the README")
    options = parser.parse_args()
    if not set(options.workloads) <= set(WORKLOADS):
        parser.error(f"workloads are {', '.join(WORKLOADS)}")
    compileall.compile_dir(gradcli.__path__[0], quiet=1)  # as installations are
    try:
        sizes = {name: int(n) for name, n in (text.split("=") for text in options.set)}
    except ValueError:
        parser.error("--set is SIZE=N, as rows=1000000")
    print(f"--seed {options.seed}")
    if options.report:
        report.write(options.seed, sizes)
        return
    failed = False
    for name in options.workloads or WORKLOADS:
        rows = measured(name, options.seed, sizes)
        failed |= not rows
        if rows:
            timing.show(WORKLOADS[name].title, rows)
    sys.exit(failed)


if __name__ == "__main__":
    main()
