"""The op table: an operation is declared once, and everything else about it is read from its row.

A rule is a plain numpy expression `rule(g, *operands, y, *static)` for one operand's cotangent.
It is read three ways: on raw arrays in the ordinary pass, on Tensors under `create_graph`
(numpy's protocols bring `np.cos(tensor)` back to this table), and in tracing. So a rule

- names with a leading underscore every operand (and `y`) that it does not read;
- reads the value of an operand only if the row `saves` it: any other arrives as a `Spec`;
- lets `g` carry leading batch axes: only `...`, negative axes and `.mT`;
- never un-broadcasts, casts or conjugates: the pass does, once, after the rule;
- never writes into a buffer, which would sever the graph.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine import homes
from gradcli.engine.catalogue import Catalogue, module_of

# A rule serves arrays and Tensors alike, so its values have no narrower static type.
Value = Any
Rule = Callable[..., Value]
# The name of a row's nodes, or how it follows from their static parameters.
NodeName = str | Callable[..., str]
Bound = tuple[tuple[Value, ...], tuple[Any, ...]]


class Spec(NamedTuple):
    """Shape and dtype of a value that was not saved."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    # A Spec may stand where a saved tensor does, and answers for itself.

    @property
    def value(self) -> Spec:
        return self

    @property
    def meta(self) -> None:
        return None


def spec_of(value: Value) -> Spec:
    return new_tuple(Spec, (value.shape, value.dtype))


# As `Spec(...)`, at a third of its cost.
new_tuple = tuple.__new__
SPECS, SHAPE, DTYPE = repeat(Spec), attrgetter("shape"), attrgetter("dtype")


def specs_of(values: Sequence[Value]) -> list[Any]:
    """Of each, without a step of Python."""
    return list(map(new_tuple, SPECS, zip(map(SHAPE, values), map(DTYPE, values), strict=True)))


class Kink(NamedTuple):
    """Where an operation has no derivative, and what is taken for it there.

    `at(*operands, y, *static)` gets what the row saves, and None for the rest.
    """

    at: Callable[..., Value]
    convention: str


class Interval(NamedTuple):
    """Where an elementwise operation is smooth: bounds, and points to keep off."""

    low: float
    high: float
    holes: tuple[float, ...] = ()


REAL = Interval(-4.0, 4.0)
NONZERO = Interval(-4.0, 4.0, holes=(0.0,))
POSITIVE = Interval(0.1, 6.0)
UNIT = Interval(-0.95, 0.95)
OVER_ONE = Interval(1.1, 6.0)
OVER_MINUS_ONE = Interval(-0.9, 6.0)

# Nanoseconds to bind an index and to make the view, however large it is.
INDEXING = 2000

# Types that rules have called rows with and that are no Tensor.
RAW: set[type] = set()

# How the pass calls a row's rules: elementwise ones with one or two operands have a path each.
GENERAL, UNARY, BINARY = 0, 1, 2


