"""The judging agent: decides what code cannot about a query, by a rubric that a person has written down."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fr_agents.backends.backend import Backend
from fr_agents.prompts.prompt import Prompt
from fr_agents.prompts.rubrics import rubric_names, rubric_prompt
from fr_agents.roles.chat.chat_role import StructuredRole
from fr_agents.roles.chat.conversation import spoken_lines
from graphs.roles import Judgement, JudgingView
from tools.base import Json, JsonObject

_WORDS = {"true": True, "yes": True, "pass": True, "passed": True, "false": False, "no": False, "fail": False}


def _decision(value: Json) -> Json:
    """``"Yes"`` and ``"fail"`` decide as well."""
    return _WORDS.get(value.strip().lower(), value) if isinstance(value, str) else value


class JudgementOutput(BaseModel):
    """What the model is asked for: the reason first, so that the decision follows from it."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    reason: Annotated[str, Field(min_length=1)]
    passed: Annotated[bool, BeforeValidator(_decision)]


class JudgingRole(StructuredRole[JudgingView, Judgement, JudgementOutput]):
    """Shows one rubric with the request, its tasks and its values; asks for a reason and a decision.

    It sees neither calls nor results: the judge knows no more than the person whom the request comes from.
    """

    name = "judging"
    output = JudgementOutput

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._rubrics = {name: Prompt(rubric_prompt(name)) for name in rubric_names()}

    def values(self, view: JudgingView) -> JsonObject:
        return {
            "rubric": self._rubrics[view.rubric].system(),
            "query": view.query,
            "tasks": view.tasks,
            "said": view.said,
            "earlier": list(spoken_lines(view.earlier_messages)),
        }

    def result(self, view: JudgingView, output: JudgementOutput) -> Judgement:
        return Judgement(passed=output.passed, reason=" ".join(output.reason.split()))
