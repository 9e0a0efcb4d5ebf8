"""`torch.func`: of a function a function, of a module one of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradcli import nn
from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.randomness import stream
from gradcli.engine.tensor import Tensor
from gradcli.errors import UnknownAttribute, WrongType, WrongValue, described
from gradcli.lang import calculus
from gradcli.lang.frameworks.strictness import steps
from gradcli.lang.operators import truth
from gradcli.lang.sequences import items_of
from gradcli.lang.values import LISTS, Builtin, NativeSteps


def of_function(name: str, *, both: bool) -> Callable[..., Any]:
    transform = calculus.transform(name, both=both).call

    def make(func: Any, argnums: Any = 0, has_aux: Any = False) -> Any:
        calculus.function_of(name, func)
        return transform(func, argnums, has_aux=truth(has_aux))

    return make


def grad_and_value(func: Any, argnums: Any = 0, has_aux: Any = False) -> Builtin:
    inner = of_function("value_and_grad", both=True)(func, argnums, has_aux)

    def steps(*arguments: Any, **named: Any) -> NativeSteps:
        value, found = yield (inner, arguments, named)
        return found, value

    return Builtin(f"grad_and_value({func.name})", steps, steps=True)


def hessian(func: Any, argnums: Any = 0) -> Builtin:
    """The Jacobian of the Jacobian: of results of any shape."""
    return calculus.jacobian(calculus.jacobian(func, argnums), argnums)


def jacrev(
    func: Any,
    argnums: Any = 0,
    *,
    has_aux: Any = False,
    chunk_size: Any = None,
    _preallocate_and_copy: Any = False,
) -> Builtin:
    """`chunk_size` says how PyTorch shares the work out, and changes nothing."""
    return calculus.jacobian(func, argnums, has_aux=truth(has_aux))


def jacfwd(
    func: Any, argnums: Any = 0, has_aux: Any = False, *, randomness: Any = "error"
) -> Builtin:
    check_randomness(randomness)
    return calculus.jacobian(func, argnums, has_aux=truth(has_aux))


def jvp(
    func: Any, primals: Any, tangents: Any, *, strict: Any = False, has_aux: Any = False
) -> NativeSteps:
    truth(strict)  # of results that depend on nothing, whose tangents are 0
    return (yield from calculus.jvp(func, primals, tangents, has_aux=truth(has_aux)))


def vjp(func: Any, *primals: Any, has_aux: Any = False) -> NativeSteps:
    return (yield from calculus.vjp(func, *primals, has_aux=truth(has_aux)))


def linearize(func: Any, *primals: Any) -> NativeSteps:
    """The value, and the function from tangents to the derivative along them."""
    function = calculus.function_of("linearize", func)
    value = yield (function, primals, {})

    def push(*tangents: Any) -> NativeSteps:
        return (yield from calculus.jvp(function, primals, tangents))[1]

    return value, Builtin(f"linearize({function.name})", push, steps=True)


# ---- a function of every row --------------------------------------------------------------------


def check_randomness(randomness: Any) -> str:
    if randomness not in ("error", "different", "same"):
        raise WrongValue("randomness is 'error', 'different' or 'same'")
    found: str = randomness
    return found


def vmap(
    func: Any,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: Any = "error",
    *,
    chunk_size: Any = None,
) -> Builtin:
    """Row by row. The same random numbers for each with randomness='same', else others.

    `chunk_size` says how PyTorch shares the work out, and changes nothing.
    """
    if check_randomness(randomness) != "same":
        return calculus.vmap(func, in_dims, out_dims)
    function = calculus.function_of("vmap", func)

    def steps(*arguments: Any, **named: Any) -> NativeSteps:
        start = stream.numbers.place()

        def again(*row: Any) -> NativeSteps:
            stream.numbers.go_back(start)
            return (yield (function, row, {}))

        rows = calculus.vmap(Builtin(function.name, again, steps=True), in_dims, out_dims)
        return (yield (rows, arguments, named))

    return Builtin(f"vmap({function.name})", steps, steps=True)


# ---- modules as functions of their parameters ---------------------------------------------------


def functional_call(
    module: Any, parameter_and_buffer_dicts: Any, args: Any = None, kwargs: Any = None
) -> NativeSteps:
    """A module's result with other tensors for its parameters and buffers, by their paths."""
    if not isinstance(module, nn.Module):
        raise WrongType(f"functional_call takes a module, not {described(module)}")
    given = parameter_and_buffer_dicts
    tables = list(given) if type(given) in LISTS else [given]
    if any(type(table) is not dict for table in tables):
        raise WrongType("functional_call takes a dict of tensors by name, or a tuple of dicts")
    arguments = () if args is None else tuple(args) if type(args) is tuple else (args,)
    with replaced(module, {name: x for table in tables for name, x in table.items()}):
        return (yield (module, arguments, {} if kwargs is None else kwargs))


@contextmanager
def replaced(module: nn.Module, tensors: dict[str, Any]) -> Iterator[None]:
    """Other tensors in a module, while this context lasts."""
    places = []
    for path, tensor in tensors.items():
        if type(tensor) is not Tensor:
            raise WrongType(f"functional_call: '{path}' is a tensor, not {described(tensor)}")
        owner, _, name = path.rpartition(".")
        members = module.get_submodule(owner).members
        table = members.parameters if name in members.parameters else members.buffers
        if name not in table:
            raise UnknownAttribute(f"the module has no parameter '{path}'")
        places.append((table, name, tensor, table[name]))
    for table, name, tensor, _ in places:
        table[name] = tensor
    try:
        yield
    finally:
        for table, name, _, before in places:
            table[name] = before


def stack_module_state(models: Any) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The parameters and the buffers of modules alike, each stacked under its name."""
    modules = items_of(models)
    if not modules or any(not isinstance(each, nn.Module) for each in modules):
        raise WrongType("stack_module_state takes a list of modules")
    parameters = [dict(each.named_parameters()) for each in modules]
    buffers = [dict(each.named_buffers()) for each in modules]
    return stacked(parameters, needing=True), stacked(buffers, needing=False)


def stacked(tables: list[dict[str, Tensor]], *, needing: bool) -> dict[str, Tensor]:
    found = {}
    for name in tables[0]:
        if any(name not in table for table in tables):
            raise WrongType("stack_module_state: the modules have different parameters")
        leaf = F["stack"]([table[name].detach() for table in tables])
        found[name] = leaf.requires_grad_(needing)
    return found


def func_names() -> dict[str, Any]:
    plain: dict[str, Callable[..., Any]] = {
        "grad": of_function("grad", both=False),
        "grad_and_value": grad_and_value,
        "hessian": hessian,
        "jacfwd": jacfwd,
        "jacrev": jacrev,
        "vmap": vmap,
    }
    plain["stack_module_state"] = stack_module_state
    stepping: dict[str, Callable[..., Any]] = {
        "functional_call": functional_call,
        "jvp": jvp,
        "linearize": linearize,
        "vjp": vjp,
    }
    found = {name: Builtin(f"torch.func.{name}", call) for name, call in plain.items()}
    return found | steps("torch.func", stepping)
