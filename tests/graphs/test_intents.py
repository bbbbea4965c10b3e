"""What a turn may set out to do, and in which order it is tried."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from graphs.intents import intents, ranking
from graphs.turn_walk import TurnWalk
from tools.intent import Intent, WantedEdge
from tools.trace import Step, Trace


@pytest.fixture
def begin(make_job: Any) -> Any:
    """A turn that has not begun."""

    def make(context: Any, number: int = 0, history: Any = (), past: Any = (), **plan: Any) -> TurnWalk:
        place = 1 if history else 0
        state = {
            "job": make_job(number, after=place, **plan).plain(),
            "turn": place,
            "history": [step.plain() for step in history],
            "past_targets": list(past),
        }
        return TurnWalk(state, context)

    return make


@pytest.fixture
def found(begin: Any) -> Any:
    """The intents of a turn in order."""

    def run(*given: Any, **more: Any) -> list[Intent]:
        turn = begin(*given, **more)
        with turn.lease(before=True) as lease:
            return intents(turn, lease.world)

    return run


@pytest.fixture
def history(in_town: Any, make_job: Any, sample: Any) -> Any:
    """The steps of a first turn of a tool, in which its user says all that he can."""

    async def run(tool: str) -> tuple[Step, ...]:
        state = await sample(in_town(implicit=0.0), make_job(0, tool=tool))
        return Trace.model_validate(state["trace"]).steps

    return run


def test_what_is_planned_comes_first_the_edge_before_the_tool_alone(in_town: Any, found: Any) -> None:
    edge = WantedEdge(producer="find_event", path="hall", parameter="hall")
    tried = found(in_town(), tool="light_hall", edge=edge)
    assert tried[:2] == [Intent(tool="light_hall", edge=edge), Intent(tool="light_hall")]
    assert {intent.tool for intent in tried} > {"light_hall", "find_event", "post_message"}


def test_with_an_error_planned_it_is_tried_with_one_before_it_is_tried_without(in_town: Any, found: Any) -> None:
    tried = found(in_town(), tool="heat_hall", error=True)
    assert tried[0] == Intent(tool="heat_hall", error=True)
    assert Intent(tool="heat_hall") in tried
    with_error = [intent.error for intent in tried]
    assert with_error == sorted(with_error, reverse=True)


def test_an_error_is_tried_where_no_tool_is_planned_too(in_town: Any, found: Any) -> None:
    assert found(in_town(), error=True)[0].error


def test_no_intent_is_tried_twice_and_none_is_of_an_unknown_tool(in_town: Any, found: Any) -> None:
    tried = found(in_town(), tool="no_such_tool", error=True)
    keys = [str(sorted(intent.plain().items(), key=str)) for intent in tried]
    assert len(set(keys)) == len(keys)
    assert "no_such_tool" not in {intent.tool for intent in tried}


@pytest.mark.parametrize("policy", ["directed", "random", "paper"])
async def test_other_policies_know_targets_alone(in_town: Any, found: Any, history: Any, policy: str) -> None:
    done = await history("book_ticket")
    tried = found(in_town(policy=policy), history=done, tool="list_seats", relation="follow_up", error=True)
    assert tried[0].tool == "list_seats"
    assert all(intent == Intent(tool=intent.tool) for intent in tried)


@pytest.mark.parametrize("relation", ["follow_up", "drill_down", "correction", "same_entity", "new_topic"])
async def test_the_relation_that_is_planned_comes_first_and_others_after_it(
    in_town: Any, found: Any, history: Any, relation: str
) -> None:
    tried = found(in_town(), history=await history("book_ticket"), relation=relation)
    assert tried[0].relation == relation
    kinds = list(dict.fromkeys(intent.relation for intent in tried))
    assert len(kinds) > 2
    assert kinds[0] == relation


async def test_the_planned_tool_comes_first_among_those_of_its_relation(in_town: Any, found: Any, history: Any) -> None:
    done = await history("find_event")
    for tool in ("list_seats", "book_ticket", "light_hall"):
        for number in range(4):
            assert found(in_town(), number, history=done, relation="follow_up", tool=tool)[0].tool == tool


async def test_to_drill_down_is_to_read_and_to_follow_up_is_not_to_take_back(
    in_town: Any, found: Any, history: Any
) -> None:
    done = await history("book_ticket")
    drilled = [item for item in found(in_town(), history=done, relation="drill_down") if item.relation == "drill_down"]
    assert {intent.tool for intent in drilled} == {"list_seats", "show_booking"}
    followed = [item for item in found(in_town(), history=done, relation="follow_up") if item.relation == "follow_up"]
    assert "cancel_booking" not in {intent.tool for intent in followed}
    assert all(intent.earlier for intent in (*drilled, *followed))


async def test_a_correction_changes_one_value_and_keeps_the_others(in_town: Any, found: Any, history: Any) -> None:
    done = await history("light_hall")
    (said,) = (step.call.arguments for step in done)
    tried = [item for item in found(in_town(), history=done, relation="correction") if item.relation == "correction"]
    assert {intent.tool for intent in tried} == {"light_hall"}
    assert sorted(tuple(intent.other) for intent in tried) == [("hall",), ("level",)]
    for intent in tried:
        assert intent.other | intent.said == said
        assert not intent.other.keys() & intent.said.keys()


async def test_what_made_a_new_thing_is_cancelled_and_not_made_again(in_town: Any, found: Any, history: Any) -> None:
    done = await history("book_ticket")
    tried = [item for item in found(in_town(), history=done, relation="correction") if item.relation == "correction"]
    assert [(intent.tool, intent.earlier) for intent in tried] == [("cancel_booking", ("booking_id",))]


async def test_the_same_entity_is_one_that_the_user_named(in_town: Any, found: Any, history: Any) -> None:
    done = await history("book_ticket")
    said = {value for step in done for name, value in step.call.arguments.items() if name != "event_id"}
    tried = [item for item in found(in_town(), history=done, relation="same_entity") if item.relation == "same_entity"]
    assert {value for intent in tried for value in intent.said.values()} <= said
    assert {"find_event", "book_ticket"} <= {intent.tool for intent in tried}


async def test_a_new_topic_takes_nothing_of_earlier_turns(in_town: Any, found: Any, history: Any) -> None:
    tried = found(in_town(), history=await history("find_event"), relation="new_topic", tool="light_hall")
    assert tried[0] == Intent(tool="light_hall", relation="new_topic", fresh=True)
    assert all(intent.fresh for intent in tried if intent.relation == "new_topic")


def test_the_ranking_has_each_tool_within_reach_once(in_town: Any, begin: Any) -> None:
    context = replace(in_town(), left_out=frozenset({"post_message"}))
    ranked = ranking(begin(context))
    assert len(set(ranked)) == len(ranked)
    assert set(ranked) == set(context.environments) - {"post_message"}


def test_deep_targets_come_early_and_past_ones_late(in_town: Any, begin: Any) -> None:
    context = in_town()
    first = Counter(ranking(begin(context, number))[0] for number in range(60))
    assert first["cancel_booking"] + first["show_booking"] > first["post_message"] + first["unlock_house"]
    past = [ranking(begin(context, number, past=["show_booking"])).index("show_booking") for number in range(60)]
    before = [ranking(begin(context, number)).index("show_booking") for number in range(60)]
    assert sum(past) > sum(before)
