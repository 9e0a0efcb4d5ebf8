"""The vocabulary that verbs share, and how a command line is read.

A leading minus is data: `gradcli eval -x^2 x=3` works because a token is an option only if it is
exactly a known one, or a known one with `=value`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gradcli.errors import GradcliError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

# NAME=VALUE, but not a comparison.
OPTION = re.compile(r"--?[A-Za-z][\w-]*")
BINDING = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)(.*)", re.DOTALL)


# Where a context keeps the command line as it was written.
ARGUMENTS = "gradcli.arguments"


def pasteable(*more: str) -> str:
    """This command line with more arguments, for a shell."""
    import shlex

    ctx = click.get_current_context()
    return shlex.join(["gradcli", str(ctx.info_name), *ctx.meta.get(ARGUMENTS, ()), *more])


class MathCommand(click.Command):
    """A command whose arguments are mathematics: what is no known option is an argument."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {
            name: parameter
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option)
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        ctx.meta[ARGUMENTS] = list(args)
        options: list[str] = []
        data: list[str] = []
        rest = list(args)
        while rest:
            token = rest.pop(0)
            if token == "--":
                data += rest
                break
            name, equals, _ = token.partition("=")
            option = known.get(name)
            if option is None or (equals and (option.is_flag or not name.startswith("--"))):
                data.append(token)
                continue
            options.append(token)
            if not equals and not option.is_flag and not option.count:
                if not rest and ctx.resilient_parsing:
                    break  # a shell asks what might follow
                if not rest:
                    raise UsageError(f"{token} needs a value")
                options.append(rest.pop(0))
        return super().parse_args(ctx, [*options, "--", *data])


VALUES = "after the expression come values for its variables: NAME=VALUE"


def split_bindings(tokens: tuple[str, ...], hint: str = VALUES) -> dict[str, str]:
    """`x=2 A=[1,2]` as names with the text of their values."""
    bindings: dict[str, str] = {}
    for token in tokens:
        match = BINDING.fullmatch(token)
        if match is None:
            refuse_option(token)
            raise UsageError(f"'{token}' is not of the form NAME=VALUE", hint=hint)
        written, value = match.groups()
        name = name_of(written)
        if name in bindings:
            raise UsageError(f"{name} is given twice")
        bindings[name] = value
    return bindings


def refuse_option(token: str) -> None:
    """Of what stands where values are, and begins as options do."""
    name = token.partition("=")[0]
    if OPTION.fullmatch(name):
        raise no_option(name, click.get_current_context())


def no_option(token: str, ctx: click.Context | None) -> UsageError:
    from gradcli.lang.nearest import did_you_mean

    known = [name for option in ctx.command.params for name in option.opts] if ctx else []
    hint = did_you_mean(token, known) or "--help lists them"
    return UsageError(f"there is no option {token}", hint=hint)


def name_of(written: str) -> str:
    """The variable that a name on the command line means: π is pi there as in an expression."""
    from gradcli.lang.parser import parse_expression
    from gradcli.lang.source import Source
    from gradcli.lang.syntax import Name

    try:
        tree = parse_expression(Source(written))
    except GradcliError:
        tree = None
    if not isinstance(tree, Name):
        raise UsageError(f"'{written}' cannot be a variable", hint="it has a meaning of its own")
    return tree.name


def composed(*decorators: Callable[[Any], Any]) -> Callable[[Decorated], Decorated]:
    def decorate(function: Decorated) -> Decorated:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def completed(name: str) -> Callable[..., list[CompletionItem]]:
    """A function of completers.py, which only shells call."""

    def items(*arguments: Any) -> list[CompletionItem]:
        from gradcli.cli import completers

        found: list[CompletionItem] = getattr(completers, name)(*arguments)
        return found

    return items


mathematics = composed(
    click.argument("expression", metavar="EXPR", shell_complete=completed("expression")),
    click.argument(
        "bindings",
        nargs=-1,
        metavar="[NAME=VALUE]...",
        shell_complete=completed("binding"),
    ),
)


def by_option(more: str = "") -> Callable[[Decorated], Decorated]:
    return click.option(
        "--wrt",
        multiple=True,
        metavar="NAME",
        shell_complete=completed("variable"),
        help="Differentiate by NAME; repeat for more. Default: every variable." + more,
    )


variables_option = by_option()
wrt_option = by_option(" NAME may be one that the expression assigns.")

seed_option = click.option(
    "--grad-output",
    metavar="V",
    help="The cotangent that a result of several elements is contracted with.",
)

check_option = click.option(
    "--check", is_flag=True, help="Prove the derivatives by independent methods (sympy)."
)

graph_options = composed(
    click.option("--retain-graph", is_flag=True, help="Keep the graph for another backward."),
    click.option("--create-graph", is_flag=True, help="Give the gradients a graph of their own."),
    click.option(
        "--backward",
        type=click.IntRange(1, 1000),
        default=1,
        metavar="N",
        help="Call backward N times; gradients accumulate.",
    ),
    click.option("--no-grad", is_flag=True, help="Compute the value alone."),
)

limit_options = composed(
    click.option(
        "--limit",
        multiple=True,
        metavar="NAME=N",
        help="Change a limit of the evaluation, such as steps=1e8.",
    ),
    click.option("--strict", is_flag=True, help="Make errors of nan, infinities and kinks."),
    click.option("--trusted", is_flag=True, help="Lift the limits on work, time and memory."),
)

number_options = composed(
    click.option(
        "--dtype",
        type=click.Choice(["float64", "float32", "complex128"]),
        default="float64",
        help="The type of the variables.",
    ),
    click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Seed of random numbers."),
    limit_options,
)


digits_option = click.option(
    "--digits",
    type=click.IntRange(1, 17),
    metavar="N",
    help="Round to N digits for display. Default: the shortest that round-trips.",
)
color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="When to colour.",
)
output_option = click.option(
    "-o",
    "--output",
    metavar="FILE",
    shell_complete=completed("any_file"),
    help="Write to FILE.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Only the numbers; no notes.")


def output_options(*formats: str) -> Callable[[Decorated], Decorated]:
    """Options of what is written, and in which of the verb's formats."""
    return composed(
        digits_option,
        click.option(
            "--format",
            "form",
            type=click.Choice(formats),
            default=formats[0],
            help="How to write the result.",
        ),
        click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
        output_option,
        color_option,
        quiet_option,
    )


HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
