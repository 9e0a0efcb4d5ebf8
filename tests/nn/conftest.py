"""Makes scripts/bench/residual.py importable: the network that is also timed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "bench"))
