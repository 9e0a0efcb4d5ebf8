"""`torch`: PyTorch's names, defaults and printing over the one engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli import nn
from gradcli.engine.custom import checkpoint
from gradcli.engine.graph import here
from gradcli.engine.promotion import promoted
from gradcli.engine.randomness import PyTorchNumbers
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.lang import contexts
from gradcli.lang.calculus import function_of
from gradcli.lang.constructors import shape_of
from gradcli.lang.dialects import Dialect
from gradcli.lang.frameworks import storing
from gradcli.lang.frameworks.datasets import data_names
from gradcli.lang.frameworks.distributions import distribution_names
from gradcli.lang.frameworks.factories import (
    Factories,
    check_device,
    on_cpu,
    operand,
    real,
)
from gradcli.lang.frameworks.functions import function_class
from gradcli.lang.frameworks.generators import GENERATOR, Generator
from gradcli.lang.frameworks.modules import admit
from gradcli.lang.frameworks.precision import finfo, iinfo
from gradcli.lang.frameworks.strictness import builtins_of, of_tensors, operations
from gradcli.lang.frameworks.torch import functions as torch_functions
from gradcli.lang.frameworks.torch import products as torch_products
from gradcli.lang.frameworks.torch import selection as torch_selection
from gradcli.lang.frameworks.torch.autograd import autograd_names
from gradcli.lang.frameworks.torch.func import func_names
from gradcli.lang.frameworks.torch.names import FFT, LINALG, MISSING, SPECIAL
from gradcli.lang.frameworks.torch.names import IN_PLACE as WRITING
from gradcli.lang.frameworks.torch.nn import nn_names, optim_names
from gradcli.lang.frameworks.torch.nodes import NODES
from gradcli.lang.frameworks.torch.printing import Printing
from gradcli.lang.frameworks.torch.tensor import MAKER, from_numpy, tensor_type
from gradcli.lang.hooks import evaluation
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.operations import OPERATIONS, dtype_name
from gradcli.lang.sequences import items_of
from gradcli.lang.types.tensor import TENSOR
from gradcli.lang.values import Builtin, DType, Module, Size

if TYPE_CHECKING:
    from gradcli.lang.session import Session

DTYPES = {
    "bool": "bool",
    "cdouble": "complex128",
    "cfloat": "complex64",
    "complex64": "complex64",
    "complex128": "complex128",
    "double": "float64",
    "float": "float32",
    "float32": "float32",
    "float64": "float64",
    "int": "int32",
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "long": "int64",
    "short": "int16",
    "uint8": "uint8",
}
# The older names of constructors.
OLDER = {
    "BoolTensor": "bool",
    "DoubleTensor": "float64",
    "FloatTensor": "float32",
    "IntTensor": "int32",
    "LongTensor": "int64",
}
admit(Generator, "generator", GENERATOR)
CONSTANTS = {name: getattr(math, name) for name in ("e", "inf", "nan", "pi")}

# ---- printing -----------------------------------------------------------------------------------


def usual_dtypes() -> set[str]:
    """Those that go without saying, but for an empty tensor's."""
    floating = here.state.floating or np.dtype(np.float32)
    return {floating.name, np.result_type(floating, np.complex64).name, "bool", "int64"}


# Methods that are functions, too.
METHODS = {name: TENSOR.methods[name] for name in ("detach", "numel")}

# ---- the module ---------------------------------------------------------------------------------


def set_default_dtype(session: Session, dtype: Any) -> None:
    name = dtype_name(dtype)
    if name not in ("float32", "float64"):
        raise WrongType("the default dtype is float32 or float64")
    session.adopt(session.dialect, name)


