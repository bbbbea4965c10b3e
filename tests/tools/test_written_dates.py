"""Dates in a text that lack their year get it."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.written_dates import date_value, with_years


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("What is the weather on June 28?", "What is the weather on June 28, 2026?"),
        ("on June 28, please", "on June 28, 2026, please"),
        ("by the 28th of June.", "by the 28th of June 2026."),
        ("by 28 Jun. or so.", "by 28 Jun. 2026 or so."),
        ("28 June or Jun. 28th", "28 June 2026 or Jun. 28th, 2026"),
        ("on June 28, 2026", "on June 28, 2026"),
        ("on 2026-06-28, so June 28", "on 2026-06-28, so June 28"),
        ("on June 28, 2025", "on June 28, 2025"),
        ("on June 27, in June", "on June 27, in June"),
        ("no date", "no date"),
    ],
)
def test_a_date_without_its_year_gets_it(text: str, whole: str) -> None:
    assert with_years(text, ["2026-06-28"]) == whole


def test_of_two_years_none_is_chosen() -> None:
    assert with_years("on June 28", ["2026-06-28", "2027-06-28"]) == "on June 28"
    assert with_years("on June 28", ["2026-06-28", "2026-06-28", "2026-07-01"]) == "on June 28, 2026"


@given(
    st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)),
    st.sampled_from(["{0:%B} {0.day}", "{0.day} {0:%b}"]),
)
def test_what_comes_out_is_the_date(date: datetime.date, form: str) -> None:
    text = with_years(form.format(date), [date.isoformat()])
    assert date_value(text) == date.isoformat()
    assert with_years(text, [date.isoformat()]) == text
