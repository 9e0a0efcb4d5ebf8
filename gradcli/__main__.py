"""`python -m gradcli` and the console script."""

from __future__ import annotations

import gc
import sys

# A short-lived process that builds graphs: collecting while it imports or grows costs and frees
# nothing, because graphs are freed by reference counting.
gc.disable()


def main() -> None:
    """Run the command line and exit with its status."""
    from gradcli.cli.environment import Environment  # noqa: PLC0415  # after gc.disable
    from gradcli.cli.main import run  # noqa: PLC0415

    gc.set_threshold(200_000, 20, 100)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(run(sys.argv[1:], Environment()))


if __name__ == "__main__":
    main()
