"""Phase III: attempts of a reasoning role that follows a script, and what validation says of them."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.records.attempt import Attempt
from graphs.roles import Hint, Move, WantedCall
from graphs.validation.findings import find_errors
from tools.trace import Trace

QUERY = "Please place an order of a lamp for Ana."
ITEM = ("find_item", {"item_name": "lamp"})
CUSTOMER = ("find_customer", {"customer_name": "Ana"})
ITEMS = ("list_items", {})
STOCK = ("check_stock", {"item_id": "IT-4711"})
ORDER = ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"})
WRONG = ("place_order", {"item_id": "IT-0000", "customer_id": "CU-1207"})
OTHER = ("place_order", {"item_id": "IT-5822", "customer_id": "CU-1207"})
UNSEEN = "a value was used before it was seen: place_order"
CRITIC = "Mind the order of steps."
END = "The lamp is ordered for Ana."


def moves(*groups: tuple[Any, ...], reply: str = END) -> list[Move]:
    """One message for each group of calls, and the reply."""
    calls = [tuple(WantedCall(name=name, arguments=given) for name, given in group) for group in groups]
    return [*(Move(thought="So.", calls=group) for group in calls), Move(thought="Done.", reply=reply)]


GOLD = moves((ITEM, CUSTOMER), (ORDER,))
NOTHING = [Move(thought="I do not know.", reply="I cannot.")]


@pytest.fixture
def attempt(refine: Any) -> Any:
    """The blind attempt that comes of the given moves."""

    async def run(answers: Any) -> Attempt:
        state, _, _ = await refine(answers, max_attempts=0)
        assert len(state["attempts"]) == 1
        return Attempt.model_validate(state["attempts"][0])

    return run


@pytest.mark.parametrize(
    ("answers", "passed"),
    [
        (GOLD, ("exact", "ordered", "equivalent")),
        (moves((ITEM,), (CUSTOMER,), (ORDER,)), ("exact", "ordered", "equivalent")),
        (moves((CUSTOMER,), (ITEM,), (ORDER,)), ("ordered", "equivalent")),
        (moves((ITEMS, CUSTOMER), (ORDER,)), ("equivalent",)),
    ],
    ids=["gold", "gold one by one", "swapped", "another path"],
)
async def test_attempts_that_come_to_the_same_are_accepted(attempt: Any, answers: Any, passed: Any) -> None:
    made = await attempt(answers)
    assert made.passed == passed
    assert made.error is None
    assert made.reply == END


@pytest.mark.parametrize(
    ("answers", "error", "reason"),
    [
        (moves((ORDER,)), "unseen_value", UNSEEN),
        (moves((ITEM, CUSTOMER, ORDER)), "unseen_value", UNSEEN),
        (moves((ITEM,), (ORDER,), (CUSTOMER,)), "unseen_value", UNSEEN),
        (moves((ITEM, CUSTOMER, WRONG), (ORDER,)), "unseen_value", UNSEEN),
        (moves((ITEM, CUSTOMER), (STOCK,), (ORDER,)), "superfluous_call", "superfluous calls: 1"),
        (moves((ITEM, CUSTOMER), (ORDER,), (STOCK,)), "superfluous_call", "superfluous calls: 1"),
        (moves((ITEM, CUSTOMER), (ORDER,), (ITEM,)), "superfluous_call", "superfluous calls: 1"),
        (moves((ITEM, CUSTOMER), (("check_stock", {}),), (ORDER,)), "failed_call", "a call failed"),
        (moves((ITEM, CUSTOMER), (("fly", {}),), (ORDER,)), "failed_call", "a call failed"),
        (moves((ITEMS, CUSTOMER), (OTHER,)), "wrong_argument", "another state"),
        (moves((ITEM, CUSTOMER), (ORDER, ORDER)), "superfluous_call", "another state"),
        (moves((ITEM, CUSTOMER)), "missing_call", "another state"),
        (moves((ITEM, CUSTOMER), (ORDER,), reply="  "), "no_answer", "no_answer"),
        (moves((ITEM, CUSTOMER), (ORDER,), reply="I cannot order that."), "wrong_answer", "claims failure"),
        (moves((ITEM, CUSTOMER), (ORDER,), reply="Ordered: OR-12345."), "wrong_answer", "invents a fact: OR-12345"),
        (NOTHING, "no_call", "another state"),
    ],
    ids=[
        "right values guessed",
        "right values before they were seen",
        "one value before it was seen",
        "wrong values, then the right ones",
        "a read for nothing",
        "a read for nothing at the end",
        "the same read twice",
        "a failed call",
        "an unknown tool",
        "another item",
        "ordered twice",
        "not ordered",
        "no answer",
        "a refusal of what is done",
        "an invented number",
        "no call",
    ],
)
async def test_other_attempts_are_refused(attempt: Any, answers: Any, error: str, reason: str) -> None:
    made = await attempt(answers)
    assert made.passed == ()
    assert all(verdict.reason.startswith(reason) for verdict in made.verdicts)
    assert made.error == error


async def test_the_order_of_calls_counts_where_it_changes_the_state(
    refine: Any, shop_world: Any, run_steps: Any
) -> None:
    set_to, raised = ("set_price", {"price": 200}), ("raise_price", {"percentage": 10})
    steps = run_steps(shop_world, (*set_to, 0), (*raised, 0))
    trace = Trace(target_tool="raise_price", steps=steps, requested=())
    state, _, _ = await refine(
        [*moves((raised,), (set_to,), reply="Done."), *moves((set_to,), (raised,), reply="Done.")],
        trace=trace,
        text="Set all to 200, raise by 10.",
    )
    assert [item["error"] for item in state["attempts"]] == ["wrong_order", None]


async def test_ids_made_in_another_order_are_the_same_up_to_renaming(
    refine: Any, shop_world: Any, run_steps: Any
) -> None:
    chair = ("find_item", {"item_name": "chair"})
    steps = run_steps(shop_world, (*ITEM, 0), (*chair, 0), (*CUSTOMER, 0), (*ORDER, 1), (*OTHER, 1))
    trace = Trace(target_tool="place_order", steps=steps, requested=())
    state, _, _ = await refine(
        moves((chair, ITEM, CUSTOMER), (OTHER, ORDER)), trace=trace, text="Order a lamp and a chair for Ana."
    )
    [made] = [Attempt.model_validate(item) for item in state["attempts"]]
    assert made.passed == ("ordered", "equivalent")
    assert made.steps[3].observation.content == steps[3].observation.content
    assert made.steps[3].call.arguments == steps[4].call.arguments


async def test_an_attempt_may_not_go_on_for_ever(attempt: Any, gold: Any) -> None:
    endless = moves(*[(ITEMS,), (CUSTOMER,)] * 20)
    made = await attempt(endless)
    assert made.error == "too_many_calls"
    assert made.passed == ()
    assert len(made.steps) == 2 * len(gold.steps) + 4


async def test_an_attempt_that_says_the_same_three_times_is_over(attempt: Any) -> None:
    made = await attempt(moves((ITEM, CUSTOMER), (ITEMS,), (ITEMS,), (ITEMS,), (ORDER,)))
    assert made.error == "too_many_calls"
    assert [step.call.name for step in made.steps] == ["find_item", "find_customer", "list_items", "list_items"]


async def test_an_unusable_answer_ends_the_attempt_and_the_next_may_succeed(refine: Any, unusable: Exception) -> None:
    state, _, _ = await refine([unusable, *GOLD])
    assert [item["error"] for item in state["attempts"]] == ["unusable_output", None]
    assert state["attempts"][0]["messages"] == []
    assert not state.get("rejection")


async def test_a_stricter_configuration_asks_for_more(refine: Any) -> None:
    swapped = moves((CUSTOMER,), (ITEM,), (ORDER,))
    state, _, _ = await refine([*swapped, *GOLD], require="exact")
    assert len(state["attempts"]) == 2
    state, _, _ = await refine([*swapped, *GOLD], require="ordered")
    assert len(state["attempts"]) == 1
    state, _, _ = await refine(swapped, require="exact", max_attempts=0)
    assert state["rejection"]["detail"] == "not exact: another order"


async def test_hints_come_in_their_order(refine: Any) -> None:
    """Nothing in the blind attempt, then the decomposition, then the critic's hints one after the other."""
    first, second = "Look again at what is asked.", "Something is still left to do."
    said = [Hint(text=first), Hint(text=second)]
    state, reasoning, critiquing = await refine([*NOTHING, *NOTHING, *NOTHING, *GOLD], said)
    steps = "find an item by its name; find a customer by name; place an order for a customer"
    parts = f"Orders an item. This is equal to: {steps}."
    seen = list(dict.fromkeys(view.hints for view in reasoning.views))
    assert seen == [(), (parts,), (parts, first), (parts, first, second)]
    assert [item["hints"] for item in state["attempts"]] == [0, 1, 2, 3]
    assert [view.earlier_hints for view in critiquing.views] == [(parts,), (parts, first)]
    assert state["hints"] == list(seen[-1])


