"""`torch`: PyTorch's names, defaults and printing over the one engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS, IN_PLACE
from gradcli.engine.graph import here, no_grad
from gradcli.engine.tensor import Tensor
from gradcli.errors import WrongType, WrongValue
from gradcli.lang import contexts
from gradcli.lang.constructors import shape_of
from gradcli.lang.dialects import Dialect
from gradcli.lang.frameworks import layout, torch_functions
from gradcli.lang.frameworks.factories import Factories, check_device, on_cpu
from gradcli.lang.frameworks.functions import function_class
from gradcli.lang.frameworks.strictness import builtins_of, of_tensors, operations
from gradcli.lang.frameworks.torch_autograd import autograd_names, backward_of, func_names
from gradcli.lang.frameworks.torch_names import FFT, LINALG, MISSING, SPECIAL
from gradcli.lang.frameworks.torch_names import IN_PLACE as WRITING
from gradcli.lang.frameworks.torch_nn import nn_names, optim_names
from gradcli.lang.limits import note_change
from gradcli.lang.operations import OPERATIONS, dtype_name
from gradcli.lang.operators import truth
from gradcli.lang.types.table import Type
from gradcli.lang.types.tensor import TENSOR
from gradcli.lang.values import Builtin, DType, Module, Size
from gradcli.nn.parameter import Parameter

if TYPE_CHECKING:
    from gradcli.lang.session import Session

MAKER = "torch.tensor(x) makes one"
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
    "int64": "int64",
    "long": "int64",
}
CONSTANTS = {name: getattr(math, name) for name in ("e", "inf", "nan", "pi")}

# ---- printing -----------------------------------------------------------------------------------


def suffixes(tensor: Any, prefix: str, usual: set[str]) -> list[str]:
    """What is said of a tensor beside its elements."""
    found = [] if tensor.dtype.name in usual else [f"dtype={prefix}{tensor.dtype.name}"]
    if tensor.grad_fn is not None:
        found.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        found.append("requires_grad=True")
    return found


def usual_dtypes() -> set[str]:
    """Those that go without saying, but for an empty tensor's."""
    floating = here.state.floating or np.dtype(np.float32)
    return {floating.name, np.result_type(floating, np.complex64).name, "bool", "int64"}


def describe(session: Session, tensor: Any, digits: int | None) -> str:
    usual = usual_dtypes()
    if not tensor.size:
        usual -= {"bool", "int64"}
    said = session.digits if digits is None else digits
    text = layout.describe(tensor, said, suffixes(tensor, "torch.", usual))
    return f"Parameter containing:\n{text}" if isinstance(tensor, Parameter) else text


# ---- tensors ------------------------------------------------------------------------------------


def size(tensor: Tensor, dim: Any = None) -> Any:
    if dim is None:
        return Size(tensor.shape)
    if type(dim) is not int or not -tensor.ndim <= dim < tensor.ndim:
        raise WrongValue(f"size: there is no axis {dim} in {tensor.ndim}")
    return tensor.shape[dim]


def cast(dtype: str) -> Callable[[Tensor], Tensor]:
    return lambda x: to(x, DType(dtype))


def to(tensor: Tensor, *kinds: Any, dtype: Any = None, device: Any = None, **rest: Any) -> Tensor:
    """`to(dtype)`, `to(device)` or `to(other)`; the tensor itself if nothing changes."""
    for name in {*rest} - {"copy", "non_blocking"}:
        raise WrongType(f"to has no option '{name}'")
    check_device(device)
    for kind in kinds:
        if type(kind) is str:
            check_device(kind)
        else:
            dtype = DType(kind.dtype.name) if type(kind) is Tensor else kind
    if dtype is None or dtype_name(dtype) == tensor.dtype.name:
        return tensor
    if dtype_name(dtype) in ("bool", "int64"):
        tensor = tensor.detach()  # integers have no gradients
    return FUNCTIONS["astype"](tensor, dtype_name(dtype))


def kind_of(tensor: Tensor, dtype: Any = None) -> Any:
    """`x.type()` by its older name, or `x.type(dtype)`."""
    if dtype is not None:
        return to(tensor, dtype)
    names = {"float32": "Float", "float64": "Double", "int64": "Long", "bool": "Bool"}
    return f"torch.{names.get(tensor.dtype.name, tensor.dtype.name)}Tensor"


