"""What the messages of a conversation tell whoever has to answer: the request, what calls returned, and what failed."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graphs.messages import profile_in
from tools.base import Json, JsonObject, canonical_json


@dataclass(frozen=True)
class Made:
    """A call that was made for the request, in assistant message number ``message``; ``error`` is empty where it did
    what it was asked to."""

    name: str
    arguments: JsonObject
    content: Json
    error: str
    message: int

    @cached_property
    def key(self) -> str:
        return call_key(self.name, self.arguments)


@dataclass
class Conversation:
    """The request, the calls made for it, what those of earlier turns returned, by tool, and what the system message
    tells about the user, by label."""

    request: str = ""
    profile: dict[str, str] = field(default_factory=dict)
    calls: list[Made] = field(default_factory=list)
    earlier: list[tuple[str, Json]] = field(default_factory=list)

    @classmethod
    def of(cls, messages: Sequence[JsonObject]) -> Conversation:
        """Read from messages in OpenAI's form."""
        found = cls()
        asked: dict[str, tuple[str, JsonObject]] = {}
        number = 0
        for message in messages:
            if message["role"] == "system":
                found.profile = profile_in(str(message["content"]))
            if message["role"] == "user":
                found.request = str(message["content"])
                found.earlier += [(call.name, call.content) for call in found.calls if not call.error]
                found.calls = []
            for call in message.get("tool_calls", ()):
                asked[call["id"]] = (call["function"]["name"], json.loads(call["function"]["arguments"]))
            if message["role"] == "tool":
                content = json.loads(message["content"])
                failed = isinstance(content, dict) and set(content) == {"error"}
                error = str(content["error"]) if failed else ""
                found.calls.append(Made(*asked[message["tool_call_id"]], content, error, number))
            else:
                number += 1
        return found

    @cached_property
    def results(self) -> dict[str, Json]:
        """What successful calls returned, by their keys, once all was read."""
        return {call.key: call.content for call in self.calls if not call.error}

    @property
    def failures(self) -> tuple[Made, ...]:
        return tuple(call for call in self.calls if call.error)

    @property
    def latest(self) -> tuple[Made, ...]:
        """The calls of the last message."""
        return tuple(call for call in self.calls if call.message == self.calls[-1].message)

    def failed(self, key: str) -> bool:
        return any(call.key == key for call in self.failures)

    def changed_since(self, key: str, writes: Collection[str]) -> bool:
        """Whether a call has failed once only, and another one has changed something since; ``writes`` are the tools
        that do."""
        places = [place for place, call in enumerate(self.calls) if call.key == key]
        later = self.calls[places[0] + 1 :] if len(places) == 1 else []
        return any(call.name in writes and not call.error for call in later)


def call_key(name: str, arguments: JsonObject) -> str:
    """Equal for the same call."""
    return canonical_json([name, arguments])
