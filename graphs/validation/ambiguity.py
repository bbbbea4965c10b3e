"""Several right answers of which one is called gold: blind attempts that agree on another outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphs.records.attempt import Attempt
from tools.spec import ToolSpec
from tools.trace import Step, Trace

_AGREEING = 2

Outcome = tuple[str, ...]


def ambiguous(attempts: Sequence[Attempt], gold: Trace, specs: Sequence[ToolSpec]) -> str:
    """What several blind attempts agree on although gold does not; empty where there is no such thing.

    Only those count that could be right: they end with an answer, no call of theirs failed or was refused, and they do
    the same kinds of things as gold, to something else. Leaving something out is a mistake, whoever else makes it.
    """
    writes = frozenset(spec.name for spec in specs if spec.effect == "write")
    asked = frozenset(step.call.name for step in gold.steps if step.call.id in gold.requested)
    rivals = [attempt for attempt in attempts if _could_be_right(attempt, gold.steps, writes | asked)]
    counts = Counter(_outcome(attempt, asked) for attempt in rivals)
    if not counts or counts.most_common(1)[0][1] < _AGREEING:
        return ""
    outcome, number = counts.most_common(1)[0]
    example = next(attempt for attempt in rivals if _outcome(attempt, asked) == outcome)
    calls = "; ".join(f"{step.call.name}({step.call.arguments})" for step in example.steps)
    return f"{number} blind attempts agree on another outcome than the gold calls: {calls}"


def _could_be_right(attempt: Attempt, gold: Sequence[Step], telling: frozenset[str]) -> bool:
    if attempt.hints or attempt.rewritten or attempt.passed or attempt.error != "wrong_argument":
        return False
    if any(step.observation.failed for step in attempt.steps):
        return False
    return _kinds(attempt.steps, telling) == _kinds(gold, telling)


def _kinds(steps: Sequence[Step], telling: frozenset[str]) -> Counter[str]:
    """How often each tool that makes the outcome was called with success."""
    return Counter(step.call.name for step in steps if step.call.name in telling and not step.observation.failed)


def _outcome(attempt: Attempt, asked: frozenset[str]) -> Outcome:
    """The observable state that an attempt ends in, and what was asked of the tools whose output is wanted."""
    questions = sorted(step.call.signature for step in attempt.steps if step.call.name in asked)
    return (attempt.public_hash, *questions)
