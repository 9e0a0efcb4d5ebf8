"""Classes, `super()`, and the contexts of operations with derivatives written by hand."""

from __future__ import annotations

from typing import Any

from gradcli.engine.context import Context
from gradcli.errors import WrongType
from gradcli.lang.classes import member_of_base, member_of_class, names_of
from gradcli.lang.limits import current
from gradcli.lang.types.table import Type
from gradcli.lang.values import ABSENT, Class


def fields_of(ctx: Context) -> dict[str, Any]:
    """What the program has set on a context."""
    fields: dict[str, Any] = vars(ctx).setdefault("fields", {})
    return fields


def set_field(ctx: Context, name: str, value: Any) -> None:
    fields = fields_of(ctx)
    meter = current()
    if meter is not None:
        meter.check_items(len(fields) + 1, "context")
        meter.journal.item(fields, name)
    fields[name] = value


def refuse_member(cls: Class, name: str, _value: Any) -> None:
    raise WrongType(
        f"the class {cls.name} is complete: '{name}' is not assigned",
        hint="assign it to an instance",
    )


CLASS = Type(find=member_of_class, put=refuse_member, known=names_of)
BASE = Type(find=member_of_base, known=lambda base: names_of(base.cls.base))
CONTEXT = Type(
    attributes={
        "needs_input_grad": lambda ctx: ctx.needs_input_grad,
        "saved_tensors": lambda ctx: ctx.saved_tensors,
    },
    methods={
        "mark_dirty": Context.mark_dirty,
        "mark_non_differentiable": Context.mark_non_differentiable,
        "save_for_backward": Context.save_for_backward,
        "set_materialize_grads": Context.set_materialize_grads,
    },
    find=lambda ctx, name: fields_of(ctx).get(name, ABSENT),
    put=set_field,
    known=fields_of,
)
