"""The command group: verbs are imported when they are called."""

from __future__ import annotations

from errno import EBADF
from importlib import import_module
from itertools import pairwise
from typing import Any

import click

from gradcli.cli.options import HELP, no_option
from gradcli.cli.system.environment import Environment
from gradcli.errors import (
    FileError,
    GradcliError,
    Interrupted,
    LimitExceeded,
    Status,
    UsageError,
    unforeseen,
)

VERBS = {
    "eval": "The value of an expression, and its gradient.",
    "jacobian": "The derivatives of every element of a result.",
    "hessian": "The second derivatives by all pairs of variables.",
    "jvp": "The derivative of a result along tangents of its variables.",
    "vjp": "A cotangent of a result times its Jacobian.",
    "diff": "The derivative as a formula.",
    "export": "Value and derivatives as a function in other languages.",
    "graph": "The graph of an expression, with values and adjoints.",
    "plot": "A function and its derivatives as curves.",
    "explain": "How a value and its gradient come about, step by step.",
    "check": "Derivatives by independent methods; claims about them tested.",
    "map": "Value and gradient for every row of a table.",
    "run": "Run scripts: files of statements.",
    "fmt": "The canonical form of expressions and scripts: how they are read.",
    "repl": "The interactive session.",
    "completion": "A script that completes command lines, for a shell.",
    "ops": "Every operation: signature, rule, kinks, domain.",
}


class Verbs(click.Group):
    """A group that knows its verbs' names, and their first lines, without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        found: click.Command = import_module(f"gradcli.cli.{name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS:
            raise UsageError(f"there is no verb '{args[0]}'", hint=instead(args))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


def instead(arguments: list[str]) -> str:
    """What was probably meant by a command line that begins with no verb."""
    from gradcli.lang.nearest import nearest

    near = nearest(arguments[0], VERBS)
    if near is not None:
        return f"did you mean {near} ?"
    if arguments[0] == "help":
        return "gradcli --help lists the verbs; gradcli VERB --help tells of one"
    import shlex

    if arguments[0].startswith("-") or arguments[0].isidentifier():
        return "the verbs are " + ", ".join(VERBS)
    return f"to evaluate: {shlex.join(['gradcli', 'eval', *arguments])}"


@click.group(cls=Verbs, context_settings=HELP, invoke_without_command=True)
@click.option("--version", is_flag=True, help="Show the version and exit.")
@click.option("--verbose", is_flag=True, help="With --version: of Python and packages, too.")
@click.pass_context
def group(ctx: click.Context, /, *, version: bool, verbose: bool) -> Status | None:
    """Autograd at the prompt: exact derivatives, proven by independent methods.

    \b
    gradcli eval 'sin(x^2)*exp(y)' x=2 y=0.5 --check
    gradcli run FILE
    echo 'x = 3; x^2' | gradcli
    """
    environment: Environment = ctx.obj
    if version:
        show_version(environment, verbose=verbose)
        ctx.exit()
    if verbose:
        raise UsageError("--verbose goes with --version")
    if ctx.invoked_subcommand is not None:
        return None
    if environment.stdin.isatty():
        from gradcli.cli import repl

        return repl.converse(environment, {})
    from gradcli.cli import pipe

    return pipe.run(environment)


def show_version(environment: Environment, *, verbose: bool) -> None:
    from gradcli.cli.version import PROGRAM, versions

    print(versions() if verbose else PROGRAM, file=environment.stdout, flush=True)


def run(arguments: list[str], environment: Environment) -> int:
    """Run a command line; its exit status. Errors are written, never raised."""
    try:
        if "_GRADCLI_COMPLETE" in environment.variables:
            from gradcli.cli.completion import VARIABLE, answer

            return answer(group, environment.variables[VARIABLE], environment)
        # Not by click's own main(), which would answer a closed pipe and Ctrl-C in its own way.
        with group.make_context("gradcli", list(arguments), obj=environment) as ctx:
            status = group.invoke(ctx)
        environment.stdout.flush()
    except GradcliError as error:
        return report(error, arguments, environment)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        return report(told(error), arguments, environment)
    except (click.Abort, KeyboardInterrupt):
        return report(Interrupted("interrupted"), arguments, environment)
    except BrokenPipeError:
        return Status.CLOSED_PIPE
    except (MemoryError, RecursionError):
        return report(LimitExceeded("out of memory", limit="memory"), arguments, environment)
    except OSError as error:
        # Whatever opens a file reports its own errors: this is standard output.
        cause = "standard output is closed" if error.errno == EBADF else error.strerror
        return report(FileError(f"cannot write: {cause}"), arguments, environment)
    except Exception as error:  # noqa: BLE001  # the last firewall: one line, no traceback
        return report(unforeseen(error), arguments, environment)
    return int(status or Status.DONE)


def report(error: GradcliError, arguments: list[str], environment: Environment) -> int:
    """Write an error where errors go, as an object if the command line asked for JSON."""
    import json

    from gradcli.views.diagnostic import around_of, error_object, error_text

    if error.status == Status.INTERRUPTED:
        error.location = None  # where it was is no news
    as_json = "--json" in arguments or "--format=json" in arguments
    as_json = as_json or any(pair == ("--format", "json") for pair in pairwise(arguments))
    if as_json:
        text = json.dumps(error_object(error), ensure_ascii=False)
    else:
        colored = environment.colored(color_of(arguments), environment.stderr)
        around = around_of(environment.columns(environment.stderr))
        text = error_text(error, color=colored, around=around)
    print(text, file=environment.stderr)
    return error.status


def told(error: click.ClickException) -> UsageError:
    """What click found wrong with a command line, in our words."""
    message = error.format_message().removesuffix(".")
    if isinstance(error, click.NoSuchOption):
        return no_option(error.option_name, error.ctx)
    if isinstance(error, click.MissingParameter) and error.param and error.ctx:
        lines = [line.strip() for line in (error.ctx.command.help or "").splitlines()]
        example = next((line for line in lines if line.startswith("gradcli ")), None)
        name = error.param.make_metavar(error.ctx).strip("{}").removesuffix("...")
        return UsageError(f"{name} is missing", hint=example and f"such as {example}")
    if isinstance(error, click.BadParameter) and error.param:
        why = error.message.removesuffix(".").replace("not a valid integer range", "no integer")
        why = why.replace("in the range x>=", "at least ").replace("in the range ", "within ")
        why = why.replace("<=x<=", " to ")
        return UsageError(f"{max(error.param.opts, key=len)}: {why}")
    extra = message.partition("Got unexpected extra argument")[2].partition("(")[2]
    if extra:
        return UsageError(f"unexpected argument: {extra.removesuffix(')')}")
    return UsageError(message)


def color_of(arguments: list[str]) -> str:
    """The --color of a command line that may not have been read to its end."""
    choice: Any = "auto"
    for token, following in pairwise([*arguments, ""]):
        if token.startswith("--color="):
            choice = token.removeprefix("--color=")
        elif token == "--color":
            choice = following
    return choice if choice in ("always", "never") else "auto"
