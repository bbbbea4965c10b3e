"""How a sampled turn goes on with the one before it, as its relation asks."""

from __future__ import annotations

from typing import Any

import pytest

from tools.trace import Trace


def names(trace: Trace | None) -> list[str]:
    assert trace is not None
    return [step.call.name for step in trace.steps]


@pytest.fixture(scope="module")
def after(in_town: Any, make_job: Any, turn: Any) -> Any:
    """A first turn of the tool ``first`` and the turn after it, with a relation that is asked for."""

    async def run(number: int, first: str, relation: str, tool: str | None = None, **settings: Any) -> Any:
        context = in_town(**settings)
        one = await turn(context, make_job(number, tool=first))
        assert one is not None
        assert one.target_tool == first
        job = make_job(number, after=1, relation=relation, tool=tool)
        return one, await turn(context, job, 1, one.steps, past_targets=[first])

    return run


@pytest.mark.parametrize(
    ("first", "relation"),
    [
        ("find_event", "follow_up"),
        ("book_ticket", "follow_up"),
        ("find_event", "drill_down"),
        ("book_ticket", "drill_down"),
        ("light_hall", "correction"),
        ("book_ticket", "correction"),
        ("book_ticket", "same_entity"),
        ("light_hall", "same_entity"),
        ("find_event", "new_topic"),
        ("book_ticket", "new_topic"),
    ],
)
async def test_each_relation_is_reached_where_the_history_allows_it(after: Any, first: str, relation: str) -> None:
    for number in range(6):
        _, trace = await after(number, first, relation, implicit=0.0)
        assert trace is not None
        assert trace.relation == relation


async def test_a_follow_up_uses_what_an_earlier_call_returned(after: Any) -> None:
    one, two = await after(0, "find_event", "follow_up", tool="book_ticket")
    assert names(two) == ["book_ticket"]
    origin = two.steps[0].origins["event_id"]
    assert (origin.kind, origin.source, origin.path) == ("earlier_turn", one.steps[0].call.id, "event_id")


async def test_to_drill_down_only_reads(after: Any) -> None:
    for number in range(6):
        _, trace = await after(number, "book_ticket", "drill_down")
        assert not any(step.changed_state for step in trace.steps)
        assert any(origin.kind == "earlier_turn" for step in trace.steps for origin in step.origins.values())


async def test_a_correction_is_the_same_call_with_one_value_changed(after: Any) -> None:
    for number in range(6):
        one, two = await after(number, "light_hall", "correction", implicit=0.0)
        then, now = one.steps[-1].call, two.steps[-1].call
        assert names(two) == ["light_hall"]
        assert sum(then.arguments[name] != now.arguments[name] for name in ("hall", "level")) == 1


async def test_a_correction_takes_back_what_an_earlier_turn_made(after: Any) -> None:
    one, two = await after(0, "book_ticket", "correction")
    assert names(two) == ["cancel_booking"]
    assert two.steps[0].call.arguments == one.steps[-1].observation.content


async def test_the_same_entity_is_said_again(after: Any) -> None:
    for number in range(6):
        one, two = await after(number, "book_ticket", "same_entity", implicit=0.0)
        said = {value for step in one.steps for name, value in step.call.arguments.items() if name != "event_id"}
        again = [
            step.call.arguments[name]
            for step in two.steps
            for name, origin in step.origins.items()
            if origin.kind == "query"
        ]
        assert said & {*again}
        assert not any(origin.kind == "earlier_turn" for step in two.steps for origin in step.origins.values())


async def test_a_new_topic_is_about_something_else(after: Any) -> None:
    for number in range(6):
        one, two = await after(number, "book_ticket", "new_topic")
        about = [{value for step in trace.steps for value in step.call.arguments.values()} for trace in (one, two)]
        assert not about[0] & about[1]
