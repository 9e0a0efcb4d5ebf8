"""`torch.nn`, `torch.nn.functional`, `torch.nn.init` and `torch.optim`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcli import nn
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, described
from gradcli.lang.frameworks.calling import fitting
from gradcli.lang.frameworks.clipping import CLIPPING
from gradcli.lang.frameworks.modules import LAYERS, ROOT, parameter
from gradcli.lang.frameworks.optimizers import OPTIMIZERS, SCHEDULERS
from gradcli.lang.frameworks.strictness import builtins_of, of_tensors, operations
from gradcli.lang.frameworks.torch.functional import FURTHER
from gradcli.lang.frameworks.torch.names import FUNCTIONAL
from gradcli.lang.frameworks.torch.sequences import rnn_names
from gradcli.lang.values import Builtin, Module

# MindSpore's names, which PyTorch does not have.
FOREIGN = frozenset({"Cell", "CellList", "Dense", "SequentialCell"})


def initialiser(name: str) -> Callable[..., Tensor]:
    overwrite = getattr(nn.init, name)

    def call(tensor: Any, *options: Any, **named: Any) -> Tensor:
        if type(tensor) is not Tensor:
            raise WrongType(f"{name} overwrites a tensor, not {described(tensor)}")
        for option in (*options, *named.values()):
            if type(option) not in (int, float, bool, str, type(None)):
                raise WrongType(f"{name}: the options are numbers, not {described(option)}")
        found: Tensor = fitting(name, overwrite)(tensor, *options, **named)
        return found

    return call


INITIALISERS = (
    *("constant_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_"),
    *("orthogonal_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_", "zeros_"),
)


def nn_names(path: str, maker: str) -> dict[str, Any]:
    functional = {
        **operations(f"{path}.functional", FUNCTIONAL, maker),
        **builtins_of(
            f"{path}.functional",
            {name: of_tensors(name, call, maker) for name, call in FURTHER.items()},
        ),
    }
    init: dict[str, Callable[..., Any]] = {name: initialiser(name) for name in INITIALISERS}
    init["calculate_gain"] = nn.init.calculate_gain
    return {
        **{name: cls for name, cls in LAYERS.items() if name not in FOREIGN},
        "Module": ROOT,
        "Parameter": Builtin(f"{path}.Parameter", parameter),
        "functional": Module(f"{path}.functional", functional),
        "init": Module(f"{path}.init", builtins_of(f"{path}.init", init)),
        "parameter": Module(f"{path}.parameter", {"Parameter": Builtin("Parameter", parameter)}),
        "utils": Module(
            f"{path}.utils",
            {
                **builtins_of(f"{path}.utils", CLIPPING),
                "rnn": Module(f"{path}.utils.rnn", rnn_names(f"{path}.utils.rnn")),
            },
        ),
    }


def optim_names(path: str) -> dict[str, Any]:
    return {**OPTIMIZERS, "lr_scheduler": Module(f"{path}.lr_scheduler", dict(SCHEDULERS))}
