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


def parameters(defaults: some.SearchStrategy[Expression]) -> some.SearchStrategy[object]:
    """Parameters, those with defaults last."""

    def build(chosen: dict[str, Expression | None]) -> list[syntax.Parameter]:
        ordered = sorted(chosen.items(), key=lambda each: each[1] is not None)
        return [syntax.Parameter(*each, NOWHERE) for each in ordered]

    return some.dictionaries(names, some.none() | defaults, max_size=3).map(build)


def few(items: some.SearchStrategy[Expression], least: int) -> some.SearchStrategy[object]:
    return some.lists(items, min_size=least, max_size=3)


def larger(inner: some.SearchStrategy[Expression]) -> some.SearchStrategy[Expression]:
    here = some.just(NOWHERE)
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
        | some.builds(syntax.FString, some.lists(texts | fields, max_size=3).map(merged), here)
    )


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
statements: some.SearchStrategy[Statement] = (
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
        syntax.Define, names, parameters(expressions), expressions, *[some.just(NOWHERE)] * 2
    )
)


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