def set_data(tensor: Tensor, value: Any) -> None:
    """`x.data = y` overwrites the elements, outside of the graph."""
    if type(value) is not Tensor or value.shape != tensor.shape or value.dtype != tensor.dtype:
        raise WrongType("the data of a tensor are a tensor of the same shape and dtype")
    if value.value is not tensor.value:
        with no_grad():
            IN_PLACE["copy_"](tensor, value)


def set_grad(tensor: Tensor, value: Any) -> None:
    if value is not None and type(value) is not Tensor:
        raise WrongType(".grad is a tensor or None")
    note_change(tensor)
    tensor.grad = value


def scaled_in_place(name: str) -> Callable[..., Tensor]:
    """`x.add_(y, alpha=a)` adds a y."""
    write = TENSOR.methods[f"{name}_"]

    def call(target: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
        found: Tensor = write(target, other if alpha == 1 else other * alpha)
        return found

    return call


def numpy_of(tensor: Tensor, *, force: Any = False) -> Tensor:
    """The elements as an array, which shares their storage."""
    if not truth(force):
        tensor.numpy()  # which refuses tensors that need gradients
    return tensor.detach()


def refused(name: str) -> Callable[..., Any]:
    def call(_tensor: Tensor, *_: Any) -> Any:
        raise WrongValue(f"{name}: everything runs on the cpu")

    return call


def tensor_type(factories: Factories) -> Type:
    """What a tensor offers: the language's table, with PyTorch's ways on top."""
    same: Callable[[Tensor], Tensor] = lambda x: x  # noqa: E731  # one value of a table

    def new(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
        return lambda x, *size, dtype=None, **options: make(
            *size, dtype=dtype or x.dtype.name, **options
        )

    def drawn(target: Tensor, draw: Callable[..., Tensor]) -> Tensor:
        found: Tensor = TENSOR.methods["copy_"](target, draw(target))
        return found

    return TENSOR._replace(
        attributes={
            **{name: get for name, get in TENSOR.attributes.items() if name != "size"},
            "device": lambda x: "cpu",
            "is_cuda": lambda x: False,
            "mH": lambda x: FUNCTIONS["conj"](FUNCTIONS["swapaxes"](x, -1, -2)),
            "output_nr": lambda x: x.output_nr,
            "shape": lambda x: Size(x.shape),
        },
        methods={
            **{
                name: of_tensors(name, call, MAKER) if name in OPERATIONS else call
                for name, call in TENSOR.methods.items()
            },
            **torch_functions.FUNCTIONS,
            **{f"{name}_": scaled_in_place(name) for name in ("add", "sub")},
            "backward": backward_of,
            "bool": cast("bool"),
            "contiguous": same,
            "cpu": same,
            "cuda": refused("cuda"),
            "data_ptr": refused("data_ptr"),
            "double": cast("float64"),
            "float": cast("float32"),
            "is_complex": lambda x: x.dtype.kind == "c",
            "is_contiguous": lambda x: True,
            "is_floating_point": lambda x: x.dtype.kind == "f",
            "long": cast("int64"),
            "ndimension": lambda x: x.ndim,
            "nelement": lambda x: x.size,
            "new_full": new(factories.full),
            "new_ones": new(factories.filled(1.0)),
            "new_tensor": lambda x, data, **options: factories.tensor(data, **options),
            "new_zeros": new(factories.filled(0.0)),
            "normal_": lambda x, mean=0.0, std=1.0: drawn(
                x, lambda like: factories.randn_like(like) * std + mean
            ),
            "numpy": numpy_of,
            "repeat": torch_functions.repeat,
            "size": size,
            "to": to,
            "type": kind_of,
            "type_as": to,
            "uniform_": lambda x, a=0.0, b=1.0: drawn(
                x, lambda like: factories.rand_like(like) * (b - a) + a
            ),
        },
        setters={**TENSOR.setters, "data": set_data, "grad": set_grad},
    )


# ---- the module ---------------------------------------------------------------------------------


def set_default_dtype(session: Session, dtype: Any) -> None:
    name = dtype_name(dtype)
    if name not in ("float32", "float64"):
        raise WrongType("the default dtype is float32 or float64")
    session.adopt(session.dialect, name)


def set_printoptions(session: Session, *, precision: Any = 4, **options: Any) -> None:
    for name in {*options} - {"sci_mode", "linewidth", "threshold", "edgeitems", "profile"}:
        raise WrongType(f"set_printoptions has no '{name}'")
    if type(precision) is not int or not 0 <= precision <= 17:
        raise WrongValue("the precision is an integer from 0 to 17")
    session.digits = precision


def makers(factories: Factories) -> dict[str, Callable[..., Any]]:
    """The factories by their names in PyTorch."""
    made: dict[str, Callable[..., Any]] = {
        "arange": factories.arange,
        "as_tensor": factories.tensor,
        "asarray": factories.tensor,
        "bernoulli": factories.bernoulli,
        "empty": factories.filled(0.0),
        "empty_like": factories.alike(0.0),
        "eye": factories.eye,
        "from_numpy": numpy_of,
        "full": factories.full,
        "full_like": factories.full_like,
        "linspace": factories.linspace,
        "logspace": factories.logspace,
        "manual_seed": factories.manual_seed,
        "normal": factories.normal,
        "ones": factories.filled(1.0),
        "ones_like": factories.alike(1.0),
        "rand": factories.rand,
        "rand_like": factories.rand_like,
        "randint": factories.randint,
        "randn": factories.randn,
        "randn_like": factories.randn_like,
        "randperm": factories.randperm,
        "tensor": factories.tensor,
        "zeros": factories.filled(0.0),
        "zeros_like": factories.alike(0.0),
    }
    return {name: on_cpu(make) for name, make in made.items()}


def tensor_names(path: str, factories: Factories) -> dict[str, Any]:
    """What PyTorch has at its top, and OneFlow after it: functions of tensors and factories."""
    functions = {
        name: of_tensors(name, call, MAKER) for name, call in torch_functions.FUNCTIONS.items()
    }
    predicates: dict[str, Callable[..., Any]] = {
        "is_complex": lambda x: x.dtype.kind == "c",
        "is_floating_point": lambda x: x.dtype.kind == "f",
        "is_tensor": lambda x: type(x) is Tensor,
        "numel": lambda x: x.size,
        "get_default_dtype": lambda: DType(factories.floating.name),
        "Size": lambda sizes=(): Size(shape_of((sizes,))),
        "device": check_device,
    }
    return {
        **CONSTANTS,
        **operations(path, OPERATIONS.keys() - MISSING, MAKER),
        **builtins_of(path, {name: TENSOR.methods[name] for name in WRITING}),
        **builtins_of(path, {**functions, **torch_functions.OTHERS, **makers(factories)}),
        **builtins_of(path, {**contexts.CONTEXTS, **predicates}),
        **{name: DType(kind) for name, kind in DTYPES.items()},
        "Tensor": Builtin("tensor", factories.tensor),
        "FloatTensor": Builtin("FloatTensor", partial(factories.tensor, dtype="float32")),
        "LongTensor": Builtin("LongTensor", partial(factories.tensor, dtype="int64")),
    }


def names(session: Session) -> dict[str, Any]:
    factories = Factories(session)
    table = tensor_type(factories)
    show = partial(describe, session)
    session.adopt(Dialect("torch", show, show, {Tensor: table}, "torch.{}".format), np.float32)
    autograd = {**autograd_names("torch.autograd"), "Function": function_class()}
    func = func_names()
    cuda = builtins_of("torch.cuda", {"is_available": lambda: False, "device_count": lambda: 0})
    return {
        **tensor_names("torch", factories),
        **builtins_of(
            "torch",
            {
                "set_default_dtype": partial(set_default_dtype, session),
                "set_printoptions": partial(set_printoptions, session),
            },
        ),
        "autograd": Module("torch.autograd", autograd),
        "cuda": Module("torch.cuda", cuda),
        "fft": Module("torch.fft", operations("torch.fft", FFT, MAKER)),
        "func": Module("torch.func", func),
        "linalg": Module("torch.linalg", operations("torch.linalg", LINALG, MAKER)),
        "special": Module("torch.special", operations("torch.special", SPECIAL, MAKER)),
        "nn": Module("torch.nn", nn_names("torch.nn", MAKER)),
        "optim": Module("torch.optim", optim_names("torch.optim")),
        "testing": Module(
            "torch.testing",
            builtins_of("torch.testing", {"assert_close": torch_functions.assert_close}),
        ),
        "vmap": func["vmap"],
    }
