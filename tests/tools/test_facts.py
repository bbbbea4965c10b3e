"""What a text claims, and whether it was shown."""

from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.facts import Shown, facts_in, same_facts, unheld

FLIGHTS = {
    "flights": [
        {"flight_id": "FL-0042", "departs": "2026-05-03T07:15", "price": 199.5, "airline": "Meridian Airways"},
        {"flight_id": "FL-0043", "departs": "2026-05-03T14:30", "price": 240.0, "airline": "Coastal Jet"},
    ],
    "rate": 12.4871,
    "share": 0.15,
    "zip_code": "07432",
    "population": 1187,
}
REQUEST = "Please fly Ada Hill from Rivermist to Stonebrook on 3 May 2026."


def claimed(text: str) -> list[tuple[str, object]]:
    return [(fact.kind, fact.value) for fact in facts_in(text)]


def invented(text: str, *, arithmetic: bool = True) -> list[str]:
    shown = Shown.of([REQUEST], [FLIGHTS], arithmetic=arithmetic)
    return [fact.text for fact in unheld(text, shown)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs $1,200.50, or 85% of it.", [("number", 1200.5), ("number", 85)]),
        ("It costs 12,50 euros, about 1.2 million in all.", [("number", 12.5), ("number", 1_200_000)]),
        ("On May 3rd, 2026 at 2:30 pm.", [("date", "2026-05-03"), ("time", "14:30")]),
        ("From 2026-05-03T07:15:00Z to 3 May.", [("date", "2026-05-03"), ("time", "07:15"), ("date", "05-03")]),
        ("Due 03/05/2026, in May 2026.", [("date", ["2026-03-05", "2026-05-03"]), ("date", "2026-05")]),
        ("It is BK-3382, see notes.txt.", [("identifier", "BK-3382"), ("identifier", "notes.txt")]),
        ("Mail ada@hill.org about AAPL.", [("identifier", "ada@hill.org"), ("identifier", "AAPL")]),
        ("It is in /srv/notes and costs -4.5.", [("identifier", "/srv/notes"), ("number", -4.5)]),
        ("I told Ada Hill of the Bank of Norland.", [("name", "Ada Hill"), ("name", "Bank of Norland")]),
        ('It says "see you soon" and "42".', [("quoted", "see you soon"), ("number", 42)]),
        ("The zip code is 07432.", [("identifier", "07432")]),
        ("That makes 2.5e-07, or 9" + 50 * "0" + ".", [("number", 2.5e-07), ("identifier", "9" + 50 * "0")]),
        ("A 24-hour ticket of 5km.", [("number", 24), ("number", 5)]),
    ],
)
def test_claims_are_found_and_read(text: str, expected: list[tuple[str, object]]) -> None:
    assert claimed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I have booked both flights, as you asked.",
        "The first one is the 2nd on Monday, in May.",
        "OK, that is done in USD.",
        "1. The cheapest one\n2) The other one",
        "I need two things: 1) the place and 2) the day.",
        "Ich habe die Tickets für den Zug gekauft und der Preis ist nicht hoch.",
    ],
)
def test_plain_words_claim_nothing(text: str) -> None:
    assert claimed(text) == []


def test_a_fact_tells_where_it_stands() -> None:
    text = 'Ada, the code is "BK-3382" (12.5).'
    assert [text[fact.start : fact.start + len(fact.text)] for fact in facts_in(text)] == ["BK-3382", "12.5"]


@pytest.mark.parametrize(
    "text",
    [
        "There are 2 results, FL-0042 and FL-0043, and no third.",
        "Ada's flight with Meridian leaves at 7:15 a.m. on May 3rd, 2026, a Sunday.",
        "It leaves at 2:30 on 2026-05-03, and costs $240.00.",
        "The rate is about 12.5, or 12.49 exactly, or 12.",
        "The share is 15%, and roughly 1,200 people live there.",
        "In total that is 439.50, and the first is 40.5 cheaper.",
        "Two tickets are 480 together.",
        "Zip code 07432 is for Rivermist; the Flight ID is fl-0042.",
        "A day later, on 4 May 2026, nothing flies.",
        "Flight 0042 is Ada Hill's.",
    ],
)
def test_what_was_shown_may_be_said_in_other_forms(text: str) -> None:
    shown = Shown.of([f"{REQUEST} Flight ID. A day later?"], [FLIGHTS, {"days": 1, "tickets": 2}], arithmetic=True)
    assert [fact.text for fact in unheld(text, shown)] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Zip code 83214 is for Rivermist.", ["83214"]),
        ("It costs $199.60.", ["199.60"]),
        ("It leaves on 4 May 2026 at 08:15.", ["4 May 2026", "08:15"]),
        ("It is FL-0044 with Delta.", ["FL-0044", "Delta"]),
        ("I booked it for Bob Marsh.", ["Bob Marsh"]),
        ("The rate is 12.6.", ["12.6"]),
        ("There are 7 results.", ["7"]),
        ("Write to ada@hill.org.", ["ada@hill.org"]),
        ('The status is "confirmed".', ["confirmed"]),
        # Without words that speak of it, no sum is believed.
        ("The ticket costs 439.50.", ["439.50"]),
    ],
)
def test_what_nobody_said_or_showed_is_found(text: str, wrong: list[str]) -> None:
    assert invented(text) == wrong


