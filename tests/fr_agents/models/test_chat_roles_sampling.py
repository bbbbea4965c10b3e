"""The role that proposes what a turn is for, played by a scripted model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from envs.domain import load_domain
from fr_agents import synthesize
from fr_agents.backends.backend import Answer
from fr_agents.backends.faults import UnanswerableRequest
from fr_agents.config import RunConfig, load_config
from fr_agents.errors import PreflightError
from fr_agents.roles.chat.sampling import SamplingRole
from fr_agents.wiring import open_context
from graphs.roles import Proposal, RoleFailure, SamplingView
from tools.base import JsonObject
from tools.spec import ToolSpec


def spec(name: str, description: str, properties: JsonObject, *required: str) -> ToolSpec:
    schema = {"type": "object", "properties": properties, "required": [*required]}
    return ToolSpec(name=name, description=description, parameters=schema, returns={"type": "object"})


CITY = {"type": "string", "description": "Name of the city."}
ZIP = {"type": "string", "description": "Zip code."}
WISH = {"type": "string", "description": "Special wish."}
TOOLS = (
    spec("get_zipcode", "Gets the zip code of a city.", {"city": CITY}, "city"),
    spec("buy.tickets", "Buys tickets.", {"to_zip": ZIP, "seats": {"type": "integer"}, "wish": WISH}, "to_zip"),
)
GOOD = {
    "reason": "Ada visits\n her aunt.",
    "goal": "buy.tickets",
    "values": {"get_zipcode.city": "Rivermist", "buy.tickets.seats": 2},
}
PROPOSAL = Proposal(
    goal="buy.tickets",
    values={"get_zipcode": {"city": "Rivermist"}, "buy.tickets": {"seats": 2}},
    reason="Ada visits her aunt.",
)


def view(**changes: Any) -> SamplingView:
    fields: dict[str, Any] = {
        "tools": TOOLS,
        "earlier_messages": (),
        "relation": "new_topic",
        "planned": None,
        "sayable": {
            "get_zipcode.city": ("Rivermist", "Stonebrook"),
            "buy.tickets.seats": (1, 2),
            "buy.tickets.wish": (),
        },
    }
    return SamplingView(**{**fields, **changes})


async def proposal(script: Any, answer: JsonObject) -> Proposal:
    return await SamplingRole(script(json.dumps(answer)).backend())(view())


async def test_the_model_sees_the_tools_and_what_a_person_could_say(script: Any) -> None:
    model = script(json.dumps(GOOD))
    assert await SamplingRole(model.backend())(view()) == PROPOSAL
    shown = model.asked[0].messages[1]["content"]
    for line in (
        "- get_zipcode: Gets the zip code of a city.\n",
        '  - city (string): Name of the city. The person can say: "Rivermist", "Stonebrook"\n',
        "  - to_zip (string): Zip code.\n",
        "  - seats (integer, optional): seats The person can say: 1, 2\n",
        "  - wish (string, optional): Special wish. The person can say: anything that fits\n",
    ):
        assert line in shown
    assert shown.endswith("This is the person's first request.")
    assert model.asked[0].output.name == "sampling"


@pytest.mark.parametrize(
    ("relation", "told"),
    [
        ("follow_up", "goes on with something"),
        ("correction", "changed or taken back"),
        ("drill_down", "see more of something"),
        ("same_entity", "another thing for somebody"),
        ("new_topic", "nothing to do with"),
    ],
)
async def test_a_later_turn_is_asked_to_go_on_as_planned(script: Any, relation: str, told: str) -> None:
    model = script(json.dumps(GOOD))
    talk = (
        {"role": "system", "content": "You are an assistant."},
        {"role": "user", "content": "Where is Rivermist?"},
        {"role": "assistant", "content": "<think>\nsecret thought\n</think>\n\nIn the north."},
        {"role": "tool", "tool_call_id": "c0", "content": "a long result"},
    )
    await SamplingRole(model.backend())(view(relation=relation, earlier_messages=talk, planned="buy.tickets"))
    shown = model.asked[0].messages[1]["content"]
    assert "USER: Where is Rivermist?\nASSISTANT: In the north.\n" in shown
    assert told in shown
    assert shown.endswith("The goal should be buy.tickets, unless nobody could want that now.")
    for kept_back in ("secret thought", "a long result", "You are an assistant.", "first request"):
        assert kept_back not in shown


async def test_text_around_the_answer_does_not_matter(script: Any) -> None:
    model = script(f"<think>{{hm}}</think> Here you are:\n```json\n{json.dumps(GOOD)}\n```\nHave fun!")
    assert await SamplingRole(model.backend())(view()) == PROPOSAL
    assert len(model.asked) == 1


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ({"buy.tickets": {"seats": 2, "nosuch": 1}}, {"buy.tickets": {"seats": 2}}),
        ({"seats": 2}, {"buy.tickets": {"seats": 2}}),
        ({"city": "Rivermist", "fly.seats": 1, "get_zipcode.zip": 1, "get_zipcode": {"zip": 1}}, {}),
        ({"get_zipcode": "Rivermist"}, {}),
        ({"buy.tickets.seats": "two"}, {"buy.tickets": {"seats": "two"}}),
        (None, {}),
        ([], {}),
    ],
    ids=["by tool", "of the goal", "unknown names", "no parameter", "left to code", "null", "empty list"],
)
async def test_values_in_all_spellings(script: Any, values: Any, read: JsonObject) -> None:
    assert (await proposal(script, {**GOOD, "values": values})).values == read


async def test_values_and_reason_may_be_missing(script: Any) -> None:
    assert await proposal(script, {"goal": "buy.tickets()"}) == Proposal(goal="buy.tickets", values={}, reason="")


async def test_a_goal_that_is_no_tool_is_told_with_those_that_are(script: Any) -> None:
    model = script(json.dumps({**GOOD, "goal": "visit_aunt"}), json.dumps(GOOD))
    assert await SamplingRole(model.backend())(view()) == PROPOSAL
    told = model.asked[1].messages[-1]["content"]
    assert "The goal 'visit_aunt' is none of the tools. Choose one of: get_zipcode, buy.tickets." in told


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"goal": "visit_aunt"}', "is none of the tools"),
        ('{"goal": "buy.tickets", "values": ["Rivermist"]}', "values: Input should be an object"),
        ('{"goal": 7}', "goal: Input should be a valid string"),
        ("I would visit my aunt.", "holds no JSON object"),
        (Answer(text='{"goal": "buy.t', finish_reason="length"), "cut off"),
    ],
)
async def test_after_two_useless_answers_it_fails(script: Any, answer: Any, problem: str) -> None:
    model = script(answer, answer)
    with pytest.raises(RoleFailure, match=problem):
        await SamplingRole(model.backend())(view())
    assert problem in model.shown(1)


async def test_a_request_that_cannot_be_answered_fails_at_once(script: Any) -> None:
    model = script(UnanswerableRequest("too long for it"))
    with pytest.raises(RoleFailure, match="sampling: too long for it"):
        await SamplingRole(model.backend())(view())
    assert len(model.asked) == 1


def configured(url: str, **models: Any) -> RunConfig:
    asked = {role: {"model": f"openai/{name}", "base_url": url} for role, name in models.items()}
    return load_config({"name": "a", "count": 1, "world": "travel", "checkpoint": "memory", "models": asked})


async def test_a_run_has_the_role_only_where_it_is_named(unused_url: str) -> None:
    domain = load_domain("travel")
    async with open_context(configured(unused_url, default="m"), domain) as context:
        assert context.roles.sampling is None
        assert set(context.roles.models().values()) == {"openai/m"}
    async with open_context(configured(unused_url, sampling="s"), domain) as context:
        assert isinstance(context.roles.sampling, SamplingRole)
        assert context.roles.models()["sampling"] == "openai/s"
        assert context.roles.models()["reasoning"] == "offline"


async def test_its_model_is_tried_before_anything_is_started(unused_url: str, tmp_path: Path) -> None:
    with pytest.raises(PreflightError, match=r"openai/s at .* Is the server running\? Nothing was started"):
        await synthesize(configured(unused_url, sampling="s"), tmp_path / "run")
    assert not (tmp_path / "run").exists()
