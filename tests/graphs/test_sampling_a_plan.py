"""What a turn is planned to be, and the bounds of the search for it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from typing import Any

import pytest

from tools.base import canonical_json
from tools.intent import WantedEdge
from tools.trace import Trace


def names(trace: Trace | None) -> list[str]:
    assert trace is not None
    return [step.call.name for step in trace.steps]


@pytest.mark.parametrize(
    ("tool", "edge", "before"),
    [
        ("light_hall", WantedEdge(producer="find_event", path="hall", parameter="hall"), "find_event"),
        ("list_seats", WantedEdge(producer="find_event", path="event_id", parameter="event_id"), "find_event"),
        ("heat_hall", WantedEdge(producer="unlock_house"), "unlock_house"),
    ],
)
async def test_a_planned_tool_and_edge_are_walked(
    in_town: Any, make_job: Any, turn: Any, tool: str, edge: WantedEdge, before: str
) -> None:
    context = in_town(implicit=0.0)
    for number in range(6):
        trace = await turn(context, make_job(number, tool=tool, edge=edge))
        assert trace is not None
        assert trace.target_tool == tool
        (producer,) = (step for step in trace.steps if step.call.name == before)
        (consumer,) = (step for step in trace.steps if step.call.name == tool)
        if edge.parameter is not None:
            origin = consumer.origins[edge.parameter]
            assert (origin.kind, origin.source, origin.path) == ("observation", producer.call.id, edge.path)


async def test_a_plan_that_cannot_be_had_gives_way_to_another_target(in_town: Any, make_job: Any, turn: Any) -> None:
    trace = await turn(in_town(), make_job(0, tool="no_such_tool"))
    assert trace is not None
    edge = WantedEdge(producer="post_message", path="done", parameter="hall")
    trace = await turn(in_town(), make_job(0, tool="light_hall", edge=edge))
    assert trace is not None
    assert trace.target_tool == "light_hall"


@pytest.mark.parametrize("depth", [{"calls": 3}, {"calls": 4}, {"path": 2}])
async def test_depth_is_a_minimum(in_town: Any, make_job: Any, turn: Any, depth: dict[str, int]) -> None:
    context = in_town({"second": 0.5, "elsewhere": 0.5}, depth=depth, max_targets=100)
    for number in range(6):
        trace = await turn(context, make_job(number))
        assert trace is not None
        assert len(trace.steps) >= depth.get("calls", 1)
        assert trace.depth() >= depth.get("path", 1)


async def test_a_depth_that_no_turn_has_ends_failed(in_town: Any, make_job: Any, turn: Any) -> None:
    assert await turn(in_town(depth={"path": 9}), make_job(0)) is None


async def test_a_call_that_fails_comes_before_what_mends_it(in_town: Any, make_job: Any, turn: Any) -> None:
    for number in range(6):
        trace = await turn(in_town(), make_job(number, tool="heat_hall", error=True))
        assert trace is not None
        failed = [step for step in trace.steps if step.observation.failed]
        assert [step.call.name for step in failed] == ["heat_hall"]
        assert not failed[0].changed_state
        rest = names(trace)[trace.steps.index(failed[0]) + 1 :]
        assert rest[-2:] == ["unlock_house", "heat_hall"]
        assert trace.steps[-1].call.arguments == failed[0].call.arguments


async def test_a_hopeless_search_ends_at_its_bound(sulking: Any, make_context: Any, make_job: Any, sample: Any) -> None:
    for most in (1, 5):
        state = await sample(make_context(sulking, max_trials=most, max_targets=1000), make_job(0))
        assert state["status"] == "failed"
        assert state["trials"] <= most
        assert state["steps"] == []


@pytest.mark.parametrize("most", [1, 3])
async def test_trials_are_counted_over_all_targets_of_a_turn(
    in_town: Any, make_job: Any, sample: Any, most: int
) -> None:
    state = await sample(in_town(max_trials=most, depth={"calls": 20}), make_job(0))
    assert state["status"] == "failed"
    assert state["trials"] == most


async def test_a_tool_that_is_left_out_is_never_called(in_town: Any, make_job: Any, turn: Any) -> None:
    context = replace(in_town({"use": 1.0}), left_out=frozenset({"find_event", "post_message"}))
    for number in range(6):
        trace = await turn(context, make_job(number, tool="book_ticket"))
        assert not {"find_event", "post_message", "book_ticket"} & {*names(trace)}


SCRIPT = """
    import asyncio
    from envs.pool import WorldPool
    from envs.travel import TravelDomain
    from fr_agents.wiring import offline_roles
    from graphs.context import RunContext
    from graphs.records import Job
    from graphs.records.job import TurnPlan
    from graphs.sampling import sample_turn
    from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
    from tools.base import derive_seed, digest

    async def main():
        context = RunContext(
            roles=offline_roles(0, 0.0), worlds=WorldPool(TravelDomain()), sampler=SamplerSettings(),
            author=AuthorSettings(), refiner=RefinerSettings(),
        )
        for number in range(3):
            plans = (TurnPlan(), TurnPlan(relation="follow_up"))
            job = Job(number=number, seed=derive_seed("tests", number), turns=2, plans=plans)
            first = await sample_turn(context, job, 0, [])
            second = await sample_turn(context, job, 1, first.steps)
            print(digest(first.plain()), digest(second.plain() if second else None))

    asyncio.run(main())
"""


def test_a_turn_does_not_depend_on_the_order_of_sets() -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SCRIPT)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4242")
    ]
    results = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], results
    assert results[0][0] == results[1][0]
    assert len({*results[0][0].split()}) == 6


async def test_a_turn_depends_on_job_seed_and_turn_alone(in_town: Any, make_job: Any, turn: Any) -> None:
    shares = {"use": 0.4, "second": 0.2, "elsewhere": 0.2}
    jobs = [make_job(number) for number in range(6)]
    used, fresh = in_town(shares), in_town(shares)
    turns = [await turn(used, job) for job in jobs]
    assert [await turn(fresh, job) for job in reversed(jobs)] == turns[::-1]
    renumbered = [job.model_copy(update={"number": job.number + 100, "turns": 7}) for job in jobs]
    assert [await turn(used, job) for job in renumbered] == turns
    assert len({canonical_json(trace.plain()) for trace in turns}) > 3


async def test_a_world_with_one_tool_ends_at_once(in_town: Any, make_job: Any, sample: Any) -> None:
    job = make_job(0, error=True).model_copy(update={"tools": ("post_message",)})
    state = await sample(in_town({"elsewhere": 1.0}), job)
    assert [step["call"]["name"] for step in state["trace"]["steps"]] == ["post_message"]
    job = make_job(0).model_copy(update={"tools": ("unlock_house",)})
    first = Trace.model_validate((await sample(in_town(), job))["trace"])
    again = await sample(in_town(), job, 1, first.steps)
    assert again["status"] == "failed"
    assert again["trials"] < 10


@pytest.mark.parametrize("policy", ["purposeful", "directed", "random", "paper"])
@pytest.mark.parametrize("tools", [("show_booking",), ("list_seats", "book_ticket", "cancel_booking")])
async def test_a_world_of_which_nothing_can_be_reached_ends_at_once(
    in_town: Any, make_job: Any, sample: Any, policy: str, tools: tuple[str, ...]
) -> None:
    job = make_job(0, tool=tools[0]).model_copy(update={"tools": tools})
    state = await sample(in_town(policy=policy), job)
    assert (state["status"], state.get("trials", 0)) == ("failed", 0)
