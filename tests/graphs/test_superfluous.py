"""Which calls were made for nothing, where several show the same value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envs.world import World
from graphs.validation.attempts import Goal, validate
from graphs.validation.findings import find_errors
from graphs.validation.needed import superfluous
from graphs.validation.purpose import made_for_nothing, proves_itself
from tools.base import JsonObject
from tools.origin import ArgumentOrigin, Selector
from tools.trace import Step

Call = tuple[str, JsonObject, int]
LIST: Call = ("list_items", {}, 0)
ITEM: Call = ("find_item", {"item_name": "lamp"}, 1)
CUSTOMER: Call = ("find_customer", {"customer_name": "Ana"}, 2)
ORDER: Call = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"}, 3)
STOCK: Call = ("check_stock", {"item_id": "IT-4711"}, 3)
TOLD = "Order the lamp for Ana, and list the items."


@pytest.fixture
def steps(shop_world: World, run_steps: Callable[..., tuple[Step, ...]]) -> Callable[..., tuple[Step, ...]]:
    """Calls, executed in a fork of the shop."""

    def run(*calls: Call) -> tuple[Step, ...]:
        return run_steps(shop_world.fork(), *calls)

    return run


@pytest.mark.parametrize("calls", [(LIST, ITEM, CUSTOMER, ORDER), (ITEM, LIST, CUSTOMER, ORDER)])
def test_one_of_two_calls_that_show_a_value_is_superfluous(
    shop_world: World, steps: Callable[..., tuple[Step, ...]], calls: tuple[Call, ...]
) -> None:
    made = steps(*calls)
    assert superfluous(shop_world, made, (), TOLD) == (made[1].call.id,)
    assert superfluous(shop_world, made, (), TOLD, (made[1].call.id,)) == (made[0].call.id,)


def test_what_shows_a_value_after_it_was_used_has_not_shown_it(
    shop_world: World, steps: Callable[..., tuple[Step, ...]]
) -> None:
    made = steps(ITEM, CUSTOMER, ORDER, LIST)
    assert superfluous(shop_world, made, (made[3].call.id,), TOLD) == ()


@pytest.mark.parametrize(
    ("calls", "reason"),
    [
        ((LIST, ITEM, CUSTOMER, ORDER), ""),
        ((ITEM, CUSTOMER, LIST, ORDER), ""),
        ((LIST, CUSTOMER, ORDER), ""),
        ((LIST, ITEM, CUSTOMER, ORDER, STOCK), "superfluous calls: 1"),
        ((ITEM, ITEM, CUSTOMER, ORDER, LIST), "superfluous calls: 1"),
    ],
    ids=["list first", "list between", "without the look-up", "a read too many", "twice the same"],
)
def test_another_order_of_gold_s_calls_makes_none_of_them_superfluous(
    shop_world: World, steps: Callable[..., tuple[Step, ...]], calls: tuple[Call, ...], reason: str
) -> None:
    gold = steps(ITEM, CUSTOMER, ORDER, LIST)
    goal = Goal(start=shop_world, gold=gold, requested=(gold[3].call.id,))
    assert validate(goal, steps(*calls), TOLD, {})[-1].reason == reason


def test_a_turn_that_looks_up_what_it_has_seen_does_not_prove_itself(
    shop_world: World, steps: Callable[..., tuple[Step, ...]]
) -> None:
    for calls, proven in (((ITEM, CUSTOMER, ORDER, LIST), True), ((LIST, ITEM, CUSTOMER, ORDER), False)):
        made = steps(*calls)
        listed = next(step.call.id for step in made if step.call.name == "list_items")
        assert proves_itself(shop_world, made, (listed,), TOLD) is proven


def test_what_picks_an_entry_is_said_and_need_not_be_looked_up(
    shop_world: World, steps: Callable[..., tuple[Step, ...]]
) -> None:
    """The item's name picks its ID from the list, and is what is found."""

    def proven(choice: Selector) -> bool:
        listed, found = steps(LIST, ITEM)
        origin = ArgumentOrigin(kind="observation", source=listed.call.id, path="items.*.item_name", selector=choice)
        made = (listed, found.model_copy(update={"origins": {"item_name": origin}}))
        return proves_itself(shop_world, made, (found.call.id,), "")

    assert proven(Selector(kind="first"))
    assert not proven(Selector(kind="equals", field="item_name", value="lamp"))


def test_the_wrong_argument_of_a_call_that_failed_is_named_before_what_is_missing_for_it(
    steps: Callable[..., tuple[Step, ...]],
) -> None:
    gold = steps(ITEM, CUSTOMER, ORDER)
    attempted = steps(ITEM, ("find_customer", {"customer_name": "lamp"}, 2))
    assert attempted[1].observation.failed
    found = find_errors(gold, attempted, TOLD)
    assert [(finding.error, finding.parameter) for finding in found[:2]] == [
        ("wrong_argument", "customer_name"),
        ("missing_call", None),
    ]


def test_who_knows_what_a_call_finds_needs_it_not(shop_world: World, steps: Callable[..., tuple[Step, ...]]) -> None:
    made = steps(ITEM, CUSTOMER, ORDER)
    order = (made[2].call.id,)
    assert made_for_nothing(shop_world, made, order, TOLD) == ()
    assert made_for_nothing(shop_world, made, order, f"{TOLD} It is customer CU-1207.") == (made[1],)
