"""Everything that is judged of an attempt: its calls, its effects, its final answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphs.messages import told as told_text
from graphs.records.attempt import ErrorClass, Verdict
from graphs.validation.answer import check_reply
from graphs.validation.attempts import Goal, requested_of, validate
from graphs.validation.findings import find_errors
from graphs.validation.leaks import Visible, reply_leaks
from graphs.validation.policy import forbidden
from tools.provenance import Told
from tools.spec import ToolSpec
from tools.trace import Step

# What ends an attempt before its calls can be judged.
STOPPED: tuple[ErrorClass, ...] = ("no_answer", "too_many_calls", "unusable_output")


@dataclass(frozen=True)
class Assessment:
    """The verdicts on an attempt and, where none of them holds, the class of what is wrong, and what it is."""

    verdicts: tuple[Verdict, ...]
    error: ErrorClass | None
    detail: str = ""


def assess(
    goal: Goal,
    steps: Sequence[Step],
    reply: str,
    told: Told,
    specs: Mapping[str, ToolSpec],
    stopped: ErrorClass | None = None,
    hints: Sequence[str] = (),
) -> Assessment:
    """Judge an attempt whose ``steps`` carry inferred origins. ``stopped`` is what ended it, if it did not end with an
    answer; ``hints`` are those that it had, and must not speak of. A sound answer to wrong calls is no better than
    none, so its calls are judged first."""
    text = told_text(told.messages, {"text": told.query})
    verdicts = validate(goal, steps, text, specs)
    if stopped is not None:
        return _failed(verdicts, stopped, stopped)
    broken = forbidden(goal.start, steps)
    if broken:
        return _failed(verdicts, "forbidden_effect", broken)
    if not any(verdict.passed for verdict in verdicts):
        finding = find_errors(goal.gold, steps, text)[0]
        return Assessment(verdicts=verdicts, error=finding.error, detail=finding.detail)
    visible = Visible.of(told, tuple(specs.values())).after("", steps)
    problem = check_reply(reply, requested_of(goal, steps, specs), steps, visible.shown, specs)
    problem = problem or "; ".join(reply_leaks(reply, visible, hints))
    return _failed(verdicts, "wrong_answer", problem) if problem else Assessment(verdicts=verdicts, error=None)


def _failed(verdicts: Sequence[Verdict], error: ErrorClass, reason: str) -> Assessment:
    failed = tuple(verdict.model_copy(update={"passed": False, "reason": reason}) for verdict in verdicts)
    return Assessment(verdicts=failed, error=error, detail=reason)
