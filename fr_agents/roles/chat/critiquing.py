"""The critiquing agent (A_C): says what went wrong in an attempt, without giving the answer away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fr_agents.roles.chat.chat_role import StructuredRole, UnusableAnswerError
from graphs.roles import CritiqueView, Hint
from graphs.validation.hint_words import computed_hint
from graphs.validation.hints import LEFT_OUT, hint_problem, without_answers
from graphs.validation.sought import says
from tools.base import Json, JsonObject
from tools.paths import leaf_values
from tools.provenance import normalised
from tools.trace import Step

_MOST_SENTENCES = 2
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_THIRD_PERSON = re.compile(
    r"\bthe (?:solver|model|assistant)(?P<own>['\u2019]s)?(?: (?P<verb>has|is|was|does|needs|uses|makes))?\b",
    re.IGNORECASE,
)
_SECOND_PERSON = {
    "has": "have",
    "is": "are",
    "was": "were",
    "does": "do",
    "needs": "need",
    "uses": "use",
    "makes": "make",
}


class HintOutput(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    hint: Annotated[str, Field(min_length=1)]


class CritiquingRole(StructuredRole[CritiqueView, Hint, HintOutput]):
    """Shows the findings and both lists of calls; asks for a hint of two sentences, as plain as the level allows.

    It is also shown what code says of the findings, so that a weak model has something to hold on to. Values that the
    solver has to find are not shown, and are left out of the hint should it hold one nevertheless. A
    hint that spells a call out, or was given before, is sent back.
    """

    name = "critiquing"
    output = HintOutput

    def values(self, view: CritiqueView) -> JsonObject:
        return {
            "query": view.query,
            "gold": [_shown(step, view) for step in view.gold],
            "attempted": view.attempted,
            "findings": view.findings,
            "earlier_hints": view.earlier_hints,
            "level": view.level,
            "plain": computed_hint(view),
        }

    def result(self, view: CritiqueView, output: HintOutput) -> Hint:
        sentences = _SENTENCE.split(_spoken_to(" ".join(output.hint.split())))
        said = " ".join(sentences[:_MOST_SENTENCES])
        hint = without_answers(said, view.gold, view.query, view.tools)
        if not hint:
            problem = hint_problem(said, view.gold, view.query, view.tools) or "The hint says too little."
            raise UnusableAnswerError(f"{problem} Say what is wrong and where to look, not what is right.")
        if normalised(hint) in {normalised(earlier) for earlier in view.earlier_hints}:
            raise UnusableAnswerError("This hint was given before and did not help. Say what is still wrong.")
        return Hint(text=hint)


def _spoken_to(hint: str) -> str:
    """The hint in the second person: models like to write about the solver."""
    told = _THIRD_PERSON.sub(_second_person, hint)
    return told[:1].upper() + told[1:]


def _second_person(found: re.Match[str]) -> str:
    if found["own"]:
        return "your"
    verb = found["verb"]
    return f"you {_SECOND_PERSON[verb.lower()]}" if verb else "you"


def _shown(step: Step, view: CritiqueView) -> JsonObject:
    """A right call as the critic sees it: what the solver has to find stands for itself by where it comes from."""
    numbers = {other.call.id: index for index, other in enumerate(view.gold, 1)}
    arguments = {name: _hidden(step, name, numbers, view.query) for name in step.call.arguments}
    return {"name": step.call.name, "arguments": arguments}


def _hidden(step: Step, name: str, numbers: Mapping[str, int], query: str) -> Json:
    value: Json = step.call.arguments[name]
    if isinstance(value, bool) or all(says(leaf, query) for _, leaf in leaf_values(value)):
        return value
    origin = step.origins.get(name)
    producers = {part.source or "" for part in origin.observed} if origin is not None else set()
    sources = sorted(numbers[producer] for producer in producers if producer in numbers)
    return f"(from the result of call {' and '.join(map(str, sources))})" if sources else LEFT_OUT
