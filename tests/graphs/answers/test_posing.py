"""Thoughts must be thoughts."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.validation.leaks import Visible, thought_leaks
from graphs.validation.posing import thought_poses
from tools.provenance import Told


@pytest.mark.parametrize(
    ("thought", "told"),
    [
        ("I'm sorry, but I can't help with that.", "refuses"),
        ("As an AI language model, I have no feelings about trains.", "refuses"),
        ("I am unable to assist.", "refuses"),
        ("Could you provide the zip code?", "asks the user"),
        ("The tickets are bought. Let me know if you need anything else.", "speaks to the user"),
        ("No tools were called for this request.", "tells what was not done"),
        ("I have not done anything yet. The tickets are to be bought.", "tells what was not done"),
        ('<tool_call>{"name": "buy_tickets"}', "writes a tool call"),
        ('I use {"name": "buy_tickets", "arguments": {}}.', "writes a tool call"),
        ("<\uff5ctool\u2581call\u2581begin\uff5c>", "writes a tool call"),
    ],
)
def test_what_is_no_thought_is_told(tickets: Any, thought: str, told: str) -> None:
    assert [problem for problem in thought_poses(thought) if problem.startswith(told)]
    assert [problem for problem in thought_leaks(thought, Visible.of(tickets.known, tickets.tools)) if told in problem]


@pytest.mark.parametrize(
    "thought",
    [
        "",
        "I cannot book before I know the zip codes, so I look them up.",
        "The user did not say the date, but the profile has one.",
        "buy_tickets takes two zip codes. That could not be known before, so I look each of them up.",
        "The card was declined, so I cannot pay with it. I try the other one and let the user know.",
    ],
)
def test_thoughts_pass(thought: str) -> None:
    assert list(thought_poses(thought)) == []


@pytest.mark.parametrize(
    ("thought", "missed"),
    [
        ("The weather is to be looked up; the request does not specify the travel date.", True),
        ("The user didn't mention the travel date, so I guess it.", True),
        ("The request does not specify the number of passengers; it does the travel date.", False),
        ("The request specifies the travel date.", False),
    ],
)
def test_a_thought_does_not_miss_what_its_call_takes_from_the_request(tickets: Any, thought: str, missed: bool) -> None:
    visible = Visible.of(tickets.known, tickets.tools)
    found = thought_leaks(thought, visible, [tickets.weather])
    assert any("misses what the request says" in problem for problem in found) is missed


def test_a_thought_does_not_speak_as_the_user(tickets: Any) -> None:
    visible = Visible.of(Told(query="Please list my bookings."), tickets.tools)
    assert thought_leaks("I have listed my bookings.", visible) == ('speaks as if it were the user: "my bookings"',)
    assert thought_leaks("I have listed their bookings, which was my task.", visible) == ()
