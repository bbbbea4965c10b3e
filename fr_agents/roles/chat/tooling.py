"""The tooling agent (A_T): names and describes the advanced tool of a turn."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fr_agents.roles.chat.chat_role import StructuredRole, UnusableAnswerError
from graphs.roles import Naming, ToolingView
from tools.base import JsonObject
from tools.pools import OPAQUE_WORDS
from tools.trace import succeeded
from tools.wording import words

_LONGEST_NAME = 60
# What the example in the prompt is about: small models take words from it.
_OF_THE_EXAMPLE = frozenset({"book", "lend", "library", "member", "title"})


class NamingOutput(BaseModel):
    """What the model is asked for."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(min_length=10)]


class ToolingRole(StructuredRole[ToolingView, Naming, NamingOutput]):
    """Shows the calls of the trace that succeeded, with the computed inputs and results, and asks for a name and a
    description."""

    name = "tooling"
    output = NamingOutput

    def values(self, view: ToolingView) -> JsonObject:
        purposes = {tool.name: tool.description for tool in view.tools}
        steps = succeeded(view.trace.steps)
        used = dict.fromkeys(step.call.name for step in steps)
        return {
            "purposes": {name: purposes[name] for name in used if name in purposes},
            "steps": steps,
            "inputs": view.signature.inputs,
            "sinks": view.signature.sinks,
        }

    def result(self, view: ToolingView, output: NamingOutput) -> Naming:
        name = snake_case(output.name)
        if not name:
            raise UnusableAnswerError(f"The name {output.name!r} holds no words.")
        description = " ".join(output.description.split())
        if _speaks_of_unknown(description, view) or _copies_the_example(description, view):
            description = view.signature.plain_description()
        return Naming(name=_untaken(name, view), description=description)


def _untaken(name: str, view: ToolingView) -> str:
    """The name; where a step has it, with the first input added: ``book_flight_by_price``."""
    if name not in {tool.name for tool in view.tools}:
        return name
    by = view.signature.inputs[0].label if view.signature.inputs else "request"
    return snake_case(f"{name} by {by}")


def _speaks_of_unknown(description: str, view: ToolingView) -> bool:
    """Whether a description speaks of an ID, say, although no input is one: whoever writes a request after it would say
    a date or a name as if it were that ID. Small models do not mend this when they are told."""
    known = {word for item in view.signature.inputs for word in words(item.label)}
    return any(word in OPAQUE_WORDS - known for word in words(description))


def _copies_the_example(description: str, view: ToolingView) -> bool:
    """Whether a description has words of the prompt's example that the tools and their inputs do not have."""
    known = {word for tool in view.tools for word in words(f"{tool.name} {tool.description}")}
    known.update(word for item in view.signature.inputs for word in words(item.label))
    return any(word in _OF_THE_EXAMPLE - known for word in words(description))


def snake_case(text: str) -> str:
    """A name as tools have it: words in lower case, joined by underscores, not beginning with a digit."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    joined = "_".join(re.findall(r"[a-z0-9]+", spaced.lower())).lstrip("0123456789_")
    return joined[:_LONGEST_NAME].rstrip("_")
