"""Programs as Python: over floats, or on numpy's, PyTorch's or JAX's arrays."""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
from collections.abc import Mapping
from typing import NamedTuple

from gradcli.engine.program import Program
from gradcli.errors import WrongType
from gradcli.views.export.arrays import array_form
from gradcli.views.export.listing import Line, Listing, listing
from gradcli.views.export.words import Words


class Target(NamedTuple):
    """A Python module that mathematics is written with.

    renamed   its names for those of C's <math.h>, where they differ
    written   functions that it lacks, as source: they stand before the function that needs them
    """

    module: str
    heading: str
    renamed: Mapping[str, str]
    written: Mapping[str, str]


INVERSE = {
    f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")
}
STEP = "def {0}(x):\n    return math.copysign(math.{0}(x), x)"
PLACED = """def placed(x, shape, index):
    \"\"\"Zeros, with x at an index.\"\"\"
    y = {zeros}
    y[index] = x
    return y"""
TARGETS = {
    "python": Target(
        "math",
        "import math",
        {},
        {
            **{name: STEP.format(name) for name in ("floor", "ceil", "trunc")},
            "rint": "def rint(x):\n    return math.copysign(round(x), x)",
        },
    ),
    "numpy": Target(
        "np",
        "import numpy as np",
        {**INVERSE, "fabs": "abs", "pow": "power"},
        {"placed": PLACED.format(zeros="np.zeros(shape)")},
    ),
    "torch": Target(
        "torch",
        "import torch",
        {"fabs": "abs", "rint": "round"},
        {
            "cbrt": "def cbrt(x):\n    return torch.sign(x) * torch.abs(x) ** (1 / 3)",
            "placed": PLACED.format(zeros="x.new_zeros(shape)"),
        },
    ),
    "jax": Target(
        "jnp",
        'import jax\nimport jax.numpy as jnp\n\njax.config.update("jax_enable_x64", True)',
        {**INVERSE, "fabs": "abs", "pow": "power"},
        {
            "placed": "def placed(x, shape, index):\n"
            '    """Zeros, with x at an index."""\n'
            "    return jnp.zeros(shape).at[index].set(x)"
        },
    ),
}


def as_python(program: Program, words: Words, language: str) -> str:
    """The source of a module with one function."""
    target = TARGETS[language]
    names = {name: renamed(name) for name in program.inputs}
    found = listing(program, names, words.temporary(names.values()))
    if language == "python" and any(value.shape for value in program.values):
        raise WrongType("export: Python alone has no arrays", hint="--to numpy")
    writer = Writer(target, found)
    body = [writer.constant(name) for name in found.constants]
    body += [writer.line(line) for line in found.lines]
    outputs = [writer.text(tree) for tree in found.outputs]
    body.append(f"return {returned(outputs, len(names), hessian=words.hessian)}")
    helpers = [target.written[name] for name in sorted(writer.needed)]
    arguments = ", ".join(names.values())
    document = textwrap.indent(f'"""{words.document(names)}\n"""', "    ")
    function = f"def {words.name}({arguments}):\n{document}\n" + textwrap.indent(
        "\n".join(body), "    "
    )
    return "\n\n\n".join([target.heading, *helpers, function]) + "\n"


def renamed(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED else name


RESERVED = {"math", "np", "torch", "jax", "jnp", "placed", "cbrt", "round"}


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
    """Writes expressions for one target; `needed` are the functions it must define for them."""

    def __init__(self, target: Target, found: Listing) -> None:
        self.target = target
        self.found = found
        self.needed: set[str] = set()

    def constant(self, name: str) -> str:
        array = self.found.constants[name].constant
        tensor = "tensor" if self.target.module == "torch" else "array"
        kind = f"{self.target.module}.float64" if array.dtype.kind == "f" else "bool"
        kind = "torch.bool" if kind == "bool" and tensor == "tensor" else kind
        numbers = re.sub("nan|inf", lambda match: self.special(match[0]), str(array.tolist()))
        return f"{name} = {self.target.module}.{tensor}({numbers}, dtype={kind})"

    def special(self, name: str) -> str:
        return f"{self.target.module}.{name}"

    def line(self, line: Line) -> str:
        if line.tree is not None:
            return f"{line.name} = {self.text(line.tree)}"
        source = self.found.values.get(line.operands[0]) if line.operands else None
        if self.target.module == "math":
            assert line.value.op is not None
            raise WrongType(f"export: {line.value.op.name} has no form in Python")
        text = array_form(line.value, self.target.module, line.operands, source)
        if text.startswith("placed("):
            self.needed.add("placed")
        return f"{line.name} = {text}"

    def text(self, tree: ast.expr) -> str:
        return ast.unparse(ast.fix_missing_locations(Spelled(self).visit(tree)))


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
        return self.called("where", self.wrapped(test), self.wrapped(a), self.wrapped(b))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:  # ast's name
        a, b = (self.visit(x) for x in node.values)
        if self.module == "math":
            return ast.BoolOp(node.op, [a, b])
        return self.called("logical_and" if isinstance(node.op, ast.And) else "logical_or", a, b)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:  # ast's name
        x = self.visit(node.operand)
        if isinstance(node.op, ast.Not) and self.module != "math":
            return self.called("logical_not", x)
        return ast.UnaryOp(node.op, x)

    def called(self, name: str, *arguments: ast.expr) -> ast.expr:
        return ast.Call(ast.Attribute(ast.Name(self.module), name), list(arguments), [])

    def wrapped(self, tree: ast.expr) -> ast.expr:
        """PyTorch's functions take tensors alone, and numbers would be float32."""
        inner = tree.operand if isinstance(tree, ast.UnaryOp) else tree
        if self.module != "torch" or not isinstance(inner, ast.Constant):
            return tree
        return ast.parse(
            f"torch.tensor({ast.unparse(tree)}, dtype=torch.float64)", mode="eval"
        ).body
