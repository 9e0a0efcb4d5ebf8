"""Values as JSON and back: the only form in which a calculation reaches the process that checks it.

Numbers travel bit by bit. None, bool, int and str are themselves; everything else is a list that
begins with its kind. Nothing that is read is evaluated, imported or unpickled.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.engine.ops.index import Index
from gradcli.engine.ops.normalization import Frame
from gradcli.engine.ops.windows import Layout
from gradcli.engine.ops.writing import Region

Json = Any
# Kinds and sizes of the dtypes that a tensor can have.
DTYPES = frozenset("?bBhHiIlLqQefdFD")


class Unsendable(Exception):
    """A value of a type that has no place in a calculation."""


def encode(value: Any) -> Json:
    kind = type(value)
    if value is None or kind is bool or kind is int or kind is str:
        return value
    encoder = ENCODERS.get(kind)
    if encoder is not None:
        return encoder(value)
    if isinstance(value, np.ndarray | np.generic):
        return encode_array(np.asarray(value))
    if isinstance(value, np.dtype):
        return ["dtype", checked(value)]
    raise Unsendable(kind.__name__)


def decode(data: Json) -> Any:
    if type(data) is not list:
        if data is None or type(data) in (bool, int, str):
            return data
        raise ValueError("no value has this form")
    kind, *parts = data
    return DECODERS[kind](*parts)


def checked(dtype: np.dtype[Any]) -> str:
    if dtype.char not in DTYPES:
        raise Unsendable(f"array of {dtype}")
    return dtype.newbyteorder("<").str


def dtype_of(text: str) -> np.dtype[Any]:
    dtype = np.dtype(text)
    if dtype.char not in DTYPES:
        raise ValueError("no tensor has this dtype")
    return dtype


def encode_array(array: np.ndarray[Any, Any]) -> Json:
    name = checked(array.dtype)
    data = np.ascontiguousarray(array).astype(name, copy=False).tobytes()
    return ["array", name, list(array.shape), base64.b64encode(data).decode()]


def decode_array(name: str, shape: list[int], data: str) -> np.ndarray[Any, Any]:
    flat = np.frombuffer(base64.b64decode(data), dtype_of(name))
    return flat.reshape([int(n) for n in shape])


def encode_index(index: Index) -> Json:
    return ["index", [encode(part) for part in index.parts], list(index.source)]


def decode_index(parts: list[Json], source: list[int]) -> Index:
    return Index(tuple(decode(part) for part in parts), tuple(int(n) for n in source))


def encode_region(region: Region) -> Json:
    return ["region", *map(encode, region.key)]


def decode_region(*key: Json) -> Region:
    shape, strides, start, source, source_strides = map(decode, key)
    return Region(shape, strides, start, source, source_strides)


ENCODERS: dict[type, Callable[[Any], Json]] = {
    float: lambda x: ["float", x.hex()],
    complex: lambda z: ["complex", z.real.hex(), z.imag.hex()],
    tuple: lambda items: ["tuple", *map(encode, items)],
    list: lambda items: ["list", *map(encode, items)],
    slice: lambda s: ["slice", encode(s.start), encode(s.stop), encode(s.step)],
    type(...): lambda _: ["..."],
    Index: encode_index,
    Layout: lambda layout: ["layout", *map(encode, layout)],
    Region: encode_region,
    Frame: lambda frame: ["frame", *map(encode, frame)],
}
DECODERS: dict[str, Callable[..., Any]] = {
    "float": float.fromhex,
    "complex": lambda re, im: complex(float.fromhex(re), float.fromhex(im)),
    "tuple": lambda *items: tuple(map(decode, items)),
    "list": lambda *items: list(map(decode, items)),
    "slice": lambda *ends: slice(*map(decode, ends)),
    "...": lambda: ...,
    "dtype": dtype_of,
    "array": decode_array,
    "index": decode_index,
    "layout": lambda *fields: Layout(*map(decode, fields)),
    "region": decode_region,
    "frame": lambda *fields: Frame(*map(decode, fields)),
}
