"""`mindspore`: its module, operations and tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.lang import calculus
from gradcli.lang.dialects import Dialect
from gradcli.lang.frameworks import storing
from gradcli.lang.frameworks.factories import Factories, listed, operand
from gradcli.lang.frameworks.mindspore import nn as mindspore_nn
from gradcli.lang.frameworks.mindspore.grad import (
    get_grad,
    grad_operation,
    gradient,
    jacobian,
)
from gradcli.lang.frameworks.mindspore.text import called, described, printed
from gradcli.lang.frameworks.modules import parameter
from gradcli.lang.frameworks.numpy import Arrays
from gradcli.lang.frameworks.numpy import makers as array_makers
from gradcli.lang.frameworks.strictness import builtins_of, of_tensors, operations
from gradcli.lang.frameworks.torch.tensor import numpy_of, tensor_type, to
from gradcli.lang.frameworks.torch.tensor import set_data as overwrite_data
from gradcli.lang.operations import OPERATIONS, dtype_name
from gradcli.lang.sequences import to_tuple
from gradcli.lang.tensors import as_tensor
from gradcli.lang.types.table import Type
from gradcli.lang.values import Builtin, DType, Module
from gradcli.nn.parameter import ParameterMeta

if TYPE_CHECKING:
    from gradcli.lang.session import Session

MAKER = "mindspore.Tensor(x) makes one"
DTYPES = (
    *("bool", "complex64", "complex128", "float32", "float64"),
    *("int8", "int16", "int32", "int64", "uint8"),
)


def primitive(name: str) -> Callable[..., Builtin]:
    """`ops.MatMul()` makes the function that `ops.matmul` is."""
    call = of_tensors(name, OPERATIONS[name], MAKER, numbers=True)
    return lambda: Builtin(name, call)


PRIMITIVES = {
    "Abs": "abs",
    "Add": "add",
    "Cos": "cos",
    "Div": "div",
    "Exp": "exp",
    "Log": "log",
    "MatMul": "matmul",
    "Mul": "mul",
    "Neg": "neg",
    "Pow": "pow",
    "ReLU": "relu",
    "ReduceMax": "max",
    "ReduceMean": "mean",
    "ReduceMin": "min",
    "ReduceSum": "sum",
    "Sigmoid": "sigmoid",
    "Sin": "sin",
    "Sqrt": "sqrt",
    "Square": "square",
    "Sub": "sub",
    "Tanh": "tanh",
}


# ---- tensors ------------------------------------------------------------------------------------


def types(factories: Factories) -> dict[type, Type]:
    table = tensor_type(factories)
    own: dict[str, Callable[..., Any]] = {
        "asnumpy": lambda tensor: numpy_of(tensor, force=True),
        "astype": to,
        "copy": lambda x: x.clone(),
        "assign_value": set_data,
        "set_data": set_data,
        "set_dtype": to,
        "value": lambda x: x,
        **{name: OPERATIONS[name] for name in ("max", "min", "std", "transpose", "var")},
    }
    attributes = {
        **table.attributes,
        "data": lambda x: x,
        "name": lambda x: x.meta.name if type(x.meta) is ParameterMeta else None,
        "shape": lambda x: x.shape,
        "size": lambda x: x.size,
    }
    methods = {name: call for name, call in table.methods.items() if name != "size"}
    return {Tensor: table._replace(attributes=attributes, methods={**methods, **own})}


def set_data(parameter: Tensor, data: Any) -> Tensor:
    """Overwrite a parameter's elements; whatever recorded them keeps the old ones."""
    value = data if type(data) is Tensor else as_tensor(data, parameter.dtype)
    overwrite_data(parameter, OPERATIONS["astype"](value.detach(), parameter.dtype.name))
    return parameter


