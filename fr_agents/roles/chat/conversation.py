"""What was said so far, as a role is shown it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fr_agents.backends.reading import split_thought
from tools.base import JsonObject

_LONGEST_LINE = 200
_LATEST_MESSAGES = 6


def spoken_lines(messages: Sequence[JsonObject]) -> Iterator[str]:
    """The last things that user and assistant said to each other, a line each: no thoughts, calls and results."""
    spoken = [message for message in messages if message["role"] in ("user", "assistant") and message.get("content")]
    for message in spoken[-_LATEST_MESSAGES:]:
        text = " ".join(split_thought(str(message["content"]))[1].split())
        if text:
            yield f"{message['role'].upper()}: {text[:_LONGEST_LINE]}"
