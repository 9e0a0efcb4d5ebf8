"""Where texts come from: a terminal that edits them, or lines of a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.layout.processors import HighlightMatchingBracketProcessor
from prompt_toolkit.output import ColorDepth, Output

from gradcli.repl.calls import Hint, call_at, hint
from gradcli.repl.completion import complete, prepared, signature_of
from gradcli.repl.console import Console
from gradcli.repl.highlighting import STYLE, MathLexer
from gradcli.repl.history import HistoryFile
from gradcli.repl.keys import bindings
from gradcli.repl.lines import CONTINUED, PROMPT, is_whole, readable
from gradcli.repl.toolbar import state, toolbar

MENU = 8  # lines for completions


class Reader(Protocol):
    """Gives text after text; EOFError at the end, KeyboardInterrupt for Ctrl-C."""

    def read(self) -> str: ...


# ---- a terminal ---------------------------------------------------------------------------------


class Recall(History):
    """What was typed, here and in former sessions; what begins with a blank is not kept."""

    def __init__(self, console: Console, path: Path | None) -> None:
        super().__init__()
        self.console = console
        self.file = None if path is None else HistoryFile(path)
        self.unsaid: list[str] = []

    def load_history_strings(self) -> Iterable[str]:
        found: list[str] = []
        if self.file is not None:
            try:
                found, unreadable = self.file.entries()
            except OSError as error:
                self.give_up("read", error)
            else:
                if unreadable:
                    s = "" if unreadable == 1 else "s"
                    self.unsaid.append(f"note: {unreadable} line{s} of the history cannot be read")
        self.console.typed[:0] = found
        return reversed(found)

    def append_string(self, string: str) -> None:
        text = readable(string).rstrip()
        if text and not text.startswith(" "):
            self.console.typed.append(text)
            super().append_string(text)

    def store_string(self, string: str) -> None:
        if self.file is not None:
            try:
                self.file.append(string)
            except OSError as error:
                self.give_up("write", error)

    def give_up(self, verb: str, error: OSError) -> None:
        """Say it once, and go on without a file."""
        path = self.file.path if self.file is not None else ""
        self.file = None
        self.unsaid.append(f"note: cannot {verb} the history {path}: {error.strerror}")

    def speak(self) -> None:
        """Say what could not be said while a line was being edited."""
        for note in self.unsaid:
            self.console.report.note(note)
        self.unsaid.clear()


class MathCompleter(Completer):
    def __init__(self, console: Console) -> None:
        self.console = console

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        found = complete(
            document.text_before_cursor, self.console.known, asked=event.completion_requested
        )
        for text, start, label, note in found:
            yield Completion(text, start, display=label, display_meta=note)


def continuation(_width: int, _line: int, wrapped: int) -> StyleAndTextTuples:
    """Before a line that was begun; before the rest of a long one, blanks."""
    return [("class:continued", " " * len(CONTINUED) if wrapped else CONTINUED)]


class Terminal:
    """The prompt of a terminal: editing, colours, completion, history, the toolbar."""

    def __init__(
        self,
        console: Console,
        history: Path | None,
        *,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self.console = console
        self.hinted: tuple[str, Hint | None] = "", None
        self.recall = Recall(console, history)
        self.preparations = prepared(console.known)
        self.session: PromptSession[str] = PromptSession(
            [("class:prompt", PROMPT)],
            prompt_continuation=continuation,
            multiline=True,
            lexer=MathLexer(console.kind_of),
            completer=MathCompleter(console),
            complete_while_typing=True,
            reserve_space_for_menu=MENU,
            history=self.recall,
            auto_suggest=AutoSuggestFromHistory(),
            key_bindings=bindings(),
            bottom_toolbar=self.toolbar,
            input_processors=[HighlightMatchingBracketProcessor()],
            enable_open_in_editor=True,
            enable_suspend=True,
            search_ignore_case=True,
            tempfile_suffix=".grad",
            style=STYLE,
            include_default_pygments_style=False,
            input=input,
            output=output,
        )
        # A lone Escape is told from Alt with a key by what follows within so many seconds.
        self.session.app.ttimeoutlen, self.session.app.timeoutlen = 0.05, 0.3

    def read(self) -> str:
        report = self.console.report
        settings = self.console.settings
        depth = ColorDepth.DEPTH_4_BIT if report.color else ColorDepth.DEPTH_1_BIT
        mode = EditingMode.VI if settings["keys"] == "vi" else EditingMode.EMACS
        text = readable(
            self.session.prompt(editing_mode=mode, color_depth=depth, pre_run=self.begin)
        )
        report.columns = self.session.output.get_size().columns
        report.begin(text, len(PROMPT))
        self.recall.speak()
        return text

    def begin(self) -> None:
        """Nobody waits for this: the first lists of names and methods are then at hand."""
        self.session.app.create_background_task(self.prepare())

    async def prepare(self) -> None:
        for _ in self.preparations:
            await asyncio.sleep(0)  # keys that were pressed meanwhile

    def toolbar(self) -> StyleAndTextTuples:
        columns = self.session.output.get_size().columns
        items = state(self.console.settings, self.console.seconds, self.vi_mode)
        return [*toolbar(items, self.hint(), columns)]

    @property
    def vi_mode(self) -> str | None:
        """What letters do under vi's keys: insert, navigation, replace."""
        app = self.session.app
        if app.editing_mode is not EditingMode.VI:
            return None
        return app.vi_state.input_mode.value.removeprefix("vi-")

    def hint(self) -> Hint | None:
        """The signature of the call that the cursor is in."""
        text = self.session.default_buffer.document.text_before_cursor
        if text != self.hinted[0]:
            call = call_at(text.partition(" ")[2] if text.startswith(":") else text)
            signature = None if call is None else signature_of(call.function, self.console.known)
            found = hint(signature, call) if call is not None and signature else None
            self.hinted = text, found
        return self.hinted[1]


# ---- a stream -----------------------------------------------------------------------------------


class Lines:
    """Lines of standard input, with prompts if a person reads them on a plain terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.environment = console.host.environment
        self.prompts = console.host.interactive
        self.kept = ""  # a command that came right after a block

    def read(self) -> str:
        text = ""
        while not text or not is_whole(text.removesuffix("\n"), typed=self.prompts):
            line = self.line(CONTINUED if text else PROMPT)
            if text and (not line or line.startswith(":")):
                self.kept = line
                break
            if not line:
                raise EOFError
            text += line
        return text

    def line(self, prompt: str) -> str:
        line, self.kept = self.kept, ""
        if line:
            return line
        if self.prompts:
            self.environment.stdout.write(prompt)
            self.environment.stdout.flush()
        try:
            return self.environment.stdin.buffer.readline().decode(errors="replace")
        except KeyboardInterrupt:
            self.environment.stdout.write("\n")
            raise