class Op:
    """A row: one operation, its derivative rules and all that is known of it (see `op`)."""

    name: str
    forward: Callable[..., Value]
    rules: tuple[Rule | None, ...]
    saves: str
    domain: tuple[Interval, ...]
    kink: Kink | None
    twin: str | Callable[..., Any] | None
    why_no_twin: str
    code: str
    cost: float
    work: Callable[..., float] | None
    extent: Callable[..., int] | None
    infix: str | None
    node_name: NodeName
    aliases: tuple[str, ...]
    public: bool
    bind: Callable[..., Bound] | None
    elementwise: bool
    linear: bool
    analytic: bool
    ordered: bool
    complex: bool
    variadic: bool
    view: bool
    several: bool
    signs: tuple[int | None, ...]
    normwise: bool
    multilinear: bool
    jvp: Rule | None
    needs: str
    fresh: str
    moving: bool | Callable[..., bool]
    between: tuple[str, ...]
    home: str  # the module that declares it
    joint: bool  # one rule for all operands (see `custom.joint_row`)
    special: bool  # its rules are called otherwise than one by one for each operand
    meets: tuple[int, ...] | None  # the operands that promote, if not all do
    priced: bool  # the rules cost twice what the application did, if all shapes are the same
    divides: bool  # blocks of a large operand can be calculated one by one
    # Read off the above, once:
    form: int
    single: bool
    differentiable: bool
    saves_y: bool
    keep: tuple[int, ...]  # bits of the operands to save, by those of the operands that need it
    kept: tuple[tuple[int, ...], ...]  # the same, as their positions
    makes: tuple[bool, ...]  # `fresh`, by position
    __slots__ = tuple(__annotations__)

    def __init__(self, **facts: Any) -> None:
        for name, fact in facts.items():
            setattr(self, name, fact)
        count = 0 if self.variadic else len(self.rules)
        plain = self.elementwise and (count == UNARY or (count == BINARY and self.bind is None))
        self.form = count if plain else GENERAL
        self.single = count == 1 and not self.several
        self.differentiable = any(self.rules)
        self.saves_y = "y" in self.saves
        self.joint = False
        self.special = self.several or self.variadic
        exact = self.work is not None or self.extent is None
        self.priced = exact and not (self.view or self.several)
        self.divides = (self.elementwise and not self.view) or self.forward is np.matmul
        letters = "x" if count == 1 else "abcdef"
        with_rules = tuple([k for k, rule in enumerate(self.rules) if rule])
        # Masks, places and classes stay as they are beside others.
        beside = 0 < len(with_rules) < count and (not self.elementwise or self.name == "where")
        self.meets = with_rules if beside else None
        self.makes = tuple([letter in self.fresh for letter in letters[: count or None]])
        self.keep = tuple([self._kept(mask) for mask in range(1 << count)])
        self.kept = tuple([tuple([k for k in range(count) if m >> k & 1]) for m in self.keep])

    def _kept(self, mask: int) -> int:
        """Bits of the operands to save where those whose bits are in `mask` need gradients."""
        count, kept = len(self.rules), 0
        letters = "x" if count == 1 else "abcdef"
        for rule in (r for k, r in enumerate(self.rules) if r and mask >> k & 1):
            names = rule.__code__.co_varnames[1 : count + 1]
            for k, name in enumerate(names):
                if letters[k] in self.saves and not name.startswith("_"):
                    kept |= 1 << k
        return kept

    def elements(self, operands: tuple[Value, ...], static: tuple[Any, ...]) -> int:
        """How many elements the result has at most, known before anything is allocated."""
        if self.extent is not None:
            return self.extent(*operands, *static)
        if len(operands) == 1:
            return int(operands[0].size)
        if self.elementwise:
            return broadcast_size(operands)
        return max([x.size for x in operands], default=1)

    def nanoseconds(self, operands: tuple[Value, ...], static: tuple[Any, ...]) -> float:
        """What one application takes, known before it is done."""
        return self.measure(operands, static)[1]

    def measure(self, operands: tuple[Value, ...], static: tuple[Any, ...]) -> tuple[int, float]:
        """The elements of the result and the nanoseconds of one application, in advance."""
        extent = self.extent
        elements = self.elements(operands, static) if extent is None else extent(*operands, *static)
        if self.work is not None:
            return elements, self.work(*operands, *static)
        if self.view and self.extent is not None:  # which takes what it keeps, no more
            return elements, INDEXING + self.cost * elements
        return elements, self.cost * max([elements, *[x.size for x in operands]])

    def moves(self, static: tuple[Any, ...]) -> bool:
        """Does it only move elements about, with these static parameters?"""
        return self.moving(*static) if callable(self.moving) else self.moving

    def __call__(self, *arguments: Value) -> Value:
        """Apply to raw values, or let the Tensor among them do it: how a rule calls a row."""
        for value in arguments:
            if type(value) not in RAW:
                if hasattr(type(value), "apply_op"):
                    return value.apply_op(self, arguments)
                RAW.add(type(value))
        return self.forward(*arguments)

    def __repr__(self) -> str:
        return f"<op {self.name}>"


def broadcast_size(operands: tuple[Value, ...]) -> int:
    """The number of elements of operands that have been broadcast together."""
    shape = operands[0].shape
    if [x.shape for x in operands] == [shape] * len(operands):
        return int(operands[0].size)
    rank = max(len(x.shape) for x in operands)
    size = 1
    for k in range(-rank, 0):
        lengths = [x.shape[k] for x in operands if len(x.shape) >= -k]
        size *= 0 if 0 in lengths else max(lengths)
    return size


def declared(name: str) -> Op:
    import_module(f"gradcli.engine.ops.{ROW_HOMES[name]}")
    return TABLE.made[name]


def called(name: str) -> Op:
    import_module(f"gradcli.engine.ops.{NAME_HOMES[name]}")
    return ROW_OF.made[name]


# Modules of rows are imported when one of their names is asked for. A row that is not in `homes`
# is there all the same once its module is.
ROW_HOMES = module_of(homes.ROWS)
NAME_HOMES = ROW_HOMES | module_of(homes.ALIASES)
for _name in homes.PRIVATE.split():
    del NAME_HOMES[_name]
TABLE: Catalogue[Op] = Catalogue(declared, ROW_HOMES)
# Rows by the names that they are called by: their own, if they are public, and their aliases.
ROW_OF: Catalogue[Op] = Catalogue(called, NAME_HOMES)
# By what they answer for, those of the modules that are imported.
NUMPY: dict[Any, Op] = {}


