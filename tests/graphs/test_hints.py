"""Hints: they say more from level to level, never a value, and never the same twice."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.world import World
from graphs.records.attempt import ErrorClass
from graphs.roles import CritiqueView, Finding
from graphs.validation.findings import find_errors
from graphs.validation.hint_words import computed_hint
from graphs.validation.hints import LEFT_OUT, hint_problem, safe_hint, without_answers
from tools.advanced import AdvancedTool
from tools.base import Json
from tools.call import Observation, ToolCall, ToolError
from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.trace import UNSEEN_VALUE, Step, Trace

TOLD = "Please place an order of a lamp for Ana."
PARAMETER = {"type": "object", "properties": {"value": {"description": "Value of the thing."}}, "required": ["value"]}
SPEC = ToolSpec(name="keep_thing", description="Keeps a thing.", parameters=PARAMETER, returns={})


def keeping(value: Json, name: str = "keep_thing") -> Step:
    """A gold call whose one argument has to be found."""
    call = ToolCall(id="g0", name=name, arguments={"value": value})
    return Step(call=call, observation=Observation(call_id="g0"), origins={"value": ArgumentOrigin(kind="free_text")})


@pytest.fixture
def view(gold: Trace, shop_world: World) -> Any:
    """Makes a critic's view of an order that was not made right: ``view(error, level=2)``."""

    def make(error: ErrorClass = "unseen_value", **changes: Any) -> CritiqueView:
        finding = Finding(
            error=error, detail="D IT-4711", parameter="item_id", missing=gold.steps[2], wrong=gold.steps[0]
        )
        if error not in ("unseen_value", "wrong_argument"):
            finding = finding.model_copy(update={"parameter": None})
        fields: dict[str, Any] = {
            "query": TOLD,
            "advanced_tool": AdvancedTool(name="t", description="d", inputs=(), sinks=(), covered=()),
            "tools": shop_world.specs(),
            "gold": gold.steps,
            "attempted": (),
            "findings": (finding,),
            "earlier_hints": (),
        }
        return CritiqueView(**{**fields, **changes})

    return make


@pytest.mark.parametrize("error", get_args(ErrorClass))
def test_a_hint_of_a_higher_level_says_more_and_none_says_a_value(view: Any, error: ErrorClass) -> None:
    first, second, third = (computed_hint(view(error, level=level)) for level in (1, 2, 3))
    assert "place an order" not in first
    assert "find an item" not in first
    assert "place an order for a customer" in second or "find an item by its name" in second
    assert third.startswith(second)
    assert len(third) > len(second)
    for hint in (first, second, third):
        assert hint_problem(hint, view().gold, TOLD, view().tools) == ""
        assert "IT-4711" not in hint
        assert "\n" not in hint
        assert len(hint) < 260


def test_level_3_says_which_result_the_value_comes_from(view: Any) -> None:
    expected = "It comes from the result of the step to find an item by its name."
    assert computed_hint(view("wrong_argument", level=3)).endswith(expected)


WAY = (
    "All that is needed, in this order: "
    "find an item by its name; find a customer by name; place an order for a customer."
)


def test_level_3_tells_the_whole_way_where_the_mistake_is_about_it(view: Any) -> None:
    assert computed_hint(view("unseen_value", level=3)).endswith(f"Look it up first. {WAY}")
    missing = Finding(error="missing_call", detail="", missing=view().gold[0])
    assert computed_hint(view(level=3, findings=(missing,))) == f"A step is missing: find an item by its name. {WAY}"


def test_of_a_long_way_level_3_tells_what_the_missing_step_is_for(view: Any) -> None:
    gold = view().gold
    missing = Finding(error="missing_call", detail="", missing=gold[0])
    hint = computed_hint(view(level=3, findings=(missing,)).model_copy(update={"gold": gold + gold[1:2] * 3}))
    assert hint == (
        "A step is missing: find an item by its name. "
        "Its result gives the ID of the item for the step to place an order for a customer."
    )


def test_a_refused_call_that_nothing_needs_is_told_to_be_left_out(view: Any) -> None:
    wrong = view().gold[1]
    finding = Finding(error="unseen_value", detail="", parameter="name", wrong=wrong)
    assert computed_hint(view(level=2, findings=(finding,))).endswith("is not needed. Leave it out.")


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (ArgumentOrigin(kind="query"), "request"),
        (ArgumentOrigin(kind="profile"), "system message"),
        (ArgumentOrigin(kind="default"), "default"),
        (ArgumentOrigin(kind="earlier_turn", source="call_0", path="x"), "earlier"),
        (
            ArgumentOrigin(kind="derived", parts=(ArgumentOrigin(kind="observation", source="g0_0", path="x"),)),
            "worked out from the result of the step to find an item",
        ),
    ],
)
def test_level_3_follows_the_origin(view: Any, origin: ArgumentOrigin, words: str) -> None:
    step = view().gold[2]
    moved = step.model_copy(update={"origins": {**step.origins, "item_id": origin}})
    finding = view("wrong_argument").findings[0].model_copy(update={"missing": moved})
    assert words in computed_hint(view("wrong_argument", level=3, findings=(finding,))).rpartition(". ")[2]


