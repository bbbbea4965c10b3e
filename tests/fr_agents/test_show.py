"""A trajectory as a person reads it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console, RenderableType

from fr_agents.attempts_told import attempts_told
from fr_agents.origins import Sources, describe_origin
from fr_agents.show import render_rejection, render_trajectory
from graphs.records import Rejection, Trajectory
from graphs.records.query import Noise
from tools.call import Observation, ToolError
from tools.origin import ArgumentOrigin, Selector


def page(content: RenderableType, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(content)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_turn_reads_from_the_request_to_the_answer(make_trajectory: Callable[..., Trajectory]) -> None:
    text = page(render_trajectory(make_trajectory(4, attempts=(1, 3))))
    labels = [line.split()[0] for line in text.splitlines() if line[:1].isupper()]
    once = ["USER", "THINK", "CALL", "SEES", "THINK", "CALL", "SEES", "THINK", "ANSWER"]
    assert labels == once * 2
    assert "turn 2 · task · new topic · target pay · 2 calls, path 2, 1 implicit value" in text
    assert "USER    Please pay my rent, request 2." in text
    assert "THINK   Now I need list_cards." in text
    assert 'CALL    list_cards(owner="Ana")' in text
    assert 'CALL    pay(card_id="c-88", note="rent [May]")' in text
    assert 'card_id ← list_cards[label="travel"].card_id' in text
    assert "ANSWER  The rent is paid with your travel card." in text
    assert "blind         passed (equivalent)" in text
    assert "<think>" not in text
    assert all(len(line) <= 100 for line in text.splitlines())


def changed(trajectory: Trajectory, **fields: Any) -> Trajectory:
    """The trajectory with other fields in its first turn."""
    turn = trajectory.turns[0].model_copy(update=fields)
    return trajectory.model_copy(update={"turns": (turn, *trajectory.turns[1:])})


def test_attempts_are_told_with_what_failed_and_what_helped(make_trajectory: Callable[..., Trajectory]) -> None:
    lines = page(render_trajectory(make_trajectory(0, attempts=(3,)))).splitlines()
    assert [line.rstrip() for line in lines[-5:]] == [
        "blind         failed: a value was used before it was seen",
        "hint 1        “Look at the labels (1).”",
        "              failed: a value was used before it was seen",
        "hint 2        “Look at the labels (2).”",
        "              passed (equivalent)",
    ]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("guessed value: card_id", "seen (guessed value: card_id)"),
        ("a value was used before it was seen: pay", "seen (pay)"),
        ("unseen_value", "seen"),
    ],
)
def test_what_the_validators_say_is_told_where_it_says_more(
    make_trajectory: Callable[..., Trajectory], reason: str, told: str
) -> None:
    trajectory = make_trajectory(0, attempts=(2,))
    failed, passed = trajectory.turns[0].attempts
    verdict = failed.verdicts[0].model_copy(update={"reason": reason})
    failed = failed.model_copy(update={"verdicts": (verdict,)})
    text = page(render_trajectory(changed(trajectory, attempts=(failed, passed))))
    assert f"failed: a value was used before it was {told}\n" in "\n".join(map(str.rstrip, text.splitlines()))


def test_attempts_have_names_that_tell_them_apart(make_trajectory: Callable[..., Trajectory]) -> None:
    trajectory = make_trajectory(0, attempts=(3,))
    blind, first, second = trajectory.turns[0].attempts
    rewritten = second.model_copy(update={"hints": 0, "rewritten": True})
    attempts = (blind, blind, first, second, rewritten)
    told = list(attempts_told(changed(trajectory, attempts=attempts).turns[0]))
    assert [item.name for item in told] == ["blind 1", "blind 2", "hint 1", "hint 2", "rewritten"]
    assert [item.hint for item in told] == ["", "", "Look at the labels (1).", "Look at the labels (2).", ""]
    again = changed(trajectory, attempts=(blind, first, second.model_copy(update={"hints": 0}))).turns[0]
    assert [item.name for item in attempts_told(again)] == ["blind", "hint 1", "without hints"]


def test_the_system_message_and_the_noise_are_shown(make_trajectory: Callable[..., Trajectory]) -> None:
    trajectory = make_trajectory(0)
    noise = (Noise(operator="style", detail="terse"), Noise(operator="fuse"))
    query = trajectory.turns[0].hard_query.model_copy(update={"noise": noise})
    trajectory = changed(trajectory, hard_query=query)
    system = {"role": "system", "content": "Help.\n\nRules of the house:\n- Pay [first] things first."}
    text = page(render_trajectory(trajectory.model_copy(update={"messages": (system,)})))
    assert "SYSTEM  Help." in text
    assert "        - Pay [first] things first." in text
    assert "noise         style: terse · fuse" in text
    assert "SYSTEM" not in page(render_trajectory(make_trajectory(0)))


def gold_taking(trajectory: Trajectory, changes: dict[int, dict[str, Any]]) -> Trajectory:
    """The trajectory with other fields in some of its turns (counted from 1), and another origin of what they pay."""
    turns = list(trajectory.turns)
    for number, change in changes.items():
        turn = turns[number - 1]
        taken = {"origins": {**turn.gold_steps[1].origins, **change.pop("origins", {})}}
        gold = (turn.gold_steps[0], turn.gold_steps[1].model_copy(update=taken))
        turns[number - 1] = turn.model_copy(update={"gold_steps": gold, **change})
    return trajectory.model_copy(update={"turns": tuple(turns)})


def of_turn(number: int) -> ArgumentOrigin:
    return ArgumentOrigin(kind="earlier_turn", source=f"t{number}c1", path="0.card_id")


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"relation": "same_entity"}, "same entity as turns 1 and 2"),
        ({"relation": "correction"}, "correction"),
        ({"relation": "follow_up", "origins": {"card_id": of_turn(2)}}, "follow-up of turn 2"),
        ({"relation": "drill_down", "origins": {"card_id": of_turn(2)}}, "drill-down"),
        ({"relation": "new_topic"}, "new topic"),
    ],
)
def test_a_title_tells_which_turns_a_turn_goes_on_with(
    make_trajectory: Callable[..., Trajectory], changes: dict[str, Any], title: str
) -> None:
    text = page(render_trajectory(gold_taking(make_trajectory(0, attempts=(1, 1, 1)), {3: changes})))
    (shown,) = [line for line in text.splitlines() if "turn 3 ·" in line]
    assert f"turn 3 · task · {title} · target pay · 2 calls, path " in shown


@pytest.mark.parametrize(
    ("origins", "count"),
    [
        ({}, "1 implicit value"),
        ({"note": ArgumentOrigin(kind="observation", source="t2c1", path="0.label")}, "2 implicit values"),
        ({"card_id": of_turn(1)}, "0 implicit values"),
    ],
)
def test_what_a_turn_has_looked_up_is_counted_as_implicit(
    make_trajectory: Callable[..., Trajectory], origins: dict[str, ArgumentOrigin], count: str
) -> None:
    trajectory = gold_taking(make_trajectory(0, attempts=(1, 1)), {2: {"origins": origins}})
    (shown,) = [line for line in page(render_trajectory(trajectory)).splitlines() if "turn 2 ·" in line]
    assert f", {count} ─" in shown


def test_a_call_that_fails_is_shown_as_one_and_the_record_as_flagged(
    make_trajectory: Callable[..., Trajectory],
) -> None:
    trajectory = make_trajectory(0)
    turn = trajectory.turns[0]
    error = ToolError(kind="failed", message="There is no owner Ana.")
    failed = turn.steps[0].model_copy(update={"observation": Observation(call_id=turn.steps[0].call.id, error=error)})
    messages = list(turn.attempts[-1].messages)
    messages[1] = {**messages[1], "content": failed.observation.text()}
    attempt = turn.attempts[-1].model_copy(update={"messages": tuple(messages)})
    changes = {"steps": (failed, *turn.steps[1:]), "attempts": (attempt,)}
    trajectory = trajectory.model_copy(update={"flags": ("error_tool_response",)})
    text = page(render_trajectory(gold_taking(trajectory, {1: changes})))
    heading, _, _ = text.partition("turn 1 ·")
    assert "· flagged error_tool_response" in " ".join(heading.split())
    labels = [line.split()[0] for line in text.splitlines() if line[:1].isupper()]
    assert labels == ["USER", "THINK", "CALL", "FAILS", "THINK", "CALL", "SEES", "THINK", "ANSWER"]
    assert 'FAILS   {"error": "There is no owner Ana."}' in text


def test_long_observations_are_shortened(make_trajectory: Callable[..., Trajectory]) -> None:
    text = page(render_trajectory(make_trajectory(0)))
    assert "more characters)" in text
    assert "c-99" not in text


def test_a_rejection_says_where_and_why(make_rejection: Callable[..., Rejection]) -> None:
    text = page(render_rejection(make_rejection(3, reason="no_path", turns=2)))
    assert text == "job 3 was rejected by the refiner: no path (after 2 turns)\nNo attempt passed.\n"


SOURCES = Sources({"a": (1, "login"), "b": (2, "search")})
LABEL = Selector(kind="equals", field="label", value="x")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (ArgumentOrigin(kind="query"), ""),
        (ArgumentOrigin(kind="default"), "its default"),
        (ArgumentOrigin(kind="earlier_turn", source="a", path="token"), "turn 1, login.token"),
        (ArgumentOrigin(kind="observation", source="b", path="hits.*.id", selector=LABEL), 'search.hits[label="x"].id'),
        (
            ArgumentOrigin(kind="observation", source="b", path="*", selector=Selector(kind="first")),
            "search[first]",
        ),
        (
            ArgumentOrigin(kind="observation", source="b", path="*.id", selector=Selector(kind="min", field="price")),
            "search[lowest price].id",
        ),
        (
            ArgumentOrigin(
                kind="observation",
                source="b",
                path="*.city",
                selector=Selector(kind="nearest", field="city", value="Rivermst"),
            ),
            'search[city nearest "Rivermst"].city',
        ),
        (
            ArgumentOrigin(
                kind="observation", source="b", path="*", selector=Selector(kind="nearest", value="Rivermst")
            ),
            'search[nearest "Rivermst"]',
        ),
        (
            ArgumentOrigin(
                kind="composed",
                parts=(ArgumentOrigin(kind="query"), ArgumentOrigin(kind="observation", source="b", path="n")),
            ),
            "the request + search.n",
        ),
        (ArgumentOrigin(kind="observation", source="gone", path="n"), "an earlier call.n"),
        (ArgumentOrigin(kind="state"), "state"),
    ],
)
def test_origins_in_words(origin: ArgumentOrigin, expected: str) -> None:
    assert describe_origin(origin, 2, SOURCES) == expected
