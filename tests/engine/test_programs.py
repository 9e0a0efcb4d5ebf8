"""Small programs state the same facts in gradcli as in PyTorch, from which they were taken."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from programs import PROGRAMS, outcome

from gradcli.engine import autograd
from gradcli.engine.custom import Function, checkpoint
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.graph import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)
from gradcli.engine.tensor import tensor


def plain_checkpoint(function: Any, *arguments: Any, use_reentrant: bool) -> Any:
    assert not use_reentrant
    return checkpoint(function, *arguments)


gradcli = SimpleNamespace(
    **FUNCTIONS,
    tensor=tensor,
    autograd=SimpleNamespace(**vars(autograd), Function=Function),
    utils=SimpleNamespace(checkpoint=SimpleNamespace(checkpoint=plain_checkpoint)),
    enable_grad=enable_grad,
    inference_mode=inference_mode,
    is_grad_enabled=is_grad_enabled,
    no_grad=no_grad,
    set_grad_enabled=set_grad_enabled,
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    program, expected = PROGRAMS[name]
    np.testing.assert_equal(outcome(program, gradcli), expected)
