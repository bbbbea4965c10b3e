"""Phase I: samples one turn by walking the API graph toward a target and executing what it finds.

aim -> walk -> trim -> done
 ^       |       |
 |   backtrack   |
 +-------+-------+
"""

from __future__ import annotations

from functools import partial

from anyio.lowlevel import checkpoint
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.context import RunContext
from graphs.finishing import finished_trace
from graphs.going_on import next_goal
from graphs.intents import intents
from graphs.proposing import proposed
from graphs.settings import SamplerSettings
from graphs.turn_walk import TurnWalk
from tools.base import JsonObject
from tools.intent import Goal
from tools.trace import Step

_BACKTRACKS = 3
_SLACK = 10


class SamplerState(TypedDict, total=False):
    """One turn in the making. ``history`` holds the accepted steps of earlier turns, ``steps`` those of this one;
    ``hashes`` are the public ones before the turn and after each step, ``banned`` the calls that led nowhere, ``tries``
    the intents that were begun before, ``trials`` the calls that were tried out."""

    job: JsonObject
    turn: int
    history: list[JsonObject]
    messages: list[JsonObject]
    past_targets: list[str]
    tries: int
    trials: int
    proposal: JsonObject | None
    intent: JsonObject
    goals: list[JsonObject]
    steps: list[JsonObject]
    hashes: list[str]
    made_before: list[str | int]
    banned: list[str]
    backtracks: int
    status: str
    trace: JsonObject | None


async def aim(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Choose the next intent to try, and begin with no calls."""
    tries = state.get("tries", -1) + 1
    turn = TurnWalk({**state, "tries": 0}, runtime.context)
    if tries == 0 and (proposal := await proposed(turn)) is not None:
        turn = TurnWalk({**state, "tries": 0, "proposal": proposal.plain()}, runtime.context)
    return await runtime.context.aside(partial(_aimed, turn, tries))


def _aimed(turn: TurnWalk, tries: int) -> JsonObject:
    """The beginning of the next intent to try, if there is one."""
    with turn.lease(before=True) as lease:
        made = lease.world.made_ids()
        before = lease.world.public_hash(made)
        found = intents(turn, lease.world)
    if tries >= min(len(found), turn.settings.max_targets) or turn.exhausted:
        return {"status": "failed", "tries": tries}
    return {
        "tries": tries,
        "proposal": None if turn.proposal is None else turn.proposal.plain(),
        "intent": found[tries].plain(),
        "goals": [Goal(tool=found[tries].tool).plain()],
        "steps": [],
        "hashes": [before],
        "made_before": sorted(made, key=str),
        "banned": [],
        "backtracks": 0,
        "status": "walking",
        "trace": None,
    }


async def walk(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Execute calls until the turn is complete, or none leads on. One step of the graph for all of them: nothing is
    decided between two calls, and a super-step costs more than many a call."""
    update: JsonObject = {"status": "walking"}
    while update["status"] == "walking":
        turn = TurnWalk({**state, **update}, runtime.context)
        update |= await runtime.context.aside(partial(_called, turn))
        await checkpoint()  # other jobs have their turn between two calls
    return update


def _called(turn: TurnWalk) -> JsonObject:
    """What the next call of the walk changes."""
    if turn.goals[-1].call and not turn.padding:
        further = next_goal(turn)
        if further is None:
            return {"status": "complete"}
        turn.goals.append(further)
    with turn.lease() as lease:
        found = None if turn.full else turn.next_call(lease.world, turn.goals[-1])
        if found is None:
            return _dead_end(turn)
        return turn.execute(lease, *found)


def _dead_end(turn: TurnWalk) -> JsonObject:
    """No call leads on: back to before the last one; or, where the target was reached and only what came after it is
    out of reach, an end with what there was before that."""
    ended: JsonObject = {"trials": turn.trials}
    if turn.padding and turn.goals[-1].call:
        return {**ended, "status": "complete"}
    if len(turn.goals) == 1:
        return {**ended, "status": "stuck"}
    kept = turn.goals[-1].since
    return {
        **ended,
        "status": "complete",
        "goals": [goal.plain() for goal in turn.goals[:-1]],
        "steps": [step.plain() for step in turn.steps[:kept]],
        "hashes": turn.state["hashes"][: kept + 1],
    }


async def backtrack(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Leave a dead end: take the last call back and never make it again in this turn."""
    steps = [Step.model_validate(item) for item in state["steps"]]
    if not steps or state["backtracks"] >= _BACKTRACKS:
        return {"status": "aim"}
    last = steps[-1].call
    goals = [Goal.model_validate(goal) for goal in state["goals"]]
    left = [goal.model_copy(update={"call": ""}) if goal.call == last.id else goal for goal in goals]
    return {
        "status": "walking",
        "steps": state["steps"][:-1],
        "hashes": state["hashes"][:-1],
        "goals": [goal.plain() for goal in left if goal.since < len(steps)],
        "banned": [*state["banned"], last.signature],
        "backtracks": state["backtracks"] + 1,
    }


async def trim(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Drop the calls that nothing needs, and see whether what is left is the turn that was intended."""
    turn = TurnWalk(state, runtime.context)
    trace = await runtime.context.aside(partial(finished_trace, turn))
    if trace is None:
        return {"status": "aim"}
    return {"status": "done", "trace": trace.plain(), "steps": []}


async def by_status(state: SamplerState) -> str:
    """Routes go by what the last node found. Like all nodes, it is async: LangGraph runs others in threads."""
    return state["status"]


def recursion_limit(settings: SamplerSettings) -> int:
    """More steps than a turn can take: for each target a walk, the way back from each dead end with another walk, and
    what comes before and after."""
    return settings.max_targets * 2 * (2 * _BACKTRACKS + 4) + _SLACK


def build_sampler() -> StateGraph[SamplerState, RunContext, SamplerState, SamplerState]:
    """The state machine, not yet compiled."""
    builder = StateGraph(SamplerState, context_schema=RunContext)
    builder.add_node("aim", aim)
    builder.add_node("walk", walk)
    builder.add_node("backtrack", backtrack)
    builder.add_node("trim", trim)
    builder.add_edge(START, "aim")
    builder.add_conditional_edges("aim", by_status, {"walking": "walk", "failed": END})
    builder.add_conditional_edges("walk", by_status, {"stuck": "backtrack", "complete": "trim"})
    builder.add_conditional_edges("backtrack", by_status, {"walking": "walk", "aim": "aim"})
    builder.add_conditional_edges("trim", by_status, {"done": END, "aim": "aim"})
    return builder
