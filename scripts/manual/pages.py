"""The pages: one of gradcli, one of each verb, and those about the language."""

from __future__ import annotations

from pathlib import Path

import click

import gradcli.repl.commands  # noqa: F401  # it fills COMMANDS
from gradcli.cli.main import VERBS, group
from gradcli.cli.options import HELP
from gradcli.lang.limits import Limits
from gradcli.repl.keys import KEYS
from gradcli.repl.meta import COMMANDS
from gradcli.repl.settings import SETTINGS
from manual import mdoc, operations
from manual.texts import Section, sections

DATE = "November 28, 2026"
TOPICS = {
    "gradcli-language": "the language of expressions and scripts",
    "gradcli-ops": "operations and their derivatives",
    "gradcli-semantics": "what graphs, leaves and backward passes do",
}
# Headings of a page, those that are made and those that people write, in the usual order.
ORDER = (
    "SYNOPSIS",
    "DESCRIPTION",
    "VERBS",
    "OPTIONS",
    "COMMANDS",
    "SETTINGS",
    "KEYS",
    "OUTPUT",
    "LIMITS",
    "ENVIRONMENT",
    "FILES",
    "EXIT STATUS",
    "EXAMPLES",
)
Written = dict[str, list[str]]


def all_pages(texts: Path) -> dict[str, str]:
    """The pages by the names of their files."""
    found = {"gradcli.1": overview(texts)}
    for verb in VERBS:
        found[f"gradcli-{verb}.1"] = of_verb(verb, texts)
    for name, description in TOPICS.items():
        found[f"{name}.7"] = topic(name, description, texts)
    return found


def written(path: Path) -> list[Section]:
    if not path.exists():
        raise SystemExit(f"{path} is missing: write DESCRIPTION, if it needs one, and EXAMPLES")
    return sections(path.read_text(encoding="utf-8"))


def merged(parts: Written, texts: list[Section]) -> list[str]:
    """What is made, and below it what people wrote under the same heading, in the usual order."""
    for section in texts:
        lines = parts.setdefault(section.heading, [])
        more = mdoc.body(section.blocks)
        lines += [".Pp", *more] if lines and not more[0].startswith(".B") else more
    return [line for name in sorted(parts, key=rank) for line in (f".Sh {name}", *parts[name])]


def rank(heading: str) -> float:
    """Headings that are not usual stand behind the description, in the order they are written."""
    return ORDER.index(heading if heading in ORDER else "DESCRIPTION") + (heading not in ORDER) / 2


# ---- commands -----------------------------------------------------------------------------------


def command_of(verb: str) -> tuple[click.Command, click.Context]:
    parent = click.Context(group, info_name="gradcli", **HELP)
    command = group.get_command(parent, verb)
    assert command is not None
    return command, click.Context(command, info_name=verb, parent=parent, **HELP)


def overview(texts: Path) -> str:
    context = click.Context(group, info_name="gradcli", **HELP)
    parts: Written = {
        "SYNOPSIS": [
            ".Nm",
            ".Ar VERB",
            ".Op Ar OPTION ...",
            ".Op Ar ARGUMENT ...",
            ".Nm",
            ".Pf COMMAND\\ |\\  Nm",
        ],
        "VERBS": [
            ".Bl -tag -width gradcli-completion",
            *(
                line
                for verb, said in VERBS.items()
                for line in (f".It Xr gradcli-{verb} 1", *mdoc.prose(said))
            ),
            ".El",
        ],
        "OPTIONS": options(group, context),
        "LIMITS": limits(),
    }
    lines = mdoc.head("GRADCLI", 1, DATE, "gradcli", "exact derivatives at the prompt")
    others = [f"gradcli-{verb}.1" for verb in VERBS] + [f"{name}.7" for name in TOPICS]
    body = merged(parts, written(texts / "gradcli.txt"))
    return mdoc.page([*lines, *body, *mdoc.references(others)])