def test_arithmetic_is_believed_only_where_it_is_allowed() -> None:
    assert invented("In total that is 439.50.") == []
    assert invented("In total that is 439.50.", arithmetic=False) == ["439.50"]


def test_a_date_may_be_known_in_part() -> None:
    shown = Shown.of(["It is 2026 now. I leave on May 3."], [])
    assert unheld("That is 2026-05-03.", shown) == ()
    assert [fact.text for fact in unheld("That is 2027-05-03.", shown)] == ["2027-05-03"]


def test_numbers_of_texts_inside_results_count_as_shown() -> None:
    shown = Shown.of([], [{"body": "Room 204 is free from 9 am for 30 people."}])
    assert unheld("Room 204 has 30 seats, from 09:00.", shown) == ()


def test_free_texts_are_the_same_when_they_hold_the_same_facts() -> None:
    gold = "Ada Hill moves the meeting to 14:30 on 3 May 2026."
    assert same_facts("The meeting of Ada Hill is now on 2026-05-03 at 2:30 pm.", gold, Shown())
    assert not same_facts("The meeting of Ada Hill is now on 2026-05-03.", gold, Shown())
    extra = "Ada Hill moves the meeting to 14:30 on 3 May 2026, to room R204."
    assert not same_facts(extra, gold, Shown())
    assert same_facts(extra, gold, Shown.of(["It is in R204."], []))
    assert not same_facts(" ", gold, Shown())
    assert same_facts("", "", Shown())


SCALARS = st.one_of(
    st.integers(100, 10**9),
    st.decimals(1, 10**6, places=2).map(float),
    st.dates().filter(lambda day: day.year > 1900).map(str),
    st.times().map(lambda time: time.strftime("%H:%M")),
    st.from_regex(r"[A-Z]{2}-[0-9]{4}", fullmatch=True),
    st.text(string.ascii_lowercase, min_size=3, max_size=9).map(lambda name: f"{name.title()} Hill"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SCALARS, min_size=1, max_size=6))
def test_every_fact_of_a_text_made_of_shown_values_is_held(values: list[object]) -> None:
    shown = Shown.of([], [{"rows": [{"value": value} for value in values]}])
    assert unheld(f"I found {', '.join(map(str, values))} for you.", shown) == ()
    assert unheld(json.dumps({"value": values}), Shown.of(["value"], [values])) == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(1000, 10**9), st.data())
def test_a_number_with_another_digit_is_not_held(number: int, data: st.DataObject) -> None:
    digits = list(str(number))
    place = data.draw(st.integers(0, len(digits) - 1))
    others = [digit for digit in "123456789" if digit != digits[place]]
    digits[place] = data.draw(st.sampled_from(others))
    shown = Shown.of([f"Take {number}."], [{"amount": number}], arithmetic=True)
    assert [fact.text for fact in unheld(f"It is {''.join(digits)}.", shown)] == ["".join(digits)]


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_read_and_holds_its_own_facts(text: str) -> None:
    for fact in facts_in(text):
        assert text[fact.start : fact.start + len(fact.text)] == fact.text
    assert unheld(text, Shown.of([text], [])) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.text("0123456789.,-%kx ", max_size=300),
    st.lists(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63)), max_size=4),
)
def test_no_number_is_too_long_or_too_large(text: str, numbers: list[float]) -> None:
    shown = Shown.of([text], [numbers], arithmetic=True)
    assert unheld(text, shown) == ()
    assert unheld("It is about 1, or 1 in total.", shown) == ()


@given(st.text("ab_ .é1", max_size=12), st.text("ab_ .é1", min_size=1, max_size=4))
def test_what_is_said_stands_there_and_is_no_part_of_a_word(text: str, said: str) -> None:
    needle = " ".join(said.split()).strip(" .,;:!?")
    begins, ends = (r"(?<!\w)" if needle[:1].isalnum() else ""), (r"(?!\w)" if needle[-1:].isalnum() else "")
    stands = bool(needle) and re.search(f"{begins}{re.escape(needle)}{ends}", " ".join(text.split())) is not None
    assert Shown.of([text], []).says(said) is stands
