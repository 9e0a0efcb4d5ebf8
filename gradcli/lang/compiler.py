"""Trees to flat lists of instructions, for the one loop in `machine`.

An instruction is (handler, argument, place). Handlers are the functions of `instructions`; jumps
name the index to go on at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gradcli.errors import ParseError
from gradcli.lang import instructions as do
from gradcli.lang import syntax
from gradcli.lang.source import Source, Span
from gradcli.lang.trampoline import Steps, run


class Place(NamedTuple):
    """A span in its source: what an error, a node of the graph or a warning points at."""

    source: Source
    span: Span

    @property
    def text(self) -> str:
        return self.source.slice(self.span)


Instruction = tuple[Callable[..., None], Any, Place]


class Code(NamedTuple):
    """A function's, or a statement's, instructions."""

    name: str
    parameters: tuple[str, ...]
    instructions: list[Instruction]
    place: Place


class Operation(NamedTuple):
    """A binary operator, and where its operands stand."""

    symbol: str
    left: Place
    right: Place

    @property
    def operands(self) -> tuple[Place, ...]:
        return self.left, self.right


class Call(NamedTuple):
    """How many positional arguments, the keywords after them, and where all of them stand."""

    positional: int
    keywords: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def operands(self) -> tuple[Place, ...]:
        return self.places[1:]


def compile_statement(source: Source, statement: syntax.Statement) -> Code:
    compiler = Compiler(source)
    run(compiler.visit(statement))
    place = Place(source, statement.span)
    return Code("", (), compiler.instructions, place)


class Compiler:
    """Appends the instructions of one body; every visitor is a step of the trampoline."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.instructions: list[Instruction] = []

    def emit(self, handler: Callable[..., None], argument: Any, node: syntax.Node) -> int:
        """Append an instruction; its index, for a jump to be filled in later."""
        self.instructions.append((handler, argument, Place(self.source, node.span)))
        return len(self.instructions) - 1

    def land(self, jumps: list[int]) -> None:
        """Let these jumps go on here."""
        for at in jumps:
            handler, _, place = self.instructions[at]
            self.instructions[at] = (handler, len(self.instructions), place)

    def place(self, node: syntax.Node) -> Place:
        return Place(self.source, node.span)

    def visit(self, node: Any) -> Steps[None]:
        return VISITORS[type(node)](self, node)

    def all(self, nodes: list[Any]) -> Steps[None]:
        for node in nodes:
            yield self.visit(node)

    # ---- statements ----

    def expression_statement(self, node: syntax.ExpressionStatement) -> Steps[None]:
        yield self.visit(node.value)
        self.emit(do.finish, None, node)

    def assign(self, node: syntax.Assign) -> Steps[None]:
        yield self.visit(node.value)
        for target in node.targets[1:]:
            self.emit(do.copy, None, target)
        for target in node.targets:
            yield self.store(target)

    def store(self, target: Any) -> Steps[None]:
        if isinstance(target, syntax.Name):
            self.emit(do.store, target.name, target)
        elif isinstance(target, syntax.Tuple | syntax.List):
            self.emit(do.unpack, len(target.items), target)
            for item in target.items:
                yield self.store(item)
        elif isinstance(target, syntax.Attribute):
            yield self.visit(target.value)
            self.emit(do.store_attribute, target.name, target)
        elif isinstance(target, syntax.Index):
            yield self.visit(target.value)
            yield self.visit(target.index)
            self.emit(do.store_item, None, target)

    def augmented(self, node: syntax.AugmentedAssign) -> Steps[None]:
        """`t += v` as `t = t + v`, in place for tensors; an index within t is evaluated twice."""
        yield self.visit(node.target)
        yield self.visit(node.value)
        operation = Operation(node.operator, self.place(node.target), self.place(node.value))
        self.emit(do.augment, operation, node)
        yield self.store(node.target)

    def define(self, node: syntax.Define) -> Steps[None]:
        yield self.function(node.name, node)
        self.emit(do.store, node.name, node)

    def function(self, name: str, node: syntax.Define | syntax.Lambda) -> Steps[None]:
        defaults = [p.default for p in node.parameters if p.default is not None]
        yield self.all(defaults)
        body = Compiler(self.source)
        yield body.visit(node.body)
        body.emit(do.give_back, None, node.body)
        names = tuple(p.name for p in node.parameters)
        code = Code(name, names, body.instructions, self.place(node))
        self.emit(do.make_function, (code, len(defaults)), node)

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
        self.emit(do.load, node.name, node)
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
        yield self.all(node.items)
        self.emit(do.make_tuple, len(node.items), node)

    def list(self, node: syntax.List) -> Steps[None]:
        yield self.all(node.items)
        self.emit(do.make_list, len(node.items), node)

    def dict(self, node: syntax.Dict) -> Steps[None]:
        for key, value in zip(node.keys, node.values, strict=True):
            yield self.visit(key)
            yield self.visit(value)
        self.emit(do.make_dict, len(node.keys), node)

    # ---- postfix ----

    def call(self, node: syntax.Call) -> Steps[None]:
        yield self.visit(node.function)
        yield self.all(node.arguments)
        yield self.all([keyword.value for keyword in node.keywords])
        names = tuple(keyword.name for keyword in node.keywords)
        if len(set(names)) < len(names):
            error = ParseError("a keyword is given twice in one call")
            raise self.source.blame(error, node.keywords[-1].span)
        values = [*node.arguments, *(keyword.value for keyword in node.keywords)]
        places = (self.place(node.function), *map(self.place, values))
        self.emit(do.call, Call(len(node.arguments), names, places), node)

    def index(self, node: syntax.Index) -> Steps[None]:
        yield self.visit(node.value)
        yield self.visit(node.index)
        self.emit(do.load_item, None, node)

    def slice(self, node: syntax.Slice) -> Steps[None]:
        for end in (node.start, node.stop, node.step):
            if end is None:
                self.emit(do.push, None, node)
            else:
                yield self.visit(end)
        self.emit(do.make_slice, None, node)

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


VISITORS: dict[type, Callable[[Compiler, Any], Steps[None]]] = {
    syntax.ExpressionStatement: Compiler.expression_statement,
    syntax.Assign: Compiler.assign,
    syntax.AugmentedAssign: Compiler.augmented,
    syntax.Define: Compiler.define,
    syntax.Number: Compiler.literal,
    syntax.String: Compiler.literal,
    syntax.Constant: Compiler.literal,
    syntax.Dots: Compiler.dots,
    syntax.Name: Compiler.name,
    syntax.FString: Compiler.fstring,
    syntax.Tuple: Compiler.tuple,
    syntax.List: Compiler.list,
    syntax.Dict: Compiler.dict,
    syntax.Call: Compiler.call,
    syntax.Index: Compiler.index,
    syntax.Slice: Compiler.slice,
    syntax.Attribute: Compiler.attribute,
    syntax.Prime: Compiler.prime,
    syntax.Unary: Compiler.unary,
    syntax.Binary: Compiler.binary,
    syntax.Compare: Compiler.compare,
    syntax.Logical: Compiler.logical,
    syntax.Conditional: Compiler.conditional,
    syntax.Lambda: Compiler.lambda_,
}
