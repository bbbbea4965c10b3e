"""Phase III: the reasoning agent solves the query, first blind (unless the settings leave that out), then with the
critic's hints, until its calls are proven right or K_max hinted attempts are used up.

    solve -+-> accepted, or rejected
     ^  ^  |
     |  +--+  next message, the next blind attempt, the first hinted one, or one more to confirm without hints
     |     |
     +- critique
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.aside import ToolTooSlow, too_slow
from graphs.attempting import Solving, Task, begin, continue_attempt, finish
from graphs.cleaning import needs_cleaning
from graphs.context import RunContext
from graphs.giving_up import given_up
from graphs.messages import told
from graphs.records.attempt import Attempt, ErrorClass
from graphs.records.job import Job
from graphs.roles import CritiqueView, RoleFailure, Unanswerable
from graphs.settings import RefinerSettings
from graphs.validation.ambiguity import ambiguous
from graphs.validation.assessing import STOPPED
from graphs.validation.findings import find_errors
from graphs.validation.hints import safe_hint
from tools.advanced import AdvancedTool
from tools.base import JsonObject
from tools.trace import Trace

_PLAINEST = 3


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
    stage = _stage(_attempts(state), runtime.context.refiner)
    try:
        return await _solved_further(state, runtime.context)
    except Unanswerable as failure:
        return {"solving": None, "rejection": given_up(stage, failure)}
    except ToolTooSlow as failure:
        return {"solving": None, "rejection": too_slow(stage, failure)}


async def _solved_further(state: RefinerState, context: RunContext) -> JsonObject:
    """The attempt with its next message, or with all of them; and where it is over, what it comes to."""
    task = Task.of(state)
    begun = state.get("solving")
    if begun:
        solving = Solving.model_validate(begun)
    else:
        solving = await context.aside(partial(begin, task, state["attempts"], _hints(state, context), context))
    while not solving.over:
        solving = await continue_attempt(solving, task, context)
        if context.roles.reasoning.makes_model_calls and not solving.over:
            return {"solving": solving.plain()}
    attempt = await context.aside(partial(finish, solving, task, context))
    attempts = [*_attempts(state), attempt]
    return {
        "solving": None,
        "attempts": [*state["attempts"], attempt.plain()],
        "hints": state["hints"] or list(solving.hints),
        "rejection": _after_last(attempts, task, context, solving.problem),
    }


def _attempts(state: RefinerState) -> list[Attempt]:
    return [Attempt.model_validate(item) for item in state["attempts"]]


def _hints(state: RefinerState, context: RunContext) -> list[str]:
    """The hints of the next attempt: none in a blind one, then the advanced tool's decomposition, to which the critic
    adds."""
    attempts = _attempts(state)
    if _solved(attempts, context.refiner) or _probing(attempts, context):
        return []
    if state["hints"]:
        return state["hints"]
    tool = AdvancedTool.model_validate(state["advanced_tool"])
    specs = {spec.name: spec for spec in context.tools(Job.model_validate(state["job"]))}
    return [tool.decomposition(specs)]


def _solved(attempts: Sequence[Attempt], settings: RefinerSettings) -> bool:
    """Whether an attempt has passed; where there is a next one, it confirms that it takes no hints."""
    return any(settings.require in attempt.passed for attempt in attempts)


def _stage(attempts: Sequence[Attempt], settings: RefinerSettings) -> str:
    """The stage that the next attempt belongs to: the one that confirms a solution is made for its thoughts."""
    return "cleaner" if _solved(attempts, settings) else "refiner"


def _probing(attempts: Sequence[Attempt], context: RunContext) -> bool:
    """Whether the next attempt is a blind one. Rules would say the same again: they are asked once."""
    wanted = context.refiner.probe.attempts
    return len(attempts) < (wanted if context.roles.reasoning.makes_model_calls else min(wanted, 1))


def _after_last(attempts: Sequence[Attempt], task: Task, context: RunContext, problem: str) -> JsonObject | None:
    """Why the turn is rejected after its last attempt: nothing where that one passed, or there is another one.
    ``problem`` is what was wrong with the answer that ended it, if that was it."""
    last, settings = attempts[-1], context.refiner
    if settings.require in last.passed:
        return None
    found = problem or _reasons(last)
    if _solved(attempts, settings):
        return {"stage": "cleaner", "reason": "not solved without hints", "detail": found}
    rival = ambiguous(attempts, task.trace, context.tools(task.job))
    if rival:
        return {"stage": "refiner", "reason": "ambiguous", "detail": rival}
    if _probing(attempts, context) or last.hints < settings.max_attempts:
        return None
    # Without an error the attempt comes to the same, in a weaker sense than is required.
    detail = f"{last.error}: {found}" if last.error else f"not {settings.require}: {found}"
    return {"stage": "refiner", "reason": "K_max reached", "detail": detail}


def _reasons(attempt: Attempt) -> str:
    return "; ".join(dict.fromkeys(verdict.reason for verdict in attempt.verdicts if not verdict.passed))


async def critique(state: RefinerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Append the critic's word on what was wrong with the last attempt to the hints for the next one (A_C). A hint that
    would give the answer away is stopped by code."""
    last = Attempt.model_validate(state["attempts"][-1])
    trace = Trace.model_validate(state["trace"])
    known = told(state["messages"], state["query"])
    view = CritiqueView(
        query=str((state["query"] or {})["text"]),
        advanced_tool=AdvancedTool.model_validate(state["advanced_tool"]),
        tools=runtime.context.tools(Job.model_validate(state["job"])),
        gold=trace.steps,
        attempted=last.steps,
        findings=find_errors(trace.steps, last.steps, known, _beyond_calls(last)),
        earlier_hints=tuple(state["hints"]),
        level=_level(len(state["hints"]), runtime.context.refiner),
    )
    try:
        hint = (await runtime.context.roles.critiquing(view)).text
    except RoleFailure:
        hint = ""
    return {"hints": [*state["hints"], safe_hint(hint, view)]}


