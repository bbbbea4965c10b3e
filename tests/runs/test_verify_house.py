"""What ``verify`` finds where the system message is not the world's, or a call breaks a rule of the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envs.domain import load_domain
from envs.environment import WorldSpec
from envs.world import World
from graphs.execution import Recorder
from tools.call import ToolCall

Data = dict[str, Any]
Change = Callable[[Data], None]
Found = Callable[[Data, Change], list[str]]

RULE = "A booking with an insurance policy is not cancelled."


def in_the_system_message(old: str, new: str) -> Change:
    def change(data: Data) -> None:
        message = data["messages"][0]
        assert old in message["content"]
        message["content"] = message["content"].replace(old, new)

    return change


@pytest.mark.parametrize(
    "change",
    [
        in_the_system_message(f"- {RULE}", "- Bookings are never cancelled."),
        in_the_system_message(f"\n- {RULE}", ""),
        in_the_system_message("Look up what you need", "Guess what you need"),
        in_the_system_message("About the user:\n", "About the user:\n- Name: Robin\n"),
        lambda data: data["messages"].pop(0),
    ],
)
def test_a_system_message_that_is_not_the_world_s_is_found(
    planted: Found, verified: list[Data], change: Change
) -> None:
    assert planted(verified[0], change) == ["messages are not those of the accepted attempts"]


def insured(record: Data) -> str:
    """A booking that has an insurance policy from the beginning; empty where there is none."""
    policies = record["world"]["initial_state"]["travel"]["policies"].values()
    return next((str(policy["booking_id"]) for policy in policies), "")


def before_the_last_turn(record: Data) -> World:
    world = load_domain(record["world"]["name"]).open(WorldSpec.model_validate(record["world"]))
    steps = [step for turn in record["turns"][:-1] for step in turn["steps"]]
    world.replay(ToolCall.model_validate(step["call"]) for step in steps)
    return world


@pytest.mark.parametrize(("which", "name"), [("gold_", "gold"), ("", "accepted")])
def test_a_call_that_breaks_a_rule_is_found(planted: Found, verified: list[Data], which: str, name: str) -> None:
    record = next(item for item in verified if insured(item))
    call = ToolCall(id="forbidden", name="cancel_booking", arguments={"booking_id": insured(record)})
    step = Recorder(before_the_last_turn(record)).run(call)
    assert not step.observation.failed, "no tool enforces the rule"

    def change(data: Data) -> None:
        turn = data["turns"][-1]
        turn[f"{which}steps"].insert(0, step.plain())
        turn[f"{which}calls"].insert(0, {"name": call.name, "arguments": call.arguments, "group": 0})

    problems = planted(record, change)
    assert f"turn {len(record['turns'])}: the {name} calls break a rule of the house: {RULE}" in problems
