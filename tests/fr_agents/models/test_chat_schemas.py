"""The schema that a model is held to says what fields mean, and nothing of our code."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from fr_agents.backends.backend import Answer
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.roles.chat.chat_role import StructuredRole
from tools.base import JsonObject


class Part(BaseModel):
    """Speaks to programmers."""

    title: str


class Whole(BaseModel):
    """Speaks to programmers as well."""

    parts: list[Part]
    first: Annotated[Part, Field(description="The one to begin with.")]
    description: str


class Naming(StructuredRole[None, Any, Whole]):
    name = "tooling"
    output = Whole

    def values(self, view: None) -> JsonObject:
        return {}

    def result(self, view: None, output: Whole) -> Any:
        return output


def test_docstrings_and_titles_are_left_out_and_descriptions_of_fields_stay() -> None:
    role = Naming(ScriptedBackend(lambda _: Answer(), "m"))
    part = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    assert role._schema.json_schema == {
        "type": "object",
        "properties": {
            "parts": {"type": "array", "items": part},
            "first": {**part, "description": "The one to begin with."},
            "description": {"type": "string"},
        },
        "required": ["parts", "first", "description"],
    }
