"""A tool call and what came back."""

from __future__ import annotations

from tools.base import Json, JsonObject, Record, canonical_json, digest


class ToolCall(Record):
    """One call of a tool; ``id`` is unique within its trajectory."""

    id: str
    name: str
    arguments: JsonObject

    @property
    def signature(self) -> str:
        """Equal for calls of the same tool with the same arguments, whatever their ids."""
        return signature(self.name, self.arguments)


def signature(name: str, arguments: JsonObject) -> str:
    """What tells a call of a tool with certain arguments from all others."""
    return digest([name, arguments])


class ToolError(Record):
    """Why a tool did not do what it was asked to; the model sees it."""

    kind: str
    message: str


class Observation(Record):
    """The result of a call: its content, or the error that the tool answered with."""

    call_id: str
    content: Json = None
    error: ToolError | None = None

    @property
    def failed(self) -> bool:
        return self.error is not None

    def text(self) -> str:
        """What a model reads in the tool message: the content as JSON, or ``{"error": ...}``."""
        return canonical_json({"error": self.error.message} if self.error else self.content)