async def test_without_a_blind_attempt_the_first_one_has_the_decomposition(refine: Any) -> None:
    state, reasoning, critiquing = await refine(GOLD, probe=0)
    ((parts,),) = dict.fromkeys(view.hints for view in reasoning.views)
    assert parts.startswith("Orders an item. This is equal to: find an item by its name;")
    assert [(item["index"], item["hints"]) for item in state["attempts"]] == [(0, 1)]
    assert state["hints"] == [parts]
    assert critiquing.views == []


async def test_without_a_blind_attempt_the_critic_adds_after_the_first(refine: Any) -> None:
    state, reasoning, critiquing = await refine([*NOTHING, *GOLD], probe=0)
    parts = reasoning.views[0].hints
    assert list(dict.fromkeys(view.hints for view in reasoning.views)) == [parts, (*parts, CRITIC)]
    assert [view.earlier_hints for view in critiquing.views] == [parts]
    assert state["hints"] == [*parts, CRITIC]
    assert not state.get("rejection")


@pytest.mark.parametrize(("probe", "attempts"), [(1, 3), (0, 2), (2, 4)])
async def test_k_max_counts_the_hinted_attempts(refine: Any, probe: int, attempts: int) -> None:
    state, _, critiquing = await refine(NOTHING, [Hint(text="One."), Hint(text="Two.")], probe=probe, max_attempts=2)
    assert [item["index"] for item in state["attempts"]] == list(range(attempts))
    assert state["rejection"]["reason"] == "K_max reached"
    assert len(critiquing.views) == 1


