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
    system, first, reply, last = sent.messages
    assert system["content"].startswith("You help.")
    assert (
        "get_zipcode(city: string - Name of the city.; era (optional, only if the request says it): any"
        in (system["content"])
    )
    assert first["role"] == "user"
    assert first["content"].startswith("Zip code of A?\n\nCalled for this so far")
    assert '\n1. get_zipcode({"city": "A"}) returned "83214"\n2. get_zipcode(' in first["content"]
    assert json.loads(reply["content"]) == {"done": "Found.", "left": "", "to_call": [], "reply": "It is 83214."}
    assert last["content"] == "And of B?\n\nNothing was called for this so far, so that nothing is done yet."
    assert sent.tools == ()
    assert sent.output is not None
    assert sent.output.json_schema["properties"]["tool"]["enum"] == ["get_zipcode"]


@pytest.mark.parametrize(
    ("thought", "told"),
    [
        ("Nothing yet. I look. Next: get_zipcode, then lend_book, then ring.", "not called yet: lend_book, ring."),
        ("Nothing yet. I look. Next: get_zipcode.", "no tool is to be called any more."),
        ("Next, I look.", "no tool is to be called any more."),
    ],
)
async def test_the_model_is_reminded_of_what_it_planned(thought: str, told: str) -> None:
    call = {"role": "assistant", "content": f"<think>\n{thought}\n</think>\n\n", "tool_calls": [CALL]}
    _, sent = await complete("{}", Request(messages=(*TALK[:2], call, TALK[3]), tools=(TOOL,)))
    assert sent.messages[-1]["content"].endswith(told)


async def test_what_another_turn_planned_is_forgotten() -> None:
    call = {"role": "assistant", "content": "<think>\nNext: ring.\n</think>\n\n", "tool_calls": [CALL]}
    again = ({"role": "assistant", "content": "Done."}, {"role": "user", "content": "More."}, {**call, "content": ""})
    _, sent = await complete("{}", Request(messages=(*TALK[:2], call, TALK[3], *again, TALK[3]), tools=(TOOL,)))
    assert "ring" in sent.messages[1]["content"]
    assert "ring" not in sent.messages[-1]["content"]


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
        (
            '{"left": "I look.", "to_call": ["get_zipcode", "ring"], "tool": "get_zipcode", "arguments": {"city": ""}}',
            "I look. Next: get_zipcode, then ring.",
            [{"city": ""}],
            "",
        ),
        ('{"to_call": ["get_zipcode"], "arguments": {"city": "B"}}', "", [{"city": "B"}], ""),
        ('{"done": "Yes.", "to_call": [], "reply": "It is 1."}', "Yes.", [], "It is 1."),
        (
            '{"left": "It fails.", "to_call": ["get_zipcode"], "reply": "No."}',
            "It fails.",
            [],
            "No.",
        ),
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
