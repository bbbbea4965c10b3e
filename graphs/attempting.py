"""One attempt at a query, message by message, in a fork of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from graphs.context import RunContext
from graphs.execution import Recorder
from graphs.grounding import group_of_steps
from graphs.messages import assistant_message, tool_message, user_message
from graphs.plan_mode import part, rounds, shown
from graphs.records.attempt import Attempt, ErrorClass
from graphs.records.job import Job
from graphs.roles import Move, ReasoningView, RoleFailure, Unanswerable
from graphs.validation.assessing import assess
from graphs.validation.attempts import Goal, ending
from tools.base import Json, JsonObject, Record
from tools.call import ToolCall
from tools.provenance import Told, infer_origins
from tools.trace import Step, Trace, executed

_CALLS_MARGIN = 4
_PATIENCE = 3
_MOST_REFUSALS = 2


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
    def known(self) -> Told:
        return Told(query=str(self.query["text"]), messages=self.messages, earlier=self.history)


class Solving(Record):
    """An attempt in progress: its assistant and tool messages, and the steps executed for them. ``problem`` tells what
    was wrong with an answer that nobody could use."""

    index: int
    hints: tuple[str, ...]
    made_before: tuple[str | int, ...] = ()
    messages: tuple[JsonObject, ...] = ()
    steps: tuple[Step, ...] = ()
    groups: int = 0
    reply: str = ""
    over: bool = False
    error: ErrorClass | None = None
    problem: str = ""


def begin(task: Task, attempts: Sequence[JsonObject], hints: Sequence[str], context: RunContext) -> Solving:
    """The next attempt, before its first message."""
    spec = context.world_of(task.job)
    with context.worlds.branch(spec, [step.call for step in task.history]) as lease:
        made_before = tuple(sorted(lease.world.made_ids(), key=str))
    return Solving(index=len(attempts), hints=tuple(hints), made_before=made_before)


async def continue_attempt(solving: Solving, task: Task, context: RunContext) -> Solving:
    """One more assistant message, and the execution of its calls; or a whole plan. After a plan there is nothing left
    but to answer.

    Raises:
        Unanswerable: the model cannot answer. The next attempt would ask for the same.
        ToolTooSlow: a call did not end in time.
    """
    planned = context.refiner.mode == "plan"
    view = ReasoningView(
        tools=context.tools(task.job),
        messages=(*task.messages, user_message(str(task.query["text"])), *solving.messages),
        hints=solving.hints,
        plan=planned,
    )
    try:
        move = await context.roles.reasoning(view)
    except Unanswerable:
        raise
    except RoleFailure as failure:
        return solving.model_copy(update={"over": True, "error": "unusable_output", "problem": str(failure)})
    if not move.calls:
        message = assistant_message(move.thought, move.reply, ())
        error = None if move.reply.strip() else "no_answer"
        update = {"messages": (*solving.messages, message), "reply": move.reply, "over": True, "error": error}
        return solving.model_copy(update=update)
    if planned and solving.steps:
        return solving.model_copy(update={"over": True, "error": "too_many_calls"})
    return await context.aside(partial(_carry_out if planned else _execute, solving, move, task, context))


def _carry_out(solving: Solving, plan: Move, task: Task, context: RunContext) -> Solving:
    """Run a plan round by round, each as a message of its own, with the results that its calls refer to."""
    contents: dict[int, Json] = {}
    for indices in rounds(plan):
        begun = len(solving.steps)
        solving = _execute(solving, part(plan, indices, contents), task, context)
        if solving.over:
            break
        contents |= shown(indices, solving.steps[begun:])
    return solving


def _execute(solving: Solving, move: Move, task: Task, context: RunContext) -> Solving:
    """Run the calls of a message in order, in a fork of the world as the attempt has left it."""
    limit = context.refiner.calls_factor * len(task.trace.steps) + _CALLS_MARGIN
    if len(solving.steps) + len(move.calls) > limit or _goes_in_circles(solving, move):
        # Where calls were refused, what is wrong is the value that was made up: that it was tried again comes of it.
        error = None if any(step.refused for step in solving.steps) else "too_many_calls"
        return solving.model_copy(update={"over": True, "error": error})
    first = len(task.history) + len(solving.steps)
    calls = [
        ToolCall(id=f"call_{first + index}", name=wanted.name, arguments=wanted.arguments)
        for index, wanted in enumerate(move.calls)
    ]
    before = [*task.history, *executed(solving.steps)]
    expected = before[-1].replay_hash if before else None
    spec = context.world_of(task.job)
    # The first message branches off from the turn's beginning, which later attempts need again.
    checkout = context.worlds.checkout if executed(solving.steps) else context.worlds.branch
    with checkout(spec, [step.call for step in before], expected) as lease:
        recorder = Recorder(lease.world, frozenset(solving.made_before))
        steps = group_of_steps(recorder, calls, solving.steps, task.known, task.trace.steps)
        lease.calls.extend(step.call for step in executed(steps))
    messages = (assistant_message(move.thought, "", calls), *(tool_message(step.observation) for step in steps))
    return solving.model_copy(
        update={
            "messages": (*solving.messages, *messages),
            "steps": (*solving.steps, *steps),
            "groups": solving.groups + 1,
        }
    )


def _goes_in_circles(solving: Solving, move: Move) -> bool:
    """Whether the same message comes for the third time in a row, or one that was refused for the second: weak models
    go on like that until the limit."""
    wanted = [ToolCall(id="", name=call.name, arguments=call.arguments).signature for call in move.calls]
    last = [step for step in solving.steps if step.group == solving.groups - 1]
    times = _MOST_REFUSALS if any(step.refused for step in last) else _PATIENCE
    before = [
        [step.call.signature for step in solving.steps if step.group == solving.groups - back]
        for back in range(1, times)
    ]
    return all(signatures == wanted for signatures in before)


def finish(solving: Solving, task: Task, context: RunContext) -> Attempt:
    """The finished attempt with its verdicts, and the class of its error where none of them holds."""
    spec = context.world_of(task.job)
    expected = task.history[-1].replay_hash if task.history else None
    with context.worlds.branch(spec, [step.call for step in task.history], expected) as lease:
        specs = {tool.name: tool for tool in lease.world.specs()}
        steps = infer_origins(solving.steps, task.known, specs, task.trace.steps)
        goal = Goal(lease.world, task.trace.steps, task.trace.requested, context.refiner.allow_recovery)
        found = assess(goal, steps, solving.reply, task.known, specs, solving.error, solving.hints)
        public_hash = ending(lease.world, steps).public_hash
    return Attempt(
        index=solving.index,
        hints=len(solving.hints),
        steps=steps,
        messages=solving.messages,
        reply=solving.reply,
        public_hash=public_hash,
        verdicts=found.verdicts,
        error=found.error,
    )
