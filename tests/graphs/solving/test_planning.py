"""``mode: plan``: all calls of a turn in one answer, carried out round by round."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.plan_mode import reference
from graphs.records import Attempt
from graphs.roles import Move, WantedCall
from tools.base import JsonObject

REPLY = Move(thought="Done.", reply="The lamp is ordered for Ana.")


def plan(order: JsonObject, *more: WantedCall) -> Move:
    """Both look-ups, the order with these arguments, and more."""
    calls = (
        WantedCall(name="find_item", arguments={"item_name": "lamp"}),
        WantedCall(name="find_customer", arguments={"customer_name": "Ana"}),
        WantedCall(name="place_order", arguments=order),
    )
    return Move(thought="I look both up, then I order.", calls=(*calls, *more))


RIGHT = {"item_id": reference(1, "item_id"), "customer_id": reference(2, "customer_id")}


@pytest.fixture
def carried_out(refine: Any) -> Any:
    """The only attempt at a plan, and the views that its solver was shown."""

    async def run(*answers: Move) -> tuple[Attempt, Any]:
        state, reasoning, _ = await refine(answers, mode="plan", max_attempts=0)
        [attempt] = state["attempts"]
        return Attempt.model_validate(attempt), reasoning.views

    return run


async def test_a_plan_is_carried_out_with_real_results(carried_out: Any, gold: Any) -> None:
    made, views = await carried_out(plan(RIGHT), REPLY)
    assert made.passed == ("exact", "ordered", "equivalent")
    assert made.error is None
    assert [step.call.arguments for step in made.steps] == [step.call.arguments for step in gold.steps]
    assert [step.group for step in made.steps] == [0, 0, 1]
    assert [view.plan for view in views] == [True, True]
    assert [message["role"] for message in made.messages] == [
        *("assistant", "tool", "tool", "assistant", "tool", "assistant"),
    ]
    assert views[1].messages[-1]["role"] == "tool"


async def test_the_thought_of_a_plan_stands_before_its_first_round(carried_out: Any) -> None:
    made, _ = await carried_out(plan(RIGHT), REPLY)
    first, second, last = (message["content"] for message in made.messages if message["role"] == "assistant")
    assert "I look both up, then I order." in first
    assert "I look both up" not in second
    assert last.endswith(REPLY.reply)


@pytest.mark.parametrize(
    "order",
    [
        {"item_id": "IT-4711", "customer_id": "CU-1207"},
        {"item_id": "12345", "customer_id": reference(2, "customer_id")},
        {"item_id": reference(1, "nothing"), "customer_id": reference(2, "customer_id")},
        {"item_id": reference(3, "item_id"), "customer_id": reference(2, "customer_id")},
    ],
    ids=["right values in the first round", "a wrong value later", "a path that leads nowhere", "its own result"],
)
async def test_a_plan_that_guesses_is_refused(carried_out: Any, order: JsonObject) -> None:
    made, _ = await carried_out(plan(order), REPLY)
    assert made.steps[-1].refused
    assert (made.error, made.passed) == ("unseen_value", ())


async def test_after_a_plan_there_is_nothing_left_but_to_answer(carried_out: Any) -> None:
    made, _ = await carried_out(plan(RIGHT), plan(RIGHT), REPLY)
    assert made.error == "too_many_calls"
    assert len(made.steps) == 3


async def test_a_plan_with_too_many_calls_is_not_carried_out(carried_out: Any) -> None:
    more = [WantedCall(name="list_items", arguments={}) for _ in range(10)]
    made, _ = await carried_out(plan(RIGHT, *more), REPLY)
    assert made.error == "too_many_calls"
    assert len(made.steps) <= 2 * 3 + 4


async def test_a_plan_may_succeed_with_a_hint(refine: Any) -> None:
    guessed = plan({"item_id": "12345", "customer_id": "67890"})
    state, reasoning, _ = await refine([guessed, REPLY, plan(RIGHT), REPLY], mode="plan")
    assert [item["error"] for item in state["attempts"]] == ["unseen_value", None]
    assert [bool(view.hints) for view in reasoning.views] == [False, False, True, True]


async def test_rules_plan_whole_turns(make_context: Any, make_job: Any, synthesise: Any) -> None:
    accepted = [await synthesise(make_context(mode="plan"), make_job(number, turns=1)) for number in range(4)]
    turns = [turn for state in accepted if state["status"] == "accepted" for turn in state["turns"]]
    assert len(turns) >= 3
    assert any(len({call["group"] for call in turn["calls"]}) > 1 for turn in turns)
