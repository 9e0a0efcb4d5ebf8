"""What may stand on the left of `=`, after `for` and after `del`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from gradcli.lang.syntax import (
    Attribute,
    Call,
    Compare,
    Constant,
    Expression,
    Index,
    List,
    Name,
    Number,
    Prime,
    Starred,
    String,
    Tuple,
)

if TYPE_CHECKING:
    from gradcli.lang.parser.expressions import Parser


def check(parser: Parser, target: Expression) -> None:
    """Refuse what cannot be assigned to; one name among several may be starred."""
    pending = [target]
    while pending:
        each = pending.pop()
        if isinstance(each, Tuple | List) and each.items:
            stars = [item for item in each.items if type(item) is Starred]
            if len(stars) > 1:
                parser.fail_at("one name may be starred, not several", None, stars[1].span)
            pending += [
                item.value if type(item) is Starred else item for item in reversed(each.items)
            ]
        elif type(each) not in (Name, Index, Attribute):
            refuse(parser, each)


def refuse(parser: Parser, target: Expression) -> NoReturn:
    said, hint = UNASSIGNABLE.get(type(target), ("an expression", "write == to compare"))
    parser.fail_at(f"{said} cannot be assigned to", hint, target.span)


UNASSIGNABLE: dict[type, tuple[str, str | None]] = {
    Number: ("a number", "write == to compare"),
    String: ("a string", "write == to compare"),
    Constant: ("a constant of the language", "choose another name"),
    Call: ("a call", "only a name can be defined: f(x) = …; write == to compare"),
    Prime: ("a derivative", "define the function itself: f(x) = …"),
    Compare: ("a comparison", None),
    Tuple: ("an empty tuple", None),
    List: ("an empty list", None),
    Starred: ("a starred value alone", "as in first, *rest = values"),
}
