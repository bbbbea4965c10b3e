"""The three phases together: turns that follow each other, the conversation that comes of them, and its cost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from fr_agents.checkpointing import open_checkpointer
from fr_agents.wiring import offline_roles
from graphs.context import RunContext
from graphs.records import Turn
from graphs.roles import Move, WantedCall
from graphs.sampler import build_sampler, recursion_limit
from graphs.sampling import run_detached
from graphs.synthesis import build_synthesis, initial_state, job_recursion_limit
from tools.base import JsonObject

THREAD = {"configurable": {"thread_id": "job-000000"}, "recursion_limit": 1000}


class OtherPath:
    """Makes the gold calls, but lists all items where gold finds one by its name. It peeks: tests may."""

    model = "peeking"
    makes_model_calls = False

    def __init__(self) -> None:
        self.inner = offline_roles()
        self.view: Any = None

    async def name(self, view: Any) -> Any:
        self.view = view
        return await self.inner.tooling(view)

    async def __call__(self, view: Any) -> Move:
        made = sum(message["role"] == "assistant" for message in view.messages) - self._before(view.messages)
        groups: dict[int, list[WantedCall]] = {}
        for step in self.view.trace.steps:
            listing = step.call.name == "find_item"
            wanted = WantedCall(name="list_items", arguments={}) if listing else None
            groups.setdefault(step.group, []).append(
                wanted or WantedCall(name=step.call.name, arguments=step.call.arguments)
            )
        if made < len(groups):
            return Move(thought="Next.", calls=tuple(list(groups.values())[made]))
        return Move(thought="Done.", reply="It is done.")

    @staticmethod
    def _before(messages: Any) -> int:
        """Assistant messages of earlier turns."""
        last = max(index for index, message in enumerate(messages) if message["role"] == "user")
        return sum(message["role"] == "assistant" for message in messages[:last])


async def test_the_next_turn_is_sampled_in_the_world_that_the_accepted_calls_left(
    shop: Any, make_context: Any, make_job: Any, synthesise: Any, with_roles: Any
) -> None:
    """Gold's own path would have left other hidden state: the shop logs how it was searched."""
    other_ways = 0
    for number in range(12):
        peeking = OtherPath()
        roles = with_roles(tooling=_Calling(peeking.name), reasoning=peeking)
        job = make_job(number)
        state = await synthesise(make_context(shop, roles, implicit=0.0), job)
        turns = [Turn.model_validate(item) for item in state["turns"]]
        if len(turns) < 2 or turns[0].calls == turns[0].gold_calls:
            continue
        other_ways += 1
        accepted, gold = shop.open(shop.draw(job.seed)), shop.open(shop.draw(job.seed))
        accepted.replay([step.call for step in turns[0].steps])
        gold.replay([step.call for step in turns[0].gold_steps])
        assert accepted.replay_hash() == turns[0].replay_hash != gold.replay_hash()
        for step in turns[1].gold_steps:
            assert accepted.execute(step.call) == step.observation
            assert accepted.replay_hash() == step.replay_hash
    assert other_ways


class _Calling:
    """A role made of a function."""

    model = "function"
    makes_model_calls = False

    def __init__(self, function: Any) -> None:
        self._function = function

    async def __call__(self, view: Any) -> Any:
        return await self._function(view)


def test_gold_calls_replay_after_the_accepted_calls_of_earlier_turns(travel: Any, travelled: Any) -> None:
    later = 0
    for job, state, _ in travelled:
        world = travel.open(travel.draw(job.seed))
        for item in state["turns"]:
            turn = Turn.model_validate(item)
            twin = world.fork()
            for step in turn.gold_steps:
                assert twin.execute(step.call) == step.observation
                assert twin.replay_hash() == step.replay_hash
            for step in turn.steps:
                assert world.execute(step.call) == step.observation
            assert world.replay_hash() == turn.replay_hash
            later += 1
    assert later >= 20


def test_most_jobs_are_accepted_and_some_need_hints(travelled: Any) -> None:
    states = [state for _, state, _ in travelled]
    assert sum(state["status"] == "accepted" for state in states) >= len(states) - 1
    attempts = [len(turn["attempts"]) for state in states for turn in state["turns"]]
    assert 1 in attempts
    assert max(attempts) > 1


def test_messages_are_a_well_formed_conversation(travelled: Any) -> None:
    """Roles follow each other as they must: every call is answered, in order, before anything else is said."""
    for _, state, _ in travelled:
        system, *messages = state["messages"]
        assert system["role"] == "system"
        assert sum(message["role"] == "user" for message in messages) == len(state["turns"])
        waiting, ids = [], []
        speaker = "user"
        for message in messages:
            assert message["role"] == speaker
            assert isinstance(message["content"], str)
            if speaker == "user":
                speaker = "assistant"
            elif speaker == "tool":
                assert set(message) == {"role", "tool_call_id", "content"}
                assert message["tool_call_id"] == waiting.pop(0)
                json.loads(message["content"])
                speaker = "tool" if waiting else "assistant"
            else:
                waiting = [_checked_call(call) for call in message.get("tool_calls", [])]
                ids += waiting
                thought = re.match(r"<think>\n\S[\s\S]*?\n</think>\n\n", message["content"])
                assert thought
                assert bool(waiting) == ("tool_calls" in message) == (thought.end() == len(message["content"]))
                speaker = "tool" if waiting else "user"
        assert speaker == "user"
        assert len(ids) == len(set(ids))


