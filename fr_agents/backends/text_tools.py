"""Tools for models whose server takes none, or that use them badly: described in the system message, called in JSON.

Each answer is one step: what is done, what is left, which tools are still to be called, and a tool with its arguments
or a reply. Where the server can hold a model to a schema, it is held to this one, which helps small models more than
any wording: asked for all that, they look up what is missing, and stop when nothing is. The schema has no word for no
tool: they would choose it beside a list of what is still to be called.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from fr_agents.backends.backend import Answer, AnswerCall, Backend, OutputSchema, Request
from fr_agents.backends.printed_calls import with_printed_calls
from fr_agents.backends.reading import json_objects, split_thought
from fr_agents.prompts.prompt import Prompt
from tools.base import JsonObject, canonical_json

# What other forms of a step, which models know too, call the lack of a tool.
_NO_TOOL = "none"
_THOUGHT = ("thought", "done", "left")
_MOST_PLANNED = 8
# How a thought ends that names the tools to be called.
_NEXT, _THEN = "Next: ", ", then "
# Small models go on calling whatever tool is left, or say that all is done once they have looked up what they need.
_NOTHING = "Nothing was called for this so far, so that nothing is done yet."
_CALLED = "Called for this so far, in this order:\n{results}\nNothing else was done."
_OPEN = "Planned for it, and not called yet: {names}."
_CLOSED = "If that is all that was asked for, no tool is to be called any more."


class TextToolsBackend:
    """Writes tools, calls and results into messages of plain text, and reads the call out of each answer."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._prompt = Prompt("text_tools")

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer; a step that names a tool is a call of it. Raises what the backend raises."""
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
        "to_call": {"type": "array", "items": {"type": "string", "enum": names}, "maxItems": _MOST_PLANNED},
        "tool": {"type": "string", "enum": names},
        "arguments": {"type": "object"},
        "reply": {"type": "string"},
    }
    schema = {"type": "object", "properties": properties, "required": ["done", "left", "to_call"]}
    return OutputSchema(name="step", json_schema=schema)


def _step(answer: Answer) -> Answer | None:
    """The answer with the call or the reply of its first step; None where it has none."""
    for _, _, value in json_objects(answer.text):
        tool = _next_tool(value)
        if tool is None:
            continue
        reasoning = "\n\n".join(part for part in (answer.reasoning, _thought(value)) if part)
        if tool != _NO_TOOL:
            call = AnswerCall.parse(tool, canonical_json(value.get("arguments") or {}))
            return answer.model_copy(update={"text": "", "reasoning": reasoning, "tool_calls": (call,)})
        return answer.model_copy(update={"text": str(value.get("reply") or ""), "reasoning": reasoning})
    return None


def _next_tool(step: JsonObject) -> str | None:
    """The tool that a step calls, which may be none; None where the object is no step. A model that names tools and
    gives a reply in place of arguments has given up on them."""
    tool = step.get("tool")
    if isinstance(tool, str):
        return tool
    planned = _planned(step)
    if planned is None:
        return None
    return planned[0] if planned and not ("reply" in step and "arguments" not in step) else _NO_TOOL


def _planned(step: JsonObject) -> list[str] | None:
    planned = step.get("to_call")
    return [name for name in planned if isinstance(name, str)] if isinstance(planned, list) else None


def _thought(step: JsonObject) -> str:
    """What a step says before it acts, in the order in which it is said."""
    said = [text.strip() for key in _THOUGHT if isinstance(text := step.get(key), str) and text.strip()]
    planned = list(dict.fromkeys(_planned(step) or []))
    # One alone is the tool that the step calls.
    return " ".join([*said, f"{_NEXT}{_THEN.join(planned)}."] if len(planned) > 1 else said)


def _planned_in(thought: str) -> list[str]:
    """The tools that a thought names at its end."""
    _, _, planned = thought.rpartition(_NEXT) if _NEXT in thought else ("", "", "")
    return planned.strip().removesuffix(".").split(_THEN) if planned else []


def _in_text(messages: tuple[JsonObject, ...], described: str) -> Iterator[JsonObject]:
    """The messages as plain text: the tools in the first one, a turn's calls with their results at its request.

    The steps that led to the calls are left out: a small model that reads its own last step writes the same again.
    """
    if messages and messages[0]["role"] == "system":
        described = f"{messages[0]['content']}\n\n{described}"
        messages = messages[1:]
    yield {"role": "system", "content": described}
    request: str | None = None
    made: dict[str, str] = {}
    results: list[str] = []
    planned: dict[str, None] = {}
    for message in messages:
        if message["role"] == "tool":
            results.append(f"{made.get(message['tool_call_id'], 'a call')} returned {message['content']}")
        elif message.get("tool_calls"):
            calls = [(call["id"], call["function"]) for call in message["tool_calls"]]
            made |= {key: f"{function['name']}({function['arguments']})" for key, function in calls}
            planned |= dict.fromkeys(_planned_in(split_thought(message.get("content") or "")[0]))
            for _, function in calls:
                planned.pop(function["name"], None)
        else:
            yield from _asked(request, results, planned)
            request, results, planned = None, [], {}
            if message["role"] == "user":
                request = message["content"]
            else:
                yield _replied(message)
    if request is not None and not results:
        request = f"{request}\n\n{_NOTHING}"
    yield from _asked(request, results, planned)


def _asked(request: str | None, results: Sequence[str], planned: Iterable[str]) -> Iterator[JsonObject]:
    """What the user asked for, what was called for it so far, and what the model itself still meant to call."""
    if results:
        numbered = "\n".join(f"{number}. {result}" for number, result in enumerate(results, 1))
        names = ", ".join(planned)
        told = f"{_CALLED.format(results=numbered)} {_OPEN.format(names=names) if names else _CLOSED}"
        request = f"{request or ''}\n\n{told}".lstrip()
    if request is not None:
        yield {"role": "user", "content": request}


def _replied(message: JsonObject) -> JsonObject:
    """A reply in the form that the model answers in; other messages as they are."""
    if message["role"] != "assistant":
        return message
    thought, reply = split_thought(message.get("content") or "")
    done, stop, left = thought.partition(". ")
    step = {"done": done + stop.strip(), "left": left, "to_call": [], "reply": reply}
    return {"role": "assistant", "content": json.dumps(step, ensure_ascii=False)}
