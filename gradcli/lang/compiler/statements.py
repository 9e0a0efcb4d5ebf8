"""Statements to instructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from gradcli.lang import syntax
from gradcli.lang.compiler.code import Call, Code, Operation, Parameters
from gradcli.lang.compiler.expressions import CLASS, EXPRESSIONS, ExpressionCompiler
from gradcli.lang.compiler.scopes import Names, assigned
from gradcli.lang.source import Source
from gradcli.lang.trampoline import Steps
from gradcli.lang.vm import control, items
from gradcli.lang.vm import instructions as do


class Loop:
    """A loop being compiled: how many blocks are around, what leaves it or begins a turn anew."""

    def __init__(self, guards: int, finals: int) -> None:
        self.guards = guards
        self.finals = finals
        self.breaks: list[int] = []
        self.continues: list[int] = []


class Compiler(ExpressionCompiler):
    """Compiles the statements of one body.

    A statement of the script is atomic by itself. Within one that holds others, and where a `try`
    may go on after an error, what a simple statement did is committed when it ends.
    """

    visitors: ClassVar[dict[type, Callable[[Any, Any], Steps[None]]]]

    def __init__(self, source: Source, names: Names | None = None) -> None:
        super().__init__(source, names)
        self.loops: list[Loop] = []
        self.guards = 0  # with, try and except blocks around
        # Of each `finally` around, which keeps on the stack what goes on after it: the guards
        # around that.
        self.finals: list[int] = []
        self.commits = 0  # blocks around whose statements are committed one by one
        self.inside = names is not None

    def statement(self, node: syntax.Statement) -> Steps[None]:
        """A statement within another, or in a function."""
        begin = len(self.instructions)
        yield self.visit(node)
        atomic = isinstance(node, syntax.Simple | syntax.Def | syntax.ClassDef)
        if self.commits and atomic and self.changes(begin):
            self.emit(control.commit, None, node)

    def changes(self, begin: int) -> bool:
        """Whether the instructions from here on may change what an error takes back."""
        return any(handler in CHANGES for handler, *_ in self.instructions[begin:])

    def block(self, node: syntax.Block | None) -> Steps[None]:
        for each in node.statements if node else ():
            yield self.statement(each)

    def body(self, node: syntax.Block | None) -> Steps[None]:
        """A block of a statement; those of the script commit what their statements did."""
        outer = self.inside, self.commits
        self.inside = True
        self.commits += self.names is None
        yield self.block(node)
        self.inside, self.commits = outer

    # ---- simple statements ----------------------------------------------------------------------

    def expression_statement(self, node: syntax.ExpressionStatement) -> Steps[None]:
        if self.inside and isinstance(node.value, syntax.String):
            return  # a docstring
        yield self.visit(node.value)
        self.emit(do.drop if self.inside else do.finish, None, node)

    def assign(self, node: syntax.Assign) -> Steps[None]:
        begin = len(self.instructions)
        yield self.visit(node.value)
        for target in node.targets[1:]:
            self.emit(do.copy, None, target)
        one = len(node.targets) == 1 and isinstance(node.targets[0], syntax.Name)
        alone = self.inside and one and not self.changes(begin)
        for target in node.targets:
            yield self.store(target, alone=alone)

    def augmented(self, node: syntax.AugmentedAssign) -> Steps[None]:
        """`t += v` as `t = t + v`, in place for tensors; an index within t is evaluated twice."""
        begin = len(self.instructions)
        yield self.visit(node.target)
        yield self.visit(node.value)
        alone = self.inside and not self.changes(begin)
        operation = Operation(node.operator, self.place(node.target), self.place(node.value))
        self.emit(do.augment, operation, node)
        yield self.store(node.target, alone=alone)

    def define(self, node: syntax.Define) -> Steps[None]:
        yield self.function(node.name, node)
        self.emit(do.store, node.name, node)

    def word(self, node: syntax.Word) -> Steps[None]:
        if node.word == "pass":
            return
        loop = self.loops[-1]
        if self.guards != loop.guards:
            self.emit(control.leave_to, (loop.guards, len(self.instructions) + 1), node)
        # Guards clear the stack down to where they began; what is under them is left.
        for _ in range(self.finals[loop.finals :].count(loop.guards)):
            self.emit(do.drop, None, node)
        at = self.emit(do.jump, None, node)
        (loop.breaks if node.word == "break" else loop.continues).append(at)
        return
        yield

    def give_back(self, node: syntax.Return) -> Steps[None]:
        if node.value:
            yield self.visit(node.value)
        else:
            self.emit(do.push, None, node)
        self.emit(control.return_through if self.guards else do.give_back, None, node)

    def delete(self, node: syntax.Delete) -> Steps[None]:
        for target in node.targets:
            if isinstance(target, syntax.Index):
                yield self.visit(target.value)
                yield self.visit(target.index)
                self.emit(control.delete_item, None, target)
            elif isinstance(target, syntax.Name):
                self.emit(control.delete, target.name, target)

    def asserting(self, node: syntax.Assert) -> Steps[None]:
        yield self.visit(node.test)
        holds = self.emit(do.branch_if_true, None, node.test)
        if node.message:
            yield self.visit(node.message)
        self.emit(control.fail, node.message is not None, node.test)
        self.land([holds])

    def raising(self, node: syntax.Raise) -> Steps[None]:
        if node.value:
            yield self.visit(node.value)
            self.emit(control.throw, None, node)
        else:
            self.emit(control.throw_again, None, node)

    def importing(self, node: syntax.Import) -> Steps[None]:
        for each in node.names:
            if node.module:
                self.emit(control.import_name, (node.module, each.name), each)
            else:
                module = each.name if each.other else each.name.split(".")[0]
                self.emit(control.check_module, each.name, each)
                self.emit(control.import_module, module, each)
            self.emit(do.store, each.other or each.name.split(".")[0], each)
        return
        yield

    # ---- choices and loops ----------------------------------------------------------------------

    def choice(self, node: syntax.If) -> Steps[None]:
        ends: list[int] = []
        for test, body in node.branches:
            yield self.visit(test)
            otherwise = self.emit(do.branch_if_false, None, test)
            yield self.body(body)
            if node.orelse or body is not node.branches[-1][1]:
                ends.append(self.emit(do.jump, None, node))
            self.land([otherwise])
        yield self.body(node.orelse)
        self.land(ends)

    def while_loop(self, node: syntax.While) -> Steps[None]:
        loop, begin = Loop(self.guards, len(self.finals)), len(self.instructions)
        yield self.visit(node.test)
        end = self.emit(do.branch_if_false, None, node.test)
        yield self.loop_body(loop, node.body)
        self.land(loop.continues)
        self.emit(do.jump, begin, node.body)
        self.land([end])
        yield self.body(node.orelse)
        self.land(loop.breaks)

    def for_loop(self, node: syntax.For) -> Steps[None]:
        """The iterator stays on the stack, under what a turn puts there."""
        yield self.visit(node.iterable)
        self.emit(control.iterate, None, node.iterable)
        loop, target = Loop(self.guards, len(self.finals)), node.target
        begin = len(self.instructions)
        end = self.emit(control.take_next, None, target)
        yield self.store(target, alone=True)
        body = len(self.instructions)
        yield self.loop_body(loop, node.body)
        self.land(loop.continues)
        if isinstance(target, syntax.Name):  # in one instruction: a fifth of an empty turn's time
            self.emit(control.turn, (target.name, body), target)
        else:
            self.emit(do.jump, begin, target)
        self.land([end])
        yield self.body(node.orelse)
        if loop.breaks:
            over = self.emit(do.jump, None, node)
            self.land(loop.breaks)
            self.emit(do.drop, None, node)
            self.land([over])

    def loop_body(self, loop: Loop, body: syntax.Block) -> Steps[None]:
        self.loops.append(loop)
        yield self.body(body)
        self.loops.pop()

    # ---- with, try ------------------------------------------------------------------------------

    def with_block(self, node: syntax.With) -> Steps[None]:
        for context, name in node.contexts:
            yield self.visit(context)
            self.emit(control.enter_context, None, context)
            self.guards += 1
            if name:
                yield self.store(name, alone=True)
            else:
                self.emit(do.drop, None, context)
        yield self.body(node.body)
        for context, _ in node.contexts:
            self.emit(control.leave, None, context)
            self.guards -= 1

    def attempt(self, node: syntax.Try) -> Steps[None]:
        if not node.final:
            yield self.caught(node)
            return
        guard = self.emit(control.guard_finally, None, node)
        body = self.caught(node) if node.handlers else self.body(node.body)
        yield self.guarded(body, node.body)
        self.emit(do.push, None, node)
        self.land([guard])
        self.finals.append(self.guards)
        yield self.body(node.final)
        self.finals.pop()
        self.emit(control.end_finally, None, node.final)

    def guarded(self, steps: Steps[None], node: syntax.Node) -> Steps[None]:
        """What a block guards: an error in it is caught, and its statements are committed."""
        self.guards += 1
        self.commits += 1
        yield steps
        self.commits -= 1
        self.guards -= 1
        self.emit(control.leave, None, node)

    def caught(self, node: syntax.Try) -> Steps[None]:
        guard = self.emit(control.guard_except, None, node)
        yield self.guarded(self.body(node.body), node.body)
        yield self.body(node.orelse)
        ends = [self.emit(do.jump, None, node)]
        self.land([guard])
        for each in node.handlers:
            other = None
            if each.kinds:
                yield self.visit(each.kinds)
                other = self.emit(control.match_error, None, each.kinds)
            self.emit(control.handle, each.name, each)
            self.guards += 1
            yield self.body(each.body)
            self.guards -= 1
            self.emit(control.leave, None, each)
            ends.append(self.emit(do.jump, None, each))
            self.land([] if other is None else [other])
        self.emit(control.throw_on, None, node)
        self.land(ends)

    # ---- functions ------------------------------------------------------------------------------

    def definition(self, node: syntax.Def, *, method: bool = False) -> Steps[None]:
        parameters = yield self.parameters(node.parameters)
        static = any(isinstance(each, syntax.Name) for each in node.decorators)
        owner = parameters.names[0] if method and not static and parameters.names else ""
        names = {*parameters.all, *assigned(node.body)}
        body = Compiler(self.source, Names(names, self.names, owner))
        contexts = [each for each in node.decorators if isinstance(each, syntax.Call)]
        if contexts:  # with no_grad(): …
            pairs: list[tuple[Any, Any]] = [(each, None) for each in contexts]
            yield body.visit(syntax.With(pairs, node.body, node.span))
        else:
            yield body.block(node.body)
        body.emit(do.push, None, node)
        body.emit(do.give_back, None, node)
        self.make_function(node.name, node, parameters, body)
        if method:
            self.emit(do.add_member, (node.name, static), node)
        else:
            self.emit(do.store, node.name, node)

    def class_definition(self, node: syntax.ClassDef) -> Steps[None]:
        """A function of the class, called at once, which gives it its members."""
        body = Compiler(self.source, Names({CLASS}, self.names))
        for each in node.body.statements:
            yield body.member(each)
        body.emit(do.load_local, CLASS, node)
        body.emit(do.give_back, None, node)
        code = Code("", Parameters((CLASS,)), body.instructions, self.place(node))
        self.emit(do.make_function, (code, ()), node)
        yield self.visit(node.bases[0])
        self.emit(do.make_class, node.name, node.bases[0])
        self.emit(do.call, Call(1, (), (self.place(node), self.place(node))), node)
        self.emit(do.store, node.name, node)

    def member(self, node: syntax.Statement) -> Steps[None]:
        """What a class holds: a method, or the value of names."""
        if isinstance(node, syntax.Def):
            yield self.definition(node, method=True)
        elif isinstance(node, syntax.Assign):
            for target in node.targets:
                assert isinstance(target, syntax.Name)
                yield self.visit(node.value)
                self.emit(do.add_member, (target.name, False), node)


# What may change something that an error takes back.
CHANGES = frozenset(
    {
        do.augment,
        do.call,
        do.call_gathered,
        do.store,
        do.store_attribute,
        items.store_item,
        control.delete,
        control.delete_item,
    }
)
Compiler.visitors = {
    **EXPRESSIONS,
    syntax.ExpressionStatement: Compiler.expression_statement,
    syntax.Assign: Compiler.assign,
    syntax.AugmentedAssign: Compiler.augmented,
    syntax.Define: Compiler.define,
    syntax.Word: Compiler.word,
    syntax.Return: Compiler.give_back,
    syntax.Delete: Compiler.delete,
    syntax.Assert: Compiler.asserting,
    syntax.Raise: Compiler.raising,
    syntax.Import: Compiler.importing,
    syntax.If: Compiler.choice,
    syntax.While: Compiler.while_loop,
    syntax.For: Compiler.for_loop,
    syntax.With: Compiler.with_block,
    syntax.Try: Compiler.attempt,
    syntax.ClassDef: Compiler.class_definition,
    syntax.Def: Compiler.definition,
}
