"""What the operations on whole arrays are called in numpy, PyTorch and JAX."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.program import Value
from gradcli.errors import WrongType
from gradcli.views.export.special import ORDER_FIRST, ORDER_LAST, names_in

LANGUAGES = {"np": "numpy", "torch": "PyTorch", "jnp": "JAX"}
NUMBER = re.compile(r"-?([0-9.]+(e[-+]?[0-9]+)?|torch\.(inf|nan))")


class Use(NamedTuple):
    """An operation that is to be written in a module: np, torch or jnp.

    operands  their texts
    sources   what they stand for
    """

    value: Value
    module: str
    operands: Sequence[str]
    sources: Sequence[Value]

    @property
    def static(self) -> tuple[Any, ...]:
        return self.value.static

    @property
    def x(self) -> str:
        return self.operands[0]

    @property
    def torch(self) -> bool:
        return self.module == "torch"

    @property
    def every_axis(self) -> tuple[int, ...]:
        return tuple(range(-len(self.sources[0].shape), 0))

    def call(self, name: str, *arguments: object) -> str:
        texts = [str(x) for x in arguments if x != ""]
        return f"{self.module}.{name}({', '.join(texts)})"

    def along(self, axis: object, keepdims: bool = False) -> str:
        """`axis=…, keepdims=True`, in the module's words."""
        words = ("dim", "keepdim") if self.torch else ("axis", "keepdims")
        texts = [] if axis is None else [f"{words[0]}={axis}"]
        return ", ".join(texts + ([f"{words[1]}=True"] if keepdims else []))

    def refused(self) -> WrongType:
        assert self.value.op is not None
        return no_form(self.value.op.name, LANGUAGES[self.module])


def no_form(name: str, language: str) -> WrongType:
    return WrongType(f"export: {name} has no form in {language}")


Form = Callable[[Use], str]
FORMS: dict[str, Form] = {}


def form(*names: str) -> Callable[[Form], Form]:
    def register(function: Form) -> Form:
        FORMS.update(dict.fromkeys(names, function))
        return function

    return register


def forms_in(module: str) -> dict[str, Form]:
    """By row, what writes it in a module."""
    lacking = {"np": NOT_IN_NUMPY, "torch": frozenset(("convolve",))}.get(module, frozenset())
    common = {name: function for name, function in FORMS.items() if name not in lacking}
    return common | dict.fromkeys(names_in(module), special)


def special(use: Use) -> str:
    """A special function of one number, or of several."""
    assert use.value.op is not None
    name = use.value.op.name
    arguments = [in_tensor(x) if use.torch else x for x in use.operands]
    if name in ORDER_FIRST:
        arguments = [str(use.static[0]), *arguments]
    elif name in ORDER_LAST:
        arguments = [*arguments, str(use.static[0])]
    elif any(use.static):
        raise use.refused()
    return f"{names_in(use.module)[name]}({', '.join(arguments)})"


def in_tensor(text: str) -> str:
    """PyTorch's functions take tensors alone, and numbers would be float32."""
    if text in ("True", "False"):
        return f"torch.tensor({text})"
    return f"torch.tensor({text}, dtype=torch.float64)" if NUMBER.fullmatch(text) else text


# numpy has them in no function; they are written out.
NOT_IN_NUMPY = frozenset(("softmax", "log_softmax", "logsumexp", "sigmoid"))


@form("logaddexp", "logaddexp2")
def logarithm_of_sum(use: Use) -> str:
    assert use.value.op is not None
    texts = [in_tensor(x) if use.torch else x for x in use.operands]
    return use.call(use.value.op.name, *texts)


@form("sigmoid")
def logistic(use: Use) -> str:
    return use.call("sigmoid" if use.torch else "nn.sigmoid", use.x).replace("jnp", "jax")


@form("softmax", "log_softmax")
def shares(use: Use) -> str:
    assert use.value.op is not None
    name = use.value.op.name if use.torch else f"nn.{use.value.op.name}"
    return use.call(name, use.x, use.along(use.static[0])).replace("jnp", "jax")


