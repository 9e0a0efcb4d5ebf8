"""`mindspore`: gradients of functions by position and of cells by parameter, printed bare."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gradcli.engine import display, positions
from gradcli.engine.functions import FUNCTIONS
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.lang import calculus
from gradcli.lang.dialects import Dialect
from gradcli.lang.frameworks.factories import Factories, listed, operand
from gradcli.lang.frameworks.modules import CELL, LAYERS, ROOT, parameter
from gradcli.lang.frameworks.numpy import Arrays
from gradcli.lang.frameworks.numpy import makers as array_makers
from gradcli.lang.frameworks.optimizers import OPTIMIZERS
from gradcli.lang.frameworks.strictness import builtins_of, of_tensors, operations
from gradcli.lang.frameworks.torch_tensor import numpy_of, tensor_type, to
from gradcli.lang.operations import OPERATIONS, dtype_name
from gradcli.lang.operators import truth
from gradcli.lang.types.table import Type
from gradcli.lang.values import LISTS, Builtin, DType, Module, NativeSteps
from gradcli.nn.parameter import ParameterMeta

if TYPE_CHECKING:
    from gradcli.lang.session import Session

MAKER = "mindspore.Tensor(x) makes one"
DTYPES = ("bool", "complex64", "complex128", "float32", "float64", "int64")

# ---- printing -----------------------------------------------------------------------------------


def printed(tensor: Any, digits: int | None) -> str:
    """`[6. 16.]`"""
    value = np.asarray(tensor.value)
    if not value.shape:
        return display.number(value[()], digits)
    return np.array2string(
        value, separator=" ", formatter={"all": lambda x: display.element(x, digits)}
    )


def described(tensor: Any, digits: int | None) -> str:
    """`Tensor(shape=[2], dtype=Float32, value= [ 6.00000000e+00,  1.60000000e+01])`"""
    value = np.asarray(tensor.value)
    places = 8 if digits is None else digits
    text = (
        display.number(value[()], digits)
        if not value.shape
        else np.array2string(
            value, separator=", ", formatter={"float_kind": lambda x: f"{float(x): .{places}e}"}
        )
    )
    gap = "\n" if value.ndim > 1 else " "
    shape = list(value.shape)
    return f"Tensor(shape={shape}, dtype={called(tensor.dtype.name)}, value={gap}{text})"


def called(dtype: str) -> str:
    return dtype.capitalize()


# ---- gradients ----------------------------------------------------------------------------------


class Weight(NamedTuple):
    """A parameter with the name that `get_grad` finds its gradient by."""

    name: str
    tensor: Tensor


def weights_of(value: Any) -> Any:
    """Parameters, one or a list of them, as the engine takes them."""
    if type(value) in LISTS:
        return tuple(weight_of(each, f"parameter {k}") for k, each in enumerate(value))
    return None if value is None else weight_of(value, "parameter")


def weight_of(value: Any, otherwise: str) -> Any:
    if type(value) is not Tensor or type(value.meta) is not ParameterMeta:
        return value  # which the engine refuses
    name = value.meta.name
    return Weight(otherwise if name is None else name, value)


def gradient(*, both: bool) -> Callable[..., Any]:
    """`value_and_grad`, or the gradients alone."""

    def make(
        fn: Any,
        grad_position: Any = 0,
        weights: Any = None,
        has_aux: Any = False,
        return_ids: Any = False,
    ) -> Builtin:
        function = calculus.function_of("grad", fn)
        plan = positions.wanted(grad_position, weights_of(weights), has_aux, return_ids)

        def steps(*arguments: Any, **named: Any) -> NativeSteps:
            recorded = calculus.recorded(function, plan.positions, arguments, named)
            value, points = yield from recorded
            result, found = plan.found(value, points.leaves)
            if both:
                return result, found
            return (found, result[1:]) if plan.has_aux else found

        return Builtin(f"grad({function.name})", steps, steps=True)

    return make


def grad_operation(
    get_all: Any = False, get_by_list: Any = False, sens_param: Any = False
) -> Builtin:
    """MindSpore's older way: of all arguments, or by parameters; with the cotangent given last."""
    every, by_list, seeded = truth(get_all), truth(get_by_list), truth(sens_param)

    def of(fn: Any, weights: Any = None) -> Builtin:
        function = calculus.function_of("GradOperation", fn)

        def steps(*arguments: Any, **named: Any) -> NativeSteps:
            points = arguments[:-1] if seeded else arguments
            positional = tuple(range(len(points))) if every else None if by_list else 0
            given = weights_of(weights) if by_list else None
            plan = positions.wanted(positional, given, False, False)
            value, where = yield from calculus.recorded(function, plan.positions, points, named)
            return plan.found(value * arguments[-1] if seeded else value, where.leaves)[1]

        return Builtin(f"grad({function.name})", steps, steps=True)

    return Builtin("GradOperation", of)


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


def get_grad(gradients: Any, identifier: Any) -> Tensor:
    return positions.get_grad(gradients, weight_of(identifier, "parameter"))


# ---- tensors ------------------------------------------------------------------------------------


def types(factories: Factories) -> dict[type, Type]:
    table = tensor_type(factories)
    own: dict[str, Callable[..., Any]] = {
        "asnumpy": numpy_of,
        "astype": to,
        "copy": lambda x: x.clone(),
        "set_dtype": to,
        **{name: OPERATIONS[name] for name in ("max", "min", "std", "transpose", "var")},
    }
    attributes = {
        **table.attributes,
        "name": lambda x: x.meta.name if type(x.meta) is ParameterMeta else None,
        "shape": lambda x: x.shape,
        "size": lambda x: x.size,
    }
    methods = {name: call for name, call in table.methods.items() if name != "size"}
    return {Tensor: table._replace(attributes=attributes, methods={**methods, **own})}


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
        "zeros": tensors.of_shape(0.0),
        "zeros_like": tensors.like(0.0),
        **{name: primitive(row) for name, row in PRIMITIVES.items()},
    }
    return {**operations(path, OPERATIONS, MAKER, numbers=True), **builtins_of(path, plain)}


def transform_names() -> dict[str, Any]:
    plain: dict[str, Callable[..., Any]] = {
        "get_grad": get_grad,
        "grad": gradient(both=False),
        "hessian": calculus.hessian,
        "jacfwd": calculus.jacobian,
        "jacrev": calculus.jacobian,
        "value_and_grad": gradient(both=True),
        "vmap": calculus.vmap,
    }
    stepping = {"jvp": calculus.jvp, "vjp": calculus.vjp}
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


def nn_names() -> dict[str, Any]:
    layers = {name: cls for name, cls in LAYERS.items() if name not in ("Linear", "ModuleList")}
    return {**layers, "Cell": CELL, "Module": ROOT, **OPTIMIZERS}


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
        **context,
        **dtypes,
        "Parameter": Builtin("mindspore.Parameter", tensors.parameter),
        "Tensor": Builtin("tensor", tensors.make),
        "tensor": Builtin("mindspore.tensor", tensors.make),
        "common": Module("mindspore.common", {"dtype": Module("mindspore.common.dtype", dtypes)}),
        "context": Module("mindspore.context", context),
        "dtype": Module("mindspore.dtype", dtypes),
        "nn": Module("mindspore.nn", nn_names()),
        "numpy": Module("mindspore.numpy", {**ops, **arrays}),
        "ops": Module("mindspore.ops", ops),
        "set_seed": Builtin("mindspore.set_seed", tensors.manual_seed),
    }
