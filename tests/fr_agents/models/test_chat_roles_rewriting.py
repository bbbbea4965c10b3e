"""The rewriting role played by a scripted model: what it is shown, and what its answers become."""

from __future__ import annotations

from typing import Any

import pytest

from fr_agents.backends.backend import Answer
from fr_agents.roles.chat.rewriting import RewritingRole
from graphs.messages import assistant_message, tool_message
from graphs.roles import RewritingView, RoleFailure, WantedCall
from tools.call import Observation, ToolCall
from tools.spec import ToolSpec

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = (ToolSpec(name="get_zipcode", description="Gets the zip code of a city.", parameters=CITY, returns={}),)


def rewriting_view(*, reply: str = "", feedback: tuple[str, ...] = ()) -> RewritingView:
    """Before the second look-up, or before the reply."""
    call = ToolCall(id="call_0", name="get_zipcode", arguments={"city": "Rivermist"})
    observation = Observation(call_id="call_0", content={"zip": "83214"})
    return RewritingView(
        tools=TOOLS,
        messages=(
            {"role": "system", "content": "You are kind."},
            {"role": "user", "content": "Zip codes, please."},
            assistant_message("I begin with Rivermist.", "", [call]),
            tool_message(observation),
        ),
        calls=() if reply else (WantedCall(name="get_zipcode", arguments={"city": "Stonebrook"}),),
        reply=reply,
        feedback=feedback,
    )


async def test_the_conversation_and_the_next_calls_are_shown(script: Any) -> None:
    model = script("I still need the other zip code.")
    thought = await RewritingRole(model.backend())(rewriting_view())
    assert thought.text == "I still need the other zip code."
    shown = model.shown()
    for line in (
        "- get_zipcode: get the zip code of a city",
        "USER: Zip codes, please.",
        "ASSISTANT thinks: I begin with Rivermist.",
        'ASSISTANT calls: get_zipcode({"city": "Rivermist"})',
        "RESULT:",
        '- calls get_zipcode({"city": "Stonebrook"})',
    ):
        assert line in shown
    assert "83214" in shown


async def test_a_reply_is_shown_in_place_of_calls(script: Any) -> None:
    model = script("I have it.")
    await RewritingRole(model.backend())(rewriting_view(reply="It is 83214."))
    assert "- replies: It is 83214." in model.shown()


async def test_the_instructions_are_the_same_for_all_requests(script: Any) -> None:
    first, second = script("a."), script("b.")
    await RewritingRole(first.backend())(rewriting_view())
    await RewritingRole(second.backend())(rewriting_view(reply="Done.", feedback=("speaks of a hint",)))
    assert first.asked[0].messages[0] == second.asked[0].messages[0]
    assert "- it speaks of a hint" in second.shown()
    assert "it speaks of" not in first.shown()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("<think>Let me see, the hint says so.</think>I need the code.", "I need the code."),
        ("Thought: I need the code.", "I need the code."),
        ("**Thought:** I need\nthe code.", "I need the code."),
        ('"I need the code."', "I need the code."),
        ("Sure! I need the code.", "I need the code."),
        ('Certainly. Here is the thought: "i need the code."', "I need the code."),
        ("Here's one: get_zipcode gives the code.", "get_zipcode gives the code."),
        ("get_zipcode gives the code.", "get_zipcode gives the code."),
        ("One. Two! Three? Four. Five.", "One. Two! Three?"),
    ],
)
async def test_what_stands_around_a_thought_is_left_out(script: Any, answer: str, text: str) -> None:
    assert (await RewritingRole(script(answer).backend())(rewriting_view())).text == text


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<think>only this</think>",
        '{"thought": "I need it."}',
        "```python\nget_zipcode()\n```",
        '<tool_call>{"name": "get_zipcode"}</tool_call>',
        'I call get_zipcode(city="Stonebrook").',
        "I'm sorry, but I can't help with that.",
        "Could you provide the city?",
        "Sure!",
        "word " * 300,
        Answer(text="I need", finish_reason="length"),
    ],
)
async def test_an_unusable_answer_is_asked_for_once_more(script: Any, answer: Any) -> None:
    model = script(answer, "I need the code.")
    assert (await RewritingRole(model.backend())(rewriting_view())).text == "I need the code."
    with pytest.raises(RoleFailure, match="rewriting"):
        await RewritingRole(script(answer, answer).backend())(rewriting_view())
