"""A model by rules: it knows what stands in a request, and solves like the offline role.

Servers of benchmarks and tests put it behind HTTP, by ``asked`` and ``completion``;
``scripted/.../rule_model.py:answer`` asks it without one.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from envs.domain import load_domain
from fr_agents.backends.backend import Answer, AnswerCall, OutputSchema, Request
from fr_agents.prompts.prompt import Prompt
from fr_agents.roles.offline import OfflineReasoning
from graphs.roles import ReasoningView
from tools.base import JsonObject
from tools.spec import ToolSpec

TOLD = {"prompt_tokens": 10, "completion_tokens": 5}
_NOTE = "\n\n[Note for the assistant, not said by the user]\n"


def answer(request: Request) -> Answer:
    """What the model answers: a step of a solution, an object that was asked for, or a word."""
    if request.tools:
        return _step(request)
    if request.output is None:
        return Answer(text="ready", **TOLD)
    said = _OBJECTS[request.output.name](request.messages[-1]["content"])
    return Answer(text=json.dumps(said), **TOLD)


def asked(body: JsonObject) -> Request:
    """The request that the body of a chat completion's request stands for."""
    output = None
    if (form := body.get("response_format")) is not None:
        output = OutputSchema(name=form["json_schema"]["name"], json_schema=form["json_schema"]["schema"])
    return Request(messages=tuple(body["messages"]), tools=tuple(body.get("tools", ())), output=output)


def completion(given: Answer) -> JsonObject:
    """The body of a chat completion that tells an answer."""
    message: JsonObject = {"role": "assistant", "content": given.text, "reasoning_content": given.reasoning}
    if given.tool_calls:
        message["tool_calls"] = [
            {"id": f"c{number}", "type": "function", "function": {"name": call.name, "arguments": call.raw}}
            for number, call in enumerate(given.tool_calls)
        ]
    choice = {"index": 0, "finish_reason": given.finish_reason, "message": message}
    usage = {**TOLD, "total_tokens": sum(TOLD.values())}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


@cache
def _specs() -> dict[str, ToolSpec]:
    return {spec.name: spec for specs in load_domain("travel", {}).catalogue().values() for spec in specs}


def _tooling(text: str) -> dict[str, Any]:
    goal = text.partition("What it is for:\n- ")[2].partition("\n")[0]
    return {"name": goal, "description": f"Helps a traveller to {goal}."}


def _critiquing(text: str) -> dict[str, Any]:
    return {"hint": text.partition("In short: ")[2].partition("\n")[0]}


_OBJECTS = {"tooling": _tooling, "critiquing": _critiquing}


def _step(request: Request) -> Answer:
    messages = [dict(message) for message in request.messages]
    messages[0]["content"] = messages[0]["content"].removesuffix(Prompt("reasoning").system()).strip()
    last = max(index for index, message in enumerate(messages) if message["role"] == "user")
    said, _, note = messages[last]["content"].partition(_NOTE)
    messages[last]["content"] = said
    hints = tuple(note.removesuffix("[End of the note]").strip().splitlines())
    tools = tuple(_specs()[tool["function"]["name"]] for tool in request.tools)
    move = OfflineReasoning(seed=3, mistakes=0.5).answer(
        ReasoningView(tools=tools, messages=tuple(messages), hints=hints)
    )
    calls = tuple(AnswerCall.parse(call.name, json.dumps(call.arguments)) for call in move.calls)
    ended = "tool_calls" if calls else "stop"
    return Answer(text=move.reply, reasoning=move.thought, tool_calls=calls, finish_reason=ended, **TOLD)
