"""The types of the language. Dispatch is on the exact type; what has no table is no value."""

from __future__ import annotations

from functools import partial
from typing import Any

from gradcli.engine.context import Context
from gradcli.engine.graph import AccumulateGrad, Between, Node
from gradcli.engine.hooks import Handle
from gradcli.engine.tensor import Tensor
from gradcli.errors import NAMES, UnknownAttribute, described
from gradcli.lang.arrays import ArrayMeta
from gradcli.lang.dialects import active
from gradcli.lang.nearest import did_you_mean, missing
from gradcli.lang.tensors import as_tensor
from gradcli.lang.types.classes import BASE, CLASS, CONTEXT
from gradcli.lang.types.collections import DICT, LIST, SIZE, TUPLE
from gradcli.lang.types.plain import COMPLEX, DTYPE, ERROR, MODULE, REAL, RECORD
from gradcli.lang.types.string import STRING
from gradcli.lang.types.table import Type
from gradcli.lang.types.tensor import ACCUMULATOR, ARRAY, HANDLE, NODE, TENSOR
from gradcli.lang.values import ABSENT, Base, Class, DType, ErrorValue, Method, Module, Record, Size

TYPES: dict[type, Type] = {
    **dict.fromkeys(NAMES, Type()),
    int: REAL,
    float: REAL,
    complex: COMPLEX,
    str: STRING,
    tuple: TUPLE,
    Size: SIZE,
    list: LIST,
    dict: DICT,
    Tensor: TENSOR,
    Node: NODE,
    Between: NODE,
    AccumulateGrad: ACCUMULATOR,
    Handle: HANDLE,
    DType: DTYPE,
    ErrorValue: ERROR,
    Module: MODULE,
    Base: BASE,
    Class: CLASS,
    Context: CONTEXT,
    Record: RECORD,
}


def table_of(value: Any) -> Type:
    """What a value offers, in the dialect that is spoken."""
    kind, dialect = type(value), active.dialect
    if kind is Tensor and value.meta is not None and type(value.meta) is ArrayMeta:
        return ARRAY
    if dialect is not None and kind in dialect.types:
        return dialect.types[kind]
    return TYPES[kind]


def get_attribute(value: Any, name: str) -> Any:
    """`value.name`: an attribute, or a method not yet called."""
    table = table_of(value)
    if table.find is not None:
        found = table.find(value, name)
        if found is not ABSENT:
            return found
    attribute = table.attributes.get(name)
    if attribute is not None:
        return attribute(value)
    method = table.methods.get(name)
    if method is not None:
        return Method(name, method, value)
    if type(value) is list and name in TENSOR.methods:
        # A list of numbers is a tensor as soon as an operation meets it: a method is one.
        return Method(name, TENSOR.methods[name], as_tensor(value))
    raise unknown(value, name)


def set_attribute(value: Any, name: str, new: Any) -> None:
    """`value.name = new`, where the type's table allows it."""
    table = table_of(value)
    setter = table.setters.get(name)
    if setter is not None:
        setter(value, new)
    elif table.put is not None:
        table.put(value, name, new)
    elif name in attributes_of(value):
        raise UnknownAttribute(f"'{name}' of {described(value)} cannot be assigned")
    else:
        raise unknown(value, name)


def attributes_of(value: Any) -> list[str]:
    """The names that may follow a dot: attributes and methods."""
    table = table_of(value)
    known = [*table.attributes, *table.methods, *(table.known(value) if table.known else ())]
    if type(value) is list:
        known += TENSOR.methods
    return known


def unknown(value: Any, name: str) -> UnknownAttribute:
    owner, known = described(value), attributes_of(value)
    path = None
    if type(value) is Module:
        path = owner = value.name
    elif type(value) is Tensor and active.dialect is not None:
        path = f"{active.dialect.name}.{active.dialect.tensor}"
    if path is None:
        hint = partial(did_you_mean, name, known)
        return UnknownAttribute(f"{owner} has no attribute '{name}'", hint=hint)
    lacks, remedy = missing(path, name, known)
    return UnknownAttribute(lacks or f"{owner} has no attribute '{name}'", hint=remedy)


__all__ = ["TYPES", "Type", "attributes_of", "get_attribute", "set_attribute"]
