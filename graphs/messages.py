"""The canonical text form: OpenAI messages, thoughts inside ``content``, arguments as a JSON string."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tools.base import JsonObject
from tools.call import Observation, ToolCall

SYSTEM = (
    "You are a helpful assistant that carries out requests with the tools at hand. Look up what you need instead of "
    "guessing, use values only after you have seen them, and tell the user the outcome in words."
)


def system_message() -> JsonObject:
    return {"role": "system", "content": SYSTEM}


def user_message(text: str) -> JsonObject:
    return {"role": "user", "content": text}


def assistant_message(thought: str, reply: str, calls: Sequence[ToolCall]) -> JsonObject:
    """An assistant message: ``<think>`` block, then the reply or the tool calls."""
    content = f"<think>\n{thought.strip()}\n</think>\n\n{reply}" if thought.strip() else reply
    message: JsonObject = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for call in calls
        ]
    return message


def tool_message(observation: Observation) -> JsonObject:
    return {"role": "tool", "tool_call_id": observation.call_id, "content": observation.text()}


def told(messages: Sequence[JsonObject], query: JsonObject | None = None) -> str:
    """All text that the solver knows before it begins: earlier messages and the query."""
    texts = [str(message.get("content") or "") for message in messages]
    return "\n".join([*texts, str((query or {}).get("text", ""))])
