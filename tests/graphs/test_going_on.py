"""What a turn does after its target was called: use its output, take a second instance, act elsewhere, or stop."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from graphs.context import RunContext
from graphs.going_on import next_goal, speaks_of
from graphs.records import Job
from graphs.turn_walk import TurnWalk
from tools.implicit import implicit_values
from tools.intent import Goal, Intent
from tools.origin import ArgumentOrigin
from tools.trace import Step, Trace


@pytest.fixture
def sampled(in_town: Any, make_job: Any, sample: Any) -> Any:
    """Turns of one target that go on in one way wherever they can."""

    async def run(kind: str, tool: str, **settings: Any) -> list[Trace]:
        context = in_town({kind: 1.0}, **settings)
        states = [await sample(context, make_job(number, tool=tool)) for number in range(8)]
        traces = [Trace.model_validate(state["trace"]) for state in states if state["status"] == "done"]
        assert len(traces) == 8
        assert {trace.target_tool for trace in traces} == {tool}
        return traces

    return run


def names(trace: Trace) -> list[str]:
    return [step.call.name for step in trace.steps]


async def test_a_use_takes_what_the_target_returned_and_asks_for_that_alone(sampled: Any) -> None:
    for trace in await sampled("use", "find_event"):
        target, use = (step for goal in trace.goals[:2] for step in trace.steps if step.call.id == goal)
        assert target.call.name == "find_event"
        assert use.call.name in ("list_seats", "book_ticket", "light_hall", "heat_hall")
        assert target.call.id in use.sources()
        assert target.call.id not in trace.requested
        assert use.call.id in trace.requested


async def test_what_was_made_is_neither_read_back_nor_taken_back(sampled: Any) -> None:
    for trace in await sampled("use", "book_ticket"):
        assert names(trace) == ["find_event", "book_ticket"]


@pytest.mark.parametrize(("tool", "calls"), [("find_event", 1), ("list_seats", 2)])
async def test_a_second_instance_runs_the_same_chain_for_something_else(sampled: Any, tool: str, calls: int) -> None:
    for trace in await sampled("second", tool):
        assert names(trace)[:calls] == names(trace)[calls:]
        assert len(trace.goals) == 2
        assert set(trace.requested) == set(trace.goals)
        first, second = (step.call.arguments for step in trace.steps if step.call.name == "find_event")
        assert first != second


async def test_nothing_is_made_twice_only_to_compare_it(sampled: Any) -> None:
    for tool in ("book_ticket", "light_hall"):
        for trace in await sampled("second", tool):
            assert names(trace)[-1] == tool
            assert names(trace).count(tool) == 1


async def test_elsewhere_the_same_entity_is_spoken_of(sampled: Any) -> None:
    for trace in await sampled("elsewhere", "book_ticket"):
        assert names(trace) == ["find_event", "book_ticket", "post_message"]
        said = {value for step in trace.steps[:2] for value in step.call.arguments.values()}
        message = trace.steps[2].call.arguments["message"]
        assert any(name in message for name in said)
        assert set(trace.requested) == set(trace.goals) == {step.call.id for step in trace.steps[1:]}


async def test_where_nothing_fits_the_turn_stops(
    sampled: Any, shop: Any, make_context: Any, make_job: Any, sample: Any
) -> None:
    for trace in await sampled("elsewhere", "post_message"):
        assert names(trace) == ["post_message"]
    alone = make_context(shop, go_on={"use": 0.0, "second": 0.0, "elsewhere": 1.0})
    state = await sample(alone, make_job(0, tool="set_price"))
    assert [step["call"]["name"] for step in state["trace"]["steps"]] == ["set_price"]


async def test_a_turn_that_is_full_stops_at_its_target(sampled: Any) -> None:
    for kind in ("use", "second", "elsewhere"):
        for trace in await sampled(kind, "list_seats", calls_per_turn=2):
            assert names(trace) == ["find_event", "list_seats"]


@pytest.mark.parametrize("policy", ["directed", "random", "paper"])
async def test_other_policies_go_on_with_nothing(in_town: Any, make_job: Any, sample: Any, policy: str) -> None:
    job = make_job(0, tool="find_event")
    plain = await sample(in_town(policy=policy), job)
    eager = await sample(in_town({"use": 1.0}, policy=policy), job)
    assert plain["trace"] == eager["trace"]


def walk(context: RunContext, job: Job, trace: Trace, goals: int = 1) -> TurnWalk:
    """The turn as it is when its first goals, all alike, were reached."""
    goal = Goal(tool=trace.target_tool, call=trace.goals[0])
    state = {
        "job": job.plain(),
        "turn": 0,
        "history": [],
        "steps": [step.plain() for step in trace.steps],
        "goals": [goal.plain()] * goals,
        "intent": Intent(tool=trace.target_tool).plain(),
    }
    return TurnWalk(state, context)


def ways(context: RunContext, job: Job, trace: Trace) -> Counter[str]:
    """How a turn goes on, with 200 different seeds."""
    turns = (walk(context, job.model_copy(update={"seed": seed}), trace) for seed in range(200))
    return Counter(goal.kind if (goal := next_goal(turn)) else "stop" for turn in turns)


async def test_the_shares_say_how_often(in_town: Any, make_job: Any, sample: Any) -> None:
    job = make_job(0, tool="find_event")
    trace = Trace.model_validate((await sample(in_town(), job))["trace"])
    kinds = ways(in_town({"use": 0.5, "second": 0.25}, implicit=0.0), job, trace)
    assert 70 < kinds["use"] < 130
    assert 25 < kinds["second"] < 75
    assert 25 < kinds["stop"] < 75


async def test_what_nothing_was_looked_up_for_is_used_as_often_as_values_are_to_be(
    in_town: Any, make_job: Any, sample: Any
) -> None:
    job = make_job(0, tool="find_event")
    trace = Trace.model_validate((await sample(in_town(), job))["trace"])
    assert 90 < ways(in_town({"use": 0.01}, implicit=0.6), job, trace)["use"] < 150
    assert ways(in_town({"use": 0.01}, implicit=1.0), job, trace)["use"] == 200
    # The drawn way comes first: the use is for where there is none, or where it leads nowhere.
    both = ways(in_town({"use": 0.01, "second": 0.5}, implicit=1.0), job, trace)
    assert 70 < both["second"] < 130
    assert both["stop"] == 0


async def test_uses_that_are_not_wanted_are_not_made_for_the_sake_of_a_looked_up_value(
    in_town: Any, make_job: Any, sample: Any
) -> None:
    job = make_job(0, tool="find_event")
    trace = Trace.model_validate((await sample(in_town(), job))["trace"])
    assert ways(in_town({"use": 0.0}, implicit=1.0), job, trace) == {"stop": 200}


async def test_a_turn_that_has_looked_something_up_goes_on_by_its_shares_alone(
    in_town: Any, make_job: Any, sample: Any
) -> None:
    job = make_job(0, tool="find_event")
    state = await sample(in_town({"use": 1.0}), job)
    trace = Trace.model_validate(state["trace"])
    assert implicit_values(trace.steps)
    assert next_goal(walk(in_town({"use": 1.0}, implicit=1.0), job, trace, 1)) is not None
    assert ways(in_town({"use": 0.01}, implicit=1.0), job, trace)["stop"] > 180


async def test_a_turn_goes_on_at_most_twice(in_town: Any, make_job: Any, sample: Any) -> None:
    job = make_job(0, tool="find_event")
    trace = Trace.model_validate((await sample(in_town(), job))["trace"])
    found = [next_goal(walk(in_town({"use": 1.0}), job, trace, goals)) for goals in (1, 2, 3)]
    assert [goal is not None for goal in found] == [True, True, False]


def test_a_goal_elsewhere_has_to_speak_of_its_entity(run_steps: Any, town: Any) -> None:
    steps: list[Step] = []
    world = town.open(town.draw(0))
    for text in ("A gift for ANA ", "A gift"):
        (step,) = run_steps(world, ("post_message", {"message": text}, 0), prefix=text)
        steps.append(step.model_copy(update={"origins": {"message": ArgumentOrigin(kind="query")}}))
    goals = [Goal(tool="post_message", kind="elsewhere", entity="Ana", call=step.call.id) for step in steps]
    assert [speaks_of(goal, steps) for goal in goals] == [True, False]
    assert speaks_of(goals[1].model_copy(update={"kind": "use"}), steps)
