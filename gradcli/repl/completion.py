"""What may come next at the cursor: a pure function of the text before it and of what is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from gradcli.engine.tensor import Tensor
from gradcli.lang import manual
from gradcli.lang.characters import NAMES
from gradcli.lang.lexer import KEYWORDS, tokens
from gradcli.lang.manual import split
from gradcli.lang.parser.refusals import WORDS
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.text import brief_value
from gradcli.lang.types import TYPES, attributes_of, get_attribute
from gradcli.lang.values import CALLABLE, Module, type_name
from gradcli.repl.calls import call_at
from gradcli.repl.symbols import SYMBOLS

WORD = re.compile(r"[^\W\d]\w*$")
SYMBOL = re.compile(r"\\(\w*)$")
OWNER = re.compile(r"((?:[^\W\d]\w*\s*\.\s*)+)$")
IMPORT = re.compile(r"(?m)^\s*(?:import|from(?:\s+([\w.]+)\s+import)?)\s+(?:.*,\s*)?(\w*)$")
RESULT = re.compile(r"[)\]']\s*\.\s*$")
# Attributes of a tensor that are tensors like it, made when they are asked for.
LIKE_ITSELF = frozenset({"T", "mT", "data", "imag", "real"})
# Words that stand within expressions, and those that begin a statement.
INNER_WORDS = frozenset({"and", "else", "for", "if", "in", "is", "lambda", "not", "or"})
FIRST_WORDS = KEYWORDS - {*WORDS, "and", "or", "in", "is"}
QUOTED = re.compile(r"[a-zA-Z]{0,2}['\"]")
ENDED = re.compile(r"[\w)\]}'\"]$")
# Values of so many elements are shown beside a name.
SHOWN = 12


class Candidate(NamedTuple):
    """A text in place of the last `-start` characters; how it is listed, and what it is."""

    text: str
    start: int
    label: str
    note: str = ""


class Known(NamedTuple):
    """What a completion may draw on.

    arguments  the candidates for what follows a meta-command, by the command's name and the text
               typed after it
    modules    what makes the names of each module that may be imported
    """

    variables: Mapping[str, Any]
    builtins: Mapping[str, Any]
    commands: Mapping[str, str]
    arguments: Callable[[str, str], Iterable[tuple[str, str]] | None]
    modules: Mapping[str, Callable[[], Mapping[str, Any]]]


def complete(text: str, known: Known, *, asked: bool = True) -> list[Candidate]:
    """The candidates after `text`; with nothing typed of a name, only if they are asked for."""
    if found := SYMBOL.search(text):
        return symbols(found[1])
    if text.startswith(":"):
        return commands(text, known)
    if within_text(text):
        return []
    if found := IMPORT.search(text):
        return imports(found[1], found[2] or "", known)
    word = WORD.search(text)
    prefix = word[0] if word else ""
    before = text[: len(text) - len(prefix)]
    owner = OWNER.search(before)
    if owner:
        return attributes(owner[1], prefix, known)
    if RESULT.search(before):
        return members(Tensor, tensor_members(), prefix)
    if not prefix and (not asked or ENDED.search(before)):
        return []
    begins = not before.rpartition("\n")[2].strip() and call_at(before) is None
    words = FIRST_WORDS if begins else INNER_WORDS
    return [
        *keywords(text, before, prefix, known),
        *names(prefix, known),
        *(Candidate(w, -len(prefix), w) for w in sorted(words) if prefix and w.startswith(prefix)),
    ]


def symbols(typed: str) -> list[Candidate]:
    """`\\alpha` → α. A name that is whole is no longer the beginning of others."""
    matching = [typed] if typed in SYMBOLS else [name for name in SYMBOLS if name.startswith(typed)]
    return [
        Candidate(SYMBOLS[name], -len(typed) - 1, f"\\{name}", SYMBOLS[name]) for name in matching
    ]


def commands(text: str, known: Known) -> list[Candidate]:
    name, blank, rest = text[1:].partition(" ")
    if not blank:
        return [
            Candidate(f":{command}", -len(text), f":{command}", said)
            for command, said in known.commands.items()
            if command.startswith(name)
        ]
    offered = known.arguments(name, rest)
    if offered is None:
        return complete(rest, known)
    typed = rest.rpartition(" ")[2]
    return [
        Candidate(word, -len(typed), word, note) for word, note in offered if word.startswith(typed)
    ]


def importable() -> dict[str, Callable[[], Mapping[str, Any]]]:
    """What makes the names of each module: in a session of its own, for whose import they adopt
    a dialect."""
    apart = Session()

    def maker(make: Callable[[], dict[str, Any]]) -> Callable[[], Mapping[str, Any]]:
        @cache
        def made() -> Mapping[str, Any]:
            with apart.evaluating():
                return make()

        return made

    return {name: maker(make) for name, make in apart.machine.modules.items()}


def imports(module: str | None, prefix: str, known: Known) -> list[Candidate]:
    """Modules, after `import`; the names of one, after `from module import`."""
    listed: Iterable[str] = known.modules
    if module is not None:
        first, *rest = module.split(".")
        if first not in known.modules:
            return []
        names = known.modules[first]()
        for name in rest:
            inner = names.get(name)
            names = inner.names if type(inner) is Module else {}
        listed = names
    return [
        Candidate(name, -len(prefix), name, manual.summary(name) or "")
        for name in sorted(listed, key=str.lower)
        if name.startswith(prefix)
    ]


def within_text(text: str) -> bool:
    """Whether the cursor is in a string or a comment."""
    read = tokens(Source(text), tolerant=True)[:-1]
    if not read or read[-1].end < len(text):
        return False
    last = read[-1]
    return last.kind in ("comment", "ftext", 'f"') or (
        last.kind == "error" and bool(QUOTED.match(text, last.start))
    )


# ---- after a dot --------------------------------------------------------------------------------


def attributes(owner: str, prefix: str, known: Known) -> list[Candidate]:
    first, *rest = [name.strip() for name in owner.rstrip(" .").split(".")]
    first = NAMES.get(first, first)
    if first in known.variables:
        value = known.variables[first]
    elif first in known.builtins:
        value = known.builtins[first]
    else:
        return []
    for name in rest:
        if name not in attributes_of(value):
            return []
        if type(value) is not Tensor or name not in LIKE_ITSELF:
            value = get_attribute(value, name)
    return members(type(value), attributes_of(value), prefix, value)


def members(owner: type, listed: Iterable[str], prefix: str, value: Any = None) -> list[Candidate]:
    found = []
    for name in sorted(listed, key=lambda name: (rank(owner, name), name.lower())):
        if not name.startswith(prefix) or (name.startswith("_") and not prefix):
            continue
        called = name in TYPES[owner].methods
        shown = manual.method_signature(owner, name) if called else ""
        if value is not None and not called and not TYPES[owner].attributes.get(name):
            shown = manual.signature(get_attribute(value, name))  # a name of a module
        found.append(Candidate(name, -len(prefix), name, joined(shown, manual.summary(name))))
    return found


def rank(owner: type, name: str) -> int:
    """What a value is comes before what it does, and that before what changes it in place."""
    if name not in TYPES[owner].methods:
        return 0
    return 2 if name.endswith("_") else 1


def tensor_members() -> list[str]:
    return [*TYPES[Tensor].attributes, *TYPES[Tensor].methods]


def prepared(known: Known) -> Iterator[None]:
    """Ask for every signature, which are then remembered: one a step."""
    for name in tensor_members():
        yield
        manual.method_signature(Tensor, name)
    for value in list(known.builtins.values()):
        yield
        manual.signature(value)


# ---- names --------------------------------------------------------------------------------------


def keywords(text: str, before: str, prefix: str, known: Known) -> list[Candidate]:
    """`axis=` and its like, of the call that the cursor is in."""
    call = call_at(text)
    if call is None or call.keyword is not None or before.rstrip()[-1:] not in ("(", ","):
        return []
    signature = signature_of(call.function, known)
    if signature is None:
        return []
    found, only = [], False
    for part in split(signature.partition("(")[2].removesuffix(")")):
        name, equals, default = part.partition("=")
        if (equals or only) and name.startswith(prefix) and not name.startswith("*"):
            note = f"by default {default}" if equals else ""
            found.append(Candidate(f"{name}=", -len(prefix), f"{name}=", note))
        only = only or part.startswith("*")
    return found


def signature_of(function: str, known: Known) -> str | None:
    """Of a function or method as it is written, if it is known without evaluating anything."""
    first, *rest = function.split(".")
    value = known.variables.get(first, known.builtins.get(first))
    if value is None:
        return None
    for at, name in enumerate(rest):
        if name not in attributes_of(value):
            return None
        if at == len(rest) - 1 and name in TYPES[type(value)].methods:
            return manual.method_signature(type(value), name)
        if type(value) is not Tensor or name not in LIKE_ITSELF:
            value = get_attribute(value, name)
    return manual.signature(value)


def names(prefix: str, known: Known) -> list[Candidate]:
    found = [
        Candidate(name, -len(prefix), name, describe(value))
        for name, value in sorted(known.variables.items())
        if name.startswith(prefix)
    ]
    if not prefix:
        return found
    found += [
        Candidate(name, -len(prefix), name, joined(manual.signature(value), manual.summary(name)))
        for name, value in sorted(known.builtins.items())
        if name.startswith(prefix) and name not in known.variables
    ]
    return found


def joined(*parts: str | None) -> str:
    return "  ".join(part for part in parts if part)


def describe(value: Any) -> str:
    """A variable in a few words: dtype, shape and value."""
    if type(value) is Tensor:
        shape = f" {value.shape}" if value.shape else ""
        shown = f" {brief_value(value)}" if value.size <= SHOWN else ""
        return f"{value.dtype}{shape}{shown}"
    if type(value) in CALLABLE:
        return manual.signature(value) or type_name(value)
    return f"{type_name(value)} {brief_value(value)}"
