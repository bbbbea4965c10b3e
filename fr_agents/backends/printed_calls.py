"""Tool calls that a model printed as text: small models do, in whatever form they saw most of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fr_agents.backends.backend import Answer, AnswerCall
from fr_agents.backends.printed_dialects import dialect_calls
from fr_agents.backends.reading import json_objects
from tools.base import JsonObject, canonical_json

_TAGGED = re.compile(r"<tool_calls?>(.*?)(?:</tool_calls?>|(?=<tool_call)|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```\w*[\s,\[\]]*```")
_LEFT_OVER = re.compile(r"^[\[\],;\s]+$")
# From here on a model plays the tool too, and what it writes rests on results that nobody saw.
_IMAGINED = re.compile(r"</?tool_response|<\uff5ctool\u2581output", re.IGNORECASE)


def with_printed_calls(answer: Answer, tools: Sequence[JsonObject]) -> Answer:
    """The answer with the calls that stand in its text, where it has no others; what stood beside them stays text.

    ``<tool_call>`` marks a call, whatever it says, and so do the forms of ``printed_dialects``. A bare object is one
    only if it has ``arguments`` and the name of a tool that there is, or if it has exactly the parameters of a tool
    that the text names before it: an answer may show JSON for other reasons. Nothing counts that comes after a result
    which the model made up.
    """
    if answer.tool_calls or not answer.text:
        return answer
    parameters = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in tools}
    text = _IMAGINED.split(answer.text, maxsplit=1)[0]
    calls, rest = dialect_calls(text, parameters)
    if not calls:
        calls, rest = _tagged(text)
    if not calls:
        calls, rest = _bare(text, parameters)
    return answer.model_copy(update={"tool_calls": tuple(calls), "text": rest}) if calls else answer


def _tagged(text: str) -> tuple[list[AnswerCall], str]:
    calls = []
    for block in _TAGGED.finditer(text):
        inner = block.group(1).strip()
        found = [call for _, _, value in json_objects(inner) if (call := _call(value)) is not None]
        calls += found or [AnswerCall(name="", arguments=None, raw=inner)]
    return calls, _TAGGED.sub("", text).strip()


def _bare(text: str, parameters: Mapping[str, JsonObject]) -> tuple[list[AnswerCall], str]:
    calls, kept, position = [], [], 0
    for start, end, value in json_objects(text):
        found = [call for item in _listed(value) if (call := _call(item)) is not None and call.name in parameters]
        if not found and (name := _meant(value, text[:start], parameters)):
            found = [AnswerCall.parse(name, canonical_json(value))]
        if found:
            calls += found
            kept.append(text[position:start])
            position = end
    rest = _FENCE.sub("", "".join([*kept, text[position:]])).strip()
    return calls, "" if _LEFT_OVER.match(rest) else rest


def _listed(value: JsonObject) -> Iterator[JsonObject]:
    """The object itself, or the calls that it lists."""
    listed = value.get("tool_calls") or value.get("calls")
    if isinstance(listed, list):
        yield from (item for item in listed if isinstance(item, dict))
    else:
        yield value


def _meant(value: JsonObject, before: str, parameters: Mapping[str, JsonObject]) -> str | None:
    """The tool whose arguments an object without a name is: the last one that was named, if the parameters agree."""
    places = {name: before.rfind(name) for name in parameters}
    name = max(places, key=lambda item: (places[item], len(item)), default=None)
    if name is None or places[name] < 0 or not value:
        return None
    known = parameters[name].get("properties", {})
    return name if set(parameters[name].get("required", ())) <= set(value) <= set(known) else None


def _call(value: JsonObject) -> AnswerCall | None:
    """A call in a form that models write: Hermes's, Llama's, a plan's, or OpenAI's with a ``function`` inside.

    A tool's specification, which models like to repeat, looks much like Llama's and is none.
    """
    if isinstance(value.get("function"), dict):
        value = value["function"]
    name = value.get("name") or value.get("tool") or value.get("function")
    arguments = value.get("arguments", value.get("parameters"))
    if not isinstance(name, str) or not isinstance(arguments, dict | str):
        return None
    if isinstance(arguments, dict) and isinstance(arguments.get("properties"), dict):
        return None
    raw = arguments if isinstance(arguments, str) else canonical_json(arguments)
    return AnswerCall.parse(name, raw)
