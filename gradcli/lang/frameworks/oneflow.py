"""`oneflow`: PyTorch's names, with OneFlow's graphs and printing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.graph import AccumulateGrad, Node
from gradcli.engine.tensor import Tensor
from gradcli.lang.dialects import Dialect
from gradcli.lang.frameworks import storing
from gradcli.lang.frameworks.factories import Factories
from gradcli.lang.frameworks.functions import function_class
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.frameworks.torch import tensor_names
from gradcli.lang.frameworks.torch.autograd import (
    autograd_names,
    backward,
    backward_of,
    gradients,
)
from gradcli.lang.frameworks.torch.nn import nn_names, optim_names
from gradcli.lang.frameworks.torch.printing import Printing
from gradcli.lang.frameworks.torch.tensor import tensor_type
from gradcli.lang.types.table import Type
from gradcli.lang.types.tensor import ACCUMULATOR, NODE
from gradcli.lang.values import Builtin, Module

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradcli.lang.session import Session

MAKER = "oneflow.tensor(x) makes one"
LEAF = "accumulategrad"


def keeping(call: Callable[..., Any]) -> Callable[..., Any]:
    """`create_graph=True` keeps the graph, whatever `retain_graph` says."""

    def keep(first: Any, *rest: Any, create_graph: Any = False, **named: Any) -> Any:
        if create_graph is True:
            named["retain_graph"] = True
        return call(first, *rest, create_graph=create_graph, **named)

    return keep


def next_functions(node: Node) -> tuple[Any, ...]:
    """Without the places of constants."""
    return tuple([each for each in node.next_functions if each[0] is not None])


def types(factories: Factories) -> dict[type, Type]:
    table = tensor_type(factories)
    leaf = {**ACCUMULATOR.methods, "name": lambda node: LEAF}
    return {
        Tensor: table._replace(methods={**table.methods, "backward": keeping(backward_of)}),
        Node: NODE._replace(attributes={**NODE.attributes, "next_functions": next_functions}),
        AccumulateGrad: ACCUMULATOR._replace(methods=leaf),
    }


def names(session: Session) -> dict[str, Any]:
    factories = Factories(session)
    printing = Printing(session, "oneflow.", set)
    show, write = printing.describe, printing.printed
    dialect = Dialect("oneflow", show, write, types(factories), "oneflow.{}".format, leaf=LEAF)
    session.adopt(dialect, np.float32)
    autograd = {
        **autograd_names("oneflow.autograd"),
        "Function": function_class(),
        "backward": Builtin("oneflow.autograd.backward", keeping(backward)),
        "grad": Builtin("oneflow.autograd.grad", keeping(gradients)),
    }
    return {
        **tensor_names("oneflow", factories),
        "autograd": Module("oneflow.autograd", autograd),
        "nn": Module("oneflow.nn", nn_names("oneflow.nn", MAKER)),
        "optim": Module("oneflow.optim", optim_names("oneflow.optim")),
        "set_printoptions": Builtin("oneflow.set_printoptions", printing.set),
        **builtins_of("oneflow", storing.functions(session)),
    }
