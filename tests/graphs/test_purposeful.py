"""The rules that make a turn purposeful, each seen in what the sampler gives."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tools.relation import possible_relations
from tools.trace import Step, Trace

RELATIONS = ("follow_up", "drill_down", "correction", "same_entity", "new_topic")
Turns = list[tuple[list[Step], Trace]]


@pytest.fixture(scope="module")
def walked(in_town: Any, make_job: Any, turn: Any) -> Turns:
    """Turns of all relations, each after the steps of the one before it, in jobs of three turns."""

    async def run() -> Turns:
        context = in_town({"use": 0.4, "second": 0.2, "elsewhere": 0.2})
        found: Turns = []
        for number in range(10):
            history: list[Step] = []
            for place in range(3):
                relation = RELATIONS[(number + place) % len(RELATIONS)]
                trace = await turn(context, make_job(number, after=place, relation=relation), place, history)
                if trace is not None:
                    found.append((list(history), trace))
                    history += trace.steps
        return found

    return asyncio.run(run())


def names(trace: Trace | None) -> list[str]:
    assert trace is not None
    return [step.call.name for step in trace.steps]


def world_after(domain: Any, steps: list[Step]) -> Any:
    world = domain.open(domain.draw(0))
    world.replay([step.call for step in steps])
    return world


def test_every_call_is_needed(town: Any, walked: Turns, replay_without: Any) -> None:
    assert len(walked) >= 25
    assert sum(len(trace.steps) > 1 for _, trace in walked) > 10
    for history, trace in walked:
        world = world_after(town, history)
        whole = replay_without(world.fork(), trace.steps, trace.requested)
        assert whole is not None
        for step in trace.steps:
            assert replay_without(world.fork(), trace.steps, trace.requested, step.call.id) != whole, step.call


def test_no_call_brings_back_a_state_that_the_turn_has_left(town: Any, walked: Turns) -> None:
    for history, trace in walked:
        world = world_after(town, history)
        made = world.made_ids()
        hashes = [world.public_hash(made)]
        for step in trace.steps:
            world.execute(step.call)
            if world.public_hash(made) != hashes[-1]:
                hashes.append(world.public_hash(made))
        assert len(set(hashes)) == len(hashes)


def test_no_turn_cancels_what_it_booked(walked: Turns) -> None:
    for _, trace in walked:
        assert not {"book_ticket", "cancel_booking"} <= {*names(trace)}


def test_no_call_is_made_twice_and_no_earlier_read_again(walked: Turns) -> None:
    for history, trace in walked:
        signatures = [step.call.signature for step in trace.steps]
        assert len(set(signatures)) == len(signatures)
        assert not {step.call.signature for step in history if not step.changed_state} & {*signatures}


def test_the_goals_are_calls_of_the_turn_the_target_s_first(walked: Turns) -> None:
    for _, trace in walked:
        by_id = {step.call.id: step for step in trace.steps}
        assert by_id[trace.goals[0]].call.name == trace.target_tool
        assert set(trace.requested) <= set(trace.goals) <= set(by_id)
        assert trace.requested


def test_the_recorded_relation_is_one_that_the_calls_bear_out(town: Any, walked: Turns) -> None:
    specs = {spec.name: spec for spec in town.open(town.draw(0)).specs()}
    found = Counter(trace.relation for _, trace in walked)
    for history, trace in walked:
        assert trace.relation in possible_relations(trace.steps, history, specs)
    assert len(found) >= 4


async def test_what_a_user_could_know_is_looked_up_always_or_never(in_town: Any, make_job: Any, turn: Any) -> None:
    for number in range(8):
        job = make_job(number, tool="light_hall")
        assert names(await turn(in_town(implicit=1.0), job)) == ["find_event", "light_hall"]
        assert names(await turn(in_town(implicit=0.0), job)) == ["light_hall"]


async def test_what_nobody_can_know_is_looked_up_whatever_the_share(in_town: Any, make_job: Any, turn: Any) -> None:
    for share in (0.0, 1.0):
        trace = await turn(in_town(implicit=share), make_job(1, tool="book_ticket"))
        assert names(trace) == ["find_event", "book_ticket"]
        assert trace.steps[1].origins["event_id"].source == trace.steps[0].call.id


async def test_without_a_plan_no_call_fails(walked: Turns) -> None:
    assert not any(step.observation.failed for _, trace in walked for step in trace.steps)