def of_verb(verb: str, texts: Path) -> str:
    command, context = command_of(verb)
    parts: Written = {
        "SYNOPSIS": [f".Nm gradcli {verb}", *synopsis(command, context)],
        "DESCRIPTION": description(command),
        "OPTIONS": options(command, context),
    }
    if verb == "repl":
        parts |= prompt()
    body = merged(parts, written(texts / f"{verb}.txt"))
    name = f"gradcli-{verb}"
    lines = mdoc.head(name.upper(), 1, DATE, name, lower(VERBS[verb]))
    see = ["gradcli.1", *(f"{topic}.7" for topic in TOPICS)]
    return mdoc.page([*lines, *body, *mdoc.references(see)])


def lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def synopsis(command: click.Command, context: click.Context) -> list[str]:
    """`[OPTION ...] EXPR [NAME=VALUE ...]`"""
    lines = [".Op Ar OPTION ..."]
    for piece in command.collect_usage_pieces(context)[1:]:
        text = piece.replace("]...", " ...]").replace("...", " ...").replace("  ", " ")
        if text.startswith("[") and text.endswith("]"):
            lines.append(f".Op Ar {mdoc.argument(text[1:-1])}")
        else:
            lines.append(f".Ar {mdoc.argument(text)}")
    return lines


def description(command: click.Command) -> list[str]:
    """The help of a command, without its examples: the page has more of them."""
    paragraphs = (command.help or "").split("\n\n")
    said = [" ".join(text.split()) for text in paragraphs if "\b" not in text]
    lines: list[str] = []
    for text in said:
        lines += [*([".Pp"] if lines else []), *mdoc.prose(text)]
    return lines


def options(command: click.Command, context: click.Context) -> list[str]:
    lines = [".Bl -tag -width Ds"]
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and not parameter.hidden:
            flags = [f"Fl {name[1:].replace('-', chr(92) + '-')}" for name in parameter.opts]
            value = "" if parameter.is_flag else metavar(parameter, context)
            lines += [f".It {' , '.join(flags)}{value}", *mdoc.prose(parameter.help or "")]
    return [*lines, ".El"]


def metavar(parameter: click.Option, context: click.Context) -> str:
    text = parameter.make_metavar(context).strip("[]")
    return f" Ar {mdoc.argument(text)}"


def limits() -> list[str]:
    """The limits and their defaults, for the words that follow."""
    listed = ", ".join(f"{name} {value:,}" for name, value in Limits()._asdict().items())
    return mdoc.prose(f"The limits of an evaluation and what they are by default: {listed}.")


def prompt() -> Written:
    """What may be typed at the prompt."""
    commands = [".Bl -tag -width Ds"]
    for each in COMMANDS.values():
        commands += [f".It Ic {mdoc.argument(each.usage)}", *mdoc.prose(each.help)]
    settings = [".Bl -tag -width Ds"]
    for name, setting in SETTINGS.items():
        choices = "auto, 1 to 17" if name == "digits" else ", ".join(setting.choices)
        settings += [f".It Ic {name}", *mdoc.prose(f"{setting.help}: {choices}")]
    keys = [".Bl -tag -width Ds"]
    for name, said in KEYS:
        keys += [f".It {mdoc.argument(name)}", *mdoc.prose(said)]
    return {
        "COMMANDS": [*commands, ".El"],
        "SETTINGS": [*settings, ".El"],
        "KEYS": [*keys, ".El"],
    }


# ---- topics -------------------------------------------------------------------------------------


def topic(name: str, description: str, texts: Path) -> str:
    parts: Written = operations.parts() if name == "gradcli-ops" else {}
    lines = mdoc.head(name.upper(), 7, DATE, name, description)
    others = ["gradcli.1", "gradcli-eval.1", "gradcli-run.1", *(f"{each}.7" for each in TOPICS)]
    body = merged(parts, written(texts / f"{name}.txt"))
    return mdoc.page([*lines, *body, *mdoc.references({*others} - {f"{name}.7"})])
