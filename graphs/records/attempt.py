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
    """One try at a query. ``index`` 0 is blind; later ones had the advanced tool's description and hints.

    ``messages`` are the assistant and tool messages of the attempt in OpenAI's form, thoughts inside ``content``.
    """

    index: int
    hint: str | None
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
