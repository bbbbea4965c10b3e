"""The attempts at a turn in a few words: what each was given, whether it passed, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fr_agents.funnel import attempt_name
from graphs.records import Attempt, Turn

_ERRORS = {
    "missing_call": "a call is missing",
    "wrong_tool": "the wrong tool",
    "wrong_argument": "a wrong argument",
    "unseen_value": "a value was used before it was seen",
    "wrong_order": "the wrong order",
    "superfluous_call": "a call too many",
    "failed_call": "a call failed",
    "no_call": "no call",
    "no_answer": "no answer",
    "wrong_answer": "the answer tells what was not seen",
    "forbidden_effect": "a rule of the house was broken",
    "too_many_calls": "too many calls",
    "unusable_output": "unusable output",
}


@dataclass(frozen=True)
class AttemptTold:
    """An attempt in words.

    Attributes:
        name: ``blind``, ``hint 2``, ``rewritten`` (its calls are those of the attempt before it), or ``without hints``
            (one more after hints had helped).
        hint: The hint that is new in it; it had the earlier ones too. Empty where there is none.
        outcome: ``passed (exact, ordered, equivalent)``, or ``failed: no answer``.
        reason: What the validators say about it, where they say more.
    """

    attempt: Attempt
    name: str
    hint: str
    passed: bool
    outcome: str
    reason: str


def attempts_told(turn: Turn) -> Iterator[AttemptTold]:
    """Each attempt at the turn, in their order; the last one is the published one."""
    blind = _blind(turn)
    for position, attempt in enumerate(turn.attempts):
        new = attempt.hints and attempt.hints <= len(turn.hints) and not attempt.rewritten
        passed = attempt.error is None and bool(attempt.passed)
        yield AttemptTold(
            attempt=attempt,
            name=_name(attempt, position, blind),
            hint=turn.hints[attempt.hints - 1] if new else "",
            passed=passed,
            outcome=f"passed ({', '.join(attempt.passed)})" if passed else f"failed: {error_in_words(attempt)}",
            reason="" if passed else _more(attempt),
        )


def error_in_words(attempt: Attempt) -> str:
    """The class of an attempt's error as a person says it."""
    return _ERRORS.get(attempt.error, attempt.error) if attempt.error else "not what was asked for"


def _blind(turn: Turn) -> int:
    """How many attempts were made before there was a hint."""
    hinted = (position for position, attempt in enumerate(turn.attempts) if attempt.hints)
    return next(hinted, len(turn.attempts))


def _name(attempt: Attempt, position: int, blind: int) -> str:
    if attempt.rewritten:
        return "rewritten"
    if attempt.hints:
        return attempt_name(attempt.hints)
    if position >= blind:
        return "without hints"
    return attempt_name(0) if blind == 1 else f"{attempt_name(0)} {position + 1}"


def _more(attempt: Attempt) -> str:
    """What the weakest validator that failed says, which is the last, without the words for the error's class."""
    reasons = [verdict.reason for verdict in attempt.verdicts if not verdict.passed and verdict.reason]
    if not reasons or reasons[-1] == attempt.error:
        return ""
    return reasons[-1].removeprefix(error_in_words(attempt)).lstrip(": ")
