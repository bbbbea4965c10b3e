"""Phase III: the reasoning agent solves the query, first blind (unless the settings leave that out), then with the
critic's hints, until its calls are proven right or K_max hinted attempts are used up.

    solve -+-> accepted, or rejected
     ^  ^  |
     |  +--+  next message, or the first hinted attempt
     |     |
     +- critique
"""

from __future__ import annotations

from collections.abc import Mapping

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.attempting import Solving, Task, begin, continue_attempt, finish
from graphs.context import RunContext
from graphs.messages import told
from graphs.records.attempt import Attempt
from graphs.records.job import Job
from graphs.roles import CritiqueView, RoleFailure
from graphs.settings import RefinerSettings
from graphs.validation.findings import find_errors
from tools.advanced import AdvancedTool
from tools.base import JsonObject
from tools.spec import ToolSpec
from tools.trace import Trace
from tools.wording import request_phrase


class RefinerState(TypedDict, total=False):
    """A query on its way to accepted calls. ``solving`` is the attempt in progress, ``attempts`` the finished ones."""

    job: JsonObject
    turn: int
    history: list[JsonObject]
    messages: list[JsonObject]
    trace: JsonObject | None
    advanced_tool: JsonObject | None
    query: JsonObject | None
    solving: JsonObject | None
    attempts: list[JsonObject]
    hints: list[str]
    rejection: JsonObject | None


async def solve(state: RefinerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Get the next assistant message and execute its calls. A role that makes no model calls goes on until the attempt
    ends, since there is nothing paid between its messages that a checkpoint would keep."""
    task = Task.of(state)
    begun = state.get("solving")
    hints = _hints(state, runtime.context)
    solving = Solving.model_validate(begun) if begun else begin(task, state["attempts"], hints, runtime.context)
    while not solving.over:
        solving = await continue_attempt(solving, task, runtime.context)
        if runtime.context.roles.reasoning.makes_model_calls and not solving.over:
            return {"solving": solving.plain(), "hints": hints}
    attempt = finish(solving, task, runtime.context)
    update = {"solving": None, "attempts": [*state["attempts"], attempt.plain()], "hints": hints}
    return {**update, **_given_up(attempt, runtime.context.refiner)}


def _hints(state: RefinerState, context: RunContext) -> list[str]:
    """The hints of the attempt in progress: none in a blind one, then the advanced tool's decomposition, to which the
    critic adds."""
    if state["hints"] or (context.refiner.blind and not state["attempts"]):
        return state["hints"]
    tool = AdvancedTool.model_validate(state["advanced_tool"])
    specs = {spec.name: spec for spec in context.tools(Job.model_validate(state["job"]))}
    return [decomposition(tool, specs)]


def _given_up(attempt: Attempt, settings: RefinerSettings) -> JsonObject:
    """The rejection after the last of K_max hinted attempts; nothing where there is another one, or this one passed."""
    hinted = attempt.index if settings.blind else attempt.index + 1
    if settings.require in attempt.passed or hinted < settings.max_attempts:
        return {}
    reasons = "; ".join(dict.fromkeys(verdict.reason for verdict in attempt.verdicts if not verdict.passed))
    # Without an error the attempt comes to the same, in a weaker sense than is required.
    detail = f"{attempt.error}: {reasons}" if attempt.error else f"not {settings.require}: {reasons}"
    return {"rejection": {"stage": "refiner", "reason": "K_max reached", "detail": detail}}


async def critique(state: RefinerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Append the critic's word on what was wrong with the last attempt to the hints for the next one (A_C)."""
    last = Attempt.model_validate(state["attempts"][-1])
    trace = Trace.model_validate(state["trace"])
    view = CritiqueView(
        query=str((state["query"] or {})["text"]),
        advanced_tool=AdvancedTool.model_validate(state["advanced_tool"]),
        tools=runtime.context.tools(Job.model_validate(state["job"])),
        gold=trace.steps,
        attempted=last.steps,
        findings=find_errors(trace.steps, last.steps, told(state["messages"], state["query"])),
        earlier_hints=tuple(state["hints"]),
    )
    try:
        hint = (await runtime.context.roles.critiquing(view)).text
    except RoleFailure:
        hint = view.findings[0].detail
    return {"hints": [*state["hints"], hint]}


async def after_solve(state: RefinerState, runtime: Runtime[RunContext]) -> str:
    """Go on with the attempt, begin the next one, ask the critic first, or leave."""
    if state.get("solving"):
        return "solve"
    if state.get("rejection"):
        return "stop"
    last = Attempt.model_validate(state["attempts"][-1])
    if runtime.context.refiner.require in last.passed:
        return "done"
    return "solve" if last.hint is None else "critique"


def decomposition(tool: AdvancedTool, specs: Mapping[str, ToolSpec]) -> str:
    """The hint of the first hinted attempt: the advanced tool, and the operations that it is equal to."""
    parts = dict.fromkeys(request_phrase(specs[name]) for name in tool.covered)
    return f"{tool.description.rstrip('.')}. This is equal to: {'; '.join(parts)}."


def build_refiner() -> StateGraph[RefinerState, RunContext, RefinerState, RefinerState]:
    """The state machine by itself, not yet compiled; ``synthesis`` uses the same nodes."""
    builder = StateGraph(RefinerState, context_schema=RunContext)
    builder.add_node("solve", solve)
    builder.add_node("critique", critique)
    builder.add_edge(START, "solve")
    builder.add_conditional_edges(
        "solve", after_solve, {"solve": "solve", "critique": "critique", "done": END, "stop": END}
    )
    builder.add_edge("critique", "solve")
    return builder
