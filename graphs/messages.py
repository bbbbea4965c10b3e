"""The canonical text form: OpenAI messages, thoughts inside ``content``, arguments as a JSON string."""

from __future__ import annotations

import json
from collections.abc import Sequence

from envs.policy import Rule
from envs.world import World
from tools.base import Json, JsonObject
from tools.call import Observation, ToolCall
from tools.profile import ProfileEntry

SYSTEM = (
    "You are a helpful assistant that carries out requests with the tools at hand. Look up what you need instead of "
    "guessing, use values only after you have seen them, and tell the user the outcome in words."
)


ABOUT_THE_USER = "About the user:"
RULES = "Rules of the house, which hold whatever the user asks for:"


def system_message(profile: Sequence[ProfileEntry] = (), policy: Sequence[Rule] = ()) -> JsonObject:
    """What an assistant is told before all else: its task, what is known of the user, and the rules of the house."""
    about = [f"- {_capital(entry.label)}: {_shown(entry.value)}" for entry in profile]
    rules = [f"- {rule.text}" for rule in policy]
    sections = [(ABOUT_THE_USER, about), (RULES, rules)]
    parts = [SYSTEM, *("\n".join([title, *lines]) for title, lines in sections if lines)]
    return {"role": "system", "content": "\n\n".join(parts)}


def system_message_of(world: World) -> JsonObject:
    """The system message of a world, the same one in all of its states."""
    return system_message(world.profile(), world.policy())


def profile_in(system: str) -> dict[str, str]:
    """What the text of a system message tells about the user, by labels."""
    section = next((part for part in system.split("\n\n") if part.startswith(ABOUT_THE_USER)), "")
    lines = (line.removeprefix("- ").partition(": ") for line in section.splitlines()[1:])
    return {label: value for label, _, value in lines}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
