"""Turns that nobody would ask for: taking back what was just made, being read back what was just said."""

from __future__ import annotations

from typing import Any

import pytest

from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.story import takes_back_own, tells_something_new
from tools.trace import Step

SAID = ArgumentOrigin(kind="query")
TEXT = {"type": "string"}


@pytest.fixture(scope="module")
def specs(make: Any) -> dict[str, ToolSpec]:
    names = ("book", "cancel_booking", "rename_booking", "pay_booking", "close_ticket", "post")
    return {name: make.spec(name, effect="write") for name in names}


@pytest.fixture(scope="module")
def booked(make: Any) -> Any:
    content = {"booking_id": "BK-1", "status": "open"}
    return make.step("a", "book", content, {"city": "Rome"}, {"city": SAID}, changed_state=True)


def after(make: Any, tool: str, arguments: dict[str, Any], source: str = "", **more: Any) -> Any:
    origin = ArgumentOrigin(kind="observation", source=source, path="booking_id") if source else SAID
    given = {"changed_state": True, **more}
    return make.step("b", tool, {}, arguments, dict.fromkeys(arguments, origin), **given)


@pytest.mark.parametrize("tool", ["cancel_booking", "rename_booking"])
def test_what_the_turn_made_is_not_taken_back(make: Any, specs: Any, booked: Step, tool: str) -> None:
    assert takes_back_own([booked, after(make, tool, {"booking_id": "BK-1"}, source="a")], specs)
    assert takes_back_own([booked, after(make, tool, {"booking_id": "BK-1"})], specs)
    assert takes_back_own([booked, after(make, tool, {"city": "Rome"})], specs)


def test_what_others_made_may_be(make: Any, specs: Any, booked: Step) -> None:
    other = after(make, "cancel_booking", {"booking_id": "BK-2"})
    assert not takes_back_own([booked, other], specs)
    assert not takes_back_own([after(make, "cancel_booking", {"booking_id": "BK-1"})], specs)
    assert not takes_back_own([other, booked.model_copy(update={"call": booked.call})], specs)


def test_to_go_on_with_it_is_no_taking_back(make: Any, specs: Any, booked: Step) -> None:
    assert not takes_back_own([booked, after(make, "pay_booking", {"booking_id": "BK-1"}, source="a")], specs)


def test_calls_that_changed_nothing_took_nothing_back(make: Any, specs: Any, booked: Step) -> None:
    assert not takes_back_own(
        [booked, after(make, "cancel_booking", {"booking_id": "BK-1"}, changed_state=False)], specs
    )
    unchanged = booked.model_copy(update={"changed_state": False})
    assert not takes_back_own([unchanged, after(make, "cancel_booking", {"booking_id": "BK-1"})], specs)


@pytest.mark.parametrize(
    ("content", "told", "new"),
    [
        ({"price": 120}, "", True),
        ({"price": 120}, "It costs 120.00 dollars.", False),
        ({"price": 120}, "It costs 1200 dollars.", True),
        ({"city": "Rome"}, "", False),
        ({"city": "ROME "}, "", False),
        ({"id": "BK-1"}, "", False),
        ({"ok": True, "error": None, "left": 0, "note": ""}, "", False),
        ({"city": "Rome", "rows": [{"seat": "2A"}]}, "", True),
        ({}, "", False),
        (None, "", False),
        ("Rome", "", False),
        (["Rome", "Oslo"], "", True),
    ],
)
def test_a_result_is_asked_for_only_if_it_tells_something(make: Any, content: Any, told: str, new: bool) -> None:
    before = [make.step("a", "book", {"id": "BK-1"}, {"passenger": "Ana"})]
    step = make.step("b", "show", content, {"city": "Rome"})
    assert tells_something_new(step, before, told) == new


@pytest.mark.parametrize(("number", "new"), [(14.0, False), (14.001, False), (14.2, True), (28, True)])
def test_a_number_that_comes_back_a_little_changed_is_no_news(make: Any, number: float, new: bool) -> None:
    before = [make.step("a", "convert", {"litres": 53}, {"gallons": 14})]
    step = make.step("b", "convert_back", {"gallons": number}, {"litres": 53})
    assert tells_something_new(step, before, "") == new


@pytest.mark.parametrize("content", [{"open": False}, {"city": "Rome"}, {"left": 0}])
def test_what_is_asked_first_of_all_is_news_whatever_comes_back(make: Any, content: Any) -> None:
    assert tells_something_new(make.step("a", "show", content, {"city": "Rome"}), [], "")


@pytest.mark.parametrize("tool", ["resolve_booking", "complete_booking", "archive_booking"])
def test_nobody_ends_what_he_has_just_begun(make: Any, specs: Any, booked: Step, tool: str) -> None:
    every = {**specs, tool: make.spec(tool, {"booking_id": {"type": "string"}}, effect="write")}
    assert takes_back_own([booked, after(make, tool, {"booking_id": "BK-1"})], every)
    assert not takes_back_own([booked, after(make, tool, {"booking_id": "BK-2"})], every)
