"""Numbers as text and back."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.rows import arrow
from gradcli.rows.columns import numbers, numerals, texts

FLOATS = st.floats() | st.integers(-(10**20), 10**20).map(float)
FLOATS |= st.builds(lambda x, k: x * 10.0**k, st.floats(-10, 10), st.integers(-12, 18))


@settings(deadline=None)
@given(st.lists(FLOATS, min_size=1))
def test_numerals_are_those_of_pyarrow_and_read_back(values: list[float]) -> None:
    column = np.array(values)
    found = numerals(column)
    assert found == pa.array(column, from_pandas=False).cast(pa.string()).to_pylist()
    np.testing.assert_array_equal(np.array(found, float), column)


FIELDS = ["1", " 2.5 ", "+3", "1e400", "-inf", "nan", "", "x", "1_0", "0x10", "١", "1,5", "1e-400"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(FIELDS) | st.text(max_size=4)))
def test_fields_that_are_no_numbers_are_found(fields: list[str]) -> None:
    found, bad = numbers(fields)
    for k, field in enumerate(fields):
        try:
            expected = float(field) if field.isascii() and "_" not in field else None
        except ValueError:
            expected = None
        assert (k in bad) == (expected is None)
        if expected is not None:
            assert found[k] == expected or math.isnan(found[k]) == math.isnan(expected)
    quick = arrow.numbers(pa.array(fields, pa.string()))
    if quick is not None and not any("(" in field for field in fields):  # C's nan(…)
        assert not bad
        np.testing.assert_array_equal(quick, found)


def test_columns_of_all_kinds_are_texts() -> None:
    assert texts([1, None, True, "a"]) == ["1", "", "True", "a"]
    assert texts(np.array([1, 2])) == ["1", "2"]
    assert texts(np.array(["a", "b"])) == ["a", "b"]
    assert texts(pa.array([1, None])) == ["1", ""]
    assert texts(np.array([1.0, 1e-7]), digits=3) == ["1", "1e-07"]


@settings(deadline=None)
@given(st.lists(st.floats(width=32), min_size=1))
def test_single_precision_has_as_many_digits_as_it_needs(values: list[float]) -> None:
    column = np.array(values, np.float32)
    assert texts(column) == texts(pa.array(column, from_pandas=False))


def test_numbers_of_other_types() -> None:
    found, bad = numbers(pa.array([1, None, 3]))
    assert bad == [1]
    assert found[2] == 3
    assert numbers(np.array([1, 2], np.int32))[0].dtype == np.float64
    assert numbers(["1", 2.5, None, True])[1] == [2, 3]
