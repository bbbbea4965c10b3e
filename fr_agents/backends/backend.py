"""The protocol that every backend keeps, and what goes in and comes out."""

from __future__ import annotations

import json
from typing import Protocol

from tools.base import JsonObject, Record, json_safe


class OutputSchema(Record):
    """The JSON object that an answer should be: a name for it, and its JSON Schema."""

    name: str
    json_schema: JsonObject


class Request(Record):
    """One request: messages and tools in OpenAI's form, and the object that the answer should be, if any.

    ``max_tokens`` overrides what the model is configured with.
    """

    messages: tuple[JsonObject, ...]
    tools: tuple[JsonObject, ...] = ()
    output: OutputSchema | None = None
    max_tokens: int | None = None

    def tool_names(self) -> frozenset[str]:
        """The names of the tools that the answer may call."""
        return frozenset(tool["function"]["name"] for tool in self.tools)


class AnswerCall(Record):
    """A tool call as the model wrote it. ``arguments`` is none where ``raw`` holds no JSON object."""

    name: str
    arguments: JsonObject | None
    raw: str

    @classmethod
    def parse(cls, name: str, raw: str) -> AnswerCall:
        """Read arguments from JSON text. Nothing at all counts as no arguments, and an object that was encoded twice
        is decoded twice: both are habits of models and servers that leave no doubt what was meant."""
        value = _decoded(raw.strip() or "{}")
        if isinstance(value, str):
            value = _decoded(value)
        return cls(name=name, arguments=json_safe(value) if isinstance(value, dict) else None, raw=raw)


class Answer(Record):
    """What a model answered, parsed and never evaluated. ``reasoning`` is what it thought, apart from ``text``.

    ``model`` is the model that answered, as the configuration names it; empty where the backend's name says it.
    ``cached_tokens`` are part of ``prompt_tokens``, and ``reasoning_tokens`` of ``completion_tokens``.
    """

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[AnswerCall, ...] = ()
    finish_reason: str = "stop"
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    model: str = ""

    @property
    def cut_off(self) -> bool:
        """Whether the answer ended because it was too long."""
        return self.finish_reason == "length"


class Backend(Protocol):
    """Answers requests."""

    @property
    def name(self) -> str:
        """The model that answers, as the lineage of a record names it."""
        ...

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises UnanswerableRequest where this one request cannot be answered, and InfrastructureError where
        the model cannot be reached or used at all."""
        ...


def _decoded(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
