"""Programs as Python functions: of floats, or of arrays of numpy, PyTorch or JAX."""

from __future__ import annotations

import ast
import keyword
import re
import textwrap

import numpy as np

from gradcli.engine.program import Program
from gradcli.errors import WrongType
from gradcli.views.export.arrays import LANGUAGES, Use, forms_in, in_tensor, is_plain, no_form
from gradcli.views.export.listing import Line, Listing, listing
from gradcli.views.export.targets import TARGETS, Target
from gradcli.views.export.vocabulary import (
    Table,
    Vocabulary,
    added_at,
    places,
    repeated,
    written_at,
)
from gradcli.views.export.words import Words, letters_beside

# Of Python alone: what has code beside that of the table, and what is no function there.
CODES = {"lgamma": "lgamma(x)", "digamma": "digamma(x)"}
RAISING = "Raises ArithmeticError or ValueError where one of them is infinite or not a number."
ARRAYS = WrongType("export: Python alone has no arrays", hint="--to numpy")


def as_python(program: Program, words: Words, language: str) -> str:
    """The source of a module with one function."""
    target = TARGETS[language]
    if target.module == "math":
        vocabulary = Vocabulary("Python", {}, CODES)
    else:
        vocabulary = Vocabulary(LANGUAGES[target.module], forms_in(target.module))
    if language == "python" and any(value.shape for value in program.values):
        raise ARRAYS
    names = {name: renamed(name, target) for name in program.inputs}
    letters = letters_beside(names.values())
    found = listing(program, vocabulary, names, letters)
    writer = Writer(target, found, letters.constant)
    lines = [writer.line(line) for line in found.lines]
    outputs = [writer.text(tree) for tree in found.outputs]
    if target.module == "torch":
        outputs = [in_tensor(text) for text in outputs]
    result = f"return {returned(outputs, len(names), hessian=words.hessian)}"
    read = set(re.findall(r"\w+", "\n".join([*lines, result])))
    constants = [text for name, text in writer.constants.items() if name in read]
    body = [*constants, *lines, result]
    helpers = [target.written[name] for name in sorted(writer.needed)]
    arguments = ", ".join(names.values())
    document = words.document(names)
    if target.module == "math" and re.search("math|/", "\n".join(body)):
        document += "\n\n" + RAISING
    document = textwrap.indent(f'"""{document}\n"""', "    ")
    function = f"def {words.name}({arguments}):\n{document}\n" + textwrap.indent(
        "\n".join(body), "    "
    )
    heading = target.imports("\n".join([*helpers, *body]))
    return "\n\n\n".join([*heading, *helpers, function]) + "\n"


def renamed(name: str, target: Target) -> str:
    """A variable's name, unless Python or what is defined here has that."""
    taken = {target.module, "jax", "special", *target.written}
    return f"{name}_" if keyword.iskeyword(name) or name in taken else name


def is_taken_in_python(name: str) -> bool:
    modules = {target.module for target in TARGETS.values()}
    helpers = {helper for target in TARGETS.values() for helper in target.written}
    return keyword.iskeyword(name) or name in modules | helpers | {"jax", "special", "range"}


def returned(outputs: list[str], count: int, *, hessian: bool) -> str:
    """`value, (gradients), ((second derivatives), …)`."""
    value, *rest = outputs
    gradients = tupled(rest[:count])
    if not hessian:
        return f"{value}, {gradients}"
    rows = [tupled(rest[count * k : count * (k + 1)]) for k in range(1, count + 1)]
    return f"{value}, {gradients}, {tupled(rows)}"


