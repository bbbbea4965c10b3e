"""What the reasoning role did with a query, and what validation and the critic said."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.base import JsonObject, Record
from tools.trace import Step

ErrorClass = Literal[
    "missing_call",
    "wrong_tool",
    "wrong_argument",
    "unseen_value",
    "wrong_order",
    "superfluous_call",
    "failed_call",
    "no_call",
    "no_answer",
    "wrong_answer",
    "forbidden_effect",
    "too_many_calls",
    "unusable_output",
]


Validator = Literal["exact", "ordered", "equivalent"]


class Verdict(Record):
    """One validator's judgement of an attempt, with what it rests on."""

    validator: Validator
    passed: bool
    reason: str = ""
    evidence: JsonObject = Field(default_factory=dict)


class Attempt(Record):
    """One try at a query.

    ``hints`` is how many of the turn's hints it had: 0 in a blind one; the first hint is the advanced tool's
    decomposition. ``rewritten`` marks the calls of the attempt before it with thoughts that were written anew, without
    hints, to be published. ``messages`` are the assistant and tool messages of the attempt in OpenAI's form, thoughts
    inside ``content``.
    """

    index: int
    hints: int = 0
    rewritten: bool = False
    steps: tuple[Step, ...]
    messages: tuple[JsonObject, ...]
    reply: str
    public_hash: str
    verdicts: tuple[Verdict, ...]
    error: ErrorClass | None = None

    @property
    def passed(self) -> tuple[str, ...]:
        """The validators that this attempt satisfies."""
        return tuple(verdict.validator for verdict in self.verdicts if verdict.passed)
