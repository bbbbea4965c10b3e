"""Calls that are refused because nothing had shown one of their values by then."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from envs.world import World
from graphs.execution import Recorder
from graphs.grounding import group_of_steps
from graphs.plan_mode import reference
from tools.base import JsonObject
from tools.call import ToolCall
from tools.origin import ArgumentOrigin
from tools.provenance import Told
from tools.trace import UNSEEN_VALUE, Step

Call = tuple[str, JsonObject]
QUERY = "Please place an order of a lamp for Ana, and set the price to 250."
ITEM: Call = ("find_item", {"item_name": "lamp"})
CUSTOMER: Call = ("find_customer", {"customer_name": "Ana"})
STOCK: Call = ("check_stock", {"item_id": "IT-4711"})
ORDER: Call = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"})
REFUSED = (
    'place_order was not called: the value "IT-4711" of item_id (ID of the item) was neither said by the user nor '
    "returned by a tool so far. Do not make it up: call a tool that returns it first."
)


@pytest.fixture
def attempt(shop_world: World) -> Callable[..., list[Step]]:
    """Makes calls, message by message: each is a list of calls."""

    def run(*messages: list[Call], gold: tuple[Step, ...] = ()) -> list[Step]:
        recorder, steps = Recorder(shop_world), []
        for message in messages:
            calls = [
                ToolCall(id=f"c{len(steps) + index}", name=name, arguments=given)
                for index, (name, given) in enumerate(message)
            ]
            steps += group_of_steps(recorder, calls, steps, Told(QUERY), gold)
        return steps

    return run


def errors(steps: list[Step]) -> list[str | None]:
    return [step.observation.error.kind if step.observation.error else None for step in steps]


def test_the_model_is_told_which_value_nothing_had_shown(attempt: Callable[..., list[Step]]) -> None:
    [step] = attempt([ORDER])
    assert step.refused
    assert step.observation.error is not None
    assert (step.observation.error.kind, step.observation.error.message) == (UNSEEN_VALUE, REFUSED)


def test_a_refused_call_changes_nothing_and_the_others_of_its_message_are_made(
    attempt: Callable[..., list[Step]], shop_world: World
) -> None:
    before = shop_world.public_hash(shop_world.made_ids())
    steps = attempt([ITEM, ORDER, CUSTOMER])
    assert errors(steps) == [None, UNSEEN_VALUE, None]
    assert not steps[1].changed_state
    assert steps[1].replay_hash == steps[0].replay_hash
    assert shop_world.public_hash(shop_world.made_ids()) == before


def test_what_an_earlier_message_has_shown_may_be_used(attempt: Callable[..., list[Step]]) -> None:
    steps = attempt([ITEM, CUSTOMER, ORDER], [ORDER])
    assert errors(steps) == [None, None, UNSEEN_VALUE, None]
    assert [step.group for step in steps] == [0, 0, 0, 1]
    assert steps[-1].changed_state


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (("find_customer", {"customer_name": "ana"}), "not_found"),
        (("find_customer", {"customer_name": "Bela"}), UNSEEN_VALUE),
        (("set_price", {"price": 250}), None),
        (("set_price", {"price": 249}), UNSEEN_VALUE),
        (("set_price", {"price": "cheap"}), UNSEEN_VALUE),
        (("list_items", {}), None),
        (("check_stock", {"item_id": ["IT-4711"]}), UNSEEN_VALUE),
        (("check_stock", {"item_id": None}), "invalid_arguments"),
        (("fly", {"to": "the moon"}), "unknown_tool"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_only_values_that_nobody_could_know_are_refused(
    attempt: Callable[..., list[Step]], call: Call, kind: str | None
) -> None:
    """All else is the world's to accept or to refuse."""
    assert errors(attempt([call])) == [kind]


def test_a_long_value_is_told_by_its_beginning(attempt: Callable[..., list[Step]]) -> None:
    [step] = attempt([("find_item", {"item_name": "x" * 500})])
    assert step.observation.error is not None
    assert f'"{"x" * 59}...' in step.observation.error.message
    assert "x" * 60 not in step.observation.error.message


def test_a_reference_that_is_left_in_a_plan_is_told(attempt: Callable[..., list[Step]]) -> None:
    [step] = attempt([("check_stock", {"item_id": reference(1, "item_id")})])
    assert step.refused
    assert step.observation.error is not None
    assert step.observation.error.message == (
        'check_stock was not called. There is no value at "item_id" in the result of call 1 of the plan.'
    )


@pytest.mark.parametrize(("price", "kind"), [(14, None), (15, UNSEEN_VALUE)], ids=["as gold", "another number"])
def test_a_derived_value_is_known_from_the_gold_expression(
    attempt: Callable[..., list[Step]], run_steps: Any, shop_world: World, price: int, kind: str | None
) -> None:
    gold = run_steps(shop_world.fork(), (*ITEM, 0), (*STOCK, 1), ("set_price", {"price": 14}, 2))
    stock = ArgumentOrigin(kind="observation", source=gold[1].call.id, path="in_stock")
    double = ArgumentOrigin(kind="derived", parts=(stock,), expression="a * 2")
    gold = (*gold[:2], gold[2].model_copy(update={"origins": {"price": double}}))
    messages: list[list[Call]] = [[ITEM], [STOCK], [("set_price", {"price": price})]]
    assert errors(attempt(*messages, gold=gold))[-1] == kind
    early: list[list[Call]] = [[ITEM], [("set_price", {"price": price})]]
    assert errors(attempt(*early, gold=gold))[-1] == UNSEEN_VALUE


async def test_the_solver_sees_the_refusal_and_may_go_on(refine: Any, moves: Any) -> None:
    """The attempt is lost all the same: whoever trains on it would learn to guess."""
    state, reasoning, critiquing = await refine(moves((ITEM, CUSTOMER, ORDER), (ORDER,)) * 3, max_attempts=2)
    told = reasoning.views[1].messages[-1]
    assert told["role"] == "tool"
    assert json.loads(told["content"]) == {"error": REFUSED}
    assert [item["error"] for item in state["attempts"]] == ["unseen_value"] * 3
    assert [len(item["steps"]) for item in state["attempts"]] == [4, 4, 4]
    finding = critiquing.views[0].findings[0]
    assert (finding.error, finding.parameter) == ("unseen_value", "item_id")
