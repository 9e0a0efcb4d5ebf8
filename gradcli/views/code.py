"""Formulas as functions of Python, to be pasted: with the standard library alone, or with numpy."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

from gradcli.errors import UsageError
from gradcli.lang.precedence import COMPARISON, LOOSEST, POSTFIX, POWER, PRODUCT, SIGN, SUM
from gradcli.lang.printer.expressions import binds, digits
from gradcli.lang.syntax import (
    Attribute,
    Binary,
    Call,
    Compare,
    Constant,
    Expression,
    Index,
    List,
    Name,
    Number,
    Prime,
    Slice,
    Tuple,
    Unary,
)

if TYPE_CHECKING:
    from gradcli.views.derivative import Formulas

# Where a function of the language is, and its name there if that is another.
SAME_IN_NUMPY = """
    abs arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt ceil copysign cos cosh diag exp
    exp2 expm1 eye floor fmod heaviside hypot log log10 log1p log2 logaddexp max maximum min
    mean minimum ones ones_like outer prod rint sign sin sinh sqrt std sum tan tanh trace tril triu
    where zeros zeros_like
"""
SAME_IN_MATH = """
    cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 floor fmod gamma hypot lgamma log log10
    log1p log2 sin sinh sqrt tan tanh
"""
SAME_IN_SCIPY = """
    digamma erf erfc gamma i0 i1 iv j0 j1 jv k0 k1 kv ndtr polygamma y0 y1 yv zeta
