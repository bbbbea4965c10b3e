"""Reads a chat completion's message."""

from __future__ import annotations

from typing import Any

from fr_agents.backends.backend import Answer, AnswerCall, Request
from fr_agents.backends.reading import split_thought
from tools.base import Json, JsonObject, canonical_json


def as_answer(message: JsonObject, metadata: JsonObject, request: Request) -> Answer:
    """The answer in a message of the server. Reasoning is taken from its own field, and from ``<think>`` in the text.

    Where the request's output schema was asked for as a function, that function's arguments are the text.
    """
    thought, text = split_thought(_text(message.get("content")))
    separate = _text(message.get("reasoning_content") or message.get("reasoning"))
    calls = tuple(_call(item) for item in message.get("tool_calls") or () if isinstance(item, dict))
    if request.output is not None and calls:
        text, calls = calls[0].raw, ()
    usage = _section(metadata, "token_usage")
    return Answer(
        text=text,
        reasoning="\n\n".join(part for part in (separate.strip(), thought) if part),
        tool_calls=calls,
        finish_reason=str(metadata.get("finish_reason") or "stop"),
        prompt_tokens=_count(usage.get("prompt_tokens")),
        cached_tokens=_count(_section(usage, "prompt_tokens_details").get("cached_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        reasoning_tokens=_count(_section(usage, "completion_tokens_details").get("reasoning_tokens")),
    )


def _call(item: JsonObject) -> AnswerCall:
    function = item.get("function") or {}
    raw = function.get("arguments")
    text = raw if isinstance(raw, str) else canonical_json({} if raw is None else raw)
    return AnswerCall.parse(str(function.get("name") or ""), text)


def _text(content: Json) -> str:
    """Text, or the text parts of a list of parts, without what UTF-8 cannot hold."""
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content.encode("utf-8", "replace").decode("utf-8") if isinstance(content, str) else ""


def _section(value: JsonObject, key: str) -> JsonObject:
    """What stands under the key, where it is a section: servers leave it out, or write null."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
