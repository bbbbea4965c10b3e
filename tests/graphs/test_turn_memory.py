"""What is remembered while a turn is sampled changes nothing of what is sampled."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.sampling import sample_turn
from graphs.turn_memory import TurnMemory, remembering, turn_memory
from tools.call import ToolCall
from tools.intent import Constraints
from tools.needs import ToolNeeds
from tools.trace import Step

EVERY_WAY = {"use": 0.4, "second": 0.3, "elsewhere": 0.3}


@pytest.mark.parametrize("policy", ["purposeful", "paper"])
async def test_turns_are_the_same_as_without_a_memory(in_town: Any, make_job: Any, turn: Any, policy: str) -> None:
    context = in_town(EVERY_WAY, policy=policy)
    sampled = 0
    for number in range(8):
        job = make_job(number)
        history: tuple[Step, ...] = ()
        for place in range(2):
            trace = await sample_turn(context, job, place, history)
            assert trace == await turn(context, job, place, history)
            history = (*history, *(trace.steps if trace is not None else ()))
            sampled += trace is not None
    assert sampled > 8


def test_within_one_turn_there_is_one_memory() -> None:
    assert turn_memory() is not turn_memory()
    with remembering():
        outer = turn_memory()
        assert turn_memory() is outer
        with remembering():
            assert turn_memory() is not outer
        assert turn_memory() is outer
    assert turn_memory() is not outer


def test_a_step_is_the_same_for_the_same_entry_alone() -> None:
    call = {"id": "g0_0", "name": "look", "arguments": {"x": 1}}
    one = {"call": call, "observation": {"call_id": "g0_0"}}
    other = {"call": {**call, "arguments": {"x": True}}, "observation": {"call_id": "g0_0"}}
    memory = TurnMemory()
    (first,), (again,), (second,) = memory.steps([one]), memory.steps([one]), memory.steps([other])
    assert first is again
    assert one == other, "Python takes True for 1"
    assert second.call.arguments["x"] is True


def test_what_a_user_could_say_is_told_anew_after_a_change(in_town: Any, make_job: Any) -> None:
    context, memory = in_town(), TurnMemory()
    job = make_job(0)
    with context.worlds.branch(context.world_of(job), ()) as lease:
        before = memory.sayable(lease.world)
        assert memory.sayable(lease.world.fork()) is before
        name = next(value.value for value in lease.world.known_values() if value.parameter == "event_name")
        found = lease.world.execute(ToolCall(id="a", name="find_event", arguments={"event_name": name}))
        assert not found.failed
        assert memory.sayable(lease.world) is before, "a read changes nothing"
        assert not lease.world.execute(ToolCall(id="b", name="unlock_house", arguments={})).failed
        assert memory.sayable(lease.world) is not before


def test_draws_are_kept_apart_by_try_and_by_what_is_asked(in_town: Any, make_job: Any) -> None:
    context, memory = in_town(), TurnMemory()
    free, fresh = Constraints(), Constraints(fresh=True)
    needs = ToolNeeds(frozenset(), frozenset(), frozenset())
    with context.worlds.branch(context.world_of(make_job(0)), ()) as lease:
        memory.draws(lease.world, 0, free)["look"] = needs
        assert memory.draws(lease.world, 0, Constraints()) == {"look": needs}
        assert memory.draws(lease.world, 1, free) == {}
        assert memory.draws(lease.world, 0, fresh) == {}
