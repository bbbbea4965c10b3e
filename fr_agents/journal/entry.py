"""One row of the journal: a call, what came of it, and what it cost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields

from fr_agents.backends.backend import Answer
from fr_agents.backends.faults import UnanswerableRequest


@dataclass(frozen=True)
class Kept:
    """What the journal holds for a call: an answer, or the words with which a model refused the request."""

    answer: Answer | None = None
    refusal: str | None = None

    def result(self) -> Answer:
        """The answer. Raises UnanswerableRequest where there is none, in the words of the first time."""
        if self.answer is None:
            raise UnanswerableRequest(self.refusal or "The model cannot answer this request.")
        return self.answer

    def texts(self) -> tuple[str | None, str | None]:
        """Both as JSON in ASCII, which holds whatever a model wrote, also half of a surrogate pair."""
        answer = None if self.answer is None else json.dumps(self.answer.model_dump())
        return answer, None if self.refusal is None else json.dumps(self.refusal)

    @classmethod
    def parse(cls, answer: str | None, refusal: str | None) -> Kept:
        """Read both. Raises ValueError for anything else than ``texts`` gives."""
        return cls(
            None if answer is None else Answer.model_validate(json.loads(answer)),
            None if refusal is None else str(json.loads(refusal)),
        )


@dataclass(frozen=True)
class Cost:
    """What a call cost.

    ``calls`` are the answers that were paid for it, more than one where an answer was mended, and ``untold`` those
    whose tokens the server did not tell. ``money`` is in USD, or None where any of it has no price. The two
    ``charged`` count against a budget: what was told, or what was set aside where nothing was.
    """

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    untold: int = 0
    money: float | None = 0.0
    charged_tokens: int = 0
    charged_usd: float = 0.0


@dataclass(frozen=True)
class Entry:
    """A call to be kept. One without a ``key`` is only counted: it can never be found again."""

    key: str | None
    job: int | None
    role: str
    stage: str
    step: int
    requested: str
    model: str
    kept: Kept = Kept()
    cost: Cost = Cost()
    seconds: float = 0.0
    tries: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)

    def row(self, run: str, key: str | None, *, told: bool) -> tuple[object, ...]:
        """The values of ``COLUMNS``, under ``key``; what came of it only where ``told``."""
        answer, refusal = self.kept.texts() if told else (None, None)
        who = (key, run, self.job, self.role, self.stage, self.step, self.requested, self.model)
        faults = json.dumps(dict(self.faults), sort_keys=True)
        return (*who, answer, refusal, *astuple(self.cost), self.seconds, self.tries, faults)


_WHO = ("key", "run", "job", "role", "stage", "step", "requested", "model", "answer", "refusal")
COLUMNS = (*_WHO, *(each.name for each in fields(Cost)), "seconds", "tries", "faults")
