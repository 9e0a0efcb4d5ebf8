"""What expressions mean: values.grad says what each gives, or why it gives nothing."""

from __future__ import annotations

import pytest

from gradcli.errors import GradcliError, Status
from gradcli.lang.session import Session
from gradcli.lang.source import Source
from gradcli.lang.text import show

from .trees import pairs


@pytest.mark.parametrize(("text", "expected"), pairs("values.grad"))
def test_value(text: str, expected: str) -> None:
    expected = expected.replace("⏎", "\n")
    try:
        found = show(Session().run(Source(text))[-1].value)
    except GradcliError as error:
        assert error.location is not None
        assert error.status != Status.INTERNAL
        found = f"! {error.message}"
    assert found == expected
