"""Programs as Python functions: of floats, or of arrays of numpy, PyTorch or JAX."""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from gradcli.engine.program import Program
from gradcli.errors import WrongType
from gradcli.views.export.arrays import LANGUAGES, Use, forms_in, in_tensor, is_plain, no_form
from gradcli.views.export.listing import Line, Listing, listing
from gradcli.views.export.vocabulary import Table, Vocabulary, places
from gradcli.views.export.words import Words, letters_beside


class Target(NamedTuple):
    """A Python module that mathematics is written with.

    renamed   its names for those of C's <math.h>, where they differ
    written   functions that it lacks, as source: they stand before the function that needs them
    special   what is imported if a special function is used
    """

    module: str
    heading: str
    renamed: Mapping[str, str]
    written: Mapping[str, str]
    special: str = ""


INVERSE = {
    f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")
}
STEP = "def {0}(x):\n    return math.copysign({1}(x), x) if math.isfinite(x) else x"
DIGAMMA = '''def digamma(x):
    """The logarithmic derivative of the gamma function."""
    if x <= 0:
        if x == math.floor(x):
            return math.nan if x else -math.copysign(math.inf, x)
        return digamma(1 - x) - math.pi / math.tan(math.pi * x)
    y = 0.0
    while x < 10:
        y -= 1 / x
        x += 1
    z = 1 / (x * x)
    series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (1 / 132 - z / 47.4)))))
    return y + math.log(x) - 0.5 / x - series'''
PLACED = '''def placed(x, shape, index):
    """Zeros, with x at an index."""
    y = {zeros}
    y[index] = x
    return y'''
ADDED = '''def added(x, shape, places):
    """Zeros, with each element of x added at its place."""
    y = {zeros}
    {add}
    return {module}.reshape(y, shape)'''
COFACTORS = '''def cofactors(a):
    """det(a) times the inverse of a, transposed; of singular matrices, too."""
    u, s, v = {module}.linalg.svd(a)
    n, prod = s.shape[-1], {module}.prod
    others = [prod(s[..., :k], -1) * prod(s[..., k + 1 :], -1) for k in range(n)]
    sign = {module}.linalg.det(u) * {module}.linalg.det(v)
    return sign[..., None, None] * ((u * {module}.stack(others, -1)[..., None, :]) @ v)'''
RECURRENCE = '''def recurrence(a, b):
    """s[k] = a[k] s[k-1] + b[k] along the last axis; the first is b[0]."""
    a, b = {module}.{broadcast}(a, b)
    s = [b[..., 0]]
    for k in range(1, b.shape[-1]):
        s.append(a[..., k] * s[-1] + b[..., k])
    return {module}.stack(s, -1)'''


TGAMMA = '''def tgamma(x):
    """The gamma function."""
    whole = torch.floor(x)
    size = torch.exp(torch.lgamma(x))
    y = torch.where((x < 0) & (whole % 2 != 0), -size, size)
    return torch.where((x < 0) & (x == whole), torch.nan, y)'''


def of_arrays(module: str, broadcast: str = "broadcast_arrays") -> dict[str, str]:
    """Functions that are written alike for every module."""
    return {
        "cofactors": COFACTORS.format(module=module),
        "recurrence": RECURRENCE.format(module=module, broadcast=broadcast),
    }