def op(
    name: str,
    forward: Callable[..., Value],
    *rules: Rule | None,
    saves: str = "",
    domain: Interval | tuple[Interval, ...] = REAL,
    kink: tuple[Callable[..., Value], str] | None = None,
    twin: str | Callable[..., Any] | None = None,
    why_no_twin: str = "",
    code: str = "",
    cost: float = 1.0,
    work: Callable[..., float] | None = None,
    extent: Callable[..., int] | None = None,
    infix: str | None = None,
    node: NodeName | None = None,
    aliases: tuple[str, ...] = (),
    public: bool = True,
    numpy: tuple[Any, ...] | None = None,
    elementwise: bool = True,
    linear: bool = False,
    analytic: bool = True,
    ordered: bool = False,
    complex: bool = False,
    variadic: bool = False,
    view: bool = False,
    several: bool = False,
    signs: tuple[int | None, ...] = (),
    normwise: bool = False,
    multilinear: bool = False,
    jvp: Rule | None = None,
    needs: str = "",
    fresh: str = "",
    moving: bool | Callable[..., bool] = False,
    between: tuple[str, ...] = (),
    bind: Callable[..., Bound] | None = None,
) -> Op:
    """Add a row. `python scripts/homes.py` then enters it into the index of names.

    saves     operands (`a`, `b`, … by position; `x` for a single one) and result (`y`) whose
              values the rules read
    domain    for elementwise rows, where each operand may be drawn from
    kink      where the operation has no derivative, and the convention that its rules follow there
    twin      the same function for proofs: the name of a sympy function, or a function of
              (sympy, *operands); for whole tensors a function of (arrays of 50-digit numbers,
              *static)
    code      the same on real numbers, as an expression of its operands (x, or a, b, c; static
              parameters n, m) in Python's operators and the names of C's <math.h>: what programs
              are written in. A row without it is written as its forward is
    cost      nanoseconds an element; `work(*arrays, *static)` gives nanoseconds where the number of
              elements does not
    extent    `extent(*arrays, *static)` is the number of the result's elements, where it may be
              more than the largest operand has
    node      the name of its nodes, by default made of `name`; or a function of the static
              parameters that gives it
    public    False for a row that other functions choose and nobody calls by name
    bind      turns a call's arguments into (operands, static); without it all are operands
    numpy     the numpy functions that this row answers for; by default `forward` itself
    analytic  False where the pass must not conjugate what it hands to the rules
    ordered   True for what needs numbers in an order, which complex ones are not
    complex   True where the result is complex even if all operands are real
    view      True where the result shares the operand's storage, if numpy can give it so
    several   the result is a tuple; then so are y, and g with None for outputs that got none
    signs     of each of several results, the axis along which it holds vectors whose signs are
              arbitrary, or None: proofs give the twin's vectors the signs of the machine's
    normwise  rounding is small beside the largest element of a result, not beside each, as is so
              where matrices are solved or factorized
    multilinear  linear in each operand alone: the tangent is a sum over the operands
    jvp       `jvp(t, *operands, y, *static)`, the result's tangent from those of the operands (a
              tuple with None for constants where there may be several): only where the row is
              neither elementwise nor linear nor multilinear
    moving    for linear rows: every element of the result is one of an operand's, or 0; or a
              predicate of the static parameters that says so. Views need not say it
    between   names of the nodes that PyTorch's graph has between this one and its operands, in the
              places of next_functions; empty for none
    needs     the module that forward and rules call, beyond numpy, loaded when it is first used
    fresh     operands (as in `saves`) whose cotangents are arrays that the rule has just made, and
              nothing else holds: the pass adds to these, and gives them to leaves, uncopied
    variadic  any number of operands, one rule `rule(g, k, operands, y, *static)` for the k-th
    """
    domains = (domain,) * max(1, len(rules)) if isinstance(domain, Interval) else domain
    row = Op(
        name=name,
        forward=forward,
        rules=rules,
        saves=saves,
        domain=domains,
        kink=kink and Kink(*kink),
        twin=twin,
        why_no_twin=why_no_twin,
        code=code,
        cost=cost,
        work=work,
        extent=extent,
        infix=infix,
        node_name=node or name.title().replace("_", "") + "Backward0",
        aliases=aliases,
        public=public,
        bind=bind,
        elementwise=elementwise,
        linear=linear,
        analytic=analytic,
        ordered=ordered,
        complex=complex,
        variadic=variadic,
        view=view,
        several=several,
        signs=signs,
        normwise=normwise,
        multilinear=multilinear,
        jvp=jvp,
        needs=needs,
        fresh=fresh,
        moving=moving or view,
        between=between,
        home=sys._getframe(1).f_globals["__name__"],
    )
    TABLE.made[name] = row
    if public:
        ROW_OF.made |= dict.fromkeys((name, *aliases), row)
    for function in numpy if numpy is not None else (forward,):
        NUMPY[function] = row
    return row
