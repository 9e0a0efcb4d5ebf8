"""Expressions to instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from gradcli.errors import ParseError
from gradcli.lang import syntax
from gradcli.lang.compiler.code import Call, Code, Instruction, Operation, Parameters, Place
from gradcli.lang.compiler.scopes import Names, distance, named
from gradcli.lang.source import Source
from gradcli.lang.trampoline import Steps
from gradcli.lang.vm import control, items
from gradcli.lang.vm import instructions as do


class ExpressionCompiler:
    """Appends the instructions of one body; every visitor is a step of the trampoline.

    names   of the function that the body is of; None for a statement of the script
    """

    visitors: ClassVar[dict[type, Callable[[Any, Any], Steps[None]]]]

    def __init__(self, source: Source, names: Names | None = None) -> None:
        self.source = source
        self.names = names
        self.instructions: list[Instruction] = []

    def emit(self, handler: Callable[..., int | None], argument: Any, node: syntax.Node) -> int:
        """Append an instruction; its index, for a jump to be filled in later."""
        self.instructions.append((handler, argument, Place(self.source, node.span)))
        return len(self.instructions) - 1

    def land(self, jumps: list[int]) -> None:
        """Let these jumps go on here."""
        for at in jumps:
            self.aim(at, len(self.instructions))

    def aim(self, at: int, to: int) -> None:
        handler, _, place = self.instructions[at]
        self.instructions[at] = (handler, to, place)

    def place(self, node: syntax.Node) -> Place:
        return Place(self.source, node.span)

    def visit(self, node: Any) -> Steps[None]:
        return self.visitors[type(node)](self, node)

    def all(self, nodes: list[Any]) -> Steps[None]:
        for node in nodes:
            yield self.visit(node)

    # ---- targets ----

    def store(self, target: Any, *, alone: bool = False) -> Steps[None]:
        """Assign the value on the stack.

        alone   nothing after it can fail and nothing before it changed anything, so that the
                variable need not be restored
        """
        if isinstance(target, syntax.Name):
            self.emit(do.put if alone else do.store, target.name, target)
        elif isinstance(target, syntax.Tuple | syntax.List):
            yield self.unpack(target, alone=alone)
        elif isinstance(target, syntax.Attribute):
            yield self.visit(target.value)
            self.emit(do.store_attribute, target.name, target)
        elif isinstance(target, syntax.Index):
            yield self.visit(target.value)
            yield self.visit(target.index)
            self.emit(items.store_item, None, target)

    def unpack(self, target: syntax.Tuple | syntax.List, *, alone: bool) -> Steps[None]:
        parts = target.items
        star = next((k for k, item in enumerate(parts) if type(item) is syntax.Starred), None)
        if star is None:
            self.emit(items.unpack, len(parts), target)
        else:
            self.emit(items.unpack_starred, (star, len(parts) - star - 1), target)
        for item in parts:
            one = item.value if isinstance(item, syntax.Starred) else item
            yield self.store(one, alone=alone)

    # ---- functions ----

    def inner(self, names: list[str] | tuple[str, ...]) -> ExpressionCompiler:
        """A compiler for a function within this one."""
        return type(self)(self.source, Names(names, self.names))

    def function(self, name: str, node: syntax.Define | syntax.Lambda) -> Steps[None]:
        parameters = yield self.parameters(node.parameters)
        body = self.inner(parameters.all)
        yield body.visit(node.body)
        body.emit(do.give_back, None, node.body)
        self.make_function(name, node, parameters, body)

    def make_function(
        self, name: str, node: Any, parameters: Parameters, body: ExpressionCompiler
    ) -> None:
        code = Code(name, parameters, body.instructions, self.place(node))
        defaults = tuple(p.name for p in node.parameters if p.default is not None)
        self.emit(do.make_function, (code, defaults), node)

    def parameters(self, nodes: list[syntax.Parameter]) -> Steps[Parameters]:
        """The parameters; their defaults are left on the stack."""
        kinds: dict[str, list[str]] = {"": [], "*": [], "only": [], "**": []}
        for node in nodes:
            if node.default is not None:
                yield self.visit(node.default)
            kind = "only" if kinds["*"] and not node.stars else node.stars
            kinds[kind].append(node.name)
        rest, options = "".join(kinds["*"]), "".join(kinds["**"])
        return Parameters(tuple(kinds[""]), rest, tuple(kinds["only"]), options)

    def comprehension(self, node: syntax.Comprehension) -> Steps[None]:
        """A function of the first iterable, called at once, so that its names are its own."""
        names = [name for clause in node.clauses for name in named(clause.target)]
        body = self.inner([FIRST, *names])
        body.emit(items.make_dict if node.key else items.make_list, 0, node)
        body.emit(do.load_local, FIRST, node.clauses[0])
        jumps: list[list[int]] = []
        begin = 0
        for clause in node.clauses:
            if jumps:
                yield body.visit(clause.iterable)
            begin = yield body.loop_head(clause, begin, jumps)
        if node.key:
            yield body.visit(node.key)
        yield body.visit(node.item)
        body.emit(control.add_item if node.key else control.append, len(node.clauses), node.item)
        body.emit(do.jump, begin, node)
        body.land(jumps[0])
        body.emit(do.give_back, None, node)
        code = Code("", Parameters((FIRST,)), body.instructions, self.place(node))
        self.emit(do.make_function, (code, ()), node)
        yield self.visit(node.clauses[0].iterable)
        self.emit(control.comprehend, None, node)

    def loop_head(self, clause: syntax.Clause, outer: int, jumps: list[list[int]]) -> Steps[int]:
        """`for … in … if …`: the index where the loop begins anew.

        outer   where the loop around it does
        jumps   receives those that leave the outermost loop
        """
        self.emit(control.iterate, None, clause.iterable)
        begin = len(self.instructions)
        end = self.emit(control.take_next, outer, clause)
        if not jumps:
            jumps.append([end])
        yield self.store(clause.target, alone=True)
        for test in clause.tests:
            yield self.visit(test)
            self.emit(do.branch_if_false, begin, test)
        return begin

    # ---- atoms and collections ----

    def literal(self, node: syntax.Number | syntax.String | syntax.Constant) -> Steps[None]:
        self.emit(do.push, node.value, node)
        return
        yield

    def dots(self, node: syntax.Dots) -> Steps[None]:
        self.emit(do.push, Ellipsis, node)
        return
        yield

    def name(self, node: syntax.Name) -> Steps[None]:
        hops = distance(node.name, self.names)
        if hops is None:
            self.emit(do.load, node.name, node)
        elif hops == 0:
            self.emit(do.load_local, node.name, node)
        else:
            self.emit(do.load_outer, (hops, node.name), node)
        return
        yield

    def fstring(self, node: syntax.FString) -> Steps[None]:
        for part in node.parts:
            if isinstance(part, str):
                self.emit(do.push, part, node)
            else:
                yield self.visit(part.value)
                self.emit(do.format_field, part.spec, part)
        self.emit(do.join, len(node.parts), node)

    def tuple(self, node: syntax.Tuple) -> Steps[None]:
        if (yield self.gathered(node.items, node)):
            self.emit(items.to_tuple, None, node)
        else:
            self.emit(items.make_tuple, len(node.items), node)

    def list(self, node: syntax.List) -> Steps[None]:
        if not (yield self.gathered(node.items, node)):
            self.emit(items.make_list, len(node.items), node)

    def gathered(self, values: Sequence[Any], node: syntax.Node) -> Steps[bool]:
        """The items on the stack, or, if one is starred, a list of all."""
        stars = tuple(type(item) is syntax.Starred for item in values)
        for item in values:
            yield self.visit(item.value if isinstance(item, syntax.Starred) else item)
        if any(stars):
            self.emit(items.gather, stars, node)
        return any(stars)

    def dict(self, node: syntax.Dict) -> Steps[None]:
        """In one piece, or, where the items of another are among it, one dict into the other."""
        starred = None in node.keys
        if starred:
            self.emit(items.make_dict, 0, node)
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield self.visit(key)
            yield self.visit(value)
            if starred:
                if key is not None:
                    self.emit(items.make_dict, 1, key)
                self.emit(items.unite, None, value)
        if not starred:
            self.emit(items.make_dict, len(node.keys), node)

    # ---- postfix ----

    def call(self, node: syntax.Call) -> Steps[None]:
        if isinstance(node.function, syntax.Name) and node.function.name == "super":
            self.base(node)
            return
        yield self.visit(node.function)
        if any(type(argument) is syntax.Starred for argument in node.arguments):
            yield self.starred_call(node)
            return
        yield self.all(node.arguments)
        yield self.all([keyword.value for keyword in node.keywords])
        names = tuple(keyword.name for keyword in node.keywords)
        values = [*node.arguments, *(keyword.value for keyword in node.keywords)]
        places = (self.place(node.function), *map(self.place, values))
        self.emit(do.call, Call(len(node.arguments), names, places), node)

    def base(self, node: syntax.Call) -> None:
        """`super()` in a method: its instance, as one of the base of the class around it."""
        names, hops = self.names, 0
        while names is not None and not names.owner:
            names, hops = names.outer, hops + 1
        if names is None:
            error = ParseError("super() stands in a method of a class")
            raise self.source.blame(error, node.span)
        self.emit(do.load_outer, (hops + 1, CLASS), node)
        self.emit(do.load_outer, (hops, names.owner), node)
        self.emit(do.make_base, None, node)

    def starred_call(self, node: syntax.Call) -> Steps[None]:
        """`f(*a, b=1, **c)`: one list of arguments, one dict of names."""
        plain = [each for each in node.arguments if not is_options(each)]
        options = [each for each in node.arguments if is_options(each)]
        if not (yield self.gathered(plain, node)):
            self.emit(items.make_list, len(plain), node)
        for keyword in node.keywords:
            self.emit(do.push, keyword.name, keyword)
            yield self.visit(keyword.value)
        self.emit(items.make_dict, len(node.keywords), node)
        for each in options:
            assert isinstance(each, syntax.Starred)
            yield self.visit(each.value)
            self.emit(items.merge, None, each)
        self.emit(do.call_gathered, Call(0, (), (self.place(node.function),)), node)

    def index(self, node: syntax.Index) -> Steps[None]:
        yield self.visit(node.value)
        yield self.visit(node.index)
        self.emit(items.load_item, None, node)

    def slice(self, node: syntax.Slice) -> Steps[None]:
        for end in (node.start, node.stop, node.step):
            if end is None:
                self.emit(do.push, None, node)
            else:
                yield self.visit(end)
        self.emit(items.make_slice, None, node)

    def attribute(self, node: syntax.Attribute) -> Steps[None]:
        yield self.visit(node.value)
        self.emit(do.load_attribute, node.name, node)

    def prime(self, node: syntax.Prime) -> Steps[None]:
        yield self.visit(node.value)
        self.emit(do.prime, None, node)

    # ---- operators ----

    def unary(self, node: syntax.Unary) -> Steps[None]:
        yield self.visit(node.operand)
        self.emit(do.unary, node.operator, node)

    def binary(self, node: syntax.Binary) -> Steps[None]:
        yield self.visit(node.left)
        yield self.visit(node.right)
        operation = Operation(node.operator, self.place(node.left), self.place(node.right))
        self.emit(do.binary, operation, node)

    def compare(self, node: syntax.Compare) -> Steps[None]:
        """A chain stops at its first falsehood, and evaluates every operand once."""
        yield self.visit(node.first)
        ends: list[int] = []
        left: Any = node.first
        for at, (symbol, right) in enumerate(node.rest):
            if at:
                ends.append(self.emit(do.jump_if_false_or_drop, None, node))
            yield self.visit(right)
            last = at == len(node.rest) - 1
            if not last:
                self.emit(do.keep_right, None, node)
            self.emit(do.compare, Operation(symbol, self.place(left), self.place(right)), node)
            left = right
        if ends:
            done = self.emit(do.jump, None, node)
            self.land(ends)
            self.emit(do.drop_under, None, node)
            self.land([done])

    def logical(self, node: syntax.Logical) -> Steps[None]:
        jump = do.jump_if_false if node.operator == "and" else do.jump_if_true
        ends: list[int] = []
        for operand in node.operands[:-1]:
            yield self.visit(operand)
            ends.append(self.emit(jump, None, operand))
            self.emit(do.drop, None, operand)
        yield self.visit(node.operands[-1])
        self.land(ends)

    def conditional(self, node: syntax.Conditional) -> Steps[None]:
        yield self.visit(node.test)
        otherwise = self.emit(do.branch_if_false, None, node.test)
        yield self.visit(node.body)
        end = self.emit(do.jump, None, node)
        self.land([otherwise])
        yield self.visit(node.orelse)
        self.land([end])

    def lambda_(self, node: syntax.Lambda) -> Steps[None]:
        yield self.function("lambda", node)


# The parameter of the function that makes a class, under a name that no program can have.
CLASS = "class"
# The parameter of a comprehension's function, under a name that no program can have.
FIRST = ".0"


def is_options(node: syntax.Expression) -> bool:
    return isinstance(node, syntax.Starred) and node.stars == "**"


EXPRESSIONS: dict[type, Callable[[Any, Any], Steps[None]]] = {
    syntax.Number: ExpressionCompiler.literal,
    syntax.String: ExpressionCompiler.literal,
    syntax.Constant: ExpressionCompiler.literal,
    syntax.Dots: ExpressionCompiler.dots,
    syntax.Name: ExpressionCompiler.name,
    syntax.FString: ExpressionCompiler.fstring,
    syntax.Tuple: ExpressionCompiler.tuple,
    syntax.List: ExpressionCompiler.list,
    syntax.Dict: ExpressionCompiler.dict,
    syntax.Call: ExpressionCompiler.call,
    syntax.Index: ExpressionCompiler.index,
    syntax.Slice: ExpressionCompiler.slice,
    syntax.Attribute: ExpressionCompiler.attribute,
    syntax.Prime: ExpressionCompiler.prime,
    syntax.Unary: ExpressionCompiler.unary,
    syntax.Binary: ExpressionCompiler.binary,
    syntax.Compare: ExpressionCompiler.compare,
    syntax.Logical: ExpressionCompiler.logical,
    syntax.Conditional: ExpressionCompiler.conditional,
    syntax.Lambda: ExpressionCompiler.lambda_,
    syntax.Comprehension: ExpressionCompiler.comprehension,
}
