"""The canonical form, and that it is read back as the tree it was printed from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from gradcli.lang import precedence, syntax
from gradcli.lang.parser import parse, parse_expression
from gradcli.lang.printer import canonical
from gradcli.lang.source import Source, Span
from gradcli.lang.syntax import Expression, Name, Number, Statement, String, same

from .trees import pairs, shape

NOWHERE = Span(0, 0)


@pytest.mark.parametrize(("text", "expected"), pairs("print_canonical.grad"))
def test_canonical_form(text: str, expected: str) -> None:
    printed = canonical(parse(Source(text)))
    assert printed == expected.replace("⏎", "\n")
    assert canonical(parse(Source(printed))) == printed


# ---- every tree --------------------------------------------------------------------------------

names = some.sampled_from(["x", "f", "self", "e", "naïve", "x1"])
texts = some.text(some.characters(exclude_categories=("Cs",)), max_size=8) | some.sampled_from(
    ["'", '"', "{", "}}", "\\", "\n", "f'{x}'", "\\N"]
)
numbers = (
    some.integers(0, 2**63 - 1)
    | some.floats(0, allow_nan=False)
    | some.floats(0, allow_nan=False).map(lambda size: complex(0, size))
)
atoms = (
    some.builds(Number, numbers, some.just(""), some.just(NOWHERE))
    | some.builds(String, texts, some.just(NOWHERE))
    | some.builds(Name, names, some.just(NOWHERE))
    | some.builds(syntax.Constant, some.sampled_from([True, False, None]), some.just(NOWHERE))
)


# What `for` assigns to.
several = some.recursive(
    some.builds(Name, names, some.just(NOWHERE)),
    lambda inner: some.builds(
        syntax.Tuple, some.lists(inner, min_size=1, max_size=2), some.just(NOWHERE)
    ),
    max_leaves=3,
)


def parameters(
    defaults: some.SearchStrategy[Expression], *, stars: bool = True
) -> some.SearchStrategy[object]:
    """Parameters, those with defaults last."""

    def build(chosen: dict[str, Expression | None]) -> list[syntax.Parameter]:
        ordered = sorted(chosen.items(), key=lambda each: each[1] is not None)
        return [syntax.Parameter(*each, NOWHERE) for each in ordered]

    rest = some.sampled_from(
        [
            [],
            [syntax.Parameter("rest", None, NOWHERE, "*")],
            [syntax.Parameter("", None, NOWHERE, "*"), syntax.Parameter("k", None, NOWHERE)],
            [syntax.Parameter("options", None, NOWHERE, "**")],
        ]
    )
    positional = some.dictionaries(names, some.none() | defaults, max_size=3).map(build)
    return some.tuples(positional, rest if stars else some.just([])).map(
        lambda both: [*both[0], *both[1]]
    )


def few(items: some.SearchStrategy[Expression], least: int) -> some.SearchStrategy[object]:
    return some.lists(items, min_size=least, max_size=3)


def larger(inner: some.SearchStrategy[Expression]) -> some.SearchStrategy[Expression]:
    here = some.just(NOWHERE)
    starred = some.builds(syntax.Starred, some.just("*"), inner, here)
    sliced = some.builds(syntax.Slice, *[some.none() | inner] * 3, here)
    item = inner | sliced | some.builds(syntax.Dots, here)
    index = item | some.builds(syntax.Tuple, few(item, 0), here)
    spec = some.sampled_from(["", ".3f", ">10", "<08.2e", "%"])
    fields = some.builds(syntax.Field, inner, spec, here)
    keywords = some.dictionaries(names, inner, max_size=2).map(
        lambda chosen: [syntax.Keyword(*each, NOWHERE) for each in chosen.items()]
    )
    entries = some.lists(some.tuples(inner, inner), max_size=2)
    compared = some.tuples(some.sampled_from(precedence.COMPARISONS), inner)
    return (
        some.builds(
            syntax.Binary, some.sampled_from([*precedence.BINARY]), inner, inner, here, here
        )
        | some.builds(syntax.Unary, some.sampled_from([*precedence.UNARY]), inner, here)
        | some.builds(syntax.Prime, inner, here)
        | some.builds(syntax.Call, inner, few(inner, 0), keywords, here)
        | some.builds(syntax.Index, inner, index, here)
        | some.builds(syntax.Attribute, inner, names, here, here)
        | some.builds(syntax.Tuple, few(inner, 0), here)
        | some.builds(syntax.List, few(inner, 0), here)
        | entries.map(lambda rows: syntax.Dict([k for k, _ in rows], [v for _, v in rows], NOWHERE))
        | some.builds(syntax.Compare, inner, some.lists(compared, min_size=1, max_size=2), here)
        | some.builds(syntax.Logical, some.sampled_from(["and", "or"]), few(inner, 2), here)
        | some.builds(syntax.Conditional, inner, inner, inner, here)
        | some.builds(syntax.Lambda, parameters(inner), inner, here)
        | some.builds(syntax.List, some.lists(inner | starred, min_size=1, max_size=2), here)
        | some.builds(syntax.Call, inner, some.lists(inner | starred, max_size=2), keywords, here)
        | comprehensions(inner)
        | some.builds(syntax.FString, some.lists(texts | fields, max_size=3).map(merged), here)
    )


def comprehensions(inner: some.SearchStrategy[Expression]) -> some.SearchStrategy[Expression]:
    here = some.just(NOWHERE)
    clause = some.builds(syntax.Clause, several, inner, some.lists(inner, max_size=2), here)
    clauses = some.lists(clause, min_size=1, max_size=2)
    return some.builds(
        syntax.Comprehension, some.sampled_from("(["), some.none(), inner, clauses, here
    ) | some.builds(syntax.Comprehension, some.just("{"), inner, inner, clauses, here)


def merged(parts: list[str | syntax.Field]) -> list[str | syntax.Field]:
    """Parts as the parser makes them: no empty texts, no two side by side."""
    found: list[str | syntax.Field] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return found


expressions = some.recursive(atoms, larger, max_leaves=12)
targets = some.builds(Name, names, some.just(NOWHERE)) | some.builds(
    syntax.Index, expressions, expressions, some.just(NOWHERE)
)
simple: some.SearchStrategy[Statement] = (
    some.builds(syntax.ExpressionStatement, expressions, some.just(NOWHERE))
    | some.builds(
        syntax.Assign,
        some.lists(
            targets
            | some.builds(
                syntax.Tuple, some.lists(targets, min_size=1, max_size=2), some.just(NOWHERE)
            ),
            min_size=1,
            max_size=2,
        ),
        expressions,
        some.just(NOWHERE),
    )
    | some.builds(
        syntax.AugmentedAssign,
        targets,
        some.sampled_from([*precedence.AUGMENTED.values()]),
        expressions,
        some.just(NOWHERE),
    )
    | some.builds(
        syntax.Define,
        names,
        parameters(expressions, stars=False),
        expressions,
        *[some.just(NOWHERE)] * 2,
    )
    | some.builds(syntax.Word, some.just("pass"), some.just(NOWHERE))
    | some.builds(syntax.Delete, some.lists(targets, min_size=1, max_size=2), some.just(NOWHERE))
    | some.builds(
        syntax.Assert,
        expressions.filter(lambda test: type(test) is not syntax.Tuple),
        some.none() | expressions,
        some.just(NOWHERE),
    )
    | some.builds(syntax.Raise, some.none() | expressions, some.just(NOWHERE))
    | some.builds(
        syntax.Import,
        some.none() | some.just("a.b"),
        some.lists(
            some.builds(syntax.Alias, names, some.just("") | names, some.just(NOWHERE)),
            min_size=1,
            max_size=2,
        ),
        some.just(NOWHERE),
    )
)


def compound(inner: some.SearchStrategy[Statement]) -> some.SearchStrategy[Statement]:
    here = some.just(NOWHERE)
    block = some.builds(syntax.Block, some.lists(inner, min_size=1, max_size=2), here)
    other = some.none() | block
    branches = some.lists(some.tuples(expressions, block), min_size=1, max_size=2)
    contexts = some.tuples(expressions, some.none() | some.builds(Name, names, here))
    handler = some.builds(
        syntax.Handler, some.none() | expressions, some.just(""), block, here
    ) | some.builds(syntax.Handler, expressions, names, block, here)
    handlers = some.lists(handler, min_size=1, max_size=2)
    decorator = syntax.Call(Name("no_grad", NOWHERE), [], [], NOWHERE)
    return (
        some.builds(syntax.If, branches, other, here)
        | some.builds(syntax.While, expressions, block, other, here)
        | some.builds(syntax.For, several, expressions, block, other, here)
        | some.builds(syntax.With, some.lists(contexts, min_size=1, max_size=2), block, here)
        | some.builds(syntax.Try, block, handlers, other, other, here)
        | some.builds(syntax.Try, block, some.just([]), some.none(), block, here)
        | some.builds(
            syntax.Def,
            some.lists(some.just(decorator), max_size=1),
            names,
            parameters(expressions),
            block,
            here,
            here,
        )
    )


statements = some.recursive(simple, compound, max_leaves=5)


@settings(max_examples=1500, deadline=None)
@given(expressions)
def test_every_expression_is_read_back(tree: Expression) -> None:
    text = canonical(tree)
    assert same(parse_expression(Source(text)), tree), f"{shape(tree)} printed as {text}"


@settings(max_examples=300, deadline=None)
@given(some.lists(statements, max_size=3))
def test_every_block_is_read_back(found: list[Statement]) -> None:
    block = syntax.Block(found, NOWHERE)
    text = canonical(block)
    assert same(parse(Source(text)), block), text


# ---- size -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["+".join(["3*x^2"] * 20_000), "^".join(["x"] * 20_000)])
def test_long_chains_print_in_linear_time(text: str) -> None:
    tree = parse(Source(text))
    printed = canonical(tree)
    assert same(parse(Source(printed)), tree)


def test_a_tree_deeper_than_any_text_prints() -> None:
    tree: Expression = Name("x", NOWHERE)
    for _ in range(50_000):
        tree = syntax.Unary("-", tree, NOWHERE)
    assert canonical(tree) == "-" * 50_000 + "x"


def test_a_negative_number_in_a_tree_prints_as_a_sign() -> None:
    base = Number(-2.0, "", NOWHERE)
    tree = syntax.Binary("^", base, Name("x", NOWHERE), NOWHERE, NOWHERE)
    assert canonical(tree) == "(-2.0)^x"
