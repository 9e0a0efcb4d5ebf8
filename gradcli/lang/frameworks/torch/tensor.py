"""What a tensor offers in PyTorch's dialect, beside the language's own table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS, IN_PLACE
from gradcli.engine.graph import no_grad
from gradcli.engine.inplace import in_place
from gradcli.engine.ops.axes import negative_axis
from gradcli.engine.ops.writing import Region
from gradcli.engine.storage import is_inference
from gradcli.engine.tensor import Tensor
from gradcli.errors import LeafRule, ShapeMismatch, WrongType, WrongValue
from gradcli.lang.arrays import marked
from gradcli.lang.frameworks.factories import Factories, check_device, operand
from gradcli.lang.frameworks.strictness import of_tensors
from gradcli.lang.frameworks.torch import functions as torch_functions
from gradcli.lang.frameworks.torch import products as torch_products
from gradcli.lang.frameworks.torch import selection as torch_selection
from gradcli.lang.frameworks.torch.autograd import backward_of
from gradcli.lang.frameworks.torch.drawing import drawing
from gradcli.lang.limits import current, note_change
from gradcli.lang.operations import OPERATIONS, dtype_name
from gradcli.lang.operators import truth
from gradcli.lang.types.table import Type
from gradcli.lang.types.tensor import TENSOR
from gradcli.lang.values import Builtin, DType, Size

MAKER = "torch.tensor(x) makes one"


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
    if np.dtype(dtype_name(dtype)).kind in "biu":
        tensor = tensor.detach()  # integers have no gradients
    return FUNCTIONS["astype"](tensor, dtype_name(dtype))


# What `x.type()` says, and what `x.type(…)` may be told.
TYPES = {
    "bool": "Bool",
    "float32": "Float",
    "float64": "Double",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "uint8": "Byte",
}
NAMED = {f"torch.{name}Tensor": dtype for dtype, name in TYPES.items()}


def kind_of(tensor: Tensor, dtype: Any = None) -> Any:
    """`x.type()` by its older name, or `x.type(dtype)`."""
    if dtype is None:
        return f"torch.{TYPES.get(tensor.dtype.name, tensor.dtype.name)}Tensor"
    name = f"torch.{dtype.name}" if type(dtype) is Builtin else dtype
    return to(tensor, DType(NAMED[name]) if type(name) is str and name in NAMED else dtype)


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
    found: Tensor = marked(tensor.detach())
    return found


def from_numpy(ndarray: Any) -> Tensor:
    """A tensor on the storage of an array."""
    return operand(ndarray).detach()


def detach_(tensor: Tensor) -> Tensor:
    """Let the tensor itself forget how it came to be."""
    if tensor.meta is not None and tensor.meta.base is not None:
        raise LeafRule("detach_() of a view", hint="detach() gives a leaf with the same value")
    meter = current()
    if meter is not None:
        meter.writing(tensor, tensor)
    tensor.origin = None
    return tensor.requires_grad_(False)


def stride(tensor: Tensor, dim: Any = None) -> Any:
    """How many elements apart neighbours along an axis are."""
    steps = tuple([n // tensor.dtype.itemsize for n in np.asarray(tensor.value).strides])
    if dim is None:
        return steps
    return steps[negative_axis(dim, tensor.ndim)]


def offset(tensor: Tensor) -> int:
    """How many elements of its base's storage come before a view."""
    if tensor.meta is None or tensor.meta.base is None:
        return 0
    return Region.of(tensor.value, tensor.meta.base.value).start


def is_contiguous(tensor: Tensor) -> bool:
    return bool(np.asarray(tensor.value).flags.c_contiguous)


def contiguous(tensor: Tensor) -> Tensor:
    return tensor if is_contiguous(tensor) else FUNCTIONS["clone"](tensor)


def writing(name: str) -> Callable[..., Tensor]:
    """The function of this name, its result written over the tensor."""
    function = torch_functions.FUNCTIONS.get(name) or OPERATIONS[name]

    def call(target: Tensor, *arguments: Any, **named: Any) -> Tensor:
        return in_place(target, function, *arguments, **named)

    return call


# Further functions that have a form that overwrites.
OVERWRITING = (
    *("clamp_max", "clamp_min", "cumprod", "cumsum", "float_power", "index_add", "masked_fill"),
    *("scatter", "scatter_add", "tril", "triu"),
)


def fill_diagonal(tensor: Tensor, fill_value: Any) -> Tensor:
    """Write a number on the diagonal of a matrix."""
    if tensor.ndim != 2:
        raise ShapeMismatch(f"fill_diagonal_ is for matrices; the shape is {tensor.shape}")
    mask = Tensor(np.eye(*tensor.shape, dtype=bool))
    return in_place(tensor, FUNCTIONS["masked_fill"], mask, fill_value)


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

    return TENSOR._replace(
        attributes={
            **{name: get for name, get in TENSOR.attributes.items() if name != "size"},
            "device": lambda x: "cpu",
            "is_cuda": lambda x: False,
            "itemsize": lambda x: x.dtype.itemsize,
            "H": lambda x: FUNCTIONS["conj"](FUNCTIONS["swapaxes"](x, -1, -2)),
            "mH": lambda x: FUNCTIONS["conj"](FUNCTIONS["swapaxes"](x, -1, -2)),
            "data": lambda x: x.data,
            "nbytes": lambda x: x.value.nbytes,
            "output_nr": lambda x: x.output_nr,
            "shape": lambda x: Size(x.shape),
        },
        methods={
            **{
                name: of_tensors(name, call, MAKER) if name in OPERATIONS else call
                for name, call in TENSOR.methods.items()
            },
            **torch_functions.FUNCTIONS,
            **torch_products.PRODUCTS,
            **torch_selection.FUNCTIONS,
            **torch_selection.METHODS,
            **{f"{name}_": writing(name) for name in OVERWRITING},
            **{f"{name}_": scaled_in_place(name) for name in ("add", "sub")},
            **drawing(factories),
            "backward": backward_of,
            "bool": cast("bool"),
            "contiguous": contiguous,
            "cpu": same,
            "cuda": refused("cuda"),
            "data_ptr": refused("data_ptr"),
            "detach_": detach_,
            "double": cast("float64"),
            "element_size": lambda x: x.dtype.itemsize,
            "fill_diagonal_": fill_diagonal,
            "float": cast("float32"),
            "is_complex": lambda x: x.dtype.kind == "c",
            "is_contiguous": is_contiguous,
            "is_inference": is_inference,
            "is_floating_point": lambda x: x.dtype.kind == "f",
            **{n: cast(d) for n, d in {"byte": "uint8", "char": "int8", "int": "int32"}.items()},
            "long": cast("int64"),
            "short": cast("int16"),
            "ndimension": lambda x: x.ndim,
            "nelement": lambda x: x.size,
            "new_empty": new(factories.filled(0.0)),
            "new_full": new(factories.full),
            "new_ones": new(factories.filled(1.0)),
            "new_tensor": lambda x, data, dtype=None, **options: factories.tensor(
                data, dtype or x.dtype.name, **options
            ),
            "new_zeros": new(factories.filled(0.0)),
            "numpy": numpy_of,
            "pin_memory": same,
            "repeat": torch_functions.repeat,
            "size": size,
            "storage_offset": offset,
            "stride": stride,
            "to": to,
            "type": kind_of,
            "type_as": to,
        },
        setters={**TENSOR.setters, "data": set_data, "grad": set_grad},
    )
