"""The reasoning role played by a scripted model: what it is shown, and what its answers become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fr_agents.backends.backend import Answer, AnswerCall
from fr_agents.roles.chat.reasoning import ReasoningRole
from graphs.roles import ReasoningView, RoleFailure, WantedCall
from tools.base import JsonObject
from tools.spec import ToolSpec

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = (ToolSpec(name="get_zipcode", description="Gets the zip code of a city.", parameters=CITY, returns={}),)


def reasoning_view(*hints: str, messages: tuple[JsonObject, ...] | None = None) -> ReasoningView:
    opening = ({"role": "system", "content": "You are kind."}, {"role": "user", "content": "Tickets, please."})
    return ReasoningView(tools=TOOLS, messages=opening if messages is None else messages, hints=hints)


async def test_calls_become_a_move_with_the_words_beside_them_as_thought(script: Any) -> None:
    calls = (AnswerCall.parse("get_zipcode", '{"city": "A"}'), AnswerCall.parse("get_zipcode", '{"city": "B"}'))
    model = script(Answer(text="I need both.", reasoning="Two cities.", tool_calls=calls))
    move = await ReasoningRole(model.backend())(reasoning_view())
    assert move.thought == "Two cities.\n\nI need both."
    assert move.calls == tuple(WantedCall(name="get_zipcode", arguments={"city": city}) for city in "AB")
    assert move.reply == ""
    assert model.asked[0].tools == tuple(tool.openai() for tool in TOOLS)


async def test_text_is_the_reply(script: Any) -> None:
    model = script(Answer(text="All done.", reasoning="It is bought."))
    move = await ReasoningRole(model.backend())(reasoning_view())
    assert (move.thought, move.calls, move.reply) == ("It is bought.", (), "All done.")


async def test_a_call_printed_as_text_is_a_call(script: Any) -> None:
    model = script('I look it up.\n<tool_call>{"name": "get_zipcode", "arguments": {"city": "A"}}</tool_call>')
    move = await ReasoningRole(model.backend())(reasoning_view())
    assert (move.thought, move.calls[0].arguments, move.reply) == ("I look it up.", {"city": "A"}, "")


async def test_hints_stand_in_a_note_at_the_last_request_and_only_then(script: Any) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "get_zipcode", "arguments": "{}"}}
    messages = (
        *reasoning_view().messages,
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "1"},
    )
    blind, hinted = script("a"), script("a")
    await ReasoningRole(blind.backend())(reasoning_view(messages=messages))
    await ReasoningRole(hinted.backend())(reasoning_view("Look up both.", "Not one.", messages=messages))
    without, with_hints = blind.asked[0].messages, hinted.asked[0].messages
    assert without[0] == with_hints[0]
    assert without[0]["content"].startswith("You are kind.\n\n")
    assert without[1] == messages[1]
    assert with_hints[1]["content"] == (
        "Tickets, please.\n\n[Note for the assistant, not said by the user]\nLook up both.\nNot one.\n[End of the note]"
    )
    assert without[2:] == with_hints[2:] == messages[2:]


async def test_the_view_stays_as_it_was(script: Any) -> None:
    view = reasoning_view("hint")
    before = json.dumps(view.plain())
    await ReasoningRole(script("a").backend())(view)
    assert json.dumps(view.plain()) == before


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (
            Answer(tool_calls=(AnswerCall.parse("get_zipcode", '{"city": '),)),
            "arguments of get_zipcode are no JSON",
        ),
        (Answer(text="<tool_call>get the zip code</tool_call>"), "tool call could not be read"),
        (Answer(reasoning="hm"), "The answer is empty"),
        (Answer(text="I will now", finish_reason="length"), "cut off"),
    ],
)
async def test_unusable_answers_are_repaired_once(script: Any, bad: Answer, problem: str) -> None:
    model = script(bad, "All done.")
    assert (await ReasoningRole(model.backend())(reasoning_view())).reply == "All done."
    assert problem in model.shown(1)
    with pytest.raises(RoleFailure, match=problem):
        await ReasoningRole(script(bad, bad).backend())(reasoning_view())
