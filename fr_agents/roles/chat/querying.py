"""The querying agent (A_Q): writes the hard query of a turn."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fr_agents.backends.reading import split_thought
from fr_agents.roles.chat.chat_role import StructuredRole
from fr_agents.roles.chat.conversation import spoken_lines
from fr_agents.roles.chat.spans import input_span, task_span
from fr_agents.roles.offline.querying import OfflineQuerying
from graphs.noise.words import STYLES
from graphs.records.query import Mention
from graphs.roles import QueryDraft, QueryingView, RoleFailure
from tools.advanced import AdvancedTool
from tools.base import Json, JsonObject
from tools.speaker import as_the_user_says
from tools.spec import ToolSpec
from tools.wording import request_phrase
from tools.written_dates import with_years

_LATEST_FEEDBACK = 6
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _number(value: Json) -> Json:
    """``"1"`` and ``"1. book a flight"`` mean task 1."""
    digits = value.strip().split(".")[0].removeprefix("task").strip() if isinstance(value, str) else ""
    return int(digits) if digits.isdecimal() else value


class MentionOutput(BaseModel):
    """Which words of the query say an input."""

    model_config = ConfigDict(extra="ignore")

    input: str
    span: str


class TaskOutput(BaseModel):
    """Which words of the query ask for a task."""

    model_config = ConfigDict(extra="ignore")

    task: Annotated[int, BeforeValidator(_number)]
    span: str


class QueryOutput(BaseModel):
    """What the model is asked for. Only the query is indispensable: words that are missing are looked for in it."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    query: Annotated[str, Field(min_length=1)]
    mentions: tuple[MentionOutput, ...] = ()
    tasks: tuple[TaskOutput, ...] = ()


class QueryingRole(StructuredRole[QueryingView, QueryDraft, QueryOutput]):
    """Shows the advanced tool and what the user knows; asks for a query and its spans. The values that must not appear
    are not shown: a model that is told what never to write is the one that writes it.

    A model whose drafts were refused is shown what the rules would say: complete, if stiff. Spans that do not stand in
    the query, or miss what they should say, are looked for by code; what is not found stays
    as the model gave it, and the author's check tells it what is wrong.
    """

    name = "querying"
    output = QueryOutput

    def values(self, view: QueryingView) -> JsonObject:
        tool = view.advanced_tool
        return {
            "earlier": list(spoken_lines(view.earlier_messages)),
            "goal": _goal(tool),
            "said": [item for item in tool.inputs if item.verbatim and not item.earlier],
            "free": [item for item in tool.inputs if not item.verbatim and not item.earlier],
            "referred": [item for item in tool.inputs if item.earlier],
            "tasks": [as_the_user_says(sink.task, _labels(tool)) for sink in tool.sinks],
            "noise": view.noise,
            "styles": STYLES,
            "feedback": view.feedback[-_LATEST_FEEDBACK:],
            "stiff": _stiff(view) if view.feedback else "",
        }

    def result(self, view: QueryingView, output: QueryOutput) -> QueryDraft:
        query = with_years(split_thought(output.query)[1], _dates(view.advanced_tool))
        spans = {mention.input: mention.span for mention in output.mentions}
        asked = {task.task: task.span for task in output.tasks}
        inputs = ((item.name, input_span(item, spans.get(item.name, ""), query)) for item in view.advanced_tool.inputs)
        sinks = (
            (sink.call_id, task_span(sink.task, asked.get(number, ""), query))
            for number, sink in enumerate(view.advanced_tool.sinks, start=1)
        )
        return QueryDraft(
            text=query,
            mentions=tuple(Mention(of=name, span=span) for name, span in inputs if span),
            sinks=tuple(Mention(of=call_id, span=span) for call_id, span in sinks if span),
        )


def _dates(tool: AdvancedTool) -> list[str]:
    """The days that the person says. Models leave the year out, however often they are told."""
    said = [item.value for item in tool.inputs if isinstance(item.value, str) and not item.earlier]
    return [value for value in said if _DAY.fullmatch(value)]


def _stiff(view: QueryingView) -> str:
    """The request in the words of the rules, without noise; nothing where they have none."""
    try:
        return OfflineQuerying().answer(view.model_copy(update={"noise": ()})).text
    except RoleFailure:
        return ""


def _goal(tool: AdvancedTool) -> str:
    """What the advanced tool does as something that a person wants to do: small models copy the words that they see."""
    spec = ToolSpec(name=tool.name, description=tool.description, parameters={}, returns={})
    return as_the_user_says(request_phrase(spec), _labels(tool))


def _labels(tool: AdvancedTool) -> tuple[str, ...]:
    return tuple(item.label for item in tool.inputs)