async def test_every_attempt_begins_in_the_world_and_the_conversation_before_the_turn(refine: Any) -> None:
    ordered_twice = moves((ITEM, CUSTOMER), (ORDER, ORDER))
    state, reasoning, _ = await refine([*ordered_twice, *GOLD])
    bad, good = (Attempt.model_validate(item) for item in state["attempts"])
    assert good.passed == ("exact", "ordered", "equivalent")
    assert bad.public_hash != good.public_hash
    assert good.steps[2].observation.content == bad.steps[2].observation.content
    first = reasoning.views[len(ordered_twice)]
    assert [message["role"] for message in first.messages] == ["system", "user"]


async def test_k_max_ends_in_a_rejection(refine: Any) -> None:
    state, reasoning, _ = await refine(NOTHING, max_attempts=2)
    assert len(state["attempts"]) == 3
    assert len(reasoning.views) == 3
    assert (state["rejection"]["stage"], state["rejection"]["reason"]) == ("refiner", "K_max reached")
    assert "no_call" in state["rejection"]["detail"]


async def test_without_a_critic_the_computed_finding_is_the_hint(refine: Any, unusable: Exception) -> None:
    state, _, _ = await refine([*NOTHING, *NOTHING, *GOLD], [unusable])
    assert state["hints"][-1] == "Use the tools. A step that is needed: find an item by its name."
    assert not state.get("rejection")


@pytest.mark.parametrize(("most", "levels"), [(2, [3]), (3, [2, 3]), (5, [1, 1, 2, 3])])
async def test_the_critic_may_speak_the_more_plainly_the_fewer_attempts_are_left(
    refine: Any, most: int, levels: list[int]
) -> None:
    _, _, critiquing = await refine(NOTHING, max_attempts=most)
    assert [view.level for view in critiquing.views] == levels


@pytest.mark.parametrize(
    "given_away",
    ["Use IT-4711 as the item.", "The customer is CU-1207.", "Call place_order with IT-4711 and CU-1207."],
)
async def test_a_hint_that_gives_the_answer_away_is_not_passed_on(refine: Any, given_away: str) -> None:
    state, reasoning, _ = await refine([*NOTHING, *NOTHING, *GOLD], [Hint(text=given_away)])
    assert len(reasoning.views[-1].hints) == 2
    for hint in state["hints"]:
        assert "4711" not in hint
        assert "1207" not in hint


async def test_the_critic_is_told_where_the_attempt_went_wrong(refine: Any) -> None:
    wrong = moves((ITEMS, CUSTOMER), (OTHER,))
    _, _, critiquing = await refine([*NOTHING, *wrong, *GOLD])
    view = critiquing.views[0]
    assert view.query == QUERY
    assert [step.call.name for step in view.attempted] == ["list_items", "find_customer", "place_order"]
    finding = view.findings[0]
    assert (finding.error, finding.parameter) == ("wrong_argument", "item_id")
    assert finding.missing is not None
    assert finding.missing.call.name == "place_order"


FINDINGS = {
    "nothing called": ((), "no_call"),
    "a task left out": (((*ITEM, 0), (*CUSTOMER, 0)), "missing_call"),
    "another tool": (((*ITEM, 0), (*CUSTOMER, 0), (*STOCK, 1)), "wrong_tool"),
    "another choice": (((*ITEM, 0), (*ITEMS, 0), (*CUSTOMER, 0), (*OTHER, 1)), "wrong_argument"),
    "another name": ((("find_item", {"item_name": "desk"}, 0), (*CUSTOMER, 0), (*ORDER, 1)), "wrong_argument"),
    "a made-up value": (((*ITEM, 0), (*CUSTOMER, 0), (*WRONG, 1)), "unseen_value"),
    "the right value too early": (((*ITEM, 0), (*CUSTOMER, 0), (*ORDER, 0)), "unseen_value"),
    "another order": (((*CUSTOMER, 0), (*ORDER, 1), (*ITEM, 1)), "wrong_order"),
    "one call too many": (((*ITEM, 0), (*CUSTOMER, 0), (*ORDER, 1), (*STOCK, 2)), "superfluous_call"),
    "a failing call more": (
        ((*ITEM, 0), (*CUSTOMER, 0), ("find_item", {"item_name": "sofa"}, 0), (*ORDER, 1)),
        "failed_call",
    ),
}


@pytest.mark.parametrize("planted", FINDINGS)
def test_the_first_finding_names_the_error(shop_world: Any, run_steps: Any, gold: Any, planted: str) -> None:
    calls, error = FINDINGS[planted]
    findings = find_errors(gold.steps, run_steps(shop_world, *calls, prefix="a"), QUERY)
    assert findings[0].error == error
