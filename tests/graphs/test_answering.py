"""Who answered is noted by role, and survives what the checkpoint survives."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from graphs.answering import Answered, answered, collecting_models, united
from graphs.usage import metered

NAMES = st.lists(st.sampled_from(["openai/a", "openai/b", "openai/c"]), min_size=1, unique=True).map(sorted)
ANSWERED = st.dictionaries(st.sampled_from(["querying", "reasoning"]), NAMES)


def test_each_model_is_noted_once_and_in_order() -> None:
    answered("reasoning", "openai/nobody")
    with collecting_models() as found:
        for model in ("openai/b", "openai/a", "openai/b"):
            answered("reasoning", model)
        with collecting_models():
            answered("querying", "openai/c")
    answered("reasoning", "openai/nobody")
    assert found == {"reasoning": ["openai/a", "openai/b"]}


@given(ANSWERED, ANSWERED)
@settings(max_examples=30)
def test_nobody_is_lost_and_nobody_told_twice(one: Answered, other: Answered) -> None:
    both = united(one, other)
    assert both == united(other, one) == united(both, one)
    assert both.keys() == {*one, *other}
    assert all(both[role] == sorted({*one.get(role, []), *other.get(role, [])}) for role in both)


class State(TypedDict, total=False):
    answered: Annotated[Answered, united]
    dead: bool


async def first(state: State) -> dict[str, Any]:
    answered("reasoning", "openai/b")
    return {}


async def second(state: State) -> dict[str, Any]:
    answered("reasoning", "openai/nobody" if state["dead"] else "openai/a")
    if state["dead"]:
        raise RuntimeError("the server is gone")
    return {}


async def test_a_job_that_goes_on_knows_who_answered_before() -> None:
    builder: StateGraph[State, None, State, State] = StateGraph(State)
    builder.add_node("first", metered(first))
    builder.add_node("second", metered(second))
    for start, end in [(START, "first"), ("first", "second"), ("second", END)]:
        builder.add_edge(start, end)
    graph, thread = builder.compile(checkpointer=InMemorySaver()), RunnableConfig(configurable={"thread_id": "job-0"})
    with pytest.raises(RuntimeError, match="gone"):
        await graph.ainvoke({"dead": True}, thread)
    await graph.aupdate_state(thread, {"dead": False}, as_node="first")
    state = await graph.ainvoke(None, thread)
    assert state["answered"] == {"reasoning": ["openai/a", "openai/b"]}


class Silent(TypedDict, total=False):
    """A graph that keeps no account."""

    dead: bool


async def test_a_graph_that_does_not_keep_it_runs_all_the_same() -> None:
    builder: StateGraph[Silent, None, Silent, Silent] = StateGraph(Silent)
    builder.add_node("first", metered(first))
    builder.add_edge(START, "first")
    builder.add_edge("first", END)
    assert await builder.compile().ainvoke({"dead": False}) == {"dead": False}
