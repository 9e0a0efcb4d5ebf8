"""The meta-commands, each under its name in `meta.COMMANDS` once its module is imported."""

from gradcli.repl.commands import asking, changing, filing, looking, timing, writing

__all__ = ["asking", "changing", "filing", "looking", "timing", "writing"]