def makers(factories: Factories) -> dict[str, Callable[..., Any]]:
    """The factories by their names in PyTorch."""
    made: dict[str, Callable[..., Any]] = {
        "arange": factories.arange,
        "as_tensor": factories.as_tensor,
        "asarray": factories.as_tensor,
        "bernoulli": factories.bernoulli,
        "empty": factories.filled(0.0),
        "empty_like": factories.alike(0.0),
        "eye": factories.eye,
        "from_numpy": from_numpy,
        "full": factories.full,
        "full_like": factories.full_like,
        "linspace": factories.linspace,
        "logspace": factories.logspace,
        "manual_seed": factories.manual_seed,
        "normal": factories.normal,
        "ones": factories.filled(1.0),
        "ones_like": factories.alike(1.0),
        "multinomial": factories.multinomial,
        "poisson": factories.poisson,
        "rand": factories.rand,
        "rand_like": factories.rand_like,
        "randint": factories.randint,
        "randint_like": factories.randint_like,
        "randn": factories.randn,
        "randn_like": factories.randn_like,
        "randperm": factories.randperm,
        "scalar_tensor": lambda s, **options: factories.full(
            (), real(s, "scalar_tensor") * 1.0, **options
        ),
        "tensor": factories.tensor,
        "zeros": factories.filled(0.0),
        "zeros_like": factories.alike(0.0),
    }
    return {name: on_cpu(make) for name, make in made.items()}


def tensor_names(path: str, factories: Factories) -> dict[str, Any]:
    """What PyTorch has at its top, and OneFlow after it: functions of tensors and factories."""
    of_one = {
        **torch_functions.FUNCTIONS,
        **torch_products.PRODUCTS,
        **torch_selection.FUNCTIONS,
        **METHODS,
    }
    functions = {name: of_tensors(name, call, MAKER) for name, call in of_one.items()}
    in_place = {name: of_tensors(name, TENSOR.methods[name], MAKER) for name in WRITING}
    others = {
        name: of_tensors(name, call, MAKER)
        for name, call in (torch_functions.OTHERS | torch_selection.OTHERS).items()
    }
    predicates: dict[str, Callable[..., Any]] = {
        "is_complex": lambda input: operand(input).dtype.kind == "c",
        "is_floating_point": lambda input: operand(input).dtype.kind == "f",
        "is_tensor": lambda x: type(x) is Tensor,
        "get_default_dtype": lambda: DType(factories.floating.name),
        "Size": lambda sizes=(): Size(shape_of((sizes,))),
        "device": check_device,
        "Generator": generator,
    }
    return {
        **CONSTANTS,
        **operations(path, OPERATIONS.keys() - MISSING, MAKER),
        **builtins_of(path, in_place),
        **builtins_of(path, {**functions, **others, **makers(factories)}),
        **builtins_of(path, {**contexts.CONTEXTS, **predicates}),
        **{name: DType(kind) for name, kind in DTYPES.items()},
        "Tensor": Builtin("tensor", factories.of_dtype("float32")),
        **{name: Builtin(name, factories.of_dtype(kind)) for name, kind in OLDER.items()},
        "finfo": Builtin(f"{path}.finfo", finfo),
        "iinfo": Builtin(f"{path}.iinfo", iinfo),
        "promote_types": Builtin(f"{path}.promote_types", promote_types),
        "result_type": Builtin(f"{path}.result_type", result_type),
    }


def promote_types(type1: Any, type2: Any) -> DType:
    """The least dtype that holds what both do."""
    kinds = [np.zeros(1, dtype_name(each)) for each in (type1, type2)]
    return DType(str(promoted(kinds)))


def result_type(tensor1: Any, tensor2: Any) -> DType:
    """The dtype in which two tensors, or a tensor and a number, meet."""
    given = (tensor1, tensor2)
    if any(type(x) is not Tensor and type(x) not in NUMBERS for x in given):
        raise WrongType("result_type is of tensors and numbers")
    scalars = [np.asarray(x) for x in given if type(x) is not Tensor]
    return DType(str(promoted([x.value for x in given if type(x) is Tensor], scalars)))


def utils_names(session: Session) -> dict[str, Any]:
    path = "torch.utils.checkpoint"
    checkpoint = builtins_of(path, {"checkpoint": checkpointed})
    checkpoint |= builtins_of(path, {"checkpoint_sequential": checkpointed_parts})
    return {
        "checkpoint": Module("torch.utils.checkpoint", checkpoint),
        "data": Module("torch.utils.data", data_names(session)),
    }


