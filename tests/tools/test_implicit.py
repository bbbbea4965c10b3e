"""Values that a turn looks up although its user could have been asked for them."""

from __future__ import annotations

from typing import Any

import pytest

from tools.call import Observation, ToolError
from tools.implicit import implicit_values
from tools.origin import ArgumentOrigin, Selector
from tools.trace import Step


def seen(source: str = "a", selector: Selector | None = None) -> ArgumentOrigin:
    return ArgumentOrigin(kind="observation", source=source, path="id", selector=selector)


def failed(step: Step) -> Step:
    error = ToolError(kind="failed", message="No.")
    return step.model_copy(update={"observation": Observation(call_id=step.call.id, error=error)})


@pytest.fixture
def look(make: Any) -> Step:
    """A call that has read something and changed nothing."""
    step: Step = make.step("a", "look", {"id": "1"})
    return step


def use(make: Any, call_id: str = "b", **origins: ArgumentOrigin) -> Step:
    step: Step = make.step(call_id, "go", {}, dict.fromkeys(origins, "1"), origins)
    return step


@pytest.mark.parametrize("parameter", ["zip", "price", "card_id", "booking_id", "keyword"])
def test_what_a_read_of_the_turn_gave_was_there_to_be_asked_for(make: Any, look: Step, parameter: str) -> None:
    assert implicit_values([look, use(make, **{parameter: seen()})]) == (("b", parameter),)


@pytest.mark.parametrize(
    "selector", [Selector(kind="only"), Selector(kind="min", field="price"), Selector(kind="equals", value="x")]
)
def test_an_entry_that_is_picked_from_a_list_is_looked_up(make: Any, look: Step, selector: Selector) -> None:
    assert implicit_values([look, use(make, zip=seen(selector=selector))]) == (("b", "zip"),)


def test_a_name_that_was_said_with_a_slip_was_said(make: Any, look: Step) -> None:
    assert implicit_values([look, use(make, zip=seen(selector=Selector(kind="nearest", value="l")))]) == ()


@pytest.mark.parametrize("kind", ["query", "default", "profile"])
def test_what_no_call_gave_is_not_looked_up(make: Any, look: Step, kind: Any) -> None:
    assert implicit_values([look, use(make, zip=ArgumentOrigin(kind=kind))]) == ()


def test_what_an_earlier_turn_gave_is_not_looked_up(make: Any, look: Step) -> None:
    earlier = ArgumentOrigin(kind="earlier_turn", source="old", path="id")
    assert implicit_values([look, use(make, zip=earlier)]) == ()


def test_what_the_turn_itself_made_nobody_could_have_said(make: Any, look: Step) -> None:
    made = look.model_copy(update={"changed_state": True})
    assert implicit_values([made, use(make, booking_id=seen())]) == ()


@pytest.mark.parametrize("parameter", ["token", "access_token", "session", "api_key"])
def test_what_belongs_to_a_session_nobody_is_asked_for(make: Any, look: Step, parameter: str) -> None:
    assert implicit_values([look, use(make, **{parameter: seen()})]) == ()


def test_a_text_in_which_a_looked_up_value_stands_counts_once(make: Any, look: Step) -> None:
    parts = (ArgumentOrigin(kind="query"), seen(), seen())
    assert implicit_values([look, use(make, zips=ArgumentOrigin(kind="composed", parts=parts))]) == (("b", "zips"),)


def test_calls_that_failed_look_nothing_up_and_give_nothing(make: Any, look: Step) -> None:
    assert implicit_values([look, failed(use(make, zip=seen()))]) == ()
    assert implicit_values([failed(look), use(make, zip=seen())]) == ()


def test_each_argument_of_each_call_counts_in_their_order(make: Any, look: Step) -> None:
    both = use(make, city=ArgumentOrigin(kind="query"), to_zip=seen(), from_zip=seen())
    assert implicit_values([look, both, use(make, "c", zip=seen())]) == (
        ("b", "to_zip"),
        ("b", "from_zip"),
        ("c", "zip"),
    )