def test_no_hint_is_given_twice(view: Any) -> None:
    said: list[str] = []
    for _ in range(8):
        said.append(computed_hint(view(level=1, earlier_hints=tuple(said))))
    assert len({hint.casefold() for hint in said}) == 8


def test_a_finding_whose_tool_is_not_known_stays_at_the_kind(view: Any) -> None:
    finding = Finding(error="superfluous_call", detail="", wrong=keeping("x", "fly"))
    kind = computed_hint(view(level=1, findings=(finding,)))
    assert computed_hint(view(level=2, findings=(finding,))) == kind
    assert computed_hint(view(level=3, findings=(finding,))) == f"{kind} {WAY}"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("BK-3382", "Take the booking bk 3382 for it, please."),
        ("BK-3382", "It is the one whose number ends in 3382."),
        ("83214", "The zip code to use there is 83,214."),
        (1200.5, "You have to pay USD1,200.50 in the second step."),
        (7, "You should ask for seven of them, not for six."),
        (0.25, "The share that you need is 0.250 of it."),
        ("2026-05-03", "Travel on the 3rd of May instead."),
        ("2026-05-03", "The date is May 3, 2026 in the request."),
        ("2026-05-03T14:30:00", "The meeting begins at 2:30 pm on that day."),
        ("Blue Hall", "Look at the blue-hall entry of the list."),
        (True, "Set that one to TRUE in your call."),
        (["CU-1", "CU-2077"], "One of both customers is cu2077 there."),
        ({"note": "Please bring BK-3382 along."}, "Say that it is about BK-3382."),
    ],
)
def test_a_planted_value_is_found_and_left_out(value: Json, hint: str) -> None:
    gold = (keeping(value),)
    assert "value of keep_thing" in hint_problem(hint, gold, TOLD, (SPEC,))
    mended = without_answers(hint, gold, TOLD, (SPEC,))
    assert LEFT_OUT in mended
    assert hint_problem(mended, gold, TOLD, (SPEC,)) == ""


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("lamp", "You ordered something else than a lamp."),
        (2, "In step 2 you used a value that nothing had shown."),
        ("2026-05-03", "Mind the date in the request: it is another day."),
        ("thing", "Look the thing up before you keep it."),
        (None, "You left nothing out, and none of it is right."),
        ("IT-4711", "The id is not IT-47110 as you wrote."),
        (100, "You paid 1000 where less was asked for."),
    ],
)
def test_what_is_told_or_something_else_may_be_said(value: Json, hint: str) -> None:
    assert hint_problem(hint, (keeping(value),), TOLD, (SPEC,)) == ""
    assert without_answers(hint, (keeping(value),), TOLD, (SPEC,)) == hint


@pytest.mark.parametrize(
    "hint",
    [
        'You have to call find_item(item_name="lamp") before that.',
        'First comes {"name": "find_item", "arguments": {"item_name": "lamp"}}, and then the order.',
        '{"arguments": {"item_name": "lamp"}, "tool": "find_item"} is what you need here.',
        "Use the tool find_item with the lamp before you order.",
        "Begin to find item lamp before you order it.",
    ],
)
def test_a_whole_call_is_stopped_even_where_all_its_values_are_told(view: Any, hint: str) -> None:
    assert "spells out the call of find_item" in hint_problem(hint, view().gold, TOLD, view().tools)
    assert without_answers(hint, view().gold, TOLD, view().tools) == ""
    assert safe_hint(hint, view()) == computed_hint(view())


def test_a_tool_may_be_named_also_with_empty_brackets(view: Any) -> None:
    listing = Step(call=ToolCall(id="g", name="list_items", arguments={}), observation=Observation(call_id="g"))
    gold = (listing, *view().gold)
    hint = "You should call list_items() before you order."
    assert "spells out" in hint_problem(hint, gold, TOLD, view().tools)
    assert without_answers(hint, gold, TOLD, view().tools) == "You should call list_items before you order."
    assert hint_problem("Call find_item before place_order.", gold, TOLD, view().tools) == ""


@pytest.mark.parametrize("hint", ["", "  ", "Use IT-4711.", "IT-4711, CU-1207"])
def test_what_is_no_hint_without_its_answers_gives_way_to_computed_words(view: Any, hint: str) -> None:
    assert safe_hint(hint, view(level=2)) == computed_hint(view(level=2))


