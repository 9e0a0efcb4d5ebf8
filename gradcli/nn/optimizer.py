"""What optimizers share: groups of parameters, what they remember of each, and a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from gradcli.engine.graph import enable_grad, here
from gradcli.engine.inplace import overwrite_all
from gradcli.engine.tensor import Tensor
from gradcli.errors import LeafRule, ShapeMismatch, WrongType, WrongValue, described
from gradcli.nn.module import clear

Group = dict[str, Any]
# How PyTorch may compute a step, which changes no number: one way is enough here.
WAYS = {"foreach": None, "capturable": False, "differentiable": False}
# Elements of what is updated at once: its operands stay in the cache between the operations.
BLOCK = 2**14


class Optimizer:
    """Updates parameters in place, from their gradients.

    A subclass says in `defaults` what its options are, in the order in which they can be given,
    and in `update` what it does to one parameter. Groups of parameters may have options of their
    own.
    """

    defaults: ClassVar[dict[str, Any]]

    def __init__(
        self, params: Iterable[Tensor] | Iterable[Group], *given: Any, **named: Any
    ) -> None:
        if len(given) > len(self.defaults):
            raise WrongType(f"{type(self).__name__} takes {', '.join(self.defaults)}")
        self.options = self.defaults | dict(zip(self.defaults, given, strict=False)) | named
        self.param_groups: list[Group] = []
        # By the parameters' identities: they have no order, and are compared element by element.
        self.state: dict[int, dict[str, Any]] = {}
        if type(params) is Tensor:
            raise WrongType("an optimizer takes a list of parameters, not a single one")
        several: list[Any] = list(params)
        if not several:
            raise WrongValue("an optimizer was given no parameters")
        groups = several if isinstance(several[0], Mapping) else [{"params": several}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """More parameters, with the options of this optimizer where the group has none."""
        params = param_group["params"]
        params = [params] if type(params) is Tensor else list(params)
        known = {id(x) for group in self.param_groups for x in group["params"]}
        for x in params:
            if type(x) is not Tensor:
                raise WrongType(f"an optimizer takes tensors, not {described(x)}")
            if not x.is_leaf:
                raise LeafRule("an optimizer cannot change the result of an operation")
            if id(x) in known:
                raise WrongValue("a parameter was given to an optimizer twice")
            known.add(id(x))
        group = {"params": params} | self.options | {**param_group, "params": params}
        unknown = {*group} - {*self.defaults, "params", "initial_lr"}
        if unknown:
            raise WrongType(
                f"{type(self).__name__} has no option '{min(unknown)}'",
                hint=f"it has {', '.join(self.defaults)}",
            )
        if type(group.get("lr")) is Tensor:
            group["lr"] = group["lr"].item()
        self.check(group)
        self.param_groups.append(group)

    def check(self, group: Group) -> None:
        """Refuse options that make no sense."""
        for name in ("lr", "weight_decay", "eps", "momentum"):
            if name in group and not group[name] >= 0:
                raise WrongValue(f"{name} must not be negative: {group[name]}")
        for beta in group.get("betas", ()):
            if not 0 <= beta < 1:
                raise WrongValue(f"betas are at least 0 and less than 1: {beta}")
        if group.get("differentiable"):
            raise WrongValue(
                "a step overwrites the parameters and is not recorded: differentiable=False",
                hint="w = w - lr*g, of torch.autograd.grad(loss, w, create_graph=True)",
            )

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or overwrite them with 0."""
        for group in self.param_groups:
            clear(group["params"], set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, call it first for the loss.

        Nothing is recorded, and a parameter's version rises.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if here.state.meter is not None:
            here.state.meter.remembering(self)
        for group in self.param_groups:
            moving, slopes = [], []
            for x in group["params"]:
                if x.meta is not None and x.meta.grad is not None:
                    moving.append(x)
                    slopes.append(x.meta.grad.taken())
            overwrite_all(moving, partial(self.change, moving, slopes, group))
        return loss

    def change(
        self, moving: list[Tensor], slopes: list[Any], group: Group, values: list[Any]
    ) -> None:
        """Update the values of the parameters of a group, given with their gradients."""
        names, terms, at, state = self.remembers(group), {}, 0, self.state
        known = {*names}
        for x, g, value in zip(moving, slopes, values, strict=True):
            arrays, step = [], 1
            if names:
                memory = state.get(id(x))
                if memory is None or not known <= memory.keys():
                    memory = self.begin(x, names, group)
                memory["step"] = step = memory["step"] + 1
                arrays = [memory[name] for name in names]
            if step != at:  # seldom but for the first: all are as many steps old
                at, terms = step, self.terms(step, group)
            if value.ndim and value.size <= BLOCK:
                self.update(value, g, arrays, terms)
                continue
            for part, slope, *parts in pieces(value, g, *arrays):
                self.update(part, slope, parts, terms)

    def renew(self, copies: Callable[[list[Any]], list[Any]]) -> Callable[[], None]:
        """Go on with copies of what is remembered; what is returned gives the former back."""
        before = self.state
        values = iter(copies([value for memory in before.values() for value in memory.values()]))
        self.state = {
            key: dict(zip(memory, values, strict=False)) for key, memory in before.items()
        }
        return partial(setattr, self, "state", before)

    def begin(self, x: Tensor, names: tuple[str, ...], group: Group) -> dict[str, Any]:
        """What is remembered of a parameter before its first step, or beside what there is."""
        arrays = {name: np.full(x.shape, self.start(name, group), x.dtype) for name in names}
        memory = self.state[id(x)] = {"step": 0, **arrays, **self.state.get(id(x), {})}
        return memory

    def remembers(self, group: Group) -> tuple[str, ...]:
        """Names of what is remembered of each parameter: arrays of its shape."""
        raise NotImplementedError

    def start(self, _name: str, _group: Group) -> float:
        """What such an array is filled with at first."""
        return 0.0

    def terms(self, step: int, group: Group) -> dict[str, Any]:
        """What `update` is called with beside the arrays: the same for all of a parameter."""
        raise NotImplementedError

    def update(self, x: Any, g: Any, memory: Sequence[Any], terms: Mapping[str, Any]) -> None:
        """Write into x and memory, arrays or pieces of them. g is the caller's and is only read."""
        raise NotImplementedError

    # ---- state ----

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, by the parameters' numbers, and the options of each group."""
        numbers = {id(x): k for k, x in enumerate(self.parameters())}
        return {
            "state": {
                numbers[key]: {
                    name: value.copy() if isinstance(value, np.ndarray) else value
                    for name, value in memory.items()
                }
                for key, memory in self.state.items()
            },
            "param_groups": [
                {name: value for name, value in group.items() if name != "params"}
                | {"params": [numbers[id(x)] for x in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        groups = state_dict["param_groups"]
        if [len(g["params"]) for g in groups] != [len(g["params"]) for g in self.param_groups]:
            raise WrongValue("the state's groups have other numbers of parameters")
        parameters = [*self.parameters()]
        for number, memory in state_dict["state"].items():
            own_shape = parameters[int(number)].shape
            for name, value in memory.items():
                if isinstance(value, np.ndarray) and value.shape != own_shape:
                    raise ShapeMismatch(
                        f"'{name}' of parameter {number} has shape {value.shape}, "
                        f"the parameter {own_shape}"
                    )
        for own, given in zip(self.param_groups, groups, strict=True):
            own.update({name: value for name, value in given.items() if name != "params"})
        self.state = {
            id(parameters[int(number)]): {
                name: value.astype(parameters[int(number)].dtype)
                if isinstance(value, np.ndarray)
                else value
                for name, value in memory.items()
            }
            for number, memory in state_dict["state"].items()
        }

    def parameters(self) -> Iterator[Tensor]:
        """Those of all groups."""
        return (x for group in self.param_groups for x in group["params"])

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={self.options[name]}" for name in self.defaults)
        return f"{type(self).__name__}({options})"


def pieces(*arrays: Any) -> Iterator[tuple[Any, ...]]:
    """The arrays as vectors; large ones in blocks. The first of them can be written so."""
    if not all(x.flags.c_contiguous for x in arrays):
        yield tuple([np.atleast_1d(x) for x in arrays])
        return
    rows = [x.reshape(-1) for x in arrays]
    size = rows[0].size
    if size <= BLOCK:
        yield tuple(rows)
        return
    for start in range(0, size, BLOCK):
        yield tuple([x[start : start + BLOCK] for x in rows])