"""
INVERSE_IN_MATH = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
NUMPY = {
    **{name: ("numpy as np", f"np.{name}") for name in SAME_IN_NUMPY.split()},
    **{name: ("numpy as np", f"np.linalg.{name}") for name in ("det", "inv", "norm", "pinv")},
    "len": ("", "len"),
    **{
        name: ("scipy.special", f"scipy.special.{theirs}")
        for name, theirs in {
            **{name: name for name in SAME_IN_SCIPY.split()},
            "lgamma": "gammaln",
            **{name: name for name in ("log_softmax", "logsumexp", "softmax")},
            "sigmoid": "expit",
        }.items()
    },
}
MATH = {
    **{name: ("math", f"math.{name}") for name in SAME_IN_MATH.split()},
    **{f"arc{end}": ("math", f"math.a{end}") for end in INVERSE_IN_MATH},
    "arctan2": ("math", "math.atan2"),
    "abs": ("", "abs"),
    "max": ("", "max"),
    "min": ("", "min"),
}


# What is written in other words: the module that these need, and the words.
WORDS = {
    "numpy": {
        "logdet": ("numpy as np", "np.linalg.slogdet({0})[1]"),
        "gelu": ("scipy.special", "({0} * scipy.special.ndtr({0}))"),
        "relu": ("numpy as np", "np.maximum({0}, 0)"),
        "silu": ("scipy.special", "({0} * scipy.special.expit({0}))"),
        "softplus": ("numpy as np", "np.logaddexp({0}, 0)"),
        # They read the symmetric part, numpy's a triangle.
        "eigh": ("numpy as np", "np.linalg.eigh(({0} + {0}.T) / 2)"),
        "eigvalsh": ("numpy as np", "np.linalg.eigvalsh(({0} + {0}.T) / 2)"),
        "svd": ("numpy as np", "np.linalg.svd({0}, full_matrices=False)"),
    },
    "python": {
        "maximum": ("", "max({0}, {1})"),
        "minimum": ("", "min({0}, {1})"),
        "ndtr": ("math", "(math.erfc(-{0} / math.sqrt(2)) / 2)"),
        "norm": ("math", "math.hypot(*{0})"),
        "relu": ("", "max({0}, 0)"),
        # For arguments of every size.
        "sigmoid": ("math", "(math.exp(min({0}, 0)) / (1 + math.exp(-abs({0}))))"),
        "softplus": ("math", "(max({0}, 0) + math.log1p(math.exp(-abs({0}))))"),
        "sign": ("", "(({0} > 0) - ({0} < 0))"),
        "where": ("", "({1} if {0} else {2})"),
    },
}


def function(form: str, name: str, tree: Expression, formulas: Formulas) -> str:
    """A function of all symbols whose result is the derivative by `name`, with what it imports."""
    if form == "python" and any(formulas.axes.values()):
        raise UsageError("Python's own numbers are no vectors", hint="--format numpy")
    for symbol in formulas.axes:
        if keyword.iskeyword(symbol):
            raise UsageError(f"'{symbol}' is a keyword of Python")
    writer = Writer(form)
    body = writer.write(tree)
    head = f"def d_{name}({', '.join(formulas.axes)}):\n    return {body}"
    imports = "".join(f"import {module}\n" for module in sorted(writer.modules))
    return f"{imports}\n\n{head}" if imports else head


class Writer:
    """Writes trees as expressions of Python; `modules` are those they need."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.functions = MATH if form == "python" else NUMPY
        self.modules: set[str] = set()

    def write(self, tree: Expression, power: int = LOOSEST) -> str:
        text = self.bare(tree)
        return f"({text})" if binds(tree) < power else text

    def bare(self, tree: Expression) -> str:
        if isinstance(tree, Name):
            return self.constant() if tree.name == "pi" else tree.name
        if isinstance(tree, Number):
            return digits(tree.value)
        if isinstance(tree, Constant):
            return str(tree.value)
        if isinstance(tree, Unary):
            return f"{tree.operator}{self.write(tree.operand, SIGN)}"
        if isinstance(tree, Prime):
            return f"{self.write(tree.value, POSTFIX)}.T"
        if isinstance(tree, Binary):
            return self.binary(tree)
        if isinstance(tree, Compare):
            rest = "".join(f" {op} {self.write(x, COMPARISON + 1)}" for op, x in tree.rest)
            return self.write(tree.first, COMPARISON + 1) + rest
        if isinstance(tree, Call):
            return self.call(tree)
        if isinstance(tree, Index):
            return f"{self.write(tree.value, POSTFIX)}[{self.index(tree.index)}]"
        if isinstance(tree, Attribute):
            return f"{self.write(tree.value, POSTFIX)}.{tree.name}"
        assert isinstance(tree, List)
        return self.list(tree)

    def need(self, module: str) -> None:
        if module:
            self.modules.add(module)

    def list(self, tree: List) -> str:
        """Of numpy an array: its own lists are not for arithmetic."""
        inside = ", ".join(
            f"[{', '.join(map(self.write, x.items))}]" if isinstance(x, List) else self.write(x)
            for x in tree.items
        )
        if self.form == "python":
            return f"[{inside}]"
        self.need("numpy as np")
        return f"np.array([{inside}])"

    def constant(self) -> str:
        module = "math" if self.form == "python" else "numpy as np"
        self.need(module)
        return f"{module.rsplit(maxsplit=1)[-1]}.pi"

    def binary(self, tree: Binary) -> str:
        if tree.operator == "^":
            return f"{self.write(tree.left, POWER + 1)}**{self.write(tree.right, SIGN)}"
        power = SUM if tree.operator in "+-" else PRODUCT
        left, right = self.write(tree.left, power), self.write(tree.right, power + 1)
        return f"{left} {tree.operator} {right}"

    def call(self, tree: Call) -> str:
        assert isinstance(tree.function, Name)
        name = tree.function.name
        words = WORDS[self.form].get(name)
        if words is not None and not (name == "norm" and tree.arguments[1:]):
            module, pattern = words
            self.need(module)
            return pattern.format(*(self.write(x, POSTFIX) for x in tree.arguments))
        if name not in self.functions:
            where = "the standard library" if self.form == "python" else "numpy or scipy"
            raise UsageError(f"there is no {name} in {where}", hint="--format text")
        module, theirs = self.functions[name]
        self.need(module)
        arguments = [self.write(x) for x in tree.arguments]
        if name in ("ones", "zeros") and len(arguments) > 1:
            arguments = [f"({', '.join(arguments)})"]
        arguments += [f"{k.name}={self.write(k.value)}" for k in tree.keywords]
        return f"{theirs}({', '.join(arguments)})"

    def index(self, tree: Expression) -> str:
        if isinstance(tree, Tuple):
            return ", ".join(":" if isinstance(x, Slice) else self.write(x) for x in tree.items)
        return self.write(tree)
