"""The rewriting role by rules: why calls follow from what the conversation shows."""

from __future__ import annotations

from typing import Any

import pytest

from fr_agents.roles.offline.rewriting import OfflineRewriting
from graphs.messages import assistant_message, tool_message
from graphs.roles import RewritingView, RoleFailure, WantedCall
from tools.base import JsonObject
from tools.call import Observation, ToolCall, ToolError
from tools.spec import ToolSpec


def tool(name: str, description: str, effect: Any = "read", **parameters: str) -> ToolSpec:
    properties = {key: {"type": "string", "description": text} for key, text in parameters.items()}
    schema = {"type": "object", "properties": properties}
    return ToolSpec(name=name, description=description, parameters=schema, returns={}, effect=effect)


TOOLS = (
    tool("get_zip", "Looks up the zip code of a city.", city="City, by its name."),
    tool("list_cards", "Lists the cards."),
    tool("buy", "Buys a ticket.", "write", zip_code="Zip code of the city."),
)
ASKED: JsonObject = {"role": "user", "content": "Please buy a ticket to Stonebrook."}


def exchange(number: int, name: str, content: Any, **arguments: str) -> list[JsonObject]:
    """A call with what it returned; an error is given as its text."""
    call = ToolCall(id=f"call_{number}", name=name, arguments=arguments)
    error = ToolError(kind="refused", message=content) if isinstance(content, str) else None
    observation = Observation(call_id=call.id, content=None if error else content, error=error)
    return [assistant_message("", "", [call]), tool_message(observation)]


async def thought(messages: list[JsonObject], name: str = "", /, **arguments: str) -> str:
    calls = (WantedCall(name=name, arguments=arguments),) if name else ()
    view = RewritingView(tools=TOOLS, messages=tuple(messages), calls=calls, reply="" if name else "Done.")
    return (await OfflineRewriting()(view)).text


async def test_what_the_user_says_makes_a_call_possible() -> None:
    said = await thought([ASKED], "get_zip", city="Stonebrook")
    assert said == "The user tells me the city, so I can look up the zip code of a city."


async def test_what_a_result_gave_makes_a_call_possible() -> None:
    looked_up = exchange(0, "get_zip", {"zip_code": "74532"}, city="Stonebrook")
    said = await thought([ASKED, *looked_up], "buy", zip_code="74532")
    assert said == "Now I have the zip code of the city, so I can buy a ticket."


async def test_what_an_earlier_turn_showed_is_known_from_before() -> None:
    looked_up = exchange(0, "get_zip", {"zip_code": "74532"}, city="Stonebrook")
    said = await thought([ASKED, *looked_up, {"role": "user", "content": "Buy it."}], "buy", zip_code="74532")
    assert said == "I know the zip code of the city from before, so I can buy a ticket."


async def test_a_call_without_arguments_shows_what_there_is() -> None:
    assert await thought([ASKED], "list_cards") == "I need to see what there is, so I list the cards."


async def test_a_failure_is_spoken_of() -> None:
    failed = exchange(0, "get_zip", "There is no such city.", city="Stonbrook")
    said = await thought([ASKED, *failed], "get_zip", city="Stonebrook")
    assert said == "That did not work: There is no such city. So I go another way: I look up the zip code of a city."


async def test_the_same_call_is_tried_once_more() -> None:
    failed = exchange(0, "buy", "Sign in first.", zip_code="74532")
    cards = exchange(1, "list_cards", {"cards": []})
    said = await thought([ASKED, *failed, *cards], "buy", zip_code="74532")
    assert said == "What was missing may be there by now, so I try once more to buy a ticket."


async def test_the_last_thought_is_about_the_answer() -> None:
    looked_up = exchange(0, "get_zip", {"zip_code": "74532"}, city="Stonebrook")
    failed = exchange(1, "buy", "Sign in first.", zip_code="74532")
    assert "everything that was asked for is done" in (await thought([ASKED, *looked_up])).lower()
    assert "failed" in await thought([ASKED, *failed])
    assert "already" in await thought([ASKED])


async def test_of_a_tool_that_is_not_there_nothing_can_be_said() -> None:
    with pytest.raises(RoleFailure, match="fly"):
        await thought([ASKED], "fly")
