"""A tool as a model sees it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from tools.base import JsonObject, Record, digest

Effect = Literal["read", "write"]


class ToolSpec(Record):
    """A callable tool: its name, what it does, and its arguments and result as JSON Schema.

    ``effect`` tells whether a successful call can change what a user could observe; it is not what the tool is for: a
    booking tool is a ``write`` even when somebody calls it only to learn the price.
    """

    name: str
    description: str
    parameters: JsonObject
    returns: JsonObject
    effect: Effect = "read"

    @property
    def properties(self) -> dict[str, JsonObject]:
        """The JSON Schema of each parameter, by name, in declared order."""
        return dict(self.parameters.get("properties", {}))

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the parameters that a call must give."""
        return tuple(self.parameters.get("required", ()))

    @cached_property
    def fingerprint(self) -> str:
        """Equal for equal tools; worked out once, since what is known of a tool set is looked up by it."""
        return digest(self.plain())

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed; pydantic would hand on the fingerprint of the tool that it was."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("fingerprint", None)
        return copied

    def openai(self) -> JsonObject:
        """The tool in the form of OpenAI's ``tools`` list, which models and trainers take."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}
