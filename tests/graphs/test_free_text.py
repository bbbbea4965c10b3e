"""Free texts are compared by the facts that they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envs.world import World
from graphs.validation.attempts import Goal, validate
from tools.trace import Step

Steps = Callable[..., tuple[Step, ...]]
TOLD = "Post on the board that the Winter Ball begins at 8 pm in the Blue Hall on 3 May 2026, and that 120 guests come."
GOLD = "The Winter Ball begins at 8 pm in the Blue Hall."
PLAIN = "Please bring your friends and something to drink."


@pytest.fixture
def world(town: Any) -> World:
    return town.open(town.draw(0))


@pytest.fixture
def passed(world: World, run_steps: Steps) -> Callable[..., list[str]]:
    """The validators that a posted text satisfies, measured against another one."""

    def judge(given: Any, wanted: Any = GOLD, tool: str = "post_message", **more: Any) -> list[str]:
        name = "message" if tool == "post_message" else "guest_name"
        gold = run_steps(world.fork(), (tool, {name: wanted, **more}, 0))
        made = run_steps(world.fork(), (tool, {name: given, **more}, 0), prefix="a")
        specs = {spec.name: spec for spec in world.specs()}
        verdicts = validate(Goal(world, gold, ()), made, TOLD, specs)
        return [verdict.validator for verdict in verdicts if verdict.passed]

    return judge


@pytest.mark.parametrize(
    "given",
    [
        "In the Blue Hall, the Winter Ball begins at 20:00.",
        "Hello all, the Winter Ball begins in the Blue Hall at 8 pm!",
        "Note: Winter Ball, Blue Hall, begins 8 PM, May 3rd 2026.",
    ],
    ids=["another order and notation", "a greeting", "a fact more, which was told"],
)
def test_the_same_facts_in_other_words_are_equivalent(passed: Callable[..., list[str]], given: str) -> None:
    assert passed(GOLD) == ["exact", "ordered", "equivalent"]
    assert passed(given) == ["equivalent"]


@pytest.mark.parametrize(
    "given",
    [
        "The Winter Ball begins at 9 pm in the Blue Hall.",
        "The Winter Ball begins at 8 pm in the Red Hall.",
        "The Winter Ball begins in the Blue Hall.",
        "The Winter Ball begins at 8 pm in the Blue Hall, with 300 guests.",
        "",
    ],
    ids=["another time", "another place", "a fact left out", "an invented fact", "nothing"],
)
def test_other_facts_are_not(passed: Callable[..., list[str]], given: str) -> None:
    assert passed(given) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Please bring friends, and something to drink!", ["equivalent"]),
        ("The lights go out early tonight.", []),
        ("please bring nothing at all", []),
    ],
    ids=["nearly the same words", "other words", "a few of the words"],
)
def test_without_facts_the_words_tell(passed: Callable[..., list[str]], given: str, expected: list[str]) -> None:
    assert passed(given, PLAIN) == expected


def test_a_name_is_no_free_text(passed: Callable[..., list[str]]) -> None:
    named = {"tool": "book_ticket", "event_id": "EV-71"}
    assert passed("Ana Winter", "Ana Winter", **named) == ["exact", "ordered", "equivalent"]
    assert passed("Winter Ana", "Ana Winter", **named) == []


def test_each_text_stands_for_one_gold_text(world: World, run_steps: Steps) -> None:
    """Said twice in other words is one message too many."""
    gold = run_steps(world.fork(), ("post_message", {"message": GOLD}, 0))
    twice = [("post_message", {"message": f"{start} {GOLD}"}, 0) for start in ("Hello:", "Note:")]
    verdicts = validate(
        Goal(world, gold, ()),
        run_steps(world.fork(), *twice, prefix="a"),
        TOLD,
        {spec.name: spec for spec in world.specs()},
    )
    assert [verdict.reason for verdict in verdicts] == ["another state"] * 3