def assigning(combine: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """`assign(p, v)`, `assign_add` and `assign_sub`."""

    def call(variable: Any, value: Any) -> Tensor:
        new = value if type(value) is Tensor else as_tensor(value, operand(variable).dtype)
        return set_data(operand(variable), combine(variable.detach(), new))

    return call


class Tensors(Factories):
    """MindSpore's factories: a shape, then a dtype."""

    def make(self, input_data: Any = None, dtype: Any = None, **options: Any) -> Tensor:
        shape, init = options.pop("shape", None), options.pop("init", None)
        if shape is not None and type(init) in (int, float):
            return self.full(shape, init, dtype=dtype)
        return self.tensor(input_data, dtype)

    def of_shape(self, value: float) -> Callable[..., Tensor]:
        return lambda shape, dtype=None: self.full(tuple(listed(shape)), value, dtype=dtype)

    def like(self, value: float) -> Callable[..., Tensor]:
        return lambda input, dtype=None: self.alike(value)(operand(input), dtype=dtype)

    def parameter(self, default_input: Any, name: Any = None, requires_grad: Any = True) -> Tensor:
        given = default_input if type(default_input) is Tensor else self.tensor(default_input)
        return parameter(given, requires_grad, name)


def with_logits(
    logits: Any, label: Any, weight: Any = None, pos_weight: Any = None, reduction: Any = "mean"
) -> Tensor:
    return FUNCTIONS["binary_cross_entropy_with_logits"](
        logits, label, weight, reduction, pos_weight
    )


def cast(input_x: Any, dtype: Any) -> Tensor:
    return to(operand(input_x), DType(dtype_name(dtype)))


# ---- the module ---------------------------------------------------------------------------------


# Operations that MindSpore has with other arguments.
OTHERWISE = frozenset({"col2im", "conv3d", "im2col", "rms_norm"})


def ops_names(tensors: Tensors) -> dict[str, Any]:
    path = "mindspore.ops"
    plain: dict[str, Callable[..., Any]] = {
        "arange": tensors.arange,
        "binary_cross_entropy_with_logits": with_logits,
        "cast": cast,
        "eye": tensors.eye,
        "full": tensors.full,
        "GradOperation": grad_operation,
        "get_grad": get_grad,
        "grad": gradient(both=False),
        "linspace": tensors.linspace,
        "ones": tensors.of_shape(1.0),
        "ones_like": tensors.like(1.0),
        "rand": tensors.rand,
        "randn": tensors.randn,
        "standard_normal": tensors.randn,
        "stop_gradient": calculus.stop_gradient,
        "value_and_grad": gradient(both=True),
        "assign": assigning(lambda x, v: x * 0 + v),
        "assign_add": assigning(lambda x, v: x + v),
        "assign_sub": assigning(lambda x, v: x - v),
        "clip_by_value": lambda x, clip_value_min=None, clip_value_max=None: OPERATIONS["clip"](
            x, clip_value_min, clip_value_max
        ),
        "zeros": tensors.of_shape(0.0),
        "zeros_like": tensors.like(0.0),
        **{name: primitive(row) for name, row in PRIMITIVES.items()},
    }
    rows = OPERATIONS.keys() - OTHERWISE
    return {**operations(path, rows, MAKER, numbers=True), **builtins_of(path, plain)}


def transform_names() -> dict[str, Any]:
    plain: dict[str, Callable[..., Any]] = {
        "get_grad": get_grad,
        "grad": gradient(both=False),
        "hessian": calculus.hessian,
        "jacfwd": jacobian,
        "jacrev": jacobian,
        "value_and_grad": gradient(both=True),
        "vmap": calculus.vmap,
    }
    stepping: dict[str, Callable[..., Any]] = {"jvp": calculus.jvp, "vjp": calculus.vjp}
    found = {name: Builtin(f"mindspore.{name}", f, steps=True) for name, f in stepping.items()}
    return builtins_of("mindspore", plain) | found


def context_names() -> dict[str, Any]:
    """What chooses a device or a mode, of which there is one: it is checked and changes nothing."""

    def set_context(mode: Any = 1, device_target: Any = "CPU", **options: Any) -> None:
        if type(device_target) is not str or device_target != "CPU":
            raise WrongValue("there is no such device: everything runs on the CPU")
        if mode not in (0, 1):
            raise WrongValue("the mode is GRAPH_MODE or PYNATIVE_MODE")
        for name in {*options} - {"device_id", "max_call_depth", "pynative_synchronize"}:
            raise WrongType(f"set_context has no '{name}'")

    calls: dict[str, Callable[..., Any]] = {"set_context": set_context, "set_device": set_device}
    return {
        "GRAPH_MODE": 0,
        "PYNATIVE_MODE": 1,
        **builtins_of("mindspore", calls),
    }


def set_device(device_target: Any, device_id: Any = None) -> None:
    if device_target != "CPU" or device_id not in (None, 0):
        raise WrongValue("there is no such device: everything runs on the CPU")


def names(session: Session) -> dict[str, Any]:
    tensors = Tensors(session)
    dialect = Dialect("mindspore", described, printed, types(tensors), called, bare=False)
    session.adopt(dialect, np.float32)
    context = context_names()
    dtypes = {name if name != "bool" else "bool_": DType(name) for name in DTYPES}
    arrays = builtins_of("mindspore.numpy", array_makers(Arrays(session)))
    ops = ops_names(tensors)
    return {
        **transform_names(),
        **builtins_of("mindspore", storing.checkpoint_functions(session)),
        **context,
        **dtypes,
        "Parameter": Builtin("mindspore.Parameter", tensors.parameter),
        "ParameterTuple": Builtin("mindspore.ParameterTuple", to_tuple),
        "Tensor": Builtin("tensor", tensors.make),
        "tensor": Builtin("mindspore.tensor", tensors.make),
        "common": Module("mindspore.common", {"dtype": Module("mindspore.common.dtype", dtypes)}),
        "context": Module("mindspore.context", context),
        "dtype": Module("mindspore.dtype", dtypes),
        "nn": Module("mindspore.nn", mindspore_nn.names()),
        "numpy": Module("mindspore.numpy", {**ops, **arrays}),
        "ops": Module("mindspore.ops", ops),
        "set_seed": Builtin("mindspore.set_seed", tensors.manual_seed),
    }
