"""One attempt at a query, message by message, in a fork of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphs.context import RunContext
from graphs.execution import Recorder
from graphs.messages import assistant_message, told, tool_message, user_message
from graphs.records.attempt import Attempt, ErrorClass
from graphs.records.job import Job
from graphs.roles import Move, ReasoningView, RoleFailure
from graphs.validation.attempts import Goal, ending, validate
from graphs.validation.findings import find_errors
from tools.base import JsonObject, Record
from tools.call import ToolCall
from tools.provenance import infer_origins
from tools.trace import Step, Trace

_CALLS_MARGIN = 4
_PATIENCE = 3


class Task(Record):
    """What an attempt is about: the world's history, the conversation so far, the query, and the gold trace to measure
    it against."""

    job: Job
    turn: int
    history: tuple[Step, ...]
    messages: tuple[JsonObject, ...]
    query: JsonObject
    trace: Trace

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Task:
        """The task in a graph's state."""
        return cls.model_validate({name: state[name] for name in cls.model_fields})

    @property
    def told(self) -> str:
        return told(self.messages, self.query)


class Solving(Record):
    """An attempt in progress: its assistant and tool messages, and the steps executed for them."""

    index: int
    hints: tuple[str, ...]
    made_before: tuple[str | int, ...] = ()
    messages: tuple[JsonObject, ...] = ()
    steps: tuple[Step, ...] = ()
    groups: int = 0
    reply: str = ""
    over: bool = False
    error: ErrorClass | None = None


def begin(task: Task, attempts: Sequence[JsonObject], hints: Sequence[str], context: RunContext) -> Solving:
    """The next attempt, before its first message."""
    spec = context.world_of(task.job)
    with context.worlds.branch(spec, [step.call for step in task.history]) as lease:
        made_before = tuple(sorted(lease.world.made_ids(), key=str))
    return Solving(index=len(attempts), hints=tuple(hints), made_before=made_before)


async def continue_attempt(solving: Solving, task: Task, context: RunContext) -> Solving:
    """One more assistant message, and the execution of its calls."""
    view = ReasoningView(
        tools=context.tools(task.job),
        messages=(*task.messages, user_message(str(task.query["text"])), *solving.messages),
        hints=solving.hints,
    )
    try:
        move = await context.roles.reasoning(view)
    except RoleFailure:
        return solving.model_copy(update={"over": True, "error": "unusable_output"})
    if not move.calls:
        message = assistant_message(move.thought, move.reply, ())
        error = None if move.reply.strip() else "no_answer"
        update = {"messages": (*solving.messages, message), "reply": move.reply, "over": True, "error": error}
        return solving.model_copy(update=update)
    return _execute(solving, move, task, context)


def _execute(solving: Solving, move: Move, task: Task, context: RunContext) -> Solving:
    """Run the calls of a message in order, in a fork of the world as the attempt has left it."""
    limit = context.refiner.calls_factor * len(task.trace.steps) + _CALLS_MARGIN
    if len(solving.steps) + len(move.calls) > limit or _goes_in_circles(solving, move):
        return solving.model_copy(update={"over": True, "error": "too_many_calls"})
    first = len(task.history) + len(solving.steps)
    calls = [
        ToolCall(id=f"call_{first + index}", name=wanted.name, arguments=wanted.arguments)
        for index, wanted in enumerate(move.calls)
    ]
    before = [*task.history, *solving.steps]
    expected = before[-1].replay_hash if before else None
    spec = context.world_of(task.job)
    # The first message branches off from the turn's beginning, which later attempts need again.
    checkout = context.worlds.checkout if solving.steps else context.worlds.branch
    with checkout(spec, [step.call for step in before], expected) as lease:
        recorder = Recorder(lease.world, frozenset(solving.made_before))
        steps = [recorder.run(call, group=solving.groups) for call in calls]
        lease.calls.extend(calls)
    messages = (assistant_message(move.thought, "", calls), *(tool_message(step.observation) for step in steps))
    return solving.model_copy(
        update={
            "messages": (*solving.messages, *messages),
            "steps": (*solving.steps, *steps),
            "groups": solving.groups + 1,
        }
    )


def _goes_in_circles(solving: Solving, move: Move) -> bool:
    """Whether the same message comes for the third time in a row: weak models go on like that until the limit."""
    wanted = [ToolCall(id="", name=call.name, arguments=call.arguments).signature for call in move.calls]
    before = [
        [step.call.signature for step in solving.steps if step.group == solving.groups - back]
        for back in range(1, _PATIENCE)
    ]
    return all(signatures == wanted for signatures in before)


def finish(solving: Solving, task: Task, context: RunContext) -> Attempt:
    """The finished attempt with its verdicts, and the class of its error where it has one."""
    spec = context.world_of(task.job)
    expected = task.history[-1].replay_hash if task.history else None
    with context.worlds.branch(spec, [step.call for step in task.history], expected) as lease:
        specs = {tool.name: tool for tool in lease.world.specs()}
        steps = infer_origins(solving.steps, str(task.query["text"]), task.history, specs)
        goal = Goal(start=lease.world, gold=task.trace.steps, requested=task.trace.requested)
        verdicts = validate(goal, steps, task.told, specs)
        public_hash = ending(lease.world, steps).public_hash
    if solving.error:
        verdicts = tuple(item.model_copy(update={"passed": False, "reason": solving.error}) for item in verdicts)
    passed = any(verdict.passed for verdict in verdicts)
    error = solving.error or (None if passed else find_errors(task.trace.steps, steps, task.told)[0].error)
    return Attempt(
        index=solving.index,
        hint="\n".join(solving.hints) or None,
        steps=steps,
        messages=solving.messages,
        reply=solving.reply,
        public_hash=public_hash,
        verdicts=verdicts,
        error=error,
    )
