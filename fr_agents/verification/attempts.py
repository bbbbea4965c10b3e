"""What must hold of an attempt: its calls run, its messages show them, and its verdicts follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from fr_agents.verification.before import Before
from fr_agents.verification.comparing import replayed, same
from graphs.grounding import refusal
from graphs.messages import assistant_message, tool_message
from graphs.records import Attempt, Turn
from graphs.validation.assessing import STOPPED, assess
from graphs.validation.attempts import Goal, ending
from tools.base import JsonObject
from tools.provenance import infer_origins
from tools.trace import Step

# Errors of attempts that end without an answer: they were stopped, or went on making up values.
_UNANSWERED = ("too_many_calls", "unusable_output", "unseen_value")


def verify_attempt(which: str, attempt: Attempt, turn: Turn, before: Before) -> Iterator[str]:
    """What does not hold of an attempt, each beginning with ``which`` one it is."""
    yield from replayed(which, before.start, attempt.steps)
    inferred = infer_origins(attempt.steps, before.known(turn.query), before.specs, turn.gold_steps)
    if not same(inferred, attempt.steps):
        yield f"{which} calls have other origins than their values tell"
    yield from (f"{which} {problem}" for problem in _refusals(attempt, turn, before))
    yield from (f"{which} {problem}" for problem in _told(attempt))
    yield from (f"{which} {problem}" for problem in _judged(attempt, turn, before))


def _refusals(attempt: Attempt, turn: Turn, before: Before) -> Iterator[str]:
    """Whether the calls that were refused are those that held a value which nothing had shown by then."""
    told = before.known(turn.query)
    for step in attempt.steps:
        seen = [other for other in attempt.steps if other.group < step.group]
        error = refusal(step.call, step.group, seen, told, before.specs, turn.gold_steps)
        if (error is not None) != step.refused or (error is not None and error != step.observation.error):
            done = "was refused" if step.refused else "was made"
            yield f"call {step.call.name} {done}, and by its arguments it is not so"


def _told(attempt: Attempt) -> Iterator[str]:
    """The messages are the calls and observations, a group in each assistant message, and then the reply."""
    groups = [list(steps) for _, steps in groupby(attempt.steps, key=lambda step: step.group)]
    if [steps[0].group for steps in groups] != list(range(len(groups))):
        yield "calls are not in groups that are numbered from 0"
    expected = [message for steps in groups for message in _exchange(steps)]
    shown = list(attempt.messages)
    replied = bool(shown) and shown[-1].get("role") == "assistant" and not shown[-1].get("tool_calls")
    last = shown.pop() if replied else None
    if not same([_without_thought(message) for message in shown], expected):
        yield "messages are not the calls, group by group, with their observations"
    if last is None:
        said = attempt.error in _UNANSWERED and not attempt.reply
    else:
        said = set(last) == {"role", "content"} and last["role"] == "assistant" and _says(last, attempt.reply)
    if not said:
        yield "reply is not what the last message says"


def _exchange(steps: list[Step]) -> list[JsonObject]:
    called = assistant_message("", "", [step.call for step in steps])
    return [called, *(tool_message(step.observation) for step in steps)]


def _without_thought(message: JsonObject) -> JsonObject:
    """The message as it would be without its thoughts, where it says nothing besides them."""
    silent = message.get("role") == "assistant" and _says(message, "")
    return {**message, "content": ""} if silent else message


def _says(message: JsonObject, reply: str) -> bool:
    """Whether a message is ``reply``, after its thoughts where it has some."""
    content = message.get("content")
    if not isinstance(content, str):
        return False
    thought = content.startswith("<think>\n") and content.endswith(f"\n</think>\n\n{reply}")
    return thought or (content == reply and "</think>" not in content)


def _judged(attempt: Attempt, turn: Turn, before: Before) -> Iterator[str]:
    """The verdicts, the error and the final state once more."""
    goal = Goal(before.start, turn.gold_steps, turn.requested, turn.allow_recovery)
    stopped = attempt.error if attempt.error in STOPPED else None
    told, hints = before.known(turn.query), turn.hints[: attempt.hints]
    found = assess(goal, attempt.steps, attempt.reply, told, before.specs, stopped, hints)
    if not same(found.verdicts, attempt.verdicts):
        yield "verdicts are not those that validation gives"
    if found.error != attempt.error:
        yield f"error is {attempt.error}, and validation finds {found.error}"
    if ending(before.start, attempt.steps).public_hash != attempt.public_hash:
        yield "calls end in another public state"
