"""`gradcli run`, `gradcli fmt` and bare `gradcli` in a pipe, in this process."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gradcli.errors import Status

from .commands import Case, arguments, cases, gradcli


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def script(text: str | bytes, name: str = "script.grad") -> Path:
    path = Path(name)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def label(case: Case) -> str:
    return " ".join([case.command, *case.text])[:60]


@pytest.mark.parametrize("case", cases("run.grad"), ids=label)
def test_run(case: Case) -> None:
    path = script(case.script)
    outcome = gradcli("run", *arguments(case), path.name)
    assert outcome.stdout.splitlines() == case.stdout
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status
    if case.after:
        assert path.read_text(encoding="utf-8").splitlines() == case.after


@pytest.mark.parametrize("case", cases("pipe.grad"), ids=label)
def test_pipe(case: Case) -> None:
    outcome = gradcli(*arguments(case), stdin=case.script)
    assert outcome.stdout.splitlines() == case.stdout
    assert outcome.stderr.splitlines() == case.stderr
    assert outcome.status == case.status


@pytest.mark.parametrize("case", cases("fmt.grad"), ids=label)
def test_fmt(case: Case) -> None:
    path = script(case.script)
    assert gradcli("fmt", path.name).stdout.splitlines() == case.after
    assert gradcli("fmt", "-i", path.name).status == Status.DONE
    assert path.read_text(encoding="utf-8").splitlines() == case.after
    assert gradcli("fmt", "--check", path.name).status == Status.DONE


# ---- run ----------------------------------------------------------------------------------------


def test_every_statement_is_an_object() -> None:
    script("x = 2\nprint(x); [x, 1.5] #=> [2, 1]\n1 / 0.0\ninv([1, 1; 1, 1])")
    outcome = gradcli("run", "--json", "--keep-going", "script.grad")
    rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert outcome.stderr == ""
    assert outcome.status == Status.FAILED
    assert [(row["schema"], row["file"], row["line"], row["column"]) for row in rows] == [
        (1, "script.grad", 1, 1),
        (1, "script.grad", 2, 1),
        (1, "script.grad", 2, 11),
        (1, "script.grad", 3, 1),
        (1, "script.grad", 4, 1),
    ]
    assert rows[0] == {
        "schema": 1,
        "file": "script.grad",
        "line": 1,
        "column": 1,
        "statement": "x = 2",
        "warnings": [],
    }
    assert (rows[1]["value"], rows[1]["printed"]) == (None, "2\n")
    assert (rows[2]["value"], rows[2]["expected"]) == ([2, 1.5], "[2, 1]")
    assert rows[2]["error"]["kind"] == "expectation"
    assert rows[3]["value"] == "Infinity"
    assert rows[3]["warnings"] == ["the value is inf: divide by zero in 1 / 0.0"]
    assert (rows[4]["error"]["line"], rows[4]["error"]["status"]) == (4, Status.DOMAIN)


@pytest.mark.parametrize(
    ("text", "line", "kind"), [("x = 1\nx +", 2, "syntax"), (b"x = 1\n\xff", 2, "syntax")]
)
def test_a_script_that_does_not_parse_is_an_object(text: str | bytes, line: int, kind: str) -> None:
    script(text)
    outcome = gradcli("run", "--json", "script.grad")
    row = json.loads(outcome.stdout)
    assert (row["file"], row["error"]["line"], row["error"]["kind"]) == ("script.grad", line, kind)
    assert outcome.status == Status.SYNTAX


def test_files_are_worlds_of_their_own_and_the_first_failure_is_the_status() -> None:
    script("x = 2; print(x)", "a")
    script("x", "b")
    script("1 #=> 2", "c")
    stopped = gradcli("run", "a", "b", "c", "a")
    assert (stopped.stdout, stopped.status) == ("2\n", Status.RULE)
    went_on = gradcli("run", "--keep-going", "c", "b", "missing", "a")
    assert (went_on.stdout, went_on.status) == ("2\n", Status.FAILED)
    places = [line.split(" ")[0] for line in went_on.stderr.splitlines() if "error" in line]
    assert places == ["c:1:7:", "b:1:1:", "error:"]


@pytest.mark.parametrize("name", ["missing", ".", "", "a\0b", "x" * 300, "--ecko"])
def test_a_file_that_cannot_be_read(name: str) -> None:
    outcome = gradcli("run", name)
    assert outcome.status == Status.FILE
    assert outcome.stderr.startswith("error: cannot read")


def test_an_option_that_does_not_exist_is_named() -> None:
    assert "did you mean --echo ?" in gradcli("run", "--ecko", "x").stderr


def test_a_script_on_standard_input() -> None:
    outcome = gradcli("run", "--echo", "-", stdin=b"x = 2\nx + 1\ny")
    assert outcome.stdout == "3\n"
    assert outcome.stderr.startswith("<stdin>:3:1: error: unknown name 'y'")
    assert gradcli("run", "--update", "-").status == Status.USAGE


def test_bytes_of_a_script() -> None:
    for text in (b"\xef\xbb\xbfx = 1\r\nx\r\n", b"x = 1\nx", b"\xef\xbb\xbf1\r\n"):
        script(text)
        assert gradcli("run", "--echo", "script.grad").stdout == "1\n"
    script(b"x = 1\r\n 'a\xff'")
    error = gradcli("run", "script.grad").stderr
    assert error.startswith("script.grad:2:4: error: byte 0xff is not UTF-8")


def test_update_keeps_every_other_byte_and_the_mode() -> None:
    path = script(b"\xef\xbb\xbf# \xc3\xa9\r\n1+1\t #=>3 \r\n\r\nprint('a')\n2 #=> 2")
    path.chmod(0o750)
    Path("link").symlink_to(path.name)
    assert gradcli("run", "--update", "-q", "link").status == Status.DONE
    assert path.read_bytes() == b"\xef\xbb\xbf# \xc3\xa9\r\n1+1\t #=>2 \r\n\r\nprint('a')\n2 #=> 2"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert Path("link").is_symlink()
    assert sorted(path.name for path in Path().iterdir()) == ["link", "script.grad"]
    assert gradcli("run", "link").status == Status.DONE


def test_update_leaves_a_file_that_says_what_is_so() -> None:
    path = script("pi #=> 3.14")
    before = path.stat()
    assert gradcli("run", "--update", "script.grad").stderr == ""
    assert path.stat() == before


def test_junit_has_a_case_for_every_claim() -> None:
    script("1 #=> 1\n2 #=> 3\n4 #=> 4", "a.grad")
    script("1 #=> 1\nnothing\n2 #=> 2", "b.grad")
    script("1 +", "c&<.grad")
    outcome = gradcli("run", "--keep-going", "--junit", "r.xml", "a.grad", "b.grad", "c&<.grad")
    assert outcome.status == Status.FAILED
    root = ElementTree.parse("r.xml").getroot()
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8",
        "failures": "1",
        "errors": "2",
        "skipped": "0",
    }
    outcomes = {
        (case.get("classname"), case.get("name")): [child.tag for child in case]
        for case in root.iter("testcase")
    }
    assert outcomes == {
        ("a.grad", "line 1: 1 #=> 1"): [],
        ("a.grad", "line 2: 2 #=> 3"): ["failure"],
        ("a.grad", "line 3: 4 #=> 4"): [],
        ("a.grad", "runs to its end"): [],
        ("b.grad", "line 1: 1 #=> 1"): [],
        ("b.grad", "line 3: 2 #=> 2"): [],
        ("b.grad", "runs to its end"): ["error"],
        ("c&<.grad", "runs to its end"): ["error"],
    }
    failure = root.find(".//failure")
    assert failure is not None and failure.text is not None
    assert failure.text.startswith("a.grad:2:7: error: expected 3, got 2\n2 | 2 #=> 3\n")
    gradcli("run", "--junit", "r.xml", "b.grad")
    assert [child.tag for child in ElementTree.parse("r.xml").iter("skipped")] == ["skipped"]


def test_junit_on_standard_output_and_where_nothing_can_be_written() -> None:
    script("1 #=> 1")
    assert ElementTree.fromstring(gradcli("run", "--junit", "-", "script.grad").stdout)
    for path in ("", ".", "nowhere/r.xml", "a\0b"):
        outcome = gradcli("run", "--junit", path, "script.grad")
        assert outcome.status == Status.FILE
        assert outcome.stderr.startswith("error: cannot write")


# ---- fmt ----------------------------------------------------------------------------------------


def test_fmt_of_expressions() -> None:
    outcome = gradcli("fmt", "2x^-y²", "-x^2", "f(t)=t**3", "((a))")
    assert outcome.stdout == "2 * x^-y^2\n-x^2\nf(t) = t^3\na\n"
    assert gradcli("fmt", "--check", "a + b").status == Status.DONE
    changed = gradcli("fmt", "--check", "a+b", "c")
    assert (changed.stdout, changed.status) == ("a+b\n", Status.FAILED)


def test_fmt_goes_on_after_an_error() -> None:
    outcome = gradcli("fmt", "sin x", "a+b", "missing.grad")
    assert outcome.stdout == "a + b\n"
    assert outcome.stderr.startswith("error: an operator is missing between 'sin' and 'x'\n")
    assert outcome.stderr.endswith("cannot read 'missing.grad': No such file or directory\n")
    assert outcome.status == Status.SYNTAX


def test_fmt_keeps_line_ends_and_a_byte_order_mark() -> None:
    path = script(b"\xef\xbb\xbfx=1\r\ny=2 # two\r\n", "script")
    assert gradcli("fmt", "script").stdout == "x = 1\r\ny = 2  # two\r\n"
    assert gradcli("fmt", "-i", "script").stdout == ""
    assert path.read_bytes() == b"\xef\xbb\xbfx = 1\r\ny = 2  # two\r\n"
    assert gradcli("fmt", "-", stdin=b"a+b").stdout == "a + b\n"
    assert gradcli("fmt", "-i", "a+b").status == Status.USAGE


# ---- the pipe -----------------------------------------------------------------------------------


def test_a_line_that_is_too_long_ends_the_pipe() -> None:
    outcome = gradcli(stdin=b"1\n" + b"1+" * 4_000_000 + b"1\n2\n")
    assert outcome.stdout == "1\n"
    assert "a script of more than 1,048,576 characters" in outcome.stderr
    assert outcome.status == Status.LIMIT


def test_bytes_in_a_pipe() -> None:
    outcome = gradcli(stdin=b"\xef\xbb\xbfx = 1\r\nx\r\n\xff\r\nx + 1")
    assert outcome.stdout == "1\n2\n"
    assert outcome.stderr.startswith("<stdin>:3:1: error: byte 0xff is not UTF-8")
    assert outcome.status == Status.SYNTAX


def test_every_statement_of_a_pipe_has_limits_of_its_own() -> None:
    """A program that talks to gradcli all day is not stopped by what it said in the morning."""
    outcome = gradcli(stdin=b"x = '" + b"a" * 60_000 + b"'\n" + b"print(x)\n" * 30)
    assert (outcome.stderr, outcome.status) == ("", Status.DONE)
    assert len(outcome.stdout) == 30 * 60_001
