"""Example calls of rows on whole tensors: what to call, and the shapes of its operands.

Elementwise rows need none, but for those whose static parameters cannot be guessed.
"""

from __future__ import annotations

from typing import Any

from row_examples import arranging, basic, matrices, neural, signals, special, statistics

EXAMPLES: dict[str, list[tuple[Any, ...]]] = {}
for _module in (arranging, basic, matrices, neural, signals, special, statistics):
    EXAMPLES |= _module.EXAMPLES
