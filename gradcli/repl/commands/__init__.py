"""The meta-commands, each under its name in `meta.COMMANDS` once its module is imported."""

from gradcli.repl.commands import asking, changing, filing, trying

__all__ = ["asking", "changing", "filing", "trying"]
