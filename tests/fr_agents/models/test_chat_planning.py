"""Plan mode of the reasoning role: what a model is asked, and how its plan and its reply are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fr_agents.backends.backend import Answer
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.backends.text_tools import TextToolsBackend
from fr_agents.roles.chat.reasoning import ReasoningRole
from fr_agents.roles.chat.references import with_references
from graphs.messages import assistant_message, tool_message
from graphs.plan_mode import reference
from graphs.roles import Move, ReasoningView, RoleFailure
from tools.base import JsonObject
from tools.call import Observation, ToolCall
from tools.spec import ToolSpec

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ZIP = {"type": "object", "properties": {"zip": {"type": "string"}}}
TOOLS = (
    ToolSpec(name="get_zipcode", description="Gets the zip code of a city.", parameters=CITY, returns=ZIP),
    ToolSpec(name="ring", description="Rings a bell.", parameters={"type": "object"}, returns={}),
)
REQUEST = ({"role": "system", "content": "You are kind."}, {"role": "user", "content": "Tickets from A, please."})
CALL = ToolCall(id="c1", name="get_zipcode", arguments={"city": "A"})
DONE = (
    *REQUEST,
    assistant_message("I look it up.", "", [CALL]),
    tool_message(Observation(call_id="c1", content={"zip": "83214"})),
)
FIRST = {"tool": "get_zipcode", "arguments": {"city": "A"}}
SECOND = {"tool": "get_zipcode", "arguments": {"city": reference(1, "zip")}}


def view(messages: tuple[JsonObject, ...] = REQUEST, *hints: str) -> ReasoningView:
    return ReasoningView(tools=TOOLS, messages=messages, hints=hints, plan=True)


async def planned(script: Any, *answers: str) -> Move:
    move: Move = await ReasoningRole(script(*answers).backend())(view())
    return move


def calls(move: Move) -> list[tuple[str, JsonObject]]:
    return [(call.name, call.arguments) for call in move.calls]


async def test_a_plan_is_asked_for_as_one_object_and_with_all_that_references_need(script: Any) -> None:
    model = script(json.dumps({"thought": "Both.", "calls": [FIRST, SECOND]}))
    move = await ReasoningRole(model.backend())(view(REQUEST, "Look up both."))
    assert move.thought == "Both."
    assert calls(move) == [("get_zipcode", {"city": "A"}), ("get_zipcode", {"city": {"$result": 1, "path": "zip"}})]
    (asked,) = model.asked
    system, request = asked.messages
    assert system["content"].startswith("You are kind.\n\nTools:\n- get_zipcode(city: string")
    assert '{"$result": 1, "path"' in system["content"]
    assert '"properties": {"zip"' in system["content"]
    assert request["content"].startswith("Tickets from A, please.\n\n[Note for the assistant")
    assert asked.tools == ()
    item = asked.output.json_schema["properties"]["calls"]["items"]
    assert item["properties"]["tool"]["enum"] == ["get_zipcode", "ring"]


@pytest.mark.parametrize(
    "text",
    [
        f"Sure:\n```json\n{json.dumps({'calls': [FIRST, SECOND]})}\n```",
        f"First {json.dumps(FIRST)} and then {json.dumps(SECOND)}",
        json.dumps([FIRST, SECOND]),
        "<tool_call>" + json.dumps({"name": "get_zipcode", "arguments": FIRST["arguments"]}) + "</tool_call>"
        '<tool_call>{"name": "get_zipcode", "arguments": {"city": "$result[1].zip"}}</tool_call>',
        json.dumps(
            {"calls": [FIRST, {"name": "get_zipcode", "parameters": {"city": {"$result": "1", "path": ["zip"]}}}]}
        ),
        json.dumps({"calls": [{**FIRST, "arguments": '{"city": "A"}'}, SECOND]}),
    ],
    ids=["prose", "two objects", "a list", "tool calls in text", "other words", "arguments as text"],
)  # fmt: skip
async def test_plans_are_read_in_many_forms(script: Any, text: str) -> None:
    assert calls(await planned(script, text)) == [
        ("get_zipcode", {"city": "A"}),
        ("get_zipcode", {"city": {"$result": 1, "path": "zip"}}),
    ]


async def test_where_no_call_helps_there_is_a_reply(script: Any) -> None:
    move = await planned(script, '{"thought": "None fits.", "calls": [], "reply": "I cannot do this."}')
    assert (move.thought, move.calls, move.reply) == ("None fits.", (), "I cannot do this.")


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ("I will look it up.", "holds no JSON object"),
        ('{"calls": []}', 'no "reply" either'),
        ('{"calls": [{"tool": "get_zipcode", "arguments": "{city"}]}', "could not be read"),
        ('{"thought": "x", "calls": [{"to', "ends before its JSON object is complete"),
    ],
)
async def test_no_plan_is_repaired_once(script: Any, bad: str, problem: str) -> None:
    model = script(bad, json.dumps({"calls": [FIRST]}))
    assert len((await ReasoningRole(model.backend())(view())).calls) == 1
    assert problem in model.shown(1)
    with pytest.raises(RoleFailure, match=problem):
        await planned(script, bad, bad)


async def test_after_the_calls_the_reply_is_asked_for_in_plain_words(script: Any) -> None:
    model = script(Answer(text="It is 83214.", reasoning="I see."))
    move = await ReasoningRole(model.backend())(view(DONE))
    assert (move.thought, move.calls, move.reply) == ("I see.", (), "It is 83214.")
    _, request, made, results = model.asked[0].messages
    assert request == REQUEST[1]
    assert json.loads(made["content"]) == {"thought": "I look it up.", "calls": [FIRST]}
    assert results["role"] == "user"
    assert results["content"].startswith('Result of get_zipcode({"city": "A"}): {"zip":"83214"}')
    assert "The request was: Tickets from A, please." in results["content"]
    assert model.asked[0].output is None


async def test_a_reply_is_words_and_no_more_calls(script: Any) -> None:
    model = script(json.dumps({"calls": [FIRST]}), '{"calls": [], "reply": "It is 83214."}')
    assert (await ReasoningRole(model.backend())(view(DONE))).reply == "It is 83214."
    assert "No more calls" in model.shown(1)
    empty = script("", Answer(text="It is", finish_reason="length"))
    with pytest.raises(RoleFailure, match="cut off"):
        await ReasoningRole(empty.backend())(view(DONE))


async def test_earlier_turns_stand_there_as_plain_text(script: Any) -> None:
    model = script(json.dumps({"calls": [FIRST]}))
    later = (*DONE, assistant_message("Found.", "It is 83214.", ()), {"role": "user", "content": "And of B?"})
    await ReasoningRole(model.backend())(view(later))
    roles = [message["role"] for message in model.asked[0].messages]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert model.asked[0].messages[4]["content"] == "It is 83214."
    assert "All calls are made" not in model.shown()
    assert not any("tool_calls" in message for message in model.asked[0].messages)


async def test_servers_without_tools_are_asked_the_same(script: Any) -> None:
    model = script(json.dumps({"calls": [FIRST, SECOND]}))
    role = ReasoningRole(TextToolsBackend(ScriptedBackend(model._answer, "m")))
    assert len((await role(view())).calls) == 2
    assert model.asked[0].output.name == "plan"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("$result[2].items[0].id", reference(2, "items[0].id")),
        ("$result.2.zip", reference(2, "zip")),
        ("{{result_2.zip}}", reference(2, "zip")),
        ("{{ $result(2).zip }}", reference(2, "zip")),
        ("$result2", reference(2, "")),
        ("$1.zip", reference(1, "zip")),
        ("$result[1].items[name=Old Lamp].id", reference(1, "items[name=Old Lamp].id")),
        ("$result[1][min price].id", reference(1, "[min price].id")),
        ({"$result": 1, "path": None}, reference(1, "")),
        ("$5.00", "$5.00"),
        ("$5", "$5"),
        ("result 2", "result 2"),
        ("as in $result[1].zip", "as in $result[1].zip"),
        ({"$result": "last"}, {"$result": "last"}),
    ],
)
def test_abbreviated_references_are_read_and_amounts_are_none(written: Any, read: Any) -> None:
    assert with_references({"a": [written]}) == {"a": [read]}
