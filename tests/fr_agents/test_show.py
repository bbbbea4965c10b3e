"""A trajectory as a person reads it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console, RenderableType

from fr_agents.origins import Sources, describe_origin
from fr_agents.show import render_rejection, render_trajectory
from graphs.records import Rejection, Trajectory
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
    assert "attempts: blind passed" in text
    assert "<think>" not in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_attempts_are_told_with_what_failed_and_what_helped(make_trajectory: Callable[..., Trajectory]) -> None:
    text = " ".join(page(render_trajectory(make_trajectory(0, attempts=(3,)))).split())
    assert "attempts: blind failed (a value was used before it was seen) · hint 1 “Look at the labels (1).”" in text
    assert text.endswith("hint 2 “Look at the labels (2).” passed")


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