def _beyond_calls(attempt: Attempt) -> tuple[ErrorClass, str] | None:
    """What is wrong with an attempt besides its calls, and the words for it."""
    if attempt.error in (*STOPPED, "wrong_answer", "forbidden_effect"):
        return attempt.error, _reasons(attempt)
    return None


def _level(given: int, settings: RefinerSettings) -> int:
    """How plainly the critic may speak after so many hints: the last one that helps is the plainest."""
    left = settings.max_attempts - given
    return max(1, _PLAINEST + 1 - left)


async def after_solve(state: RefinerState, runtime: Runtime[RunContext]) -> str:
    """Go on with the attempt, begin the next one, ask the critic first, or leave: by way of the cleaner where the
    thoughts cannot be published as they are."""
    if state.get("solving"):
        return "solve"
    if state.get("rejection"):
        return "stop"
    last = Attempt.model_validate(state["attempts"][-1])
    if runtime.context.refiner.require in last.passed:
        return _after_success(last, state, runtime.context)
    return "critique" if last.hints else "solve"


def _after_success(last: Attempt, state: RefinerState, context: RunContext) -> str:
    if last.hints and context.refiner.clean == "solve":
        return "solve"
    task = Task.of(state)
    unclean = needs_cleaning(last, task.known, context.tools(task.job), state["hints"], task.trace.steps)
    return "clean" if unclean else "done"


def build_refiner() -> StateGraph[RefinerState, RunContext, RefinerState, RefinerState]:
    """The state machine by itself, not yet compiled; ``synthesis`` uses the same nodes."""
    builder = StateGraph(RefinerState, context_schema=RunContext)
    builder.add_node("solve", solve)
    builder.add_node("critique", critique)
    builder.add_edge(START, "solve")
    builder.add_conditional_edges(
        "solve", after_solve, {"solve": "solve", "critique": "critique", "clean": END, "done": END, "stop": END}
    )
    builder.add_edge("critique", "solve")
    return builder
