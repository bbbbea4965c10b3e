"""Blind attempts of a model that agree on another outcome than the gold calls."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.roles import Move
from tools.origin import ArgumentOrigin
from tools.trace import Trace

ITEM = ("find_item", {"item_name": "lamp"})
ITEMS = ("list_items", {})
CUSTOMER = ("find_customer", {"customer_name": "Ana"})
LAMP = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"})
CHAIR = ("place_order", {"item_id": "IT-5822", "customer_id": "CU-1207"})
DESK = ("place_order", {"item_id": "IT-6933", "customer_id": "CU-1207"})
NOWHERE = ("place_order", {"item_id": "CU-1207", "customer_id": "CU-1207"})


@pytest.fixture
def ordering(moves: Any) -> Any:
    """The messages of one attempt for each item that is ordered; ``None`` orders nothing."""

    def said(*orders: Any) -> list[Move]:
        groups = [((ITEMS, CUSTOMER), *(((order,),) if order else ())) for order in orders]
        return [move for group in groups for move in moves(*group)]

    return said


async def test_two_that_agree_on_another_item_end_the_turn(refine: Any, ordering: Any) -> None:
    state, _, critiquing = await refine(ordering(CHAIR, CHAIR, LAMP), probe=2)
    assert len(state["attempts"]) == 2
    rejection = state["rejection"]
    assert (rejection["stage"], rejection["reason"]) == ("refiner", "ambiguous")
    assert "2 blind attempts agree on another outcome" in rejection["detail"]
    assert "IT-5822" in rejection["detail"]
    assert critiquing.views == []


async def test_two_of_three_are_enough(refine: Any, ordering: Any) -> None:
    state, _, _ = await refine(ordering(CHAIR, DESK, CHAIR), probe=3)
    assert state["rejection"]["reason"] == "ambiguous"
    assert "IT-5822" in state["rejection"]["detail"]


@pytest.mark.parametrize(
    "orders",
    [(CHAIR, DESK), (None, None), (NOWHERE, NOWHERE)],
    ids=["each another item", "both leave the order out", "both fail"],
)
async def test_mistakes_that_are_no_other_reading_are_no_ambiguity(refine: Any, ordering: Any, orders: Any) -> None:
    state, _, _ = await refine(ordering(*orders, LAMP), probe=2)
    assert not state.get("rejection")
    assert [item["hints"] for item in state["attempts"]] == [0, 0, 1]


@pytest.mark.parametrize(
    "more", [("check_stock", {}), ("set_price", {"price": 200})], ids=["a call fails", "one thing is done besides"]
)
async def test_who_errs_in_another_way_too_has_no_other_reading(refine: Any, moves: Any, more: Any) -> None:
    chair = moves((ITEMS, CUSTOMER), (more,), (CHAIR,))
    text = "Please place an order of a lamp for Ana, not above 200."
    state, _, _ = await refine([*chair, *chair, *moves((ITEMS, CUSTOMER), (LAMP,))], text=text, probe=2)
    assert [item["error"] for item in state["attempts"]] == ["wrong_argument", "wrong_argument", None]
    assert not state.get("rejection")


@pytest.mark.parametrize("orders", [(LAMP,), (CHAIR, LAMP)], ids=["the first", "the second"])
async def test_one_that_passes_is_accepted(refine: Any, ordering: Any, orders: Any) -> None:
    state, _, _ = await refine(ordering(*orders), probe=2)
    assert not state.get("rejection")
    assert [item["hints"] for item in state["attempts"]] == [0] * len(orders)


async def test_hinted_attempts_tell_nothing(refine: Any, ordering: Any) -> None:
    state, _, _ = await refine(ordering(CHAIR, CHAIR, CHAIR), probe=1, max_attempts=2)
    assert [item["hints"] for item in state["attempts"]] == [0, 1, 2]
    assert state["rejection"]["reason"] == "K_max reached"


async def test_rules_that_say_the_same_again_tell_nothing(refine: Any, ordering: Any) -> None:
    state, _, _ = await refine(ordering(CHAIR, CHAIR), probe=2, paid=False, max_attempts=1)
    assert [item["hints"] for item in state["attempts"]] == [0, 1]
    assert state["rejection"]["reason"] == "K_max reached"


@pytest.mark.parametrize(("second", "reason"), [("IT-5822", "ambiguous"), ("IT-6933", "K_max reached")])
async def test_questions_count_as_outcomes(
    refine: Any, moves: Any, shop_world: Any, run_steps: Any, second: str, reason: str
) -> None:
    """Nothing is changed; both ask about the chair, or each about something else."""
    stock = ("check_stock", {"item_id": "IT-4711"})
    found = run_steps(shop_world, (*ITEM, 0), (*stock, 1))
    seen = ArgumentOrigin(kind="observation", source="g0_0", path="item_id")
    steps = (found[0], found[1].model_copy(update={"origins": {"item_id": seen}}))
    trace = Trace(target_tool="check_stock", steps=steps, requested=("g0_1",))
    asked = [
        moves((ITEMS,), (("check_stock", {"item_id": item}),), reply="There are 7 in stock.")
        for item in ("IT-5822", second)
    ]
    text = "Is the lamp in stock?"
    state, _, _ = await refine([*asked[0], *asked[1]], trace=trace, text=text, probe=2, max_attempts=0)
    assert state["rejection"]["reason"] == reason