def tupled(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


class Writer:
    """Writes expressions for one target.

    constants  the assignments of constant arrays, by what they hold
    needed     the functions that must be defined
    """

    def __init__(self, target: Target, found: Listing, letter: str) -> None:
        self.target = target
        self.found = found
        self.letter = letter
        self.needed: set[str] = set()
        self.forms = {} if target.module == "math" else forms_in(target.module)
        self.constants = {
            name: self.constant(name, value.constant) for name, value in found.constants.items()
        }

    def constant(self, name: str, array: Table) -> str:
        module = self.target.module
        if (brief := self.regular(array)) is not None:
            return f"{name} = {brief}"
        kind = {"b": "bool", "f": "float64"}.get(array.dtype.kind, "int64")
        prefix = "" if kind == "bool" and module != "torch" else f"{module}."
        numbers = re.sub("nan|inf", lambda match: self.special(match[0]), str(array.tolist()))
        make = "tensor" if module == "torch" else "array"
        return f"{name} = {module}.{make}({numbers}, dtype={prefix}{kind})"

    def regular(self, array: Table) -> str | None:
        """Zeros, ones, one number throughout, or the identity, in the module's words."""
        module, number = self.target.module, repeated(array)
        dtype = ", dtype=torch.float64" if module == "torch" else ""
        if number in (0.0, 1.0):
            return f"{module}.{'ones' if number else 'zeros'}({array.shape}{dtype})"
        if number is not None:
            return f"{module}.full({array.shape}, {number}{dtype})"
        if array.ndim == 2 and array.dtype.kind == "f":
            n, m = array.shape
            if n == m and np.array_equal(array, np.eye(n)) and not np.signbit(array).any():
                return f"{module}.eye({n}{dtype})"
        return None

    def named(self, array: Table) -> str:
        """A constant array beside those of the program."""
        text = self.constant("", array)
        for name, known in self.constants.items():
            if known == name + text:
                return name
        name = f"{self.letter}{len(self.constants) + 1}"
        self.constants[name] = name + text
        return name

    def special(self, name: str) -> str:
        return f"{self.target.module}.{name}"

    def line(self, line: Line) -> str:
        text = self.text(line.tree) if line.tree is not None else self.of_arrays(line)
        return f"{line.name} = {text}"

    def of_arrays(self, line: Line) -> str:
        """An operation that is no expression of its operands' elements."""
        value = line.value
        assert value.op is not None
        name, module = value.op.name, self.target.module
        if module == "math":
            raise ARRAYS if value.shape else no_form(name, "Python")
        use = Use(value, module, line.operands, line.sources)
        table = places(value, line.sources)
        if name in ("getitem", "scatter_index") and not is_plain(value.static[0]):
            return self.taken(use, table) if table is not None else self.added(use)
        if table is not None and (name not in self.forms or name == "pad"):
            return self.taken(use, table)
        if (over := written_at(value, line.sources)) is not None:
            return self.taken(use._replace(operands=use.operands[::-1]), over, use.x)
        if added_at(value, line.sources) is not None and name != "scatter_index":
            last = use._replace(operands=use.operands[::-1])
            return f"{use.x} + {self.added(last)}"
        if name not in self.forms:
            raise no_form(name, LANGUAGES[module])
        text = self.forms[name](use)
        self.needed |= {text.partition("(")[0]} & self.target.written.keys()
        return text

    def added(self, use: Use) -> str:
        """Zeros, with the first operand's elements added at their places."""
        every = added_at(use.value, use.sources)
        assert every is not None
        self.needed.add("added")
        return f"added({use.x}, {use.value.shape}, {self.named(every)})"

    def taken(self, use: Use, table: Table, otherwise: str = "0.0") -> str:
        """Elements of the first operand from their places in it."""
        x = in_tensor(use.x) if use.torch else use.x
        text = use.call("take", x, self.named(np.maximum(table, 0)))
        if np.all(table >= 0):
            return text
        return use.call("where", self.named(table >= 0), text, otherwise)

    def text(self, tree: ast.expr) -> str:
        return ast.unparse(ast.fix_missing_locations(Spelled(self).visit(tree)))


def is_number(tree: ast.expr) -> bool:
    """Is it a number of Python's? PyTorch gives two of them its default dtype, one a tensor's."""
    inner = tree.operand if isinstance(tree, ast.UnaryOp) else tree
    return isinstance(inner, ast.Constant | ast.Attribute)


class Spelled(ast.NodeTransformer):
    """Replaces the names of the table's code by a target's."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.module = writer.target.module

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's name
        if node.id in ("inf", "nan") and node.id not in self.writer.found.values:
            return ast.Name(self.writer.special(node.id))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:  # ast's name
        assert isinstance(node.func, ast.Name)
        name, target = node.func.id, self.writer.target
        arguments = [self.visit(x) for x in node.args]
        if name == "pow" and self.module != "math":
            return ast.BinOp(arguments[0], ast.Pow(), arguments[1])
        if name in target.written:
            self.writer.needed.add(name)
            return ast.Call(ast.Name(name), arguments, [])
        return self.called(target.renamed.get(name, name), *map(self.wrapped, arguments))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:  # ast's name
        test, a, b = (self.visit(x) for x in (node.test, node.body, node.orelse))
        if self.module == "math":
            return ast.IfExp(test, a, b)
        if is_number(a) and is_number(b):
            a = self.wrapped(a)
        return self.called("where", self.wrapped(test), self.real(a), self.real(b))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:  # ast's name
        a, b = self.visit(node.left), self.visit(node.right)
        return ast.BinOp(self.real(a), node.op, self.real(b))

    def real(self, tree: ast.expr) -> ast.expr:
        """PyTorch gives a condition, or an integer, beside a number its default dtype."""
        if self.module != "torch" or not self.is_whole(tree):
            return tree
        return ast.Call(ast.Attribute(tree, "double"), [], [])

    def is_whole(self, tree: ast.expr) -> bool:
        """Is it a condition, or an integer?"""
        if isinstance(tree, ast.Name):
            value = self.writer.found.values.get(tree.id)
            return value is not None and value.dtype.kind in "biu"
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute):
            return tree.func.attr.startswith(("is", "logical_"))
        return isinstance(tree, ast.Compare)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:  # ast's name
        a, b = (self.visit(x) for x in node.values)
        if self.module == "math":
            return ast.BoolOp(node.op, [a, b])
        name = "logical_and" if isinstance(node.op, ast.And) else "logical_or"
        return self.called(name, self.wrapped(a), self.wrapped(b))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:  # ast's name
        x = self.visit(node.operand)
        if isinstance(node.op, ast.Not) and self.module != "math":
            return self.called("logical_not", x)
        return ast.UnaryOp(node.op, x)

    def called(self, name: str, *arguments: ast.expr) -> ast.expr:
        return ast.Call(ast.Attribute(ast.Name(self.module), name), list(arguments), [])

    def wrapped(self, tree: ast.expr) -> ast.expr:
        """PyTorch's functions take tensors alone, and numbers would be float32."""
        if self.module != "torch" or not is_number(tree):
            return tree
        return ast.parse(in_tensor(ast.unparse(tree)), mode="eval").body
