"""Reads an AIMessage of LangChain, whichever provider's it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.messages import AIMessage

from fr_agents.backends.backend import Answer, AnswerCall, Request
from fr_agents.backends.reading import split_thought
from tools.base import Json, JsonObject, canonical_json, json_safe

_REASONS = ("finish_reason", "stop_reason", "done_reason")
_CUT_OFF = frozenset({"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"})
_FILTERED = frozenset({"content_filter", "content_filtered", "refusal", "safety", "prohibited_content", "blocklist"})
_THOUGHTS = ("reasoning_content", "reasoning")


def answer_of(message: AIMessage, request: Request) -> Answer:
    """The answer in a message. Thoughts are taken from blocks of the content, from ``reasoning_content``, and from
    ``<think>`` in the text; where an output was asked for as a function, its arguments are the text."""
    thought, text = split_thought(_plain("".join(_texts(message.content))))
    separate = [_plain(part).strip() for part in (*_block_thoughts(message.content), _named_thought(message))]
    calls = tuple(_calls(message))
    if request.output is not None and calls:
        text, calls = calls[0].raw, ()
    usage: JsonObject = dict(message.usage_metadata or {})
    return Answer(
        text=text,
        reasoning="\n\n".join(dict.fromkeys(part for part in (*separate, thought) if part)),
        tool_calls=calls,
        finish_reason=_finish_reason(message.response_metadata),
        prompt_tokens=_count(usage.get("input_tokens")),
        cached_tokens=_count((usage.get("input_token_details") or {}).get("cache_read")),
        completion_tokens=_count(usage.get("output_tokens")),
        reasoning_tokens=_count((usage.get("output_token_details") or {}).get("reasoning")),
    )


def _calls(message: AIMessage) -> Iterator[AnswerCall]:
    """The calls, those first that LangChain could read."""
    for call in message.tool_calls:
        yield AnswerCall.parse(call["name"], canonical_json(json_safe(call["args"])))
    for broken in message.invalid_tool_calls:
        yield AnswerCall.parse(_plain(broken["name"] or ""), _plain(broken["args"] or ""))


def _texts(content: Json) -> Iterator[str]:
    for block in content if isinstance(content, list) else [content]:
        if isinstance(block, str):
            yield block
        elif isinstance(block, dict) and block.get("type") == "text":
            yield str(block.get("text") or "")


def _block_thoughts(content: Json) -> Iterator[str]:
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") in ("thinking", "reasoning"):
            said = block.get("thinking") or block.get("reasoning") or block.get("text") or ""
            summary = [str(part.get("text") or "") for part in block.get("summary") or () if isinstance(part, dict)]
            yield "\n\n".join(part for part in (str(said), *summary) if part)


def _named_thought(message: AIMessage) -> str:
    found = next((message.additional_kwargs[name] for name in _THOUGHTS if message.additional_kwargs.get(name)), "")
    return found if isinstance(found, str) else ""


def _finish_reason(metadata: JsonObject) -> str:
    """The reason in OpenAI's words, where it is one that matters."""
    said = next((str(metadata[name]) for name in _REASONS if metadata.get(name)), "stop")
    plain = said.rpartition(".")[2].lower()
    if plain in _CUT_OFF:
        return "length"
    return "content_filter" if plain in _FILTERED else said


def _plain(text: str) -> str:
    """Text without what UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