def test_a_good_hint_stays_and_one_given_before_does_not(view: Any) -> None:
    hint = "You made up the id of the item; look it up first."
    assert safe_hint(f" {hint}\n", view()) == hint
    assert safe_hint(hint, view(earlier_hints=(hint.upper(),))) == computed_hint(view())


def test_common_words_of_the_tools_count_only_in_quotation_marks() -> None:
    gold = (keeping("thing"),)
    assert hint_problem("You have to find the thing first.", gold, TOLD, (SPEC,)) == ""
    assert hint_problem('You have to use "thing" as its value.', gold, TOLD, (SPEC,))


IDENTIFIERS = st.from_regex(r"[A-Z]{2,3}-[1-9][0-9]{3,5}", fullmatch=True)
NUMBERS = st.one_of(st.integers(100, 10**7), st.floats(100, 10**6).map(lambda number: round(number, 2)))
NAMES = st.from_regex(r"[A-Z][bcdfg]{3,6} [A-Z][klmnp]{3,6}", fullmatch=True)
FRAMES = st.sampled_from(["Use {} for the argument.", "You need ({}), not that.", "The one that fits, {}, was shown."])


def spellings(value: Json) -> list[str]:
    """Ways to write a value."""
    if isinstance(value, str):
        return [value, value.lower(), value.replace("-", ""), f'"{value}"', value.replace("-", " ").replace(" ", "_")]
    return [str(value), f"{value:,}", f"${value:,.2f}"]


@settings(max_examples=40, deadline=None)
@given(st.one_of(IDENTIFIERS, NUMBERS, NAMES), FRAMES, st.integers(0, 2))
def test_no_spelling_of_a_random_value_gets_through(value: Json, frame: str, way: int) -> None:
    hint = frame.format(spellings(value)[way])
    gold = (keeping(value),)
    assert hint_problem(hint, gold, TOLD, (SPEC,))
    mended = without_answers(hint, gold, TOLD, (SPEC,))
    assert str(value).casefold() not in mended.casefold()
    assert hint_problem(mended, gold, TOLD, (SPEC,)) == ""
    assert hint_problem(hint, gold, f"{TOLD} It is {value}.", (SPEC,)) == ""


@settings(max_examples=30, deadline=None)
@given(st.one_of(IDENTIFIERS, NUMBERS, NAMES), st.integers(1, 3))
def test_computed_words_hold_no_random_value(value: Json, level: int) -> None:
    gold = (keeping(value),)
    findings = find_errors(gold, (keeping("12345"),), TOLD)
    tool = AdvancedTool(name="t", description="d", inputs=(), sinks=(), covered=())
    view = CritiqueView(
        query=TOLD, advanced_tool=tool, tools=(SPEC,), gold=gold, attempted=(), findings=findings, earlier_hints=(),
        level=level,
    )  # fmt: skip
    assert hint_problem(computed_hint(view), gold, TOLD, (SPEC,)) == ""


def refused(value: str) -> Step:
    """A call that was not made, since nobody had said its value."""
    call = ToolCall(id="a0", name="place_order", arguments={"item_id": value, "customer_id": "CU-1207"})
    error = ToolError(kind=UNSEEN_VALUE, message="It was not called.")
    return Step(call=call, observation=Observation(call_id="a0", error=error))


def test_a_hint_that_repeats_what_the_solver_made_up_gives_way_to_computed_words(view: Any) -> None:
    hint = "You made up the id. The correct value is IT-9."
    assert safe_hint(hint, view(attempted=(refused("IT-8"),))) == hint
    misled = view(attempted=(refused("IT-9"),))
    assert safe_hint(hint, misled) == computed_hint(misled)


@pytest.mark.parametrize("error", ["unseen_value", "wrong_argument"])
def test_an_argument_that_gold_does_without_is_to_be_left_out(view: Any, gold: Trace, error: ErrorClass) -> None:
    finding = Finding(error=error, detail="", parameter="customer_id", missing=gold.steps[0], wrong=gold.steps[2])
    for level in (2, 3):
        hint = computed_hint(view(findings=(finding,), level=level))
        assert "is not asked for. Leave it out." in hint
        assert "Look it up" not in hint


@pytest.mark.parametrize(
    ("hint", "misleads"),
    [
        ("The find_item call is wrong because it is not needed for this.", True),
        ("Do not call place_order before you know both ids.", False),
        ("Do not use place_order.", True),
        ("The item_name of find_item is not needed here.", False),
        ("The check_stock call is not needed.", False),
        ("Call find_item first, and use the id that it returns.", False),
    ],
)
def test_a_hint_that_talks_the_solver_out_of_a_gold_call_gives_way(view: Any, hint: str, misleads: bool) -> None:
    asked = view(level=2)
    assert safe_hint(hint, asked) == (computed_hint(asked) if misleads else hint)
