"""The whole method for one job: phases I to III, turn after turn, as one flat state machine.

    sample -> abstract -> write -> solve <-> critique
       ^                             |
       +---- close <-----------------+
                ^                    |
                +------ clean <------+

Phase I is a graph of its own that runs inside one step; phases II and III are the nodes of ``author`` and ``refiner``,
taken in flat because a nested graph would write several checkpoints for each of theirs.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import Annotated

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.answering import Answered, united
from graphs.aside import ToolTooSlow, too_slow
from graphs.author import abstract, after_abstract, after_write, write
from graphs.cleaning import after_clean, clean
from graphs.context import RunContext
from graphs.messages import user_message
from graphs.noise import varied
from graphs.records.attempt import Attempt
from graphs.records.job import Job
from graphs.records.query import HardQuery
from graphs.records.trajectory import RecordedCall, Turn
from graphs.refiner import after_solve, critique, solve
from graphs.sampling import sample_turn
from graphs.usage import Usage, added, metered
from tools.advanced import AdvancedTool
from tools.base import JsonObject
from tools.trace import Step, Trace

_SPARE = 10
_AFTER_SOLVE: dict[Hashable, str] = {
    "solve": "solve",
    "critique": "critique",
    "clean": "clean",
    "done": "close",
    "stop": "close",
}


class SynthesisState(TypedDict, total=False):
    """A trajectory in the making. ``turns`` are finished, ``history`` are their accepted steps, ``messages`` the
    conversation so far; ``usage`` is what the roles have spent on it, and ``answered`` who answered for those that
    several models may answer for; the rest belongs to the turn in progress. ``status`` is running, accepted or
    rejected."""

    job: JsonObject
    turn: int
    turns: list[JsonObject]
    history: list[JsonObject]
    messages: list[JsonObject]
    past_targets: list[str]
    trace: JsonObject | None
    advanced_tool: JsonObject | None
    feedback: list[str]
    drafts: int
    query: JsonObject | None
    solving: JsonObject | None
    attempts: list[JsonObject]
    hints: list[str]
    cleaning: JsonObject | None
    noise: list[JsonObject]
    usage: Annotated[Usage, added]
    answered: Annotated[Answered, united]
    rejection: JsonObject | None
    status: str


def initial_state(job: Job, system: JsonObject) -> SynthesisState:
    """The state that a job begins with; ``system`` is the system message of its world."""
    return SynthesisState(
        job=job.plain(),
        turn=0,
        turns=[],
        history=[],
        messages=[system],
        past_targets=[],
        usage={},
        answered={},
        status="running",
        rejection=None,
    )


def job_recursion_limit(turns: int, context: RunContext) -> int:
    """More steps than a job of so many turns can take with the context's settings, so that LangGraph's guard against
    endless graphs never ends a run: every loop has an end of its own. An assistant message counts as a step."""
    messages = context.refiner.calls_factor * context.sampler.calls_per_turn + _SPARE
    # Besides the blind and the hinted ones there may be one to confirm, and thoughts are written anew one by one.
    attempts = (context.refiner.probe.attempts + context.refiner.max_attempts + 2) * (messages + 2)
    return turns * (4 + context.author.max_drafts + attempts) + _SPARE


async def sample(state: SynthesisState, runtime: Runtime[RunContext]) -> JsonObject:
    """Sample the next turn in the world that the accepted calls left (phase I, one step of this graph)."""
    job, turn = Job.model_validate(state["job"]), state["turn"]
    history = [Step.model_validate(item) for item in state["history"]]
    fresh: JsonObject = {"solving": None, "attempts": [], "hints": [], "advanced_tool": None, "query": None}
    try:
        trace = await sample_turn(runtime.context, job, turn, history, state["messages"], state["past_targets"])
        if trace is None:
            detail = f"turn {turn + 1}: no target could be reached by a turn that keeps the rules"
            return {**fresh, "trace": None, "rejection": {"stage": "sampler", "reason": "no path", "detail": detail}}
        given = (runtime.context, job, turn, history, state["messages"], trace)
        final, noise = await runtime.context.aside(partial(varied, *given))
    except ToolTooSlow as failure:
        return {**fresh, "trace": None, "rejection": too_slow("sampler", failure)}
    return {**fresh, "trace": final.plain(), "noise": [item.plain() for item in noise]}


async def close(state: SynthesisState, runtime: Runtime[RunContext]) -> JsonObject:
    """Finish a turn: keep it and go on in the world that its accepted calls left, or end the job."""
    if state.get("rejection"):
        return {"status": "rejected", "solving": None}
    turn, accepted = _finished_turn(state, runtime.context.refiner.allow_recovery)
    turns = [*state["turns"], turn.plain()]
    done = len(turns) >= state["job"]["turns"]
    return {
        "turn": state["turn"] + 1,
        "turns": turns,
        "history": [*state["history"], *(step.plain() for step in accepted.steps)],
        "messages": [*state["messages"], user_message(turn.query), *accepted.messages],
        "past_targets": [*state["past_targets"], turn.target_tool],
        "attempts": [],
        "trace": None,
        "status": "accepted" if done else "running",
    }


async def after_sample(state: SynthesisState) -> str:
    return "stop" if state.get("rejection") else "abstract"


async def after_close(state: SynthesisState) -> str:
    return "sample" if state["status"] == "running" else "end"


def _finished_turn(state: SynthesisState, allow_recovery: bool) -> tuple[Turn, Attempt]:
    trace = Trace.model_validate(state["trace"])
    query = HardQuery.model_validate(state["query"])
    attempts = tuple(Attempt.model_validate(item) for item in state["attempts"])
    accepted = attempts[-1]
    turn = Turn(
        relation=trace.relation,
        query=query.text,
        target_tool=trace.target_tool,
        advanced_tool=AdvancedTool.model_validate(state["advanced_tool"]),
        hard_query=query,
        gold_calls=RecordedCall.of(trace.steps),
        gold_steps=trace.steps,
        goals=trace.goals,
        requested=trace.requested,
        calls=RecordedCall.of(accepted.steps),
        steps=accepted.steps,
        attempts=attempts,
        hints=tuple(state["hints"]),
        allow_recovery=allow_recovery,
        verdicts=accepted.verdicts,
        depth=trace.depth(),
        replay_hash=accepted.steps[-1].replay_hash,
    )
    return turn, accepted


def build_synthesis() -> StateGraph[SynthesisState, RunContext, SynthesisState, SynthesisState]:
    """The state machine of a job, not yet compiled: compile it with a checkpointer, one thread a job."""
    builder = StateGraph(SynthesisState, context_schema=RunContext)
    for name, node in {
        "sample": sample,
        "abstract": abstract,
        "write": write,
        "solve": solve,
        "critique": critique,
        "clean": clean,
        "close": close,
    }.items():
        # Each node gets the whole state: what a job has spent is none of a phase's own keys.
        builder.add_node(name, metered(node), input_schema=SynthesisState)
    builder.add_edge(START, "sample")
    builder.add_conditional_edges("sample", after_sample, {"abstract": "abstract", "stop": "close"})
    builder.add_conditional_edges("abstract", after_abstract, {"write": "write", "stop": "close"})
    builder.add_conditional_edges("write", after_write, {"write": "write", "done": "solve", "stop": "close"})
    builder.add_conditional_edges("solve", after_solve, _AFTER_SOLVE)
    builder.add_edge("critique", "solve")
    builder.add_conditional_edges("clean", after_clean, {"clean": "clean", "done": "close", "stop": "close"})
    builder.add_conditional_edges("close", after_close, {"sample": "sample", "end": END})
    return builder