def checkpointed_parts(functions: Any, segments: Any, input: Any, **options: Any) -> Any:
    """Modules one after the other, in so many parts; each but the last is a checkpoint."""
    modules = (
        list(functions.children()) if isinstance(functions, nn.Module) else items_of(functions)
    )
    if type(segments) is not int or not 1 <= segments <= max(1, len(modules)):
        raise WrongValue(f"checkpoint_sequential: {len(modules)} modules are not cut so")
    size = len(modules) // segments
    call_back = evaluation().call_back

    def part(start: int, end: int) -> Callable[[Any], Any]:
        def run(x: Any) -> Any:
            for module in modules[start:end]:
                x = call_back(function_of("checkpoint_sequential", module), (x,))
            return x

        return run

    check_checkpoint(options)
    for k in range(segments - 1):
        input = checkpoint(part(k * size, (k + 1) * size), input)
    return part((segments - 1) * size, len(modules))(input)


def check_checkpoint(options: dict[str, Any]) -> None:
    for name in {*options} - {"use_reentrant", "preserve_rng_state", "determinism_check", "debug"}:
        raise WrongType(f"checkpoint has no option '{name}'")


def checkpointed(function: Any, *arguments: Any, **options: Any) -> Any:
    """A function's result, whose parts are calculated again in the backward pass."""
    check_checkpoint(options)
    call_back = evaluation().call_back
    target = function_of("checkpoint", function)
    return checkpoint(lambda *given: call_back(target, given), *arguments)


def generator(device: Any = "cpu") -> Generator:
    check_device(device)
    return Generator()


def only_cpu() -> dict[str, Any]:
    """What asks for other devices and for threads, and what chooses a way to compute."""
    no: dict[str, Callable[..., Any]] = {"is_available": lambda: False}
    backends = {
        "cudnn": Module("torch.backends.cudnn", {"benchmark": False, "deterministic": True}),
        "mps": Module("torch.backends.mps", builtins_of("torch.backends.mps", no)),
    }
    plain: dict[str, Callable[..., Any]] = {
        "get_num_threads": lambda: 1,
        "set_default_device": check_device,
        "set_num_threads": lambda count: None,
        "use_deterministic_algorithms": lambda mode, **options: None,
    }
    return {
        "accelerator": Module("torch.accelerator", builtins_of("torch.accelerator", no)),
        "backends": Module("torch.backends", backends),
        **builtins_of("torch", plain),
    }


def linalg_names() -> dict[str, Any]:
    path = "torch.linalg"
    signed = {"slogdet": torch_functions.sign_and_log("linalg_slogdet")}
    return operations(path, LINALG, MAKER) | builtins_of(path, signed)


def names(session: Session) -> dict[str, Any]:
    factories = Factories(session)
    table = tensor_type(factories)
    printing = Printing(session, "torch.", usual_dtypes)
    show, write = printing.describe, printing.printed
    dialect = Dialect(
        "torch", show, write, {Tensor: table, **NODES}, "torch.{}".format, numbers=PyTorchNumbers
    )
    session.adopt(dialect, np.float32)
    autograd = {**autograd_names("torch.autograd"), "Function": function_class()}
    func = func_names()
    cuda = builtins_of("torch.cuda", {"is_available": lambda: False, "device_count": lambda: 0})
    return {
        **tensor_names("torch", factories),
        **builtins_of(
            "torch",
            {
                "set_default_dtype": partial(set_default_dtype, session),
                "set_printoptions": printing.set,
                **storing.functions(session),
            },
        ),
        "autograd": Module("torch.autograd", autograd),
        "cuda": Module("torch.cuda", cuda),
        "distributions": Module("torch.distributions", distribution_names(factories)),
        "fft": Module("torch.fft", operations("torch.fft", FFT, MAKER)),
        "func": Module("torch.func", func),
        "linalg": Module("torch.linalg", linalg_names()),
        "special": Module("torch.special", operations("torch.special", SPECIAL, MAKER)),
        "nn": Module("torch.nn", nn_names("torch.nn", MAKER)),
        "optim": Module("torch.optim", optim_names("torch.optim")),
        "testing": Module(
            "torch.testing",
            builtins_of("torch.testing", {"assert_close": torch_functions.assert_close}),
        ),
        "utils": Module("torch.utils", utils_names(session)),
        "vmap": func["vmap"],
        **only_cpu(),
    }
