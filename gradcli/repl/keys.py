"""What the keys do beside what they do on every command line."""

from __future__ import annotations

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, completion_is_selected, has_completions
from prompt_toolkit.filters import vi_navigation_mode as vi_normal
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent

from gradcli.repl.completion import SYMBOL
from gradcli.repl.lines import INDENT, indentation, is_whole
from gradcli.repl.symbols import SYMBOLS

# What `:help keys` lists.
KEYS: list[tuple[str, str]] = [
    ("Enter", "run the text, or begin a line while a bracket or a block is open"),
    ("Alt-Enter", "begin a line"),
    ("Tab", "complete a name, a method, an argument; \\alpha to α; indent"),
    ("Backspace", "delete; in the indentation, a level of it"),
    ("Right, Ctrl-E", "take the suggestion"),
    ("Alt-F", "take a word of the suggestion"),
    ("Up, Down", "earlier and later texts; within a text, its lines"),
    ("Ctrl-R", "search in earlier texts"),
    ("Ctrl-A, Ctrl-E", "to the start, the end of the line"),
    ("Ctrl-W, Ctrl-U, Ctrl-K", "cut the word before, all before, all after the cursor"),
    ("Ctrl-Y", "paste what was cut"),
    ("Ctrl-_", "undo"),
    ("Ctrl-C", "clear the line; stop what runs"),
    ("Ctrl-D", "leave"),
    ("Ctrl-X Ctrl-E", "edit the text in $EDITOR (with vi keys: v)"),
    ("Ctrl-L", "clear the screen"),
    ("Ctrl-Z", "suspend; fg in the shell comes back"),
    ("Escape", "with vi keys (:set keys vi): letters are commands until i or a"),
]


def bindings() -> KeyBindings:
    keys = KeyBindings()
    keys.add("enter", filter=~completion_is_selected & ~searching)(enter)
    keys.add("enter", filter=completion_is_selected)(take_completion)
    keys.add("escape", "enter")(new_line)
    keys.add("tab", filter=at_symbol)(replace_symbol)
    keys.add("tab", filter=~at_symbol & ~in_indentation & ~several_offered)(complete_word)
    keys.add("tab", filter=in_indentation & ~has_completions)(indent)
    keys.add("backspace", filter=in_indentation & ~vi_normal)(outdent)
    return keys


@Condition
def searching() -> bool:
    return get_app().layout.is_searching


@Condition
def in_indentation() -> bool:
    """Nothing but blanks, or nothing, stands before the cursor on a line after the first."""
    document = get_app().current_buffer.document
    return document.cursor_position_row > 0 and not document.current_line_before_cursor.strip()


@Condition
def at_symbol() -> bool:
    return symbol_before(get_app().current_buffer.document) is not None


def symbol_before(document: Document) -> str | None:
    """The name in `\\alpha`, if the cursor is behind a whole one."""
    found = SYMBOL.search(document.current_line_before_cursor)
    return found[1] if found and found[1] in SYMBOLS else None


def replace_symbol(event: KeyPressEvent) -> None:
    buffer = event.current_buffer
    name = symbol_before(buffer.document)
    if name is not None:
        buffer.delete_before_cursor(len(name) + 1)
        buffer.insert_text(SYMBOLS[name])


@Condition
def several_offered() -> bool:
    state = get_app().current_buffer.complete_state
    return state is not None and len(state.completions) > 1


def complete_word(event: KeyPressEvent) -> None:
    """Take what alone is possible, or what all have in common; else list them.

    At once: prompt_toolkit's own key does nothing while the list of what was typed is being made.
    """
    buffer = event.current_buffer
    asked = CompleteEvent(completion_requested=True)
    found = list(buffer.completer.get_completions(buffer.document, asked))
    if len(found) == 1:
        buffer.cancel_completion()
        buffer.apply_completion(found[0])
    elif found:
        buffer.insert_text(get_common_complete_suffix(buffer.document, found))
        buffer.start_completion()


def enter(event: KeyPressEvent) -> None:
    """Run what is whole, if the cursor is on its last line; else go on below."""
    buffer = event.current_buffer
    document = buffer.document
    if is_whole(document.text) and (
        document.on_last_line or not document.text_after_cursor.strip()
    ):
        buffer.validate_and_handle()
    else:
        new_line(event)


def new_line(event: KeyPressEvent) -> None:
    """Begin a line below, indented; not where more was sent along, which has its own blanks."""
    document: Document = event.current_buffer.document
    sent_along = event.app.key_processor.input_queue
    blanks = "" if sent_along else indentation(document.current_line_before_cursor)
    event.current_buffer.insert_text("\n" + blanks)


def take_completion(event: KeyPressEvent) -> None:
    event.current_buffer.complete_state = None


def indent(event: KeyPressEvent) -> None:
    event.current_buffer.insert_text(INDENT)


def outdent(event: KeyPressEvent) -> None:
    """Delete back to the level before; at the start of a line, its end."""
    column = event.current_buffer.document.cursor_position_col
    event.current_buffer.delete_before_cursor((column - 1) % len(INDENT) + 1 if column else 1)
