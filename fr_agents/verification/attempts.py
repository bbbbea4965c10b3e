"""What must hold of an attempt: its calls run, its messages show them, and its verdicts follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from fr_agents.verification.before import Before
from fr_agents.verification.comparing import replayed, same
from graphs.messages import assistant_message, tool_message
from graphs.records import Attempt, Turn
from graphs.validation.attempts import Goal, ending, validate
from graphs.validation.findings import find_errors
from tools.base import JsonObject
from tools.provenance import infer_origins
from tools.trace import Step

# Errors that end an attempt before validation: at its last message, or in place of one.
_SILENT = ("too_many_calls", "unusable_output")
_STOPPED = ("no_answer", *_SILENT)


def verify_attempt(which: str, attempt: Attempt, turn: Turn, before: Before) -> Iterator[str]:
    """What does not hold of an attempt, each beginning with ``which`` one it is."""
    yield from replayed(which, before.start, attempt.steps)
    inferred = infer_origins(attempt.steps, turn.query, before.history, before.specs)
    if not same(inferred, attempt.steps):
        yield f"{which} calls have other origins than their values tell"
    yield from (f"{which} {problem}" for problem in _told(attempt))
    yield from (f"{which} {problem}" for problem in _judged(attempt, turn, before))


def _told(attempt: Attempt) -> Iterator[str]:
    """The messages are the calls and observations, a group in each assistant message, and then the reply."""
    groups = [list(steps) for _, steps in groupby(attempt.steps, key=lambda step: step.group)]
    if [steps[0].group for steps in groups] != list(range(len(groups))):
        yield "calls are not in groups that are numbered from 0"
    expected = [message for steps in groups for message in _exchange(steps)]
    shown = list(attempt.messages)
    last = None if attempt.error in _SILENT or not shown else shown.pop()
    if not same([_without_thought(message) for message in shown], expected):
        yield "messages are not the calls, group by group, with their observations"
    if last is None:
        said = attempt.error in _SILENT and not attempt.reply
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
    goal = Goal(start=before.start, gold=turn.gold_steps, requested=turn.requested)
    known = before.told(turn.query)
    verdicts = validate(goal, attempt.steps, known, before.specs)
    error = attempt.error
    if error in _STOPPED:
        verdicts = tuple(item.model_copy(update={"passed": False, "reason": error}) for item in verdicts)
    elif any(verdict.passed for verdict in verdicts):
        error = None
    else:
        error = find_errors(turn.gold_steps, attempt.steps, known)[0].error
    if not same(verdicts, attempt.verdicts):
        yield "verdicts are not those that validation gives"
    if error != attempt.error:
        yield f"error is {attempt.error}, and validation finds {error}"
    if ending(before.start, attempt.steps).public_hash != attempt.public_hash:
        yield "calls end in another public state"
