"""What ``verify`` finds of planted refusals and failures: calls that were refused though their values were known, or
made though nothing had shown them, and failed calls where none was allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envs.domain import load_domain
from envs.environment import WorldSpec
from graphs.execution import Recorder
from graphs.messages import assistant_message, tool_message
from tools.call import ToolCall

Data = dict[str, Any]
Change = Callable[[Data], None]
Found = Callable[[Data, Change], list[str]]

UNSEEN = "unseen_value"
NOT_SO = "and by its arguments it is not so"


def is_refused(step: Data) -> bool:
    return (step["observation"]["error"] or {}).get("kind") == UNSEEN


@pytest.fixture(scope="module")
def refused(verified: list[Data]) -> tuple[Data, int]:
    """A record, and the number of its turn whose blind attempt has a call that was refused besides one that was not."""
    turns = [(record, index) for record in verified for index in range(len(record["turns"]))]
    return next(item for item in turns if len({is_refused(step) for step in blind_steps(*item)}) == 2)


def blind_steps(record: Data, index: int) -> list[Data]:
    steps: list[Data] = record["turns"][index]["attempts"][0]["steps"]
    return steps


def refuse(step: Data) -> None:
    error = {"kind": UNSEEN, "message": f"{step['call']['name']} was not called."}
    step["observation"] |= {"content": None, "error": error}


def accept(step: Data) -> None:
    step["observation"] |= {"content": {}, "error": None}


def reword(step: Data) -> None:
    step["observation"]["error"]["message"] += " Sorry."


@pytest.mark.parametrize(
    ("was_refused", "change", "done"),
    [(False, refuse, "was refused"), (True, accept, "was made"), (True, reword, "was refused")],
)
def test_a_refusal_that_the_values_do_not_bear_out_is_found(
    planted: Found, refused: tuple[Data, int], was_refused: bool, change: Change, done: str
) -> None:
    record, index = refused
    position = [is_refused(step) for step in blind_steps(*refused)].index(was_refused)
    name = blind_steps(*refused)[position]["call"]["name"]
    problems = planted(record, lambda data: change(blind_steps(data, index)[position]))
    assert f"turn {index + 1}: attempt 0: call {name} {done}, {NOT_SO}" in problems


def recovered(record: Data) -> Data:
    """The record with a call at the beginning of its last turn that there is no tool for, allowed as it would have
    been with ``allow_recovery``."""
    world = load_domain(record["world"]["name"]).open(WorldSpec.model_validate(record["world"]))
    world.replay(ToolCall.model_validate(step["call"]) for turn in record["turns"][:-1] for step in turn["steps"])
    step = Recorder(world).run(ToolCall(id="call_slip", name="fly_to_the_moon", arguments={}))
    shown = [assistant_message("I try this first.", "", [step.call]), tool_message(step.observation)]
    turn = record["turns"][-1]
    accepted = turn["attempts"][-1]
    for steps in (turn["steps"], turn["calls"], accepted["steps"]):
        for later in steps:
            later["group"] += 1
    for steps in (turn["steps"], accepted["steps"]):
        steps.insert(0, step.plain())
    turn["calls"].insert(0, {"name": step.call.name, "arguments": {}, "group": 0})
    record["messages"][-len(accepted["messages"]) :] = [*shown, *accepted["messages"]]
    accepted["messages"] = [*shown, *accepted["messages"]]
    for verdict in (*turn["verdicts"], *accepted["verdicts"]):
        if verdict["validator"] != "equivalent":
            verdict |= {"passed": False, "reason": "other calls"}
    turn["allow_recovery"] = True
    record["flags"] = ["error_tool_response"]
    return record


def test_a_failed_call_in_an_accepted_attempt_has_to_be_allowed(planted: Found, verified: list[Data]) -> None:
    record = next(record for record in verified if len(record["turns"][-1]["attempts"]) == 1)
    assert planted(record, recovered) == []
    problems = planted(record, lambda data: recovered(data)["turns"][-1].update(allow_recovery=False))
    turn = f"turn {len(record['turns'])}"
    assert problems == [
        f"{turn}: accepted verdicts are not those that validation gives",
        f"{turn}: accepted error is None, and validation finds failed_call",
    ]
