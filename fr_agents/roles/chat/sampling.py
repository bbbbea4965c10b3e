"""The sampling agent: proposes what the next turn is for, and what its user says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fr_agents.roles.chat.chat_role import StructuredRole, UnusableAnswerError
from fr_agents.roles.chat.conversation import spoken_lines
from graphs.roles import Proposal, SamplingView
from tools.base import Json, JsonObject
from tools.paths import json_type
from tools.spec import ToolSpec
from tools.trace import Relation

_GOES_ON: Mapping[Relation, str] = {
    "follow_up": "The person goes on with something that the conversation found or made, and uses it.",
    "correction": "The person wants something that was done in the conversation changed or taken back.",
    "drill_down": "The person asks to see more of something that the conversation has shown.",
    "same_entity": "The person wants another thing for somebody or something that was named in the conversation.",
    "new_topic": "The person wants something that has nothing to do with what was talked about before.",
}
_BEGINS = "This is the person's first request."


def _mapping(value: Json) -> Json:
    """No values at all may be said in any empty way."""
    return value or {}


class ProposalOutput(BaseModel):
    """What the model is asked for. Only the goal is indispensable."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    reason: str = ""
    goal: Annotated[str, Field(min_length=1)]
    values: Annotated[dict[str, Any], BeforeValidator(_mapping)] = Field(default_factory=dict)


class SamplingRole(StructuredRole[SamplingView, Proposal, ProposalOutput]):
    """Shows the tools with what a user could say for them; asks who wants what and why, for one tool as the goal, and
    for values.

    Values are asked for under ``tool.parameter``, as the examples are shown, and taken in other spellings too. Those
    under names that there are not are left out; whether a value fits is for code to decide, which uses it or not.
    """

    name = "sampling"
    output = ProposalOutput

    def values(self, view: SamplingView) -> JsonObject:
        earlier = list(spoken_lines(view.earlier_messages))
        return {
            "tools": [_shown(tool, view.sayable) for tool in view.tools],
            "earlier": earlier,
            "task": _GOES_ON[view.relation] if earlier else _BEGINS,
            "planned": view.planned,
        }

    def result(self, view: SamplingView, output: ProposalOutput) -> Proposal:
        parameters = {tool.name: tool.properties for tool in view.tools}
        goal = output.goal.partition("(")[0].strip()
        if goal not in parameters:
            names = ", ".join(parameters)
            raise UnusableAnswerError(f"The goal {output.goal!r} is none of the tools. Choose one of: {names}.")
        reason = " ".join(output.reason.split())
        return Proposal(goal=goal, values=_by_tool(output.values, goal, parameters), reason=reason)


def _shown(tool: ToolSpec, sayable: Mapping[str, tuple[Json, ...]]) -> JsonObject:
    """A tool as the prompt lists it: its parameters with their types, and examples of what the user could say."""
    parameters = [
        {
            "name": name,
            "type": json_type(schema) or "any",
            "optional": name not in tool.required,
            "description": str(schema.get("description", name)),
            "sayable": f"{tool.name}.{name}" in sayable,
            "examples": sayable.get(f"{tool.name}.{name}", ()),
        }
        for name, schema in tool.properties.items()
    ]
    return {"name": tool.name, "description": tool.description, "parameters": parameters}


def _by_tool(
    values: Mapping[str, Json], goal: str, parameters: Mapping[str, Mapping[str, Json]]
) -> dict[str, dict[str, Json]]:
    """The values by tool and parameter, from keys like ``tool.parameter``, from a mapping for each tool, or from bare
    parameters of the goal."""
    found: dict[str, dict[str, Json]] = {}
    for key, value in values.items():
        tool, _, parameter = key.rpartition(".")
        if parameter in parameters.get(tool, {}):
            found.setdefault(tool, {})[parameter] = value
        elif key in parameters and isinstance(value, dict):
            own = {name: item for name, item in value.items() if name in parameters[key]}
            found.setdefault(key, {}).update(own)
        elif key in parameters[goal]:
            found.setdefault(goal, {})[key] = value
    return {tool: own for tool, own in found.items() if own}
