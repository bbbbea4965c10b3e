"""Blind attempts: how many there are, and what comes after them."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.roles import Move

ITEM = ("find_item", {"item_name": "lamp"})
CUSTOMER = ("find_customer", {"customer_name": "Ana"})
ORDER = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"})
GIVES_UP = Move(thought="I do not know.", reply="I cannot.")


@pytest.fixture
def right(moves: Any) -> list[Move]:
    return list(moves((ITEM, CUSTOMER), (ORDER,)))


@pytest.mark.parametrize(
    ("probe", "failing", "hints"),
    [
        (0, 0, [1]),
        (0, 1, [1, 2]),
        (1, 0, [0]),
        (1, 1, [0, 1]),
        (2, 0, [0]),
        (2, 1, [0, 0]),
        (2, 2, [0, 0, 1]),
        (2, 3, [0, 0, 1, 2]),
    ],
)
async def test_attempts_are_blind_first_and_end_with_the_one_that_passes(
    refine: Any, right: list[Move], probe: int, failing: int, hints: list[int]
) -> None:
    state, reasoning, critiquing = await refine([*[GIVES_UP] * failing, *right], probe=probe)
    assert [item["hints"] for item in state["attempts"]] == hints
    assert [item["index"] for item in state["attempts"]] == list(range(len(hints)))
    assert not state.get("rejection")
    assert len(state["hints"]) == max(hints)
    assert len(critiquing.views) == max(0, max(hints) - 1)
    blind = [view for view in reasoning.views if not view.hints]
    assert bool(blind) == (probe > 0)


async def test_rules_are_asked_once_without_a_hint(refine: Any, right: list[Move]) -> None:
    state, _, _ = await refine([GIVES_UP, *right], probe=2, paid=False)
    assert [item["hints"] for item in state["attempts"]] == [0, 1]


async def test_blind_attempts_alone_may_be_all_there_are(refine: Any) -> None:
    state, _, critiquing = await refine([GIVES_UP], probe=3, max_attempts=0)
    assert [item["hints"] for item in state["attempts"]] == [0, 0, 0]
    assert state["rejection"]["reason"] == "K_max reached"
    assert (state["hints"], critiquing.views) == ([], [])
