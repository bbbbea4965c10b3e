"""The critiquing agent (A_C): says what went wrong in an attempt, without giving the answer away."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fr_agents.roles.chat.chat_role import StructuredRole, UnusableAnswerError
from graphs.roles import CritiqueView, Hint
from tools.base import Json, JsonObject
from tools.paths import leaf_values
from tools.provenance import normalised, said_in

_MOST_SENTENCES = 3
_SHORTEST_SECRET = 3
_LEFT_OUT = "(a value to be found)"


class HintOutput(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    hint: Annotated[str, Field(min_length=1)]


class CritiquingRole(StructuredRole[CritiqueView, Hint, HintOutput]):
    """Shows the findings and both lists of calls; asks for a hint of at most three sentences.

    Values of gold calls that the query does not say are left out of the hint, whatever the model was told.
    """

    name = "critiquing"
    output = HintOutput

    def values(self, view: CritiqueView) -> JsonObject:
        return {
            "query": view.query,
            "gold": view.gold,
            "attempted": view.attempted,
            "findings": view.findings,
            "earlier_hints": view.earlier_hints,
        }

    def result(self, view: CritiqueView, output: HintOutput) -> Hint:
        sentences = re.split(r"(?<=[.!?])\s+", " ".join(output.hint.split()))
        hint = _without_answers(" ".join(sentences[:_MOST_SENTENCES]), view)
        if normalised(hint) in {normalised(earlier) for earlier in view.earlier_hints}:
            raise UnusableAnswerError("This hint was given before and did not help. Say what is still wrong.")
        return Hint(text=hint)


def _without_answers(text: str, view: CritiqueView) -> str:
    for value in _answers(view):
        text = re.sub(rf"(?<!\w){re.escape(str(value))}(?!\w)", _LEFT_OUT, text, flags=re.IGNORECASE)
    return text


def _answers(view: CritiqueView) -> list[Json]:
    """Values of gold arguments that the solver has to find, the longest first."""
    leaves = [leaf for step in view.gold for _, leaf in leaf_values(step.call.arguments)]
    told = {str(leaf): leaf for leaf in leaves if leaf is not None and not isinstance(leaf, bool)}
    secret = [value for text, value in told.items() if len(text) >= _SHORTEST_SECRET and not said_in(value, view.query)]
    return sorted(secret, key=lambda value: -len(str(value)))