def _checked_call(call: JsonObject) -> str:
    assert set(call) == {"id", "type", "function"}
    assert call["type"] == "function"
    assert set(call["function"]) == {"name", "arguments"}
    assert isinstance(call["function"]["arguments"], str)
    assert isinstance(json.loads(call["function"]["arguments"]), dict)
    return str(call["id"])


def test_the_conversation_holds_the_accepted_calls_and_what_they_returned(travelled: Any) -> None:
    for _, state, _ in travelled:
        steps = [step for item in state["turns"] for step in Turn.model_validate(item).steps]
        calls = [call for message in state["messages"] for call in message.get("tool_calls", [])]
        told = {m["tool_call_id"]: m["content"] for m in state["messages"] if m["role"] == "tool"}
        assert [(c["id"], c["function"]["name"], json.loads(c["function"]["arguments"])) for c in calls] == [
            (step.call.id, step.call.name, step.call.arguments) for step in steps
        ]
        assert told == {step.call.id: step.observation.text() for step in steps}
        assert [m["content"] for m in state["messages"] if m["role"] == "user"] == [t["query"] for t in state["turns"]]


class ParentState(TypedDict, total=False):
    given: JsonObject
    status: str


async def test_the_sampler_is_one_step_of_a_checkpointed_parent(
    tmp_path: Path, make_context: Any, make_job: Any
) -> None:
    """LangGraph by itself raises AttributeError there, or warns, or writes the child's checkpoints too."""
    sampler = build_sampler().compile(checkpointer=False)
    visited = []

    async def one_step(state: ParentState, runtime: Runtime[RunContext]) -> JsonObject:
        limit = recursion_limit(runtime.context.sampler)
        sampled = await run_detached(sampler, state["given"], runtime.context, limit)
        visited.append(sampled["status"])
        return {"status": sampled["status"]}

    builder = StateGraph(ParentState, context_schema=RunContext)
    builder.add_node("one_step", one_step)
    builder.add_edge(START, "one_step")
    builder.add_edge("one_step", END)
    given = {"job": make_job(0).plain(), "turn": 0, "history": [], "messages": [], "past_targets": []}
    async with open_checkpointer("sqlite", tmp_path / "checkpoints.sqlite", history=True) as saver:
        graph = builder.compile(checkpointer=saver)
        await graph.ainvoke({"given": given}, THREAD, context=make_context(), durability="sync")
        kept = [item async for item in saver.alist(None)]
    assert visited == ["done"]
    assert len(kept) == 3  # the input, before the step, after it
    assert {item.config["configurable"]["checkpoint_ns"] for item in kept} == {""}


async def test_a_job_that_takes_as_long_as_it_may_stays_below_the_limit_of_its_graph(
    make_context: Any, make_job: Any, with_roles: Any, scripted: Any
) -> None:
    """The worst solver: another useless call in every message, until the calls of the last attempt are used up."""

    def useless(view: Any) -> Move:
        return Move(thought="", calls=(WantedCall(name=f"no_{len(view.messages)}", arguments={}),), reply="")

    roles = with_roles(reasoning=scripted(useless))
    context = make_context(roles=roles, calls_per_turn=3, calls_factor=10, max_attempts=3)
    limit, job = job_recursion_limit(1, context), make_job(0, turns=1)
    graph = build_synthesis().compile()
    given = initial_state(job, context.system_message(job))
    stream = graph.astream(given, {"recursion_limit": limit}, context=context, stream_mode="values")
    states = [state async for state in stream]
    assert states[-1]["rejection"]["reason"] == "K_max reached"
    gold = len(states[1]["trace"]["steps"])
    assert 4 * (10 * gold + 4) < len(states) <= limit


def test_the_limit_of_a_graph_grows_with_what_is_allowed(make_context: Any) -> None:
    assert job_recursion_limit(12, make_context()) > 1000
    assert recursion_limit(make_context(max_targets=1000).sampler) > 1000 * 10


@pytest.mark.parametrize("paid", [False, True], ids=["rules", "a paid model"])
async def test_a_trajectory_costs_few_checkpoints(
    tmp_path: Path, make_context: Any, make_job: Any, watched: Any, paid: bool
) -> None:
    """A turn costs four (sample, abstract, write, close), one for each attempt and each word of the critic, and one for
    thoughts that are written anew; where messages and thoughts are paid for, each is one instead. A solver that makes
    mistakes may be rejected now and then."""
    accepted = hinted = 0
    for number in range(6):
        watch = watched(offline_roles(0, 0.15), paid=paid)
        context = make_context(roles=watch.roles)
        async with open_checkpointer("sqlite", tmp_path / f"{number}.sqlite", history=True) as saver:
            graph = build_synthesis().compile(checkpointer=saver)
            job = make_job(number, turns=3)
            given = initial_state(job, context.system_message(job))
            state = await graph.ainvoke(given, THREAD, context=context, durability="sync")
            kept = [item async for item in saver.alist(None)]
        assert {item.config["configurable"]["checkpoint_ns"] for item in kept} == {""}
        assert paid or len(kept) <= 25
        if state["status"] != "accepted":
            continue
        paid_for = sum(name in ("reasoning", "rewriting") for name, _ in watch.calls)
        attempts = sum(len(turn["attempts"]) for turn in state["turns"])
        critiques = sum(name == "critiquing" for name, _ in watch.calls)
        steps = 4 * 3 + (paid_for if paid else attempts) + critiques
        assert len(kept) == steps + 2
        accepted += 1
        hinted += critiques
    assert accepted >= 4
    assert hinted
