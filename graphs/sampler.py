"""Phase I: samples one turn by walking the API graph toward a target and executing what it finds.

aim -> call -> ... -> trim -> done
 ^       |              |
 |   backtrack          |
 +-------+--------------+
"""

from __future__ import annotations

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.context import RunContext
from graphs.execution import grouped
from graphs.messages import told
from graphs.settings import SamplerSettings
from graphs.turn_walk import TurnWalk
from graphs.validation.needed import drop_unneeded
from graphs.validation.purpose import goal_calls, proves_itself, requested_calls
from tools.base import JsonObject
from tools.pools import Pools
from tools.trace import Step, Trace

_BACKTRACKS = 3
_SLACK = 10


class SamplerState(TypedDict, total=False):
    """One turn in the making. ``history`` holds the accepted steps of earlier turns, ``steps`` those of this one;
    ``hashes`` are the public ones before the turn and after each step, ``banned`` the calls that led nowhere."""

    job: JsonObject
    turn: int
    history: list[JsonObject]
    messages: list[JsonObject]
    past_targets: list[str]
    tries: int
    needs: JsonObject
    goals: list[str]
    steps: list[JsonObject]
    hashes: list[str]
    made_before: list[str | int]
    banned: list[str]
    backtracks: int
    status: str
    trace: JsonObject | None


async def aim(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Choose the next target to try, and begin with no calls."""
    turn = TurnWalk(state, runtime.context)
    tries = state.get("tries", -1) + 1
    with turn.lease(before=True) as lease:
        graph = runtime.context.api_graph(turn.job)
        ranking = turn.ranking(graph)
        needs = turn.draw_needs(graph, Pools(lease.world.known_values()), tries)
        made_before = sorted(lease.world.made_ids(), key=str)
        before = lease.world.public_hash(frozenset(made_before))
    if tries >= min(len(ranking), runtime.context.sampler.max_targets):
        return {"status": "failed", "tries": tries}
    return {
        "tries": tries,
        "goals": [ranking[tries]],
        "needs": needs.plain(),
        "steps": [],
        "hashes": [before],
        "made_before": made_before,
        "banned": [],
        "backtracks": 0,
        "status": "walking",
        "trace": None,
    }


async def call(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Execute the next call of the walk, or say that there is none, or that the turn is complete."""
    turn = TurnWalk(state, runtime.context)
    with turn.lease() as lease:
        graph = runtime.context.api_graph(turn.job)
        goals = turn.goals(graph)
        if turn.complete(goals):
            return {"status": "complete", "goals": goals}
        found = None if turn.full else turn.next_call(graph, lease.world, goals[-1])
        if found is None:
            return turn.dead_end(goals)
        return {**turn.execute(lease, *found), "goals": goals}


async def backtrack(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Leave a dead end: take the last call back and never make it again in this turn."""
    steps = [Step.model_validate(item) for item in state["steps"]]
    if not steps or state["backtracks"] >= _BACKTRACKS:
        return {"status": "aim"}
    banned = [*state["banned"], steps[-1].call.signature]
    return {
        "status": "walking",
        "steps": state["steps"][:-1],
        "hashes": state["hashes"][:-1],
        "banned": banned,
        "backtracks": state["backtracks"] + 1,
        "goals": state["goals"][:1],
    }


async def trim(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Drop the calls that nothing needs, and put the rest into groups. A turn whose own calls would not be accepted as
    its solution is given up: it looks up what was known before, or asks for what another call has shown."""
    turn = TurnWalk(state, runtime.context)
    goals = goal_calls(state["goals"], turn.steps)
    requested = requested_calls(goals, turn.steps)
    with turn.lease(before=True) as lease:
        steps = grouped(drop_unneeded(lease.world, turn.steps, requested))
        if not proves_itself(lease.world, steps, requested, told(state["messages"])):
            return {"status": "aim"}
    trace = Trace(target_tool=state["goals"][0], steps=steps, goals=goals, requested=requested)
    return {"status": "done", "trace": trace.plain(), "steps": []}


async def by_status(state: SamplerState) -> str:
    """Routes go by what the last node found. Like all nodes, it is async: LangGraph runs others in threads."""
    return state["status"]


def recursion_limit(settings: SamplerSettings) -> int:
    """More steps than a turn can take: for each target its calls, and for each dead end the way back and the calls that
    are made in its place."""
    return settings.max_targets * 2 * (settings.calls_per_turn + 2 * _BACKTRACKS + 2) + _SLACK


def build_sampler() -> StateGraph[SamplerState, RunContext, SamplerState, SamplerState]:
    """The state machine, not yet compiled."""
    builder = StateGraph(SamplerState, context_schema=RunContext)
    builder.add_node("aim", aim)
    builder.add_node("call", call)
    builder.add_node("backtrack", backtrack)
    builder.add_node("trim", trim)
    builder.add_edge(START, "aim")
    builder.add_conditional_edges("aim", by_status, {"walking": "call", "failed": END})
    builder.add_conditional_edges("call", by_status, {"walking": "call", "stuck": "backtrack", "complete": "trim"})
    builder.add_conditional_edges("backtrack", by_status, {"walking": "call", "aim": "aim"})
    builder.add_conditional_edges("trim", by_status, {"done": END, "aim": "aim"})
    return builder