@form("logsumexp")
def logarithm_of_sums(use: Use) -> str:
    axes, keepdims = use.static
    if use.torch:
        axes = use.every_axis if axes is None else axes
        return use.call("logsumexp", use.x, use.along(axes, keepdims))
    return use.call("nn.logsumexp", use.x, use.along(axes, keepdims)).replace("jnp", "jax")


# ---- shapes -------------------------------------------------------------------------------------


@form("reshape", "ravel", "squeeze", "expand_dims")
def reshaped(use: Use) -> str:
    return use.call("reshape", use.x, use.value.shape)


@form("broadcast_to")
def broadcast(use: Use) -> str:
    return use.call("broadcast_to", in_tensor(use.x) if use.torch else use.x, use.value.shape)


@form("transpose", "t", "swapaxes")
def turned(use: Use) -> str:
    """The axes of the operand in the order that a turn gives them."""
    op = use.value.op
    assert op is not None
    lengths = tuple(range(2, 2 + len(use.sources[0].shape)))
    probe = op.forward(np.broadcast_to(np.float64(0), lengths), *use.static)
    order = tuple([n - 2 for n in probe.shape])
    if order == (1, 0):
        return f"{use.x}.T"
    return use.call("permute" if use.torch else "transpose", use.x, order)


@form("stack", "concatenate")
def joined(use: Use) -> str:
    assert use.value.op is not None
    name = "cat" if use.torch and use.value.op.name == "concatenate" else use.value.op.name
    parts = [in_tensor(x) if use.torch else x for x in use.operands]
    return use.call(name, f"[{', '.join(parts)}]", use.along(use.static[0]))


@form("flip")
def flipped(use: Use) -> str:
    return use.call("flip", use.x, use.static[0])


@form("tril", "triu")
def triangle(use: Use) -> str:
    assert use.value.op is not None
    return use.call(use.value.op.name, use.x, use.static[0] or "")


@form("pad")
def padded(use: Use) -> str:
    widths, mode, number = use.static
    if mode != "constant":
        raise use.refused()
    if not use.torch:
        return use.call("pad", use.x, widths, f"constant_values={number}" if number else "")
    ends = tuple(n for pair in reversed(widths) for n in pair)
    return use.call("nn.functional.pad", use.x, ends, f"value={number}" if number else "")


# ---- indices ------------------------------------------------------------------------------------


@form("getitem", "scatter_index")
def indexed(use: Use) -> str:
    """x[index], and its opposite: zeros, with x added at an index."""
    assert use.value.op is not None
    whole = use.sources[0] if use.value.op.name == "getitem" else use.value
    batch = (slice(None),) * (len(whole.shape) - len(use.static[0].source))
    parts = (*batch, *use.static[0].parts)
    if use.value.op.name == "getitem":
        return f"{use.x}[{index(parts)}]"
    return f"placed({use.x}, {use.value.shape}, {parts})"


def is_plain(index: Any) -> bool:
    """Is it an index that every module takes as it is written?"""
    steps = [part.step for part in index.parts if isinstance(part, slice)]
    return index.basic and all(step is None or step > 0 for step in steps)


def index(parts: tuple[Any, ...]) -> str:
    return ", ".join(sliced(part) if isinstance(part, slice) else str(part) for part in parts)


def sliced(part: slice) -> str:
    ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
    return ":".join(ends if part.step in (None, 1) else [*ends, str(part.step)])


# ---- sums, products, extremes -------------------------------------------------------------------

EXTREMES = {"max": "max", "min": "min", "max_along": "max", "min_along": "min"}


