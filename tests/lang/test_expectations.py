"""When a result is what a `#=>` comment says."""

from __future__ import annotations

import pytest

from gradcli.lang.expectations import holds


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("4.0", "4.0"),
        ("4", "4.0"),
        ("4.0", "4.000000000000001"),  # the last bits differ between machines
        ("3.14", "3.141592653589793"),
        ("3.1416", "3.141592653589793"),
        ("4.00", "4.004"),
        ("-0.67", "-0.6666666666666666"),
        ("1.5e-7", "1.46e-07"),
        ("1e300", "1e+300"),
        ("-0.0", "0.0"),
        ("[1, 2.50]", "[1., 2.5]"),
        ("tensor([1.,\t2.])", "tensor([1., 2.])"),
        ("(1.0+2.0j)", "(1.0 + 2.0j)"),
        ("nan", "nan"),
        ("-inf", "-inf"),
        ("<AddBackward0>", "<AddBackward0>"),
        ("True", "True"),
        ('"a 1"', '"a 1"'),
    ],
)
def test_holds(expected: str, shown: str) -> None:
    assert holds(expected, shown)


@pytest.mark.parametrize(
    ("expected", "shown"),
    [
        ("4.0", "4.01"),
        ("4", "4.3"),
        ("4.", "4.000001"),
        ("12", "12.3"),
        ("1e-7", "1.4e-07"),
        ("3.15", "3.141592653589793"),
        ("0.334", "0.3333333333333333"),
        ("4.00", "4.006"),
        ("2", "-2"),
        ("", "2"),
        ("2", "2 3"),
        ("[1, 2]", "[1, 2, 3]"),
        ("[1, 2]", "(1, 2)"),
        ("nan", "1.0"),
        ("1.0", "nan"),
        ("inf", "-inf"),
        ("<AddBackward0>", "<AddBackward1>"),
        ('"a 1"', '"b 1"'),
        ("True", "False"),
    ],
)
def test_does_not_hold(expected: str, shown: str) -> None:
    assert not holds(expected, shown)