TARGETS = {
    "python": Target(
        "math",
        "import math",
        {"tgamma": "gamma"},
        {
            **{name: STEP.format(name, f"math.{name}") for name in ("floor", "ceil", "trunc")},
            "rint": STEP.format("rint", "round"),
            "digamma": DIGAMMA,
        },
    ),
    "numpy": Target(
        "np",
        "import numpy as np",
        {**INVERSE, "fabs": "abs", "pow": "power"},
        {
            **of_arrays("np"),
            "placed": PLACED.format(zeros="np.zeros(shape)"),
            "added": ADDED.format(
                zeros="np.zeros(np.prod(shape, dtype=int))",
                add="np.add.at(y, np.ravel(places), np.ravel(x))",
                module="np",
            ),
        },
        "from scipy import special",
    ),
    "torch": Target(
        "torch",
        "import torch",
        {"fabs": "abs", "rint": "round"},
        {
            **of_arrays("torch", "broadcast_tensors"),
            "cbrt": "def cbrt(x):\n    return torch.sign(x) * torch.abs(x) ** (1 / 3)",
            "tgamma": TGAMMA,
            "placed": PLACED.format(zeros="x.new_zeros(shape)"),
            "added": ADDED.format(
                zeros="x.new_zeros(shape).reshape(-1)",
                add="y = y.index_add(0, places.reshape(-1), x.reshape(-1))",
                module="torch",
            ),
        },
    ),
    "jax": Target(
        "jnp",
        'import jax\nimport jax.numpy as jnp\n\njax.config.update("jax_enable_x64", True)',
        {**INVERSE, "fabs": "abs", "pow": "power"},
        {
            **of_arrays("jnp"),
            "placed": "def placed(x, shape, index):\n"
            '    """Zeros, with x at an index."""\n'
            "    return jnp.zeros(shape).at[index].set(x)",
            "added": ADDED.format(
                zeros="jnp.zeros(shape).reshape(-1)",
                add="y = y.at[jnp.ravel(places)].add(jnp.ravel(x))",
                module="jnp",
            ),
        },
        "from jax.scipy import special",
    ),
}
# Of Python alone: what has code beside that of the table, and what is no function there.
CODES = {"lgamma": "lgamma(x)", "digamma": "digamma(x)"}
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
    result = f"return {returned(outputs, len(names), hessian=words.hessian)}"
    read = set(re.findall(r"\w+", "\n".join([*lines, result])))
    constants = [text for name, text in writer.constants.items() if name in read]
    body = [*constants, *lines, result]
    helpers = [target.written[name] for name in sorted(writer.needed)]
    arguments = ", ".join(names.values())
    document = textwrap.indent(f'"""{words.document(names)}\n"""', "    ")
    function = f"def {words.name}({arguments}):\n{document}\n" + textwrap.indent(
        "\n".join(body), "    "
    )
    heading = target.heading
    if any("special." in line.replace("torch.special.", "") for line in lines):
        heading = (
            heading.replace("\n\n", f"\n{target.special}\n\n")
            if "\n\n" in heading
            else (f"{heading}\n{target.special}")
        )
    return "\n\n\n".join([heading, *helpers, function]) + "\n"


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
        kind = {"b": "bool", "f": "float64"}.get(array.dtype.kind, "int64")
        prefix = "" if kind == "bool" and module != "torch" else f"{module}."
        numbers = re.sub("nan|inf", lambda match: self.special(match[0]), str(array.tolist()))
        make = "tensor" if module == "torch" else "array"
        return f"{name} = {module}.{make}({numbers}, dtype={prefix}{kind})"

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
        if name not in self.forms or (name == "pad" and table is not None):
            if table is None:
                raise no_form(name, LANGUAGES[module])
            return self.taken(use, table)
        text = self.forms[name](use)
        self.needed |= {text.partition("(")[0]} & self.target.written.keys()
        return text

    def added(self, use: Use) -> str:
        every = np.arange(use.value.size).reshape(use.value.shape)[use.static[0].parts]
        self.needed.add("added")
        return f"added({use.x}, {use.value.shape}, {self.named(every)})"

    def taken(self, use: Use, table: Table) -> str:
        """Elements of an array from their places in it."""
        x = in_tensor(use.x) if use.torch else use.x
        text = use.call("take", x, self.named(np.maximum(table, 0)))
        if np.all(table >= 0):
            return text
        return use.call("where", self.named(table >= 0), text, "0.0")

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
        inner = tree.operand if isinstance(tree, ast.UnaryOp) else tree
        if self.module != "torch" or not isinstance(inner, ast.Constant):
            return tree
        return ast.parse(in_tensor(ast.unparse(tree)), mode="eval").body