@form("sum", "mean", "prod", "nansum", "any", "all", *EXTREMES)
def reduced(use: Use) -> str:
    assert use.value.op is not None
    name, x = use.value.op.name, use.x
    axes, keepdims = use.static
    if use.torch and use.value.dtype.kind == "f" and use.sources[0].dtype.kind != "f":
        x = f"({x}).double()"
    if name in EXTREMES:
        name = f"a{EXTREMES[name]}" if use.torch else EXTREMES[name]
    if use.torch and axes is None and keepdims:
        axes = use.every_axis
    if use.torch and name == "prod" and axes is not None:
        if len(axes) != 1:
            raise use.refused()
        (axes,) = axes
    return use.call(name, x, use.along(axes, keepdims))


@form("argmax", "argmin")
def place_of_extreme(use: Use) -> str:
    assert use.value.op is not None
    axis, keepdims = use.static
    return use.call(use.value.op.name, use.x, use.along(axis, keepdims))


@form("norm2")
def length(use: Use) -> str:
    axes, keepdims = use.static
    return use.call("linalg.vector_norm", use.x, use.along(axes, keepdims))


@form("cumsum", "cumprod")
def running(use: Use) -> str:
    assert use.value.op is not None
    return use.call(use.value.op.name, use.x, use.along(use.static[0]))


@form("logcumsumexp")
def running_logarithm(use: Use) -> str:
    axis = use.static[0]
    if use.torch:
        return use.call("logcumsumexp", use.x, use.along(axis))
    if use.module == "np":
        return use.call("logaddexp.accumulate", use.x, use.along(axis))
    return f"jax.lax.cumlogsumexp({use.x}, axis={axis + len(use.value.shape)})"


# ---- linear algebra -----------------------------------------------------------------------------


@form("dot", "mv", "vm", "mm", "bmm", "matmul")
def product(use: Use) -> str:
    return " @ ".join(use.operands)


@form("outer")
def outer_product(use: Use) -> str:
    return f"{use.operands[0]}[..., None] * {use.operands[1]}[..., None, :]"


@form("einsum")
def contraction(use: Use) -> str:
    *_, inputs, output = use.static
    parts = [in_tensor(x) if use.torch else x for x in use.operands]
    return use.call("einsum", f'"{",".join(inputs)}->{output}"', *parts)


@form("inv", "det")
def of_a_matrix(use: Use) -> str:
    assert use.value.op is not None
    return use.call(f"linalg.{use.value.op.name}", use.x)


@form("pinv")
def pseudoinverse(use: Use) -> str:
    return use.call("linalg.pinv", use.x, f"rtol={use.static[0]!r}")


@form("slogdet", "qr")
def part_of_several(use: Use) -> str:
    assert use.value.op is not None
    return use.call(f"linalg.{use.value.op.name}", use.x) + f"[{use.value.part}]"


@form("svd")
def singular_values(use: Use) -> str:
    return use.call("linalg.svd", use.x, "full_matrices=False") + f"[{use.value.part}]"


@form("cholesky", "eigh")
def of_the_symmetric_part(use: Use) -> str:
    assert use.value.op is not None
    part = "" if use.value.part is None else f"[{use.value.part}]"
    return use.call(f"linalg.{use.value.op.name}", f"({use.x} + {use.x}.mT) / 2") + part


@form("cofactor")
def cofactors(use: Use) -> str:
    return f"cofactors({use.x})"


@form("recurrence")
def recurrence(use: Use) -> str:
    return f"recurrence({', '.join(use.operands)})"


@form("convolve")
def convolution(use: Use) -> str:
    """Of a batch on one side row by row."""
    (a, b), mode, row = use.operands, f'"{use.static[0]}"', "row"
    while row in (a, b):
        row += "_"
    match [len(source.shape) for source in use.sources]:
        case [1, 1]:
            return use.call("convolve", a, b, mode)
        case [2, 1]:
            rows = f"[{use.call('convolve', row, b, mode)} for {row} in {a}]"
        case [1, 2]:
            rows = f"[{use.call('convolve', a, row, mode)} for {row} in {b}]"
        case _:
            raise use.refused()
    return use.call("stack", rows)


@form("solve")
def solution(use: Use) -> str:
    return use.call("linalg.solve", *use.operands)
