"""How tools, parameters and fields are spoken of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.wording import label, labels, request_phrase, singular, words

quick = settings(max_examples=80, deadline=None)


@pytest.mark.parametrize(
    ("description", "phrase"),
    [
        ("Books a flight.", "book a flight"),
        ("Book a flight. Fails when it is full.", "book a flight"),
        ("Verifies a card\nand more", "verify a card"),
        ("Searches for flights.", "search for flights"),
        ("Passes a message on.", "pass a message on"),
        ("Resizes an image.", "resize an image"),
        ("Authorizes a payment.", "authorize a payment"),
        ("Analyzes a text.", "analyze a text"),
        ("Caches a page.", "cache a page"),
        ("Fixes a bug.", "fix a bug"),
        ("Goes to a place.", "go to a place"),
        ("Does a check.", "do a check"),
        ("Has a look.", "have a look"),
        ("Uses a voucher.", "use a voucher"),
        ("Closes a ticket.", "close a ticket"),
        ("Access a folder.", "access a folder"),
        ("Gets the user's ID.", "get the user's ID"),
        ("SQL runner.", "SQL runner"),
        ("Finds places, e.g. hotels, near a city. Slow.", "find places, e.g. hotels, near a city"),
        ("Lists places (e.g. Rome). Slow.", "list places (e.g. Rome)"),
        ("Looks up the U.S. zip code of a city. Slow.", "look up the U.S. zip code of a city"),
        ("Compares one vs. another.", "compare one vs. another"),
        ("Adds 1.5 percent. Rounds.", "add 1.5 percent"),
        ("Gets the price (in USD).", "get the price (in USD)"),
        ("  Pings  ", "ping"),
    ],
)
def test_a_description_becomes_a_request(make: Any, description: str, phrase: str) -> None:
    assert request_phrase(make.spec("tool", description=description)) == phrase


@pytest.mark.parametrize("description", ["", "  ", "."])
def test_a_tool_without_a_description_is_spoken_of_by_its_name(make: Any, description: str) -> None:
    assert request_phrase(make.spec("get_userInfo", description=description)) == "get user info"


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("city", "The city of departure.", "city of departure"),
        ("city", "A city, such as Rome", "city"),
        ("city", "City e.g. Paris", "city"),
        ("city", "City, i.e. Paris", "city"),
        ("date", "Date of departure, as YYYY-MM-DD.", "date of departure"),
        ("date", "Date as YYYY-MM-DD.", "date"),
        ("amount", "The amount (in USD).", "amount"),
        ("trip", "ID of the trip", "ID of the trip"),
        ("address", "IP address", "IP address"),
        ("u", "URL to fetch", "URL"),
        ("token", "Token obtained from login", "token"),
        ("n", "Number of seats", "number of seats"),
        ("x", "X", "X"),
        ("unlock", "True to unlock the doors", "unlock"),
        ("send_copy", "Whether to send a copy", "send copy"),
        ("sortBy", "If given, sorts the list", "sort by"),
        ("stocks", "List of stock names", "stocks"),
        ("unit", 'Unit, one of "km" or "mi"', "unit"),
        ("unit", '"km" or "mi"', "unit"),
        ("user_id", "The user_id of the person", "user id"),
        ("maxPrice", "The highest price that anybody would ever pay here", "highest price"),
        ("maxPrice", "Highest price anybody would ever pay here", "max price"),
        ("travelCost", "", "travel cost"),
        ("getHTTPCode", "", "get http code"),
        ("_", "", "_"),
    ],
)
def test_a_person_calls_a_parameter(name: str, description: str, expected: str) -> None:
    assert label(name, {"description": description}) == expected


def test_descriptions_that_say_the_same_give_way_to_names(make: Any) -> None:
    text = {"type": "string", "description": "A zip code."}
    spec = make.spec("fly", {"from_zip": text, "to_zip": text, "day": {"description": "The day."}})
    assert labels(spec) == {"from_zip": "from zip", "to_zip": "to zip", "day": "day"}


def test_a_name_gives_way_once_more_to_what_it_would_be_taken_for(make: Any) -> None:
    said = {"first_zip": "A zip code.", "second_zip": "A zip code.", "other": "First zip."}
    spec = make.spec("fly", {name: {"description": text} for name, text in said.items()})
    assert labels(spec) == {"first_zip": "first_zip", "second_zip": "second zip", "other": "other"}


names = st.text("abAB_", min_size=1, max_size=4)
descriptions = st.sampled_from(["", "The a.", "A b, or c", "ab", "a b", "B", "If x", "_"]) | st.text(max_size=8)


@given(parameters=st.dictionaries(names, descriptions, max_size=6))
@quick
def test_labels_are_different_and_say_something(make: Any, parameters: dict[str, str]) -> None:
    spec = make.spec("tool", {name: {"description": text} for name, text in parameters.items()})
    found = labels(spec)
    assert list(found) == list(parameters)
    assert len(set(found.values())) == len(found)
    assert all(text.strip() for text in found.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("travel_costList", ("travel", "cost", "list")),
        ("getHTTPCode2", ("get", "http", "code2")),
        ("The cities' ZIP codes, and addresses!", ("the", "city", "zip", "code", "and", "address")),
        ("", ()),
        ("__", ()),
    ],
)
def test_words_of_texts_and_identifiers(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("cities", "city"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("searches", "search"),
        ("sizes", "size"),
        ("prizes", "prize"),
        ("buzzes", "buzz"),
        ("movies", "movie"),
        ("cookies", "cookie"),
        ("statuses", "status"),
        ("caches", "cache"),
        ("prices", "price"),
        ("status", "status"),
        ("series", "series"),
        ("analysis", "analysis"),
        ("class", "class"),
        ("gas", "gas"),
        ("ties", "tie"),
    ],
)
def test_a_plural_and_its_singular_are_the_same_word(plural: str, one: str) -> None:
    assert singular(plural) == one
    assert singular(one) == one
