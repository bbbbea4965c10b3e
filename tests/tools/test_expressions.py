"""Arithmetic that is parsed and worked out, and never run as code."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.expressions import ExpressionError, calculate, same_result

whole = st.integers(-1000, 1000)


@pytest.mark.parametrize(
    ("expression", "values", "result"),
    [
        ("a * b", {"a": 3, "b": 2.5}, 7.5),
        ("a + b * 2", {"a": 1, "b": 3}, 7),
        ("(a + b) / 2", {"a": 1, "b": 3}, 2),
        ("-a", {"a": 4}, -4),
        ("round(a / 3, 2)", {"a": 10}, 3.33),
        ("round(a)", {"a": 2.6}, 3),
        ("a + 3", {"a": "2026-02-27"}, "2026-03-02"),
        ("a - b", {"a": "2026-03-02", "b": 1}, "2026-03-01"),
        ("a - b", {"a": "2026-03-02", "b": "2026-02-27"}, 3),
    ],
)
def test_what_comes_out(expression: str, values: dict[str, Any], result: Any) -> None:
    assert same_result(calculate(expression, values), result)


@pytest.mark.parametrize(
    ("expression", "values", "reason"),
    [
        ("a +", {"a": 1}, "SyntaxError"),
        ("", {}, "holds more than"),
        ("a", {}, "'a' stands for nothing"),
        ("a * 2", {"a": "Rome"}, "neither a number nor a date"),
        ("a * 2", {"a": True}, "neither a number nor a date"),
        ("a * 2", {"a": "2026-05-03"}, "days are added to a date"),
        ("2 - a", {"a": "2026-05-03"}, "a date stands where a number is needed"),
        ("a / 0", {"a": 1}, "ZeroDivisionError"),
        ("a + 9999999", {"a": "2026-05-03"}, "OverflowError"),
        ("a ** 9", {"a": 9}, "only + - * / combine numbers"),
        ("a // 2", {"a": 9}, "only + - * / combine numbers"),
        ("round(a, 99)", {"a": 9}, "15 at most"),
        ("round(a, 1, 1)", {"a": 9}, "round takes a number"),
        ("abs(a)", {"a": 9}, "is no arithmetic"),
        ("a.real", {"a": 9}, "is no arithmetic"),
        ("__import__('os')", {}, "holds more than"),
        ("a if a else 2", {"a": 1}, "is no arithmetic"),
        ("True + 1", {}, "is no arithmetic"),
        ("1e308 * 10", {}, "not finite"),
        ("1+" * 150 + "1", {}, "at most 200 characters"),
        ("(" * 90 + "1" + ")" * 90 + "+", {}, "cannot be worked out"),
    ],
)
def test_what_says_nothing_is_told(expression: str, values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        calculate(expression, values)
    assert reason in str(caught.value)


@given(a=whole, b=whole, c=whole)
@settings(max_examples=60, deadline=None)
def test_numbers_come_to_what_they_come_to(a: int, b: int, c: int) -> None:
    assert calculate("a * b - c + 1", {"a": a, "b": b, "c": c}) == a * b - c + 1


def test_a_float_may_end_in_other_digits_and_a_date_may_not() -> None:
    assert same_result(0.1 + 0.2, 0.3)
    assert not same_result(0.3, 0.31)
    assert not same_result("2026-05-03", "2026-05-04")
    assert not same_result(1, True)
