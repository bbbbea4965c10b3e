"""``clean: solve``: what took hints is solved once more without them, and only that is published."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.records import Attempt
from graphs.roles import Move

ITEM = ("find_item", {"item_name": "lamp"})
ITEMS = ("list_items", {})
CUSTOMER = ("find_customer", {"customer_name": "Ana"})
ORDER = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"})
GIVES_UP = Move(thought="I do not know.", reply="I cannot.")


@pytest.fixture
def right(moves: Any) -> list[Move]:
    return list(moves((ITEM, CUSTOMER), (ORDER,)))


async def test_a_blind_attempt_confirms_the_hinted_one(refine: Any, moves: Any, right: list[Move]) -> None:
    another_way = moves((ITEMS, CUSTOMER), (ORDER,))
    state, reasoning, _ = await refine([GIVES_UP, *right, *another_way], clean="solve")
    assert not state.get("rejection")
    attempts = [Attempt.model_validate(item) for item in state["attempts"]]
    assert [attempt.hints for attempt in attempts] == [0, 1, 0]
    assert [step.call.name for step in attempts[-1].steps] == ["list_items", "find_customer", "place_order"]
    assert not attempts[-1].rewritten
    assert [bool(view.hints) for view in reasoning.views] == [False, True, True, True, False, False, False]
    assert len(state["hints"]) == 1


async def test_what_is_not_solved_without_hints_is_rejected(refine: Any, right: list[Move]) -> None:
    state, _, critiquing = await refine([GIVES_UP, *right, GIVES_UP], clean="solve")
    assert [item["hints"] for item in state["attempts"]] == [0, 1, 0]
    rejection = state["rejection"]
    assert (rejection["stage"], rejection["reason"]) == ("cleaner", "not solved without hints")
    assert rejection["detail"]
    assert critiquing.views == []


async def test_a_blind_success_needs_no_confirmation(refine: Any, right: list[Move]) -> None:
    state, _, _ = await refine([*right, GIVES_UP], clean="solve")
    assert [item["hints"] for item in state["attempts"]] == [0]
    assert not state.get("rejection")


async def test_without_it_the_hinted_attempt_is_the_last(refine: Any, right: list[Move]) -> None:
    state, _, _ = await refine([GIVES_UP, *right, GIVES_UP], clean="rewrite")
    assert [item["hints"] for item in state["attempts"]] == [0, 1]


@pytest.mark.parametrize("clean", ["solve", "rewrite"])
async def test_whole_jobs_publish_nothing_that_took_hints(
    make_context: Any, make_job: Any, synthesise: Any, clean: str
) -> None:
    """Rules that err until they are given a hint err again without it: nobody confirms their success."""
    context = make_context(mistakes=1.0, clean=clean)
    for number in range(3):
        state = await synthesise(context, make_job(number, turns=1))
        if clean == "solve":
            assert state["rejection"]["stage"] == "cleaner"
            continue
        [turn] = state["turns"]
        *_, hinted, published = turn["attempts"]
        assert hinted["hints"] > 0
        assert (published["hints"], published["rewritten"]) == (0, True)
        assert published["steps"] == hinted["steps"]
