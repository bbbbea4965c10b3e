"""What ``verify`` finds of planted places in a query, and what it cannot know: how the query came to be worded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Data = dict[str, Any]
Change = Callable[[Data], None]
Found = Callable[[Data, Change], list[str]]

PLACES = "turn 1: the mentions do not tell where they stand in the query"


@pytest.fixture(scope="module")
def record(verified: list[Data]) -> Data:
    """A record whose first query says an input."""
    return next(record for record in verified if record["turns"][0]["hard_query"]["mentions"])


def moved(which: str, start: int) -> Change:
    """Says that the first mention stands ``start`` characters further on, or, with -1, nowhere."""

    def change(data: Data) -> None:
        mention = data["turns"][0]["hard_query"][which][0]
        mention["start"] = -1 if start < 0 else mention["start"] + start

    return change


@pytest.mark.parametrize("which", ["mentions", "sinks"])
@pytest.mark.parametrize("start", [-1, 1, 10_000])
def test_a_mention_that_stands_elsewhere_is_found(planted: Found, record: Data, which: str, start: int) -> None:
    assert PLACES in planted(record, moved(which, start))


@pytest.mark.parametrize("which", ["mentions", "sinks"])
def test_a_mention_that_the_query_does_not_hold_is_found(planted: Found, record: Data, which: str) -> None:
    def change(data: Data) -> None:
        data["turns"][0]["hard_query"][which][0]["span"] = "on the moon"

    assert any("on the moon" in problem for problem in planted(record, change))


@pytest.mark.parametrize("noise", [[], [{"operator": "style", "detail": "terse"}], [{"operator": "indirect"}]])
def test_noise_is_words_about_a_query_and_nothing_tells_them(
    planted: Found, record: Data, noise: list[dict[str, str]]
) -> None:
    def change(data: Data) -> None:
        data["turns"][0]["hard_query"]["noise"] = noise

    assert planted(record, change) == []


@pytest.mark.parametrize(
    ("noise", "problem"),
    [
        ({"operator": "persona", "detail": "Ann Lee of room 12"}, "never says 'Ann Lee of room 12'"),
        ({"operator": "fuse", "detail": "BK-1"}, "never says 'BK-1'"),
        ({"operator": "riddle"}, "there is no noise called 'riddle'"),
    ],
)
def test_noise_that_no_operator_makes_is_found(
    planted: Found, record: Data, noise: dict[str, str], problem: str
) -> None:
    def change(data: Data) -> None:
        data["turns"][0]["hard_query"]["noise"] = [noise]

    assert any(problem in found for found in planted(record, change))
