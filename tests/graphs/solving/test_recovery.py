"""``allow_recovery``: calls that failed and were mended, in accepted attempts, where gold has none."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.records import Attempt, Turn
from tools.call import Observation, ToolError

ITEM = ("find_item", {"item_name": "lamp"})
CUSTOMER = ("find_customer", {"customer_name": "Ana"})
SMALL = ("find_customer", {"customer_name": "ana"})
ORDER = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"})
SWAPPED = ("place_order", {"item_id": "CU-1207", "customer_id": "IT-4711"})
NO_STOCK = ("check_stock", {})
MENDED = ((ITEM, SMALL), (CUSTOMER,), (ORDER,))
ANOTHER = ((ITEM, CUSTOMER), (NO_STOCK,), (ORDER,))


@pytest.fixture
def attempt(refine: Any, moves: Any) -> Any:
    """The blind attempt of these groups of calls."""

    async def run(groups: Any, **settings: Any) -> Attempt:
        state, _, _ = await refine(moves(*groups), max_attempts=0, **settings)
        return Attempt.model_validate(state["attempts"][0])

    return run


@pytest.mark.parametrize("groups", [MENDED, ANOTHER], ids=["the same tool again", "a tool that was not needed"])
async def test_a_failure_that_was_mended_is_accepted_where_that_is_allowed(attempt: Any, groups: Any) -> None:
    made = await attempt(groups, allow_recovery=True)
    assert any(step.observation.failed for step in made.steps)
    assert made.passed == ("equivalent",)
    assert made.error is None
    made = await attempt(groups)
    assert made.passed == ()
    assert all(verdict.reason.startswith("a call failed: ") for verdict in made.verdicts)


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        (((ITEM, CUSTOMER), (SWAPPED,)), "a failed call was not made again: place_order"),
        (((ITEM, CUSTOMER, NO_STOCK), (NO_STOCK, NO_STOCK), (ORDER,)), "3 calls failed"),
        (((ITEM, CUSTOMER, ORDER), (ORDER,)), "a value was used before it was seen: place_order"),
    ],
    ids=["not mended", "too many", "a guess is no failure"],
)
async def test_recovery_has_its_limits(attempt: Any, groups: Any, reason: str) -> None:
    made = await attempt(groups, allow_recovery=True)
    assert made.passed == ()
    assert [verdict.reason for verdict in made.verdicts] == [reason] * 3


@pytest.mark.parametrize("allowed", [True, False])
async def test_a_turn_tells_what_was_allowed(make_context: Any, make_job: Any, synthesise: Any, allowed: bool) -> None:
    state = await synthesise(make_context(allow_recovery=allowed), make_job(0, turns=1))
    assert Turn.model_validate(state["turns"][0]).allow_recovery is allowed


async def test_an_accepted_path_that_is_shorter_than_gold_tells_that_gold_was_padded(
    make_context: Any, make_job: Any, synthesise: Any
) -> None:
    state = await synthesise(make_context(), make_job(0, turns=1))
    turn = Turn.model_validate(state["turns"][0])
    assert len(turn.steps) == len(turn.gold_steps) > 1
    assert not turn.padded
    assert turn.model_copy(update={"steps": turn.steps[1:]}).padded
    failed = Observation(call_id="c", error=ToolError(kind="not_found", message="There is none."))
    failing = turn.steps[0].model_copy(update={"observation": failed})
    assert not turn.model_copy(update={"steps": (failing, *turn.steps)}).padded
    assert turn.model_copy(update={"steps": (failing, *turn.steps[1:])}).padded
    assert not turn.model_copy(update={"steps": (*turn.steps, *turn.steps[:1])}).padded
