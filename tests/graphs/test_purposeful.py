"""The rules that make a turn purposeful, each seen in what the sampler gives."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tools.base import canonical_json
from tools.intent import WantedEdge
from tools.relation import possible_relations
from tools.trace import Step, Trace

RELATIONS = ("follow_up", "drill_down", "correction", "same_entity", "new_topic")
Turns = list[tuple[list[Step], Trace]]


@pytest.fixture(scope="module")
def turn(sample: Any) -> Any:
    """Samples a turn as a Trace, or None where there is none."""

    async def run(*given: Any, **more: Any) -> Trace | None:
        state = await sample(*given, **more)
        return Trace.model_validate(state["trace"]) if state["status"] == "done" else None

    return run


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


async def test_without_a_plan_no_call_fails(walked: Turns) -> None:
    assert not any(step.observation.failed for _, trace in walked for step in trace.steps)


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
