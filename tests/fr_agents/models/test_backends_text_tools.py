"""Tools for servers that take none."""

from __future__ import annotations

import json

import pytest

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.backends.text_tools import TextToolsBackend

TOOL = {
    "type": "function",
    "function": {
        "name": "get_zipcode",
        "description": "Gets the zip code of a city.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Name of the city."},
                "era": {"enum": ["old", "new"]},
            },
            "required": ["city"],
        },
    },
}
CALL = {"id": "c1", "type": "function", "function": {"name": "get_zipcode", "arguments": '{"city": "A"}'}}
TALK = (
    {"role": "system", "content": "You help."},
    {"role": "user", "content": "Zip code of A?"},
    {
        "role": "assistant",
        "content": "<think>\nNothing yet. I look.\n</think>\n\n",
        "tool_calls": [CALL, {**CALL, "id": "c2"}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": '"83214"'},
    {"role": "tool", "tool_call_id": "c2", "content": '"83214"'},
    {"role": "assistant", "content": "<think>\nFound.\n</think>\n\nIt is 83214."},
    {"role": "user", "content": "And of B?"},
)


async def complete(answer: str, request: Request) -> tuple[Answer, Request]:
    seen: list[Request] = []

    def said(inner: Request) -> Answer:
        seen.append(inner)
        return Answer(text=answer, completion_tokens=5)

    return await TextToolsBackend(ScriptedBackend(said, "m")).complete(request), seen[0]


async def test_the_conversation_is_written_as_text() -> None:
    _, sent = await complete("{}", Request(messages=TALK, tools=(TOOL,)))
    system, first, calls, results, reply, last = sent.messages
    assert system["content"].startswith("You help.")
    assert "get_zipcode(city: string - Name of the city.; era?: any" in system["content"]
    assert first == TALK[1]
    lines = calls["content"].splitlines()
    assert json.loads(lines[0]) == {
        "done": "Nothing yet.",
        "left": "I look.",
        "tool": "get_zipcode",
        "arguments": {"city": "A"},
    }
    assert len(lines) == 2
    assert results["role"] == "user"
    shown = results["content"].splitlines()
    assert shown[:2] == ['Result of get_zipcode({"city": "A"}): "83214"'] * 2
    assert shown[2] == "The request was: Zip code of A?"
    assert json.loads(reply["content"]) == {"done": "Found.", "left": "", "tool": "none", "reply": "It is 83214."}
    assert last == TALK[6]
    assert sent.tools == ()
    assert sent.output is not None
    assert sent.output.json_schema["properties"]["tool"]["enum"] == ["get_zipcode", "none"]


@pytest.mark.parametrize(
    ("text", "reasoning", "calls", "reply"),
    [
        (
            '{"done": "Nothing.", "left": "I look.", "tool": "get_zipcode", "arguments": {"city": "B"}}',
            "Nothing. I look.",
            [{"city": "B"}],
            "",
        ),
        ('{"thought": "Done.", "tool": "none", "reply": "It is 1."}', "Done.", [], "It is 1."),
        ('```json\n{"tool": "get_zipcode", "arguments": "{\\"city\\": \\"B\\"}"}\n```', "", [{"city": "B"}], ""),
        ('{"tool": "get_zipcode"}', "", [{}], ""),
        ('<tool_call>{"name": "get_zipcode", "arguments": {"city": "B"}}</tool_call>', "", [{"city": "B"}], ""),
        ("It is 1.", "", [], "It is 1."),
    ],
)
async def test_steps_are_read(text: str, reasoning: str, calls: list[object], reply: str) -> None:
    answer, _ = await complete(text, Request(messages=TALK, tools=(TOOL,)))
    assert (answer.reasoning, [call.arguments for call in answer.tool_calls], answer.text) == (reasoning, calls, reply)
    assert answer.completion_tokens == 5


async def test_a_step_never_plays_the_tool_too() -> None:
    first = '{"thought": "I look.", "tool": "get_zipcode", "arguments": {"city": "B"}}'
    made_up = '\nResult: "1"\n{"thought": "Done.", "tool": "none", "reply": "It is 1."}'
    answer, _ = await complete(first + made_up, Request(messages=TALK, tools=(TOOL,)))
    assert (len(answer.tool_calls), answer.text) == (1, "")


async def test_requests_without_tools_pass_unchanged() -> None:
    request = Request(messages=TALK[:2])
    _, sent = await complete("hi", request)
    assert sent is request
