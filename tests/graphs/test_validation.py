"""Validation in the BFCL classes: what looks like the same and is not, and what looks different and is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envs.bfcl import BfclDomain
from envs.environment import WorldSpec
from envs.world import World
from graphs.execution import Recorder
from graphs.records.query import Mention
from graphs.roles import QueryDraft
from graphs.validation.attempts import Goal, validate
from graphs.validation.findings import find_errors
from graphs.validation.needed import superfluous
from graphs.validation.query import check_draft
from tools.advanced import AdvancedInput, AdvancedTool
from tools.call import ToolCall
from tools.proof import unproven
from tools.provenance import Told, infer_origins
from tools.spec import ToolSpec
from tools.trace import Step

Call = tuple[str, dict[str, Any]]
TALK = "Add 1, 2 and 3, multiply 1 by 3, follow NVDA and fund the account with 300."


def opened(*environments: str) -> World:
    domain = BfclDomain()
    blank: dict[str, dict[str, Any]] = {name: {} for name in environments}
    spec = WorldSpec(name="bfcl", version=domain.version, seed=1, environments=environments, initial_state=blank)
    return domain.open(spec)


def executed(world: World, *calls: Call) -> tuple[Step, ...]:
    recorder = Recorder(world.fork())
    return tuple(
        recorder.run(ToolCall(id=f"c{number}", name=name, arguments=arguments), group=number)
        for number, (name, arguments) in enumerate(calls)
    )


@pytest.fixture
def equivalent() -> Callable[..., str]:
    """What ``equivalent`` says of calls measured against gold calls, all of whose outputs are asked for."""

    def judge(environment: str, gold: list[Call], attempted: list[Call], requested: int | None = None) -> str:
        world = opened(environment)
        steps = executed(world, *gold)
        wanted = tuple(step.call.id for step in steps[: len(steps) if requested is None else requested])
        goal = Goal(start=world, gold=steps, requested=wanted)
        return validate(goal, executed(world, *attempted), TALK, {})[2].reason

    return judge


ADD: Call = ("add", {"a": 1, "b": 2})
TIMES: Call = ("multiply", {"a": 1, "b": 3})


def test_another_question_with_the_same_answer_is_no_answer(equivalent: Callable[..., str]) -> None:
    assert equivalent("MathAPI", [ADD], [ADD]) == ""
    assert equivalent("MathAPI", [ADD], [TIMES]) == "a requested output is missing"
    assert equivalent("MathAPI", [ADD], [("add", {"a": 2, "b": 1})]) == "a requested output is missing"


def test_each_answer_counts_once(equivalent: Callable[..., str]) -> None:
    assert equivalent("MathAPI", [ADD, ADD], [ADD]) == "a requested output is missing"
    assert equivalent("MathAPI", [ADD, TIMES], [TIMES, ADD]) == ""


def test_doing_and_undoing_is_refused(equivalent: Callable[..., str]) -> None:
    fund: Call = ("fund_account", {"amount": 300})
    watch: list[Call] = [("add_to_watchlist", {"stock": "ZETA"}), ("remove_stock_from_watchlist", {"symbol": "ZETA"})]
    login: Call = ("trading_login", {"username": "ann", "password": "secret-1"})
    assert equivalent("TradingBot", [login, fund], [login, fund], 0) == ""
    assert equivalent("TradingBot", [login, fund], [login, *watch, fund], 0) == "a call undoes another one"


LOGIN: Call = ("trading_login", {"username": "ann", "password": "secret-1"})
FUND: Call = ("fund_account", {"amount": 300})
ACCOUNT: Call = ("get_account_info", {})
WATCH: Call = ("add_to_watchlist", {"stock": "NVDA"})


def test_calls_that_fail_are_refused_where_gold_has_none(equivalent: Callable[..., str]) -> None:
    assert equivalent("TradingBot", [LOGIN, FUND], [FUND, LOGIN, FUND], 0).startswith("a call failed: ")


@pytest.mark.parametrize(
    ("attempted", "reason"),
    [
        ([FUND, LOGIN, FUND], ""),
        ([LOGIN, FUND], ""),
        ([FUND, LOGIN, ACCOUNT, FUND], "superfluous calls: 1"),
        ([FUND, FUND, FUND, LOGIN, FUND], ""),
        ([FUND, FUND, FUND, FUND, LOGIN, FUND], "4 calls failed"),
        ([FUND, LOGIN], "a failed call was not made again: fund_account"),
        ([("get_stock_info", {"symbol": "NVDAA"}), LOGIN, FUND], ""),
    ],
    ids=["as gold", "without failing", "a call too many", "two more", "three more", "given up", "another tool"],
)
def test_where_gold_fails_an_attempt_may_too(
    equivalent: Callable[..., str], attempted: list[Call], reason: str
) -> None:
    assert equivalent("TradingBot", [FUND, LOGIN, FUND], attempted, 0) == reason


def test_exact_and_ordered_count_the_calls_that_fail() -> None:
    world = opened("TradingBot")
    goal = Goal(start=world, gold=executed(world, FUND, LOGIN, FUND), requested=())

    def passed(*calls: Call) -> list[str]:
        return [item.validator for item in validate(goal, executed(world, *calls), TALK, {}) if item.passed]

    assert passed(FUND, LOGIN, FUND) == ["exact", "ordered", "equivalent"]
    assert passed(LOGIN, FUND) == ["equivalent"]


def test_what_is_missing_after_gold_s_own_failure_is_the_way_on() -> None:
    world = opened("TradingBot")
    gold = executed(world, FUND, LOGIN, FUND)
    (first, *_) = find_errors(gold, executed(world, FUND), TALK)
    assert (first.error, first.missing) == ("missing_call", gold[1])
    whole = find_errors(gold, executed(world, FUND, LOGIN, FUND, WATCH), TALK)
    assert [finding.error for finding in whole] == ["superfluous_call"]
    assert find_errors(gold, (), TALK)[0].error == "no_call"


def test_a_failed_call_that_was_not_mended_is_named() -> None:
    world = opened("TradingBot")
    gold = executed(world, FUND, LOGIN, FUND)
    unknown: Call = ("get_stock_info", {"symbol": "NVDAA"})
    found = find_errors(gold, executed(world, LOGIN, FUND, unknown), TALK)
    assert [finding.error for finding in found] == ["failed_call", "superfluous_call"]


def test_a_number_is_the_same_with_and_without_its_zero(equivalent: Callable[..., str]) -> None:
    login: Call = ("trading_login", {"username": "ann", "password": "secret-1"})
    whole, decimal = (("fund_account", {"amount": amount}) for amount in (300, 300.0))
    assert equivalent("TradingBot", [login, whole], [login, decimal]) == ""


def test_the_name_of_an_argument_is_no_value_that_a_call_has_shown(
    shop_world: World, run_steps: Callable[..., tuple[Step, ...]]
) -> None:
    """The list has a field ``item_name``, and the parameter of the search is called so too."""
    steps = run_steps(shop_world.fork(), ("list_items", {}, 0), ("find_item", {"item_name": "lamp"}, 1))
    assert superfluous(shop_world, steps, ("g0_1",), "the lamp") == ("g0_0",)
    assert superfluous(shop_world, steps, ("g0_1",), "something to read by") == ()


@pytest.mark.parametrize(
    ("arguments", "guessed"),
    [({"keyword": "status"}, True), ({"keyword": "deadline"}, False)],
    ids=["a field's name is no value", "the query says it"],
)
def test_field_names_ground_nothing(arguments: dict[str, Any], guessed: bool) -> None:
    specs = {
        "look": ToolSpec(
            name="look",
            description="Look.",
            parameters={},
            returns={"type": "object", "properties": {"status": {"type": "string"}}},
        ),
        "search": ToolSpec(
            name="search",
            description="Search.",
            parameters={"properties": {"keyword": {"type": "string"}}},
            returns={},
        ),
    }
    recorder = Recorder(opened("MathAPI"))
    look = recorder.run(ToolCall(id="a", name="look", arguments={}))
    look = look.model_copy(
        update={"observation": look.observation.model_copy(update={"content": {"status": "ok"}, "error": None})}
    )
    search = recorder.run(ToolCall(id="b", name="search", arguments=arguments), group=1)
    steps = infer_origins((look, search), Told("search for deadline"), specs)
    assert bool(unproven(steps, specs)) is guessed


@pytest.mark.parametrize(
    ("text", "span", "good"),
    [
        ("Book the trip for Ann.", "Ann", True),
        ("Book the Annual trip.", "Ann", False),
        ("Book the Annual trip.", "Annual", False),
    ],
)
def test_a_mention_is_a_word_of_the_query(text: str, span: str, good: bool) -> None:
    item = AdvancedInput(name="who", call_id="c", parameter="who", label="name", value="Ann")
    tool = AdvancedTool(name="t", description="d", inputs=(item,), sinks=(), covered=())
    draft = QueryDraft(text=text, mentions=(Mention(of="who", span=span),), sinks=())
    assert (check_draft(draft, tool, (), {}) == ()) is good
