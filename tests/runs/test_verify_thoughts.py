"""What ``verify`` finds of planted thoughts and hints: words about a hint, values before they were shown, thoughts that
were written anew for something else, hints that are not those of the attempts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Data = dict[str, Any]
Change = Callable[[Data], None]
Found = Callable[[Data, Change], list[str]]
Turn = tuple[Data, int]

GIVEN_AWAY = "a thought gives something away: "


@pytest.fixture(scope="module")
def hinted(verified: list[Data]) -> Turn:
    """A record, and the number of its turn that took a blind attempt and two hints, and looks something up."""
    turns = [(record, index) for record in verified for index in range(len(record["turns"]))]
    return next((record, index) for record, index in turns if is_hinted(record["turns"][index]))


def is_hinted(turn: Data) -> bool:
    return len(turn["hints"]) == 2 and bool(turn["hard_query"]["hidden"]) and bool(turn["steps"][-1]["group"])


def retold(data: Data) -> None:
    """Makes the conversation that of the accepted attempts once more."""
    messages = data["messages"][:1]
    for turn in data["turns"]:
        messages += [{"role": "user", "content": turn["query"]}, *turn["attempts"][-1]["messages"]]
    data["messages"] = messages


def thinks(index: int, thought: str, at: int = 0) -> Change:
    """Has a published message of a turn begin with other thoughts; ``HIDDEN`` in them is a value that is looked up."""

    def change(data: Data) -> None:
        turn = data["turns"][index]
        message = turn["attempts"][-1]["messages"][at]
        said = thought.replace("HIDDEN", str(turn["hard_query"]["hidden"][0]))
        message["content"] = f"<think>\n{said}\n</think>\n\n" + message["content"].rpartition("</think>\n\n")[2]
        retold(data)

    return change


@pytest.mark.parametrize(
    ("thought", "leak"),
    [
        ("I look at what there is.", ""),
        ("The hint says what comes first.", 'speaks of what its reader cannot see: "hint"'),
        ("As suggested, I look it up.", 'speaks of what its reader cannot see: "As suggested"'),
        ("My previous attempt went wrong.", 'speaks of what its reader cannot see: "previous attempt"'),
        ("It has to be HIDDEN, so I look it up.", 'knows a value before it was shown: "HIDDEN"'),
    ],
)
def test_a_thought_that_gives_something_away_is_found(planted: Found, hinted: Turn, thought: str, leak: str) -> None:
    record, index = hinted
    hidden = str(record["turns"][index]["hard_query"]["hidden"][0])
    expected = [f"turn {index + 1}: {GIVEN_AWAY}{leak.replace('HIDDEN', hidden)}"] if leak else []
    assert planted(record, thinks(index, thought)) == expected


def test_a_thought_may_say_what_was_shown_by_then(planted: Found, hinted: Turn) -> None:
    record, index = hinted
    assert planted(record, thinks(index, "It was HIDDEN, and all is done.", at=-1)) == []


def test_a_thought_that_repeats_the_critic_is_found(planted: Found, hinted: Turn) -> None:
    record, index = hinted
    words = "compare all quiet blue doors twice"

    def change(data: Data) -> None:
        data["turns"][index]["hints"][1] = f"Next time {words}."
        thinks(index, f"I {words}.")(data)

    assert planted(record, change) == [
        f'turn {index + 1}: {GIVEN_AWAY}repeats a hint: "{words}"'.replace("doors", "door")
    ]


def test_thoughts_in_attempts_that_are_not_published_may_speak_of_hints(planted: Found, hinted: Turn) -> None:
    record, index = hinted

    def change(data: Data) -> None:
        message = data["turns"][index]["attempts"][1]["messages"][-1]
        message["content"] = "<think>\nThe hint did not help.\n</think>\n\n" + message["content"].rpartition("\n\n")[2]

    assert planted(record, change) == []


def without_the_solved_one(turn: Data) -> None:
    """Has the rewritten attempt stand after the blind one that failed."""
    del turn["attempts"][1:-1]
    turn["attempts"][-1]["index"] = 1
    turn["hints"] = []


def rewritten_before(turn: Data) -> None:
    turn["attempts"][0]["rewritten"] = True


def another_reply_before(turn: Data) -> None:
    solved = turn["attempts"][-2]
    solved["reply"] = f"Done. {solved['reply']}"
    solved["messages"][-1]["content"] = solved["reply"]


def given(*hints: int) -> Change:
    """Says how many hints each attempt had."""

    def change(turn: Data) -> None:
        for attempt, number in zip(turn["attempts"], hints, strict=True):
            attempt["hints"] = number

    return change


def numbered_from_one(turn: Data) -> None:
    for attempt in turn["attempts"]:
        attempt["index"] += 1


def another_decomposition(turn: Data) -> None:
    turn["hints"][0] = "Look closer."


OTHER_CALLS = "thoughts were written anew for other calls than those of the attempt before"
OTHER_HINTS = "hints are not those of the attempts"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without_the_solved_one, OTHER_CALLS),
        (another_reply_before, OTHER_CALLS),
        (rewritten_before, "an attempt that is not the last has thoughts that were written anew"),
        (given(0, 2, 1, 0), OTHER_HINTS),
        (given(1, 2, 0, 0), OTHER_HINTS),
        (given(0, 1, 2, 2), OTHER_HINTS),
        (given(0, 0, 1, 0), OTHER_HINTS),
        (another_decomposition, "the first hint is not what the advanced tool is equal to"),
        (numbered_from_one, "the attempts are not numbered from 0"),
    ],
)
def test_attempts_that_do_not_follow_each_other_are_found(
    planted: Found, hinted: Turn, change: Change, problem: str
) -> None:
    record, index = hinted
    assert planted(record, lambda data: change(data["turns"][index])) == [f"turn {index + 1}: {problem}"]


def test_thoughts_cannot_be_written_anew_without_an_attempt_before(planted: Found, verified: list[Data]) -> None:
    record = next(item for item in verified if len(item["turns"][0]["attempts"]) == 1)

    def change(data: Data) -> None:
        data["turns"][0]["attempts"][0]["rewritten"] = True

    assert planted(record, change) == [f"turn 1: {OTHER_CALLS}"]
