"""Error classes: what is found wrong with an attempt, the first to mend first."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from envs.world import World
from graphs.records.attempt import ErrorClass
from graphs.validation.findings import find_errors
from tools.base import JsonObject
from tools.call import Observation, ToolError
from tools.trace import UNSEEN_VALUE, Step, Trace

Call = tuple[str, JsonObject, int]
ITEM: Call = ("find_item", {"item_name": "lamp"}, 0)
CUSTOMER: Call = ("find_customer", {"customer_name": "Ana"}, 0)
ORDER: Call = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"}, 1)
TOLD = "Please place an order of a lamp for Ana."


@pytest.fixture
def steps(shop_world: World, run_steps: Callable[..., tuple[Step, ...]]) -> Callable[..., tuple[Step, ...]]:
    """Calls, executed in a fork of the shop."""

    def run(*calls: Call) -> tuple[Step, ...]:
        return run_steps(shop_world.fork(), *calls, prefix="a")

    return run


def refused(step: Step) -> Step:
    """The step as a call that was never made."""
    error = ToolError(kind=UNSEEN_VALUE, message="Nothing has shown item_id yet.")
    return step.model_copy(update={"observation": Observation(call_id=step.call.id, error=error)})


def later(call: Call, group: int) -> Call:
    return call[0], call[1], group


@pytest.mark.parametrize(
    ("calls", "error", "missing", "wrong", "parameter"),
    [
        ((), "no_call", "find_item", None, None),
        ((ITEM, CUSTOMER), "missing_call", "place_order", None, None),
        ((ITEM, ("list_items", {}, 0), ORDER), "wrong_tool", "find_customer", "list_items", None),
        ((ITEM, ("find_customer", {"customer_name": "Eve"}, 0)), "wrong_argument", "find_customer", "find_customer",
         "customer_name"),
        ((ITEM, CUSTOMER, ("place_order", {"item_id": "12345", "customer_id": "CU-1207"}, 1)), "unseen_value",
         "place_order", "place_order", "item_id"),
        ((ITEM, CUSTOMER, later(ORDER, 0)), "unseen_value", "place_order", "place_order", "item_id"),
        ((CUSTOMER, ITEM, ORDER), "wrong_order", "find_item", "find_customer", None),
        ((ITEM, CUSTOMER, ORDER, later(ITEM, 2)), "superfluous_call", None, "find_item", None),
        ((ITEM, CUSTOMER, ORDER, ("check_stock", {}, 2)), "failed_call", None, "check_stock", None),
    ],
)  # fmt: skip
def test_each_class_says_where_it_is(
    gold: Trace, steps: Callable[..., tuple[Step, ...]], calls: tuple[Call, ...], error: str, missing: str | None,
    wrong: str | None, parameter: str | None,
) -> None:  # fmt: skip
    first = find_errors(gold.steps, steps(*calls), TOLD)[0]
    assert first.error == error
    assert (first.missing.call.name if first.missing else None) == missing
    assert (first.wrong.call.name if first.wrong else None) == wrong
    assert first.parameter == parameter


def test_a_refused_call_is_an_unseen_value_and_nothing_else(
    gold: Trace, steps: Callable[..., tuple[Step, ...]]
) -> None:
    *looked, order = steps(ITEM, CUSTOMER, ("place_order", {"item_id": "IT-1", "customer_id": "CU-1207"}, 1))
    found = find_errors(gold.steps, (*looked, refused(order)), TOLD)
    assert [(item.error, item.parameter) for item in found] == [("unseen_value", "item_id")]
    (first, *others) = find_errors(gold.steps, (refused(order),), TOLD)
    assert (first.error, first.wrong) == ("unseen_value", refused(order))
    assert {item.error for item in others} == {"missing_call"}


def test_a_refused_call_counts_also_where_it_was_made_later(
    gold: Trace, steps: Callable[..., tuple[Step, ...]]
) -> None:
    early, *rest = steps(later(ORDER, 0), ITEM, CUSTOMER, ORDER)
    found = find_errors(gold.steps, (refused(early), *rest), TOLD)
    assert [item.error for item in found] == ["unseen_value"]


def test_an_error_from_elsewhere_comes_first_with_its_detail(
    gold: Trace, steps: Callable[..., tuple[Step, ...]]
) -> None:
    whole = steps(ITEM, CUSTOMER, ORDER, later(ITEM, 2))
    (answer,) = find_errors(gold.steps, whole, TOLD, ("wrong_answer", "It says 45."))
    assert (answer.error, answer.detail, answer.missing) == ("wrong_answer", "It says 45.", gold.steps[-1])
    first, second = find_errors(gold.steps, whole, TOLD, ("too_many_calls", ""))
    assert (first.error, second.error) == ("too_many_calls", "superfluous_call")
    assert "More calls" in first.detail
    [silent] = find_errors(gold.steps, steps(ITEM, CUSTOMER, ORDER), TOLD, ("no_answer", ""))
    assert silent.error == "no_answer"


def test_a_forbidden_effect_names_the_call_that_had_it(gold: Trace, steps: Callable[..., tuple[Step, ...]]) -> None:
    made = steps(ITEM, CUSTOMER, ORDER, ("set_price", {"price": 200}, 2))
    first = find_errors(gold.steps, made, TOLD, ("forbidden_effect", "The price may not change."))[0]
    assert first.wrong == made[-1]
    assert first.missing is None


@pytest.mark.parametrize("error", get_args(ErrorClass))
def test_every_class_can_be_given_without_a_detail(gold: Trace, error: ErrorClass) -> None:
    first = find_errors(gold.steps, gold.steps, TOLD, (error, ""))[0]
    assert first.error == error
    assert first.detail
