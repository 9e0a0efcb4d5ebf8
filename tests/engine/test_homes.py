"""Names are found without importing all modules, by an index that is read off the declarations."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from gradcli.engine import homes
from gradcli.engine.functions import FUNCTIONS, IN_PLACE, NOT_METHODS, NUMPY, TABLE
from gradcli.engine.functions.registry import CHOOSERS
from gradcli.engine.tensor import Tensor

SCRIPT = Path(__file__).parents[2] / "scripts" / "homes.py"

# Importing one by its name brings no other family of rows along, and numpy's names find theirs.
ALONE = """
import sys
import numpy as np
from gradcli.engine.functions import FUNCTIONS, IN_PLACE, TABLE
from gradcli.engine.tensor import Tensor, tensor

def imported():
    return {name.rpartition(".")[2] for name in sys.modules if ".engine.ops." in name}

x = tensor([0.5, 0.25])
x.exp().sum()
assert "relu" in FUNCTIONS and "relu_" in IN_PLACE and "erf" in TABLE and hasattr(Tensor, "shape")
assert len(FUNCTIONS) > 300 and "softmax" in [*FUNCTIONS]
assert not imported() & {"special", "neural", "spectral", "factorization", "loss", "windows"}
x.relu()
assert "neural" in imported() and "special" not in imported()
np.fft.fft(x)
assert "spectral" in imported() and "special" not in imported()
np.copy(x)  # which no function is called by
"""


def test_the_index_is_what_the_declarations_say() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_name_is_declared_twice() -> None:
    rows = " ".join([*homes.ROWS.values(), *homes.ALIASES.values()]).split()
    registered = " ".join(homes.FUNCTIONS.values()).split()
    for declared in (rows, registered):
        assert {name for name, count in Counter(declared).items() if count > 1} == set()


def test_every_name_leads_to_its_declaration() -> None:
    assert [name for name, row in TABLE.items() if row.name != name] == []
    assert all(callable(function) for function in (*FUNCTIONS.values(), *IN_PLACE.values()))
    methods = {*FUNCTIONS, *IN_PLACE} - NOT_METHODS - {"T", "real", "imag"}
    assert [name for name in methods if not callable(getattr(Tensor, name))] == []


def test_a_numpy_function_has_one_answer() -> None:
    """Whichever of the modules that answer for it is imported first."""
    assert len(TABLE) == len([*TABLE.values()]) and len(FUNCTIONS) == len([*FUNCTIONS.values()])
    both = [function for function in NUMPY if function in CHOOSERS]
    assert [f for f in both if FUNCTIONS[NUMPY[f].name] is not CHOOSERS[f]] == []


def test_a_family_of_rows_is_imported_when_one_of_its_names_is_used() -> None:
    subprocess.run([sys.executable, "-c", ALONE], check=True)
