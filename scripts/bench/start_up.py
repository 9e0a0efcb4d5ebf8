"""The whole process of one evaluation, beside a process that only imports what it needs.

python scripts/bench/start_up.py
"""

from __future__ import annotations

import subprocess
import sys

import timing

COMMANDS = {
    "gradcli": [sys.executable, "-m", "gradcli", "eval", "x^2", "x=3"],
    "imports": [sys.executable, "-c", "import numpy, click"],
    "python": [sys.executable, "-c", "pass"],
}


def main() -> None:
    def run(command: list[str]) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    steps = {name: lambda command=command: run(command) for name, command in COMMANDS.items()}
    title = "gradcli eval x^2 x=3"
    timing.show(title, [("whole process", timing.interleaved(steps))], 1e-3, "milliseconds")


if __name__ == "__main__":
    main()
