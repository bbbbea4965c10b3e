"""Thoughts must be thoughts."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.validation.leaks import Visible, thought_leaks
from graphs.validation.posing import thought_poses


@pytest.mark.parametrize(
    ("thought", "told"),
    [
        ("I'm sorry, but I can't help with that.", "refuses"),
        ("As an AI language model, I have no feelings about trains.", "refuses"),
        ("I am unable to assist.", "refuses"),
        ("Could you provide the zip code?", "asks the user"),
        ("The tickets are bought. Let me know if you need anything else.", "speaks to the user"),
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
