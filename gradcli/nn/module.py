"""Module: a function with parameters of its own. MindSpore calls it Cell, and forward construct."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Self

import numpy as np

from gradcli.engine.graph import here
from gradcli.engine.hooks import Handle, Hook
from gradcli.engine.inplace import overwrite
from gradcli.engine.operands import as_operand
from gradcli.engine.storage import version_of
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, UnknownAttribute, WrongKey, WrongType, described
from gradcli.nn.callbacks import Callbacks
from gradcli.nn.members import Members
from gradcli.nn.parameter import Parameter


class Mismatch(NamedTuple):
    """Names that a module has and a state has not, and the other way about."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """Base of all layers and networks. A subclass defines `forward`, or `construct`.

    Parameters, buffers and modules that are assigned to attributes become its members.
    """

    members: Members
    training: bool
    callbacks: Callbacks | None

    def __new__(cls, *_args: Any, **_named: Any) -> Self:
        self = super().__new__(cls)
        object.__setattr__(self, "members", Members())
        object.__setattr__(self, "training", True)
        object.__setattr__(self, "callbacks", None)
        return self

    def __init__(self) -> None:
        """Nothing: members are there before a subclass's own __init__ runs."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        if self.callbacks is None:
            return self.forward(*args, **named)
        return self.callbacks.around(self, args, named)

    def forward(self, *args: Any, **named: Any) -> Any:
        construct = getattr(type(self), "construct", None)
        if construct is None:
            raise UnknownAttribute(
                f"{type(self).__name__} defines neither forward nor construct",
                hint="def forward(self, x): …",
            )
        return construct(self, *args, **named)

    # ---- attributes ----

    def __setattr__(self, name: str, value: Any) -> None:
        if self.members.take(name, value):
            self.__dict__.pop(name, None)
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for table in self.__dict__["members"].tables:
            if name in table:
                return table[name]
        raise UnknownAttribute(f"{type(self).__name__} has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        if name in self.members:
            self.members.drop(name)
        else:
            object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for t in self.members.tables for name in t)})

    def register_parameter(self, name: str, param: Tensor | None) -> None:
        if param is not None and not isinstance(param, Parameter):
            raise WrongType(
                f"'{name}' is no parameter, but {described(param)}",
                hint="nn.Parameter(value) makes one",
            )
        self.members.put(self.members.parameters, name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """A tensor that is saved with the module and that no optimizer changes."""
        self.members.put(self.members.buffers, name, tensor)
        if not persistent:
            self.members.passing.add(name)

    def register_module(self, name: str, module: Module | None) -> None:
        self.members.put(self.members.modules, name, module)

    add_module = register_module

    # ---- hooks ----

    def register_forward_pre_hook(self, hook: Hook) -> Handle:
        """Call `hook(module, arguments)` before forward; it may return other arguments."""
        return Handle(self._hooked().before, hook)

    def register_forward_hook(self, hook: Hook) -> Handle:
        """Call `hook(module, arguments, result)` after forward; it may return another result."""
        return Handle(self._hooked().after, hook)

    def register_full_backward_pre_hook(self, hook: Hook) -> Handle:
        """Call `hook(module, grad_outputs)` first in a pass; it may return other grad_outputs."""
        return Handle(self._hooked().first, hook)

    def register_full_backward_hook(self, hook: Hook) -> Handle:
        """Call `hook(module, grad_inputs, grad_outputs)` in a pass back through the module."""
        return Handle(self._hooked().backward, hook)

    def _hooked(self) -> Callbacks:
        if self.callbacks is None:
            self.callbacks = Callbacks()
        return self.callbacks

    # ---- what it is made of ----

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it, each once, by their paths."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            below = reversed(module.members.modules.items())
            stack += [(joined(path, name), child) for name, child in below if child is not None]

    def modules(self) -> Iterator[Module]:
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        pairs = self.members.modules.items()
        return ((name, child) for name, child in pairs if child is not None)

    def children(self) -> Iterator[Module]:
        return (child for _, child in self.named_children())

    def get_submodule(self, target: str) -> Module:
        """The module at a path such as `layer1.0`."""
        module = self
        for name in target.split(".") if target else ():
            below = module.members.modules.get(name)
            if below is None:
                raise UnknownAttribute(f"there is no module '{target}': '{name}' is missing")
            module = below
        return module

    def named_parameters(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The parameters by their paths; one that is shared, once."""
        return self._named("parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Tensor]:
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def trainable_params(self, recurse: bool = True) -> list[Tensor]:
        """The parameters that need gradients, in a list."""
        return [parameter for parameter in self.parameters(recurse) if parameter.requires_grad]

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        return self._named("buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(self, table: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Tensor]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, tensor in getattr(module.members, table).items():
                if tensor is not None and id(tensor) not in seen:
                    seen.add(id(tensor))
                    yield joined(path, name), tensor

    # ---- modes ----

    def train(self, mode: bool = True) -> Self:
        """Behave as in training, or, with False, as when it is used: dropout, batch norm."""
        for module in self.modules():
            module.training = bool(mode)
        return self

    set_train = train

    def eval(self) -> Self:
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or overwrite them with 0."""
        clear(self.parameters(), set_to_none)

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn` with every module, each after those below it, which come in their order."""
        order: list[Module] = []
        seen: set[int] = set()
        stack: list[Module] = [self]
        while stack:  # from the last to the first
            module = stack.pop()
            if id(module) not in seen:
                seen.add(id(module))
                order.append(module)
                stack += module.children()
        for module in reversed(order):
            fn(module)
        return self

    def to(self, dtype: Any) -> Self:
        """Cast all parameters and all buffers of real numbers. Gradients are forgotten."""
        kind = np.dtype(dtype)
        for module in self.modules():
            for table in (module.members.parameters, module.members.buffers):
                for tensor in table.values():
                    if tensor is not None and tensor.dtype.kind in "fc":
                        tensor.value = tensor.value.astype(kind)
                        tensor.grad = None
                        version_of(tensor).count += 1  # a graph that saved it must not go on
        return self

    def float(self) -> Self:
        return self.to(np.float32)

    def double(self) -> Self:
        return self.to(np.float64)

    # ---- state ----

    def state_dict(self, prefix: str = "") -> dict[str, Tensor]:
        """Parameters and buffers by their paths, detached: they share storage with the module."""
        state = {}
        for path, module in self.paths(prefix):
            own = module.members
            kept = {k: x for k, x in own.buffers.items() if k not in own.passing}
            for name, tensor in (own.parameters | kept).items():
                if tensor is not None:
                    state[joined(path, name)] = tensor.detach()
        return state

    def paths(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Every path to a module: one that is shared has several, and is in a state by each."""
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            meter = here.state.meter
            if meter is not None:  # modules that are shared at each level have 2^n paths
                meter.charge(50)
            yield path, module
            below = reversed(module.members.modules.items())
            stack += [(joined(path, name), child) for name, child in below if child is not None]

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Mismatch:
        """Copy a state into the module. An error, before anything is changed, names every misfit.

        Without `strict` names may be missing or unexpected; shapes must fit all the same.
        """
        own = self.state_dict()
        given = {name: as_operand(value) for name, value in state_dict.items()}
        # Older files do not count the batches that running statistics have seen, nor need they.
        lacking = [k for k in own if k not in given and not k.endswith("num_batches_tracked")]
        names = Mismatch(lacking, [k for k in given if k not in own])
        both = [k for k in own if k in given]
        shapes = [k for k in both if own[k].shape != given[k].shape]
        reports = [
            f"'{k}' has shape {given[k].shape}, the module needs {own[k].shape}" for k in shapes
        ]
        if strict:
            reports = [
                *(f"'{name}' is missing" for name in names.missing_keys),
                *(f"'{name}' is unexpected" for name in names.unexpected_keys),
                *reports,
            ]
        if reports:
            kind = ShapeMismatch if shapes else WrongKey
            raise kind(f"the state does not fit {type(self).__name__}: " + "; ".join(reports))
        for name in both:
            overwrite(own[name], writer(given[name].taken()))
        return names

    # ---- printing ----

    def extra_repr(self) -> str:
        """What stands in parentheses when the module is printed."""
        return ""

    def children_shown(self) -> list[str]:
        """The modules within, indented, each after its name."""
        return [
            f"  ({name}): " + repr(child).replace("\n", "\n  ")
            for name, child in self.named_children()
        ]

    def __repr__(self) -> str:
        meter = here.state.meter
        if meter is not None:
            meter.charge(20)
        lines, extra = self.children_shown(), self.extra_repr()
        if lines and extra:
            lines = [*(f"  {line}" for line in extra.split("\n")), *lines]
        inside = "\n" + "\n".join(lines) + "\n" if lines else extra
        return f"{type(self).__name__}({inside})"


def joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def clear(tensors: Iterable[Tensor], set_to_none: bool) -> None:
    """Forget gradients, or overwrite them with 0."""
    for tensor in tensors:
        meta = tensor.meta
        if meta is None or meta.grad is None:
            continue
        if set_to_none:
            meta.grad = None
        else:
            overwrite(meta.grad, writer(0))


def writer(value: Any) -> Callable[[Any], None]:
    """What overwrites an array with a value."""

    def write(array: Any) -> None:
        array[...] = value

    return write


Cell = Module
