"""After phase III: the published thoughts of a turn that took hints are written anew, as somebody thinks who had none.

clean -+-> the turn is closed, or its job rejected
 ^     |
 +-----+  next message, or the same one once more
"""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.attempting import Task
from graphs.context import RunContext
from graphs.giving_up import given_up
from graphs.messages import assistant_message, user_message
from graphs.records.attempt import Attempt
from graphs.roles import RewritingView, RoleFailure, Unanswerable, WantedCall
from graphs.validation.leaks import Visible, leaks, reply_leaks, thought_leaks
from tools.base import JsonObject, Record
from tools.provenance import Told
from tools.spec import ToolSpec
from tools.trace import Step

_STAGE = "cleaner"


class CleaningState(TypedDict, total=False):
    """An accepted attempt whose thoughts are written anew. ``cleaning`` is how far that has come."""

    job: JsonObject
    turn: int
    history: list[JsonObject]
    messages: list[JsonObject]
    trace: JsonObject | None
    query: JsonObject | None
    attempts: list[JsonObject]
    hints: list[str]
    cleaning: JsonObject | None
    rejection: JsonObject | None


class Cleaning(Record):
    """The messages that are done, with their new thoughts, and what was wrong with the last try at the next one."""

    messages: tuple[JsonObject, ...] = ()
    feedback: tuple[str, ...] = ()


class Unclean(Exception):  # noqa: N818 - an outcome of a job, not a defect
    """No thoughts came that could be published; the text says why."""


def needs_cleaning(
    attempt: Attempt, known: Told, tools: Sequence[ToolSpec], hints: Sequence[str] = (), gold: Sequence[Step] = ()
) -> bool:
    """Whether the thoughts of an accepted attempt must not be published as they are: it had hints, or they leak."""
    return attempt.hints > 0 or bool(leaks(attempt.messages, known, attempt.steps, tools, hints, gold))


async def clean(state: CleaningState, runtime: Runtime[RunContext]) -> JsonObject:
    """Write the thoughts of the accepted attempt anew, and append the result as an attempt: the way leads here only
    where ``needs_cleaning``.

    A role that asks a model writes one thought in each step, so that a checkpoint keeps what was paid for; rules write
    all of them in one.
    """
    task, attempt = Task.of(state), Attempt.model_validate(state["attempts"][-1])
    begun = state.get("cleaning")
    role = runtime.context.roles.rewriting
    cleaning = Cleaning.model_validate(begun) if begun else Cleaning()
    try:
        _check_reply(attempt, task, runtime.context.tools(task.job), state["hints"])
        while len(cleaning.messages) < len(attempt.messages):
            cleaning = await _continue(cleaning, attempt, task, tuple(state["hints"]), runtime.context)
            if role is not None and role.makes_model_calls and len(cleaning.messages) < len(attempt.messages):
                return {"cleaning": cleaning.plain()}
    except Unanswerable as failure:
        return {"cleaning": None, "rejection": given_up(_STAGE, failure)}
    except Unclean as problem:
        reason = "thoughts give a hint away"
        return {"cleaning": None, "rejection": {"stage": _STAGE, "reason": reason, "detail": str(problem)}}
    rewritten = _rewritten(attempt, cleaning)
    return {"cleaning": None, "attempts": [*state["attempts"], rewritten.plain()]}


async def after_clean(state: CleaningState) -> str:
    """Go on with the next message, or leave."""
    if state.get("cleaning"):
        return "clean"
    return "stop" if state.get("rejection") else "done"


async def _continue(
    cleaning: Cleaning, attempt: Attempt, task: Task, hints: tuple[str, ...], context: RunContext
) -> Cleaning:
    """The next thought, or what is wrong with it. Raises Unclean after the second that cannot be published."""
    message = attempt.messages[len(cleaning.messages)]
    calls = _calls(message, attempt)
    tools = context.tools(task.job)
    text = await _thought(_view(cleaning, attempt, task, calls, tools), context)
    visible = _visible(cleaning, attempt, task, tools)
    found = thought_leaks(text, visible, calls, hints, task.trace.steps)
    if found and cleaning.feedback:
        raise Unclean(f"message {1 + sum(item['role'] == 'assistant' for item in cleaning.messages)}: {found[0]}")
    if found:
        return cleaning.model_copy(update={"feedback": found})
    reply = "" if calls else attempt.reply
    anew = assistant_message(text, reply, [step.call for step in calls])
    following = len(cleaning.messages) + 1
    observed = attempt.messages[following : following + len(calls)]
    return Cleaning(messages=(*cleaning.messages, anew, *observed))


def _check_reply(attempt: Attempt, task: Task, tools: Sequence[ToolSpec], hints: Sequence[str]) -> None:
    """Raises Unclean where the user was told of a hint: that is no matter of thoughts."""
    visible = Visible.of(task.known, tools).after("", attempt.steps)
    if found := reply_leaks(attempt.reply, visible, hints):
        raise Unclean(f"the reply {found[0]}")


async def _thought(view: RewritingView, context: RunContext) -> str:
    if context.roles.rewriting is None:
        raise Unclean("the turn took hints, and there is no role that writes its thoughts anew: set models.rewriting")
    try:
        return (await context.roles.rewriting(view)).text
    except Unanswerable:
        raise
    except RoleFailure as failure:
        raise Unclean(str(failure)) from failure


def _view(
    cleaning: Cleaning, attempt: Attempt, task: Task, calls: Sequence[Step], tools: tuple[ToolSpec, ...]
) -> RewritingView:
    """What a blind attempt would show at this point, and what is done next."""
    return RewritingView(
        tools=tools,
        messages=(*task.messages, user_message(task.known.query), *cleaning.messages),
        calls=tuple(WantedCall(name=step.call.name, arguments=step.call.arguments) for step in calls),
        reply="" if calls else attempt.reply,
        feedback=cleaning.feedback,
    )


def _visible(cleaning: Cleaning, attempt: Attempt, task: Task, tools: Sequence[ToolSpec]) -> Visible:
    """What the reader of the next thought has seen before it."""
    visible = Visible.of(task.known, tools)
    observed = {item["tool_call_id"] for item in cleaning.messages if item["role"] == "tool"}
    texts = [str(item.get("content") or "") for item in cleaning.messages if item["role"] == "assistant"]
    return visible.after("\n".join(texts), [step for step in attempt.steps if step.call.id in observed])


def _calls(message: JsonObject, attempt: Attempt) -> list[Step]:
    made = [call["id"] for call in message.get("tool_calls", ())]
    return [step for step in attempt.steps if step.call.id in made]


def _rewritten(attempt: Attempt, cleaning: Cleaning) -> Attempt:
    """The same calls with the new thoughts, as an attempt of its own."""
    update = {"index": attempt.index + 1, "hints": 0, "rewritten": True, "messages": cleaning.messages}
    return attempt.model_copy(update=update)


def build_cleaner() -> StateGraph[CleaningState, RunContext, CleaningState, CleaningState]:
    """The state machine by itself, not yet compiled; ``synthesis`` uses the same node."""
    builder = StateGraph(CleaningState, context_schema=RunContext)
    builder.add_node("clean", clean)
    builder.add_edge(START, "clean")
    builder.add_conditional_edges("clean", after_clean, {"clean": "clean", "done": END, "stop": END})
    return builder
