"""How bash, zsh and fish ask for completions, and take them."""

from __future__ import annotations

import os
from typing import NamedTuple

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

# What breaks words and yet stays with the one behind it.
PREFIXES = "@$"
# An answer that ends so goes on without a blank.
OPEN = "=@/("


class Whole(ShellComplete):
    """Answers are whole words, `--format=json` too."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        option, equals, _ = incomplete.partition("=")
        found = super().get_completions(args, incomplete)
        if equals and option.startswith("--"):
            for item in found:
                item.value = option + equals + item.value
        return found


class Line(NamedTuple):
    """A command line up to the cursor, as a shell reads it.

    word    the one that is being typed, without quotes
    hidden  its part that readline does not look at, so that no answer may repeat it: up to a quote
            or to a character that breaks words
    """

    words: list[str]
    word: str
    hidden: str


def read_line(line: str, breaks: str) -> Line:
    words: list[str] = []
    word, hidden, quote, escaped = "", 0, "", False
    begun = False
    for c in line:
        if escaped:
            word, escaped = word + c, False
        elif c == "\\" and quote != "'":
            escaped = begun = True
        elif quote:
            word, quote = (word, "") if c == quote else (word + c, quote)
        elif c in "'\"":
            quote, begun, hidden = c, True, len(word)
        elif c.isspace():
            if begun:
                words.append(word)
            word, hidden, begun = "", 0, False
        else:
            word, begun = word + c, True
            if c in breaks:
                hidden = len(word) - (c in PREFIXES)
    return Line(words, word, word[:hidden])


class Bash(Whole, BashComplete):
    """Words are ours, not readline's, which also breaks them at = and @."""

    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        if [[ $type == file ]]; then
            compopt -o default
        else
            COMPREPLY+=("$value")
        fi
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1")
    if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[=@/\\(] ]]; then
        compopt -o nospace
    fi
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        line = read_line(os.environ.get("COMP_LINE", ""), os.environ.get("COMP_BREAKS", ""))
        return line.words[1:], line.word

    def format_completion(self, item: CompletionItem[str]) -> str:
        line = read_line(os.environ.get("COMP_LINE", ""), os.environ.get("COMP_BREAKS", ""))
        return f"{item.type},{item.value.removeprefix(line.hidden)}"


class Zsh(Whole, ZshComplete):
    source_template = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a response whole open described
    (( ! $+commands[%(prog_name)s] )) && return 1
    response=("${(@f)$(COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s)}")
    for type key descr in ${response}; do
        if [[ $type == file ]]; then
            _path_files -f
        elif [[ $descr != _ ]]; then
            described+=("$key:$descr")
        elif [[ $key == *[=@/\\(] ]]; then
            open+=("$key")
        else
            whole+=("$key")
        fi
    done
    (( $#described )) && _describe -V unsorted described -U
    (( $#open )) && compadd -U -S '' -V unsorted -a open
    (( $#whole )) && compadd -U -V unsorted -a whole
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class Fish(Whole, FishComplete):
    pass


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}
