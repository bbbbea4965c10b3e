"""Tools for models whose server takes none, or that use them badly: described in the system message, called in JSON.

Each answer is one step: what is done, what is left, and a tool with its arguments or a reply. Where the server can hold
a model to a schema, it is held to this one, which helps small models more than any wording: asked for both, they look
up what is missing, and stop when nothing is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from fr_agents.backends.backend import Answer, AnswerCall, Backend, OutputSchema, Request
from fr_agents.backends.printed_calls import with_printed_calls
from fr_agents.backends.reading import json_objects, split_thought
from fr_agents.prompts.prompt import Prompt
from tools.base import Json, JsonObject, canonical_json

NO_TOOL = "none"
_THOUGHT = ("thought", "done", "left")
# Small models go on calling whatever tool is left, unless the last thing that they read says what it was for.
_REMINDER = f'The request was: {{request}}\nWhat is the next step for it? The tool is "{NO_TOOL}" if all of it is done.'


class TextToolsBackend:
    """Writes tools, calls and results into messages of plain text, and reads the call out of each answer."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._prompt = Prompt("text_tools")

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        if not request.tools:
            return await self._backend.complete(request)
        described = self._prompt.system(tools=[tool["function"] for tool in request.tools])
        inner = Request(
            messages=tuple(_in_text(request.messages, described)),
            output=_step_schema(sorted(request.tool_names())),
            max_tokens=request.max_tokens,
        )
        answer = await self._backend.complete(inner)
        return _step(answer) or with_printed_calls(answer, request.tools)


def _step_schema(names: list[str]) -> OutputSchema:
    """One step as JSON Schema. Arguments are any object: not every server can hold a model to every tool's schema."""
    properties = {
        "done": {"type": "string"},
        "left": {"type": "string"},
        "tool": {"type": "string", "enum": [*names, NO_TOOL]},
        "arguments": {"type": "object"},
        "reply": {"type": "string"},
    }
    schema = {"type": "object", "properties": properties, "required": ["done", "left", "tool"]}
    return OutputSchema(name="step", json_schema=schema)


def _step(answer: Answer) -> Answer | None:
    """The answer with the call or the reply of its first step; None where it has none."""
    for _, _, value in json_objects(answer.text):
        tool = value.get("tool")
        if not isinstance(tool, str):
            continue
        reasoning = "\n\n".join(part for part in (answer.reasoning, _thought(value)) if part)
        if tool != NO_TOOL:
            call = AnswerCall.parse(tool, canonical_json(value.get("arguments") or {}))
            return answer.model_copy(update={"text": "", "reasoning": reasoning, "tool_calls": (call,)})
        return answer.model_copy(update={"text": str(value.get("reply") or ""), "reasoning": reasoning})
    return None


def _thought(step: JsonObject) -> str:
    """What a step says before it acts, in the order in which it is said."""
    return " ".join(text.strip() for key in _THOUGHT if isinstance(text := step.get(key), str) and text.strip())


def _said(thought: str) -> JsonObject:
    """A thought in the parts that a step has: its first sentence, and the rest."""
    done, stop, left = thought.partition(". ")
    return {"done": done + stop.strip(), "left": left}


def _in_text(messages: tuple[JsonObject, ...], described: str) -> Iterator[JsonObject]:
    """The messages as plain text: the tools in the first one, the results of one message's calls in one message."""
    if messages and messages[0]["role"] == "system":
        described = f"{messages[0]['content']}\n\n{described}"
        messages = messages[1:]
    yield {"role": "system", "content": described}
    results: list[str] = []
    made: dict[str, str] = {}
    request = ""
    for message in messages:
        if message["role"] == "tool":
            results.append(f"Result of {made.get(message['tool_call_id'], 'the call')}: {message['content']}")
            continue
        if results:
            yield _shown(results, request)
            results = []
        if message["role"] == "user":
            request = message["content"]
        for call in message.get("tool_calls") or ():
            made[call["id"]] = f"{call['function']['name']}({call['function']['arguments']})"
        yield _in_steps(message)
    if results:
        yield _shown(results, request)


def _shown(results: list[str], request: str) -> JsonObject:
    return {"role": "user", "content": "\n".join([*results, _REMINDER.format(request=request)])}


def _in_steps(message: JsonObject) -> JsonObject:
    """An assistant message in the form that the model answers in; other messages as they are."""
    if message["role"] != "assistant":
        return message
    thought, reply = split_thought(message.get("content") or "")
    calls = message.get("tool_calls") or ()
    lines: list[Json] = [
        {**_said(thought), "tool": call["function"]["name"], "arguments": _arguments(call)} for call in calls
    ]
    said = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    if not lines:
        said = json.dumps({**_said(thought), "tool": NO_TOOL, "reply": reply}, ensure_ascii=False)
    return {"role": "assistant", "content": said}


def _arguments(call: JsonObject) -> JsonObject:
    return AnswerCall.parse(call["function"]["name"], call["function"]["arguments"]).arguments or {}
