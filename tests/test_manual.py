"""The manual and the texts of --help: every example of them runs."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
from manual import texts

from gradcli.cli.main import VERBS, group
from gradcli.errors import Status
from gradcli.lang.limits import Limits
from gradcli.repl.settings import Settings, read_config

from .showing import check_dialogue, check_script, shown

ROOT = Path(__file__).parent.parent
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "man/text").glob("*.txt")}
EXAMPLES = [
    pytest.param(example, id=f"{name}-{example.line + 1}")
    for name, text in sorted(TEXTS.items())
    for example in texts.examples(text)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_of_the_manual(
    example: texts.Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if example.kind == "command":
        for command in texts.commands(example):
            assert shown(command.line).splitlines() == list(command.printed)
    elif example.kind == "dialogue":
        check_dialogue(list(example.lines))
    elif example.kind == "script":
        check_script("\n".join(example.lines) + "\n")
    else:
        read_config(Settings(), "\n".join(example.lines), "config.toml")


@pytest.mark.parametrize("verb", VERBS)
def test_the_examples_of_help_work(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = pyarrow.table({"x": [1.0, 2.0], "y": [3.0, 4.0], "temperature": [5.0, 6.0]})
    pyarrow.csv.write_csv(table, "data.csv")
    pyarrow.parquet.write_table(table, "log.parquet")
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    for line in re.findall(r"^ *(gradcli .*)$", command.help or "", re.MULTILINE):
        if "--scheduler" in line:
            continue  # there is no cluster
        for script in re.findall(r"[\w*/]+\.grad", line):
            path = Path(script.replace("*", "every"))
            path.parent.mkdir(exist_ok=True)
            path.write_text("2 + 2  #=> 4\n", encoding="utf-8")
        assert "error:" not in shown(line), line


def test_the_manual_lists_every_status_and_limit() -> None:
    parts = {part.heading: part.blocks for part in texts.sections(TEXTS["gradcli"])}
    statuses = [block.term for block in parts["EXIT STATUS"] if isinstance(block, texts.Item)]
    assert statuses == [str(int(status)) for status in Status]
    limits = [block.term for block in parts["LIMITS"] if isinstance(block, texts.Item)]
    assert {name for term in limits for name in term.split(", ")} == {*Limits._fields}
