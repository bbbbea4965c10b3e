"""Requests with noise are worded otherwise, and mean the same to whoever reads them by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from fr_agents.roles.offline import OfflineQuerying
from fr_agents.roles.offline.openers import STYLES as OPENERS
from fr_agents.roles.offline.phrases import TaskPhrase
from fr_agents.roles.offline.reading import read_request
from graphs.noise.words import DISTRACTORS, PERSONAS, STYLES
from graphs.records.query import Noise
from graphs.roles import QueryDraft, QueryingView
from tools.facts import facts_in
from tools.speaker import as_the_user_says


def draft_of(turn: Any, noise: Sequence[Noise]) -> QueryDraft:
    view = QueryingView(
        advanced_tool=turn.turn.advanced_tool,
        trace=turn.task.trace,
        tools=turn.tools,
        hidden=(),
        noise=tuple(noise),
        earlier_messages=turn.task.messages,
        feedback=(),
    )
    return OfflineQuerying().answer(view)


def asked(text: str, turn: Any) -> list[TaskPhrase]:
    """The tasks of a request as they are read, without sentences that ask for nothing; in lower case."""
    known = {as_the_user_says(sink.task).lower() for sink in turn.turn.advanced_tool.sinks}
    tasks = [task.model_copy(update={"text": task.text.lower()}) for task in read_request(text)]
    return [task for task in tasks if task.text in known]


NOISES = {
    "indirect": [Noise(operator="indirect")],
    "fuse": [Noise(operator="fuse")],
    **{style: [Noise(operator="style", detail=style)] for style in STYLES},
    "all": [
        Noise(operator="persona", detail=PERSONAS[0]),
        Noise(operator="style", detail="terse"),
        Noise(operator="fuse"),
        Noise(operator="distractor", detail=DISTRACTORS[0]),
    ],
}


@pytest.mark.parametrize("name", NOISES)
def test_a_request_with_noise_is_read_as_the_plain_one(sampled: Any, name: str) -> None:
    changed = 0
    for turn in sampled:
        plain, noisy = draft_of(turn, ()), draft_of(turn, NOISES[name])
        changed += noisy.text != plain.text
        assert asked(noisy.text, turn) == asked(plain.text, turn)
        assert len(asked(noisy.text, turn)) == len(turn.turn.advanced_tool.sinks)
        assert noisy.mentions == plain.mentions
        assert all(mention.span in noisy.text for mention in (*noisy.mentions, *noisy.sinks))
    several = sum(len(turn.turn.advanced_tool.sinks) > 1 for turn in sampled)
    assert several
    assert changed >= (several if name == "fuse" else len(sampled) // 2)


def test_fused_tasks_are_one_sentence(sampled: Any) -> None:
    for turn in sampled:
        fused = draft_of(turn, [Noise(operator="fuse")]).text
        assert len(re.findall(r"[.?!](?=\s|$)", re.sub(r'"[^"]*"', "", fused))) == 1
        joints = re.findall(r", and (?:then|also) ", fused)
        assert len(joints) == len(turn.turn.advanced_tool.sinks) - 1


def test_somebody_speaks_and_says_something_besides(sampled: Any) -> None:
    noise = [Noise(operator="persona", detail=PERSONAS[2]), Noise(operator="distractor", detail=DISTRACTORS[1])]
    places = set()
    for turn in sampled:
        plain, noisy = draft_of(turn, ()).text, draft_of(turn, noise).text
        assert noisy.startswith(f"I am {PERSONAS[2]}. ")
        assert plain in noisy
        places.add(noisy.endswith(DISTRACTORS[1]))
        assert len(noisy) == len(plain) + len(f"I am {PERSONAS[2]}.") + len(DISTRACTORS[1]) + 2
    assert places == {True, False}


def test_a_language_changes_nothing_by_rules(sampled: Any) -> None:
    turn = sampled[0]
    assert draft_of(turn, [Noise(operator="language", detail="German")]) == draft_of(turn, ())


def test_every_style_has_its_own_words() -> None:
    assert set(OPENERS) == set(STYLES)
    assert len({manner.first for manner in OPENERS.values()}) == len(OPENERS)


def test_there_is_enough_to_choose_from() -> None:
    assert min(len(set(PERSONAS)), len(STYLES), len(set(DISTRACTORS))) >= 12


@pytest.mark.parametrize("text", [*(f"I am {persona}." for persona in PERSONAS), *DISTRACTORS])
def test_what_is_said_besides_adds_no_fact(text: str) -> None:
    assert facts_in(text) == ()
