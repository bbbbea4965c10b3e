"""What the reasoning role could not answer, or not usably: what comes of the attempt, and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.giving_up import CANNOT_ANSWER
from graphs.records.attempt import Attempt
from graphs.roles import Hint, Move, RoleFailure, Unanswerable, WantedCall

ITEM = ("find_item", {"item_name": "lamp"})
CUSTOMER = ("find_customer", {"customer_name": "Ana"})
ORDER = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"})
GIVES_UP = Move(thought="I do not know.", reply="I cannot.")
LOOKS = Move(thought="So.", calls=(WantedCall(name="list_items", arguments={}),))
TOO_LONG = Unanswerable("reasoning: openai/m cannot answer this request (400): too long for its context")
UNREADABLE = RoleFailure("reasoning: openai/m gave no usable answer, also when told why: the answer is empty")


@pytest.mark.parametrize(
    ("before", "attempts"),
    [((), 0), ((LOOKS,), 0), ((GIVES_UP,), 1), ((GIVES_UP, LOOKS), 1)],
    ids=["at once", "in the middle", "in a later attempt", "in the middle of a later attempt"],
)
async def test_after_what_cannot_be_answered_nothing_is_asked(refine: Any, before: Any, attempts: int) -> None:
    state, reasoning, _ = await refine([*before, TOO_LONG], max_attempts=3)
    assert len(reasoning.views) == len(before) + 1
    assert state["rejection"] == {"stage": "refiner", "reason": CANNOT_ANSWER, "detail": str(TOO_LONG)}
    assert len(state["attempts"]) == attempts
    assert state["solving"] is None


async def test_a_solution_that_cannot_be_confirmed_is_lost_to_the_cleaner(refine: Any, moves: Any) -> None:
    state, _, _ = await refine([GIVES_UP, *moves((ITEM, CUSTOMER), (ORDER,)), TOO_LONG], clean="solve")
    assert (state["rejection"]["stage"], state["rejection"]["reason"]) == ("cleaner", CANNOT_ANSWER)


async def test_what_was_wrong_with_the_last_answer_is_told(refine: Any) -> None:
    state, reasoning, _ = await refine([GIVES_UP, UNREADABLE], max_attempts=2)
    assert len(reasoning.views) == 3
    assert state["rejection"]["reason"] == "K_max reached"
    assert state["rejection"]["detail"] == f"unusable_output: {UNREADABLE}"


async def test_it_is_told_of_the_confirmation_too(refine: Any, moves: Any) -> None:
    state, _, _ = await refine([GIVES_UP, *moves((ITEM, CUSTOMER), (ORDER,)), UNREADABLE], clean="solve")
    assert state["rejection"]["reason"] == "not solved without hints"
    assert state["rejection"]["detail"] == str(UNREADABLE)


async def test_an_attempt_is_judged_the_same_whatever_its_answer_lacked(refine: Any, moves: Any) -> None:
    """A record is verified from its attempts alone, which know no model's words."""
    state, _, critiquing = await refine([GIVES_UP, UNREADABLE, *moves((ITEM, CUSTOMER), (ORDER,))], [Hint(text="Go.")])
    _, bad, good = (Attempt.model_validate(item) for item in state["attempts"])
    assert bad.error == "unusable_output"
    assert {verdict.reason for verdict in bad.verdicts} == {"unusable_output"}
    assert good.error is None
    assert str(UNREADABLE) not in "".join(view.model_dump_json() for view in critiquing.views)
