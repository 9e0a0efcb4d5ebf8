"""Small programs that PyTorch and gradcli run alike, each with the facts it must state.

A program gets `t`, a namespace with the names both have, and returns numbers, booleans, names or
None in lists. A RuntimeError is the fact "RuntimeError". Double precision is the default.
"""

from programs import functions, hooks, leaves, modes, nodes, several, writes
from programs.facts import PROGRAMS, outcome

__all__ = [
    "PROGRAMS",
    "functions",
    "hooks",
    "leaves",
    "modes",
    "nodes",
    "outcome",
    "several",
    "writes",
]
