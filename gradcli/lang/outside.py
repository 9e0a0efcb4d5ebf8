"""What a program exchanges with whoever runs it: text opens no file, so states are handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.tensor import Tensor
from gradcli.errors import FileError
from gradcli.lang.limits import current

if TYPE_CHECKING:
    from gradcli.engine.metering import Meter

# The items of a tracked sequence; whoever looks is shown how many there have been.
Track = Callable[[Any, Iterator[Any]], Iterator[Any]]

HINT = "gradcli run --weights FILE hands the program weights"


class Outside:
    """The world as a program sees it.

    given   a state, arrays by names, that a program may ask for
    asked   whether it did
    kept    the state that it saved last
    keeps   whether anybody will want that
    track   shows the progress of a loop
    """

    def __init__(self) -> None:
        self.given: Mapping[str, Any] | None = None
        self.asked = False
        self.kept: dict[str, Any] | None = None
        self.keeps = False
        self.track: Track = lambda _tracked, items: items

    def state(self) -> dict[str, Tensor]:
        """Tensors of its own of what was given."""
        if self.given is None:
            raise FileError("a program opens no file, and no weights were given", hint=HINT)
        self.asked = True
        meter: Meter | None = current()
        for array in self.given.values():
            if meter is not None:
                meter.allocate(array.shape)
        return {name: Tensor(np.array(array)[()]) for name, array in self.given.items()}

    def keep(self, state: Mapping[str, Tensor]) -> None:
        """Copies of tensors, for whoever wants them after the program."""
        self.kept = {name: np.array(tensor.value) for name, tensor in state.items()}
