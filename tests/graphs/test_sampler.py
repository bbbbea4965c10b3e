"""Phase I: what holds of every turn that the sampler gives, checked by independent means."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graphs.sampler import build_sampler
from tools.base import canonical_json
from tools.trace import Trace

SEEDS = range(8)
MOST = 5


@pytest.fixture(scope="module", params=["purposeful", "directed", "random"])
def turns(request: Any, travel: Any, make_context: Any, make_job: Any, sample: Any) -> list[tuple[Any, Trace]]:
    """Several sampled first turns, each with the world before it."""
    context = make_context(policy=request.param, calls_per_turn=MOST, max_targets=40)

    async def run() -> list[tuple[Any, Trace]]:
        found = []
        for seed in SEEDS:
            job = make_job(seed)
            state = await sample(context, job)
            assert state["status"] == "done"
            found.append((travel.open(travel.draw(job.seed)), Trace.model_validate(state["trace"])))
        return found

    return asyncio.run(run())


@pytest.fixture
def sampled(turns: list[tuple[Any, Trace]]) -> list[tuple[Any, Trace]]:
    """The turns, with worlds that the test may change."""
    return [(world.fork(), trace) for world, trace in turns]


def test_every_turn_reaches_its_target_by_few_calls_that_all_succeed(sampled: Any) -> None:
    for world, trace in sampled:
        assert 1 <= len(trace.steps) <= MOST
        assert trace.target_tool in {step.call.name for step in trace.steps}
        assert trace.sinks()
        for step in trace.steps:
            assert not step.observation.failed
            observed = world.execute(step.call)
            assert observed == step.observation
            assert world.replay_hash() == step.replay_hash


def test_every_call_was_needed(sampled: Any, replay_without: Any) -> None:
    """Without any one of them a later argument is gone, a call fails, or the state or a requested output differs."""
    assert any(len(trace.steps) > 1 for _, trace in sampled)
    for world, trace in sampled:
        whole = replay_without(world.fork(), trace.steps, trace.requested)
        assert whole is not None
        for step in trace.steps:
            assert replay_without(world.fork(), trace.steps, trace.requested, step.call.id) != whole, step.call


def test_no_call_undoes_another(sampled: Any) -> None:
    for world, trace in sampled:
        made = world.made_ids()
        hashes = [world.public_hash(made)]
        for step in trace.steps:
            world.execute(step.call)
            now = world.public_hash(made)
            assert (now != hashes[-1]) == step.changed_state
            assert now == hashes[-1] or now not in hashes
            hashes.append(now)


def test_groups_come_after_what_they_use(sampled: Any) -> None:
    for _, trace in sampled:
        groups = {step.call.id: step.group for step in trace.steps}
        assert list(groups.values()) == sorted(groups.values())
        assert set(groups.values()) == set(range(len(set(groups.values()))))
        for step in trace.steps:
            assert all(groups[source] < step.group for source in step.sources())


def test_origins_lead_to_the_values_of_the_arguments(sampled: Any, read_origin: Any) -> None:
    looked_up = 0
    for world, trace in sampled:
        contents: dict[str, Any] = {}
        profile = {entry.value for entry in world.profile()}
        for step in trace.steps:
            assert set(step.origins) == set(step.call.arguments)
            for name, origin in step.origins.items():
                if origin.kind == "profile":
                    assert step.call.arguments[name] in profile
                elif origin.kind != "query":
                    looked_up += 1
                    assert read_origin(origin, contents) == step.call.arguments[name]
            contents[step.call.id] = step.observation.content
    assert looked_up


async def test_a_later_turn_goes_on_in_the_world_of_its_history(
    travel: Any, make_context: Any, make_job: Any, sample: Any, read_origin: Any
) -> None:
    context, kinds = make_context(), set()
    for seed in SEEDS:
        job = make_job(seed, after=1, relation="follow_up")
        first = Trace.model_validate((await sample(context, job))["trace"])
        second = Trace.model_validate((await sample(context, job, 1, first.steps))["trace"])
        world = travel.open(travel.draw(job.seed))
        contents = {step.call.id: step.observation.content for step in first.steps}
        world.replay([step.call for step in first.steps])
        for step in second.steps:
            assert world.execute(step.call) == step.observation
            contents[step.call.id] = step.observation.content
            for name, origin in step.origins.items():
                kinds.add(origin.kind)
                if origin.kind == "profile":
                    assert step.call.arguments[name] in {entry.value for entry in world.profile()}
                    continue
                assert origin.kind == "query" or read_origin(origin, contents) == step.call.arguments[name]
    assert kinds >= {"query", "observation", "earlier_turn"}


async def test_a_turn_depends_on_seed_and_turn_alone(make_context: Any, make_job: Any, sample: Any) -> None:
    used = make_context()
    turns = [(await sample(used, make_job(seed)))["trace"] for seed in SEEDS]
    fresh = make_context()
    again = [(await sample(fresh, make_job(seed)))["trace"] for seed in reversed(SEEDS)]
    assert turns == again[::-1]
    assert len({canonical_json(trace) for trace in turns}) == len(SEEDS)
    other_turn = (await sample(used, make_job(0), turn=1))["trace"]
    assert [step["call"]["name"] for step in other_turn["steps"]] != [
        step["call"]["name"] for step in turns[0]["steps"]
    ]


@pytest.mark.parametrize("most", [1, 2])
async def test_a_turn_never_has_more_calls_than_it_may(
    make_context: Any, make_job: Any, sample: Any, most: int
) -> None:
    context = make_context(calls_per_turn=most, max_targets=40)
    for seed in range(4):
        state = await sample(context, make_job(seed))
        assert state["status"] == "done"
        assert len(state["trace"]["steps"]) <= most


async def test_a_world_in_which_nothing_can_be_reached_ends_failed(
    sulking: Any, make_context: Any, make_job: Any, sample: Any, synthesise: Any
) -> None:
    state = await sample(make_context(sulking), make_job(0))
    assert state["status"] == "failed"
    assert not state.get("trace")
    final = await synthesise(make_context(sulking), make_job(0))
    assert final["status"] == "rejected"
    assert final["rejection"]["stage"] == "sampler"
    assert final["rejection"]["reason"] == "no path"
    assert final["turns"] == []


async def made_on_the_way(context: Any, job: Any) -> tuple[list[str], list[str], bool]:
    """The calls of the turn, all that were made toward its last target, and whether one was taken back."""
    given = {"job": job.plain(), "turn": 0, "history": [], "messages": [], "past_targets": []}
    state: dict[str, Any] = {}
    made: list[str] = []
    went_back = False
    graph = build_sampler().compile()
    async for update in graph.astream(given, {"recursion_limit": 2000}, context=context, stream_mode="updates"):
        [(node, values)] = update.items()
        begun = len(state.get("steps", ()))
        state |= values
        made = [] if node == "aim" else made
        went_back |= node == "backtrack"
        if node == "walk":
            made += [step["call"]["name"] for step in state["steps"][begun:]]
    assert state["status"] == "done"
    return [step["call"]["name"] for step in state["trace"]["steps"]], made, went_back


@pytest.mark.parametrize("policy", ["purposeful", "directed", "random"])
async def test_a_dead_end_is_foreseen_or_left_by_taking_the_call_back(
    gate: Any, make_context: Any, make_job: Any, policy: str
) -> None:
    """Whoever takes the red token can neither open the gate nor take the blue one; a call that was taken back is not
    made again on the way to the same target."""
    opened = 0
    for seed in range(12):
        names, made, _ = await made_on_the_way(make_context(gate, policy=policy), make_job(seed))
        assert names in (["take_red"], ["take_blue"], ["take_blue", "open_gate"])
        assert len(made) == len(set(made))
        opened += names[-1] == "open_gate"
    assert opened


async def test_a_call_that_turns_out_to_lead_nowhere_is_taken_back(gate: Any, make_context: Any, make_job: Any) -> None:
    """At random, nothing is foreseen: the red token is taken, and nothing can be done with it."""
    ways = [await made_on_the_way(make_context(gate, policy="random"), make_job(seed)) for seed in range(12)]
    assert any(went_back and names == ["take_blue", "open_gate"] for names, _, went_back in ways)


@pytest.mark.parametrize("policy", ["purposeful", "directed", "random", "paper"])
async def test_nothing_is_done_only_to_be_undone(
    lamp: Any, make_context: Any, make_job: Any, sample: Any, policy: str
) -> None:
    """The lamp that is off can be switched off only by somebody who has switched it on for that."""
    for seed in range(6):
        for most in (1, 2, 3):
            state = await sample(make_context(lamp, policy=policy, calls_per_turn=most), make_job(seed))
            if state["status"] == "done":
                assert [step["call"]["name"] for step in state["trace"]["steps"]] == ["switch_on"]
            else:
                assert policy in ("random", "paper")
                assert most > 1
