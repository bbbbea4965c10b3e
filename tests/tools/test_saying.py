"""Where a text says a value, however it is written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.saying import dates_said, numbers_said, said_in, where_said

quick = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    ("value", "text", "words"),
    [
        (1200, "pay $1,200.00 now", "1,200.00"),
        (0.05, "a fee of 5 % at most", "5 %"),
        (5, "a fee of 5 % at most", "5 %"),
        (20, "within 20 km", "20"),
        (20, "within 20km", "20"),
        (20_000, "about 20k people", "20k"),
        (3_000_000, "3 million", "3 million"),
        (12, "for twelve guests", "twelve"),
        (25, "twenty-five of them", "twenty-five"),
        (120, "A Hundred and\ntwenty dollars", "A Hundred and\ntwenty"),
        (2500, "two thousand five hundred", "two thousand five hundred"),
        (24, "two dozen eggs", "two dozen"),
        (1, "for one passenger", "one"),
        ("2026-05-03", "on 3 May 2026, please", "3 May 2026"),
        ("2026-05-03", "on May 3rd, 2026", "May 3rd, 2026"),
        ("2026-05-03", "by 5/3/2026.", "5/3/2026"),
        ("2026-05-03", "since 2026-05-03T10:00:00Z", "2026-05-03"),
        ("2026-05-03", "In 2026, on May 3rd, we", "May 3rd"),
        ("14:30", "at 2:30 pm sharp", "2:30 pm"),
        ("09:00", "at 9am", "9am"),
        ("2026-05-03T14:30:00", "on May 3, 2026 at 2:30 pm", "May 3, 2026 at 2:30 pm"),
        ("straße", "in the STRASSE  there", "STRASSE"),
        ("Ana's file", "open Ana\u2019s   file", "Ana\u2019s   file"),
        ("US", "in the  US now", "US"),
        (["a1", "b2"], "say A1, and b2 too", "A1, and b2"),
        ({"guests": 3, "in": ["Rome"]}, "to Rome with 3", "Rome with 3"),
    ],
)
def test_the_words_that_say_a_value_are_found(value: Any, text: str, words: str) -> None:
    start, end = where_said(value, text) or (0, 0)
    assert text[start:end] == words
    assert said_in(value, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3 million"),
        (0.05, "5 of them"),
        (50, "5 %"),
        (20, "v20 or 20x"),
        (12, "half a dozen"),
        (1, "the cheaper one"),
        (1, "one of them"),
        (20, "twenty-five"),
        (5, "twenty-five"),
        ("2026-05-03", "on May 3rd"),
        ("2026-05-03", "in 2027, on May 3rd"),
        ("2026-05-03", "on 4 May 2026"),
        ("14:30", "at 2:30 am"),
        ("2026-05-03T14:30:00", "on May 3, 2026"),
        (["a1", "b2"], "say a1"),
        ({"guests": 3}, "for guests"),
    ],
)
def test_other_words_do_not_say_it(value: Any, text: str) -> None:
    assert where_said(value, text) is None
    assert not said_in(value, text)


@pytest.mark.parametrize("value", [None, "", [], {}, [None]])
def test_nothing_is_said_nowhere(value: Any) -> None:
    assert where_said(value, "anything") is None


def test_a_year_may_be_known_from_elsewhere() -> None:
    assert said_in("2026-05-03", "on May 3rd", "Today is 2026-05-01.")
    assert not said_in("2026-05-03", "on May 3rd", "Today is 2025-05-01.")


def test_operands_are_read_from_words() -> None:
    assert numbers_said("twelve at 1,200.50 each, twelve in all") == (1200.5, 12)
    assert dates_said("from May 3, 2026 to 2026-05-09, or in June") == ("2026-05-03", "2026-05-09")


@quick
@given(
    before=st.text(alphabet="ab \u00dfI\n\u2019", max_size=12),
    value=st.from_regex("[a-z]{3,6}-[0-9]{2}", fullmatch=True),
    after=st.sampled_from(["", ".", " please", "\n"]),
)
def test_the_place_is_one_in_the_text_as_it_is_written(before: str, value: str, after: str) -> None:
    text = f"{before} {value.upper()}{after}"
    start, end = where_said(value, text) or (0, 0)
    assert text[start:end] == value.upper()


@quick
@given(number=st.integers(0, 999_999))
def test_a_number_in_figures_is_not_the_next_one(number: int) -> None:
    assert said_in(number, f"exactly {number:,} of them")
    assert not said_in(number + 1, f"exactly {number:,} of them")
