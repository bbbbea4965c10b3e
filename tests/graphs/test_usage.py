"""What models cost is counted by role, once, and survives what the checkpoint survives."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from fr_agents.checkpointing import open_checkpointer
from graphs.usage import COUNTS, Usage, added, collecting, metered, spend, total

ROLES = st.sampled_from(["querying", "reasoning"])
USAGES = st.dictionaries(ROLES, st.fixed_dictionaries({name: st.integers(0, 99) for name in COUNTS}))


def test_calls_and_tokens_are_collected_by_role() -> None:
    with collecting() as usage:
        spend("reasoning", 100, 20)
        spend("reasoning", 50, 5)
        spend("querying")
    assert usage == {
        "reasoning": {"calls": 2, "prompt_tokens": 150, "completion_tokens": 25, "untold": 0},
        "querying": {"calls": 1, "prompt_tokens": 0, "completion_tokens": 0, "untold": 1},
    }
    assert total(usage) == {"calls": 3, "prompt_tokens": 150, "completion_tokens": 25, "untold": 1}


def test_where_nobody_collects_nothing_is_kept() -> None:
    spend("reasoning", 1, 1)
    with collecting() as usage:
        pass
    assert usage == {}


async def test_tasks_of_a_collection_belong_to_it_and_those_beside_it_do_not() -> None:
    async def work(role: str) -> Usage:
        with collecting() as usage:
            async with anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(ask, role)
        return usage

    async def ask(role: str) -> None:
        await checkpoint()
        spend(role, 1, 1)

    found: list[Usage] = []

    async def keep(role: str) -> None:
        found.append(await work(role))

    async with anyio.create_task_group() as group:
        group.start_soon(keep, "querying")
        group.start_soon(keep, "reasoning")
    assert sorted((role, counts["calls"]) for usage in found for role, counts in usage.items()) == [
        ("querying", 3),
        ("reasoning", 3),
    ]


@given(USAGES, USAGES)
@settings(max_examples=30)
def test_sums_lose_nothing(one: Usage, other: Usage) -> None:
    both = added(one, other)
    assert both == added(other, one)
    assert all(total(both)[name] == total(one)[name] + total(other)[name] for name in COUNTS)
    assert added(one, {}) == dict(sorted(one.items()))


class State(TypedDict, total=False):
    seen: list[str]
    usage: Annotated[Usage, added]


class Other(TypedDict, total=False):
    """What the second node is shown: no usage."""

    seen: list[str]


async def first(state: State, runtime: Runtime[Any]) -> dict[str, Any]:
    spend("querying", 10, 1)
    return {"seen": [*state.get("seen", []), str(runtime.context)]}


async def second(state: Other) -> dict[str, Any]:
    spend("querying", 5, 2)
    spend("reasoning", 7, 3)
    if "fail" in state["seen"]:
        raise RuntimeError("the server is gone")
    return {"seen": [*state["seen"], "second"]}


async def third(state: State) -> dict[str, Any]:
    return {"seen": [*state["seen"], "third"]}


def built() -> StateGraph[State, Any, State, State]:
    builder: StateGraph[State, Any, State, State] = StateGraph(State, context_schema=str)
    names = ["first", "second", "third"]
    for name, node in zip(names, (first, second, third), strict=True):
        builder.add_node(name, metered(node))
    for start, end in zip([START, *names], [*names, END], strict=True):
        builder.add_edge(start, end)
    return builder


SPENT = {
    "querying": {"calls": 2, "prompt_tokens": 15, "completion_tokens": 3, "untold": 0},
    "reasoning": {"calls": 1, "prompt_tokens": 7, "completion_tokens": 3, "untold": 0},
}


async def test_a_graph_sums_up_what_its_nodes_spent_also_those_that_do_not_see_it() -> None:
    state = await built().compile().ainvoke({"seen": []}, context="ours")
    assert state == {"seen": ["ours", "second", "third"], "usage": SPENT}


async def test_a_job_that_died_counts_what_was_checkpointed_once(tmp_path: Path) -> None:
    thread: Any = {"configurable": {"thread_id": "job-0"}}
    async with open_checkpointer("sqlite", tmp_path / "checkpoints.sqlite") as saver:
        with pytest.raises(RuntimeError, match="gone"):
            await built().compile(checkpointer=saver).ainvoke({"seen": []}, thread, context="fail", durability="sync")
    async with open_checkpointer("sqlite", tmp_path / "checkpoints.sqlite") as saver:
        graph = built().compile(checkpointer=saver)
        kept = (await graph.aget_state(thread)).values
        assert kept["usage"] == {"querying": {"calls": 1, "prompt_tokens": 10, "completion_tokens": 1, "untold": 0}}
        await graph.aupdate_state(thread, {"seen": ["mended"]}, as_node="first")
        state = await graph.ainvoke(None, thread, context="ours", durability="sync")
    assert state == {"seen": ["mended", "second", "third"], "usage": SPENT}


def test_a_metered_node_takes_what_the_node_takes() -> None:
    assert list(inspect.signature(metered(first)).parameters) == ["state", "runtime"]
    assert metered(second).__name__ == "second"
