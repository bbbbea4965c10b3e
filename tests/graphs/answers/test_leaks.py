"""Thoughts that give away a hint, or know a value too early."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.messages import assistant_message
from graphs.validation.leaks import Visible, leaks, reply_leaks, thought_leaks, thought_of
from tools.call import Observation, ToolCall, ToolError
from tools.trace import Step

HINTS = (
    "Buys train tickets by the names of cities. This is equal to: look up the zip code of a city; buy train tickets.",
    "You made up the zip codes of the cities, so look at each city before you buy anything.",
)


def found(tickets: Any, thoughts: tuple[str, str, str], hints: tuple[str, ...] = HINTS) -> tuple[str, ...]:
    return leaks(tickets.messages(thoughts), tickets.known, tickets.steps, tickets.tools, hints, tickets.steps)


def test_honest_thoughts_pass(tickets: Any, honest: tuple[str, str, str]) -> None:
    assert found(tickets, honest) == ()


@pytest.mark.parametrize(
    "thought",
    [
        "Okay, first I need two things: 1) the zip code of Rivermist, 2) the one of Stonebrook. That is 2 calls.",
        'The user says "train tickets", so get_zip_code comes before buy_tickets.',
        "I should note that the user wants the weather, too. I look up the zip code of a city first.",
        "",
    ],
)
def test_ways_to_think_that_give_nothing_away(tickets: Any, honest: tuple[str, str, str], thought: str) -> None:
    assert found(tickets, (thought, *honest[1:])) == ()


@pytest.mark.parametrize(
    ("thought", "told"),
    [
        ("As the hint says, I look up both.", '"hint"'),
        ("The note tells me to look up both.", '"The note"'),
        ("According to the feedback, I look up both.", '"feedback"'),
        ("The critic is right: both have to be looked up.", '"critic"'),
        ("In my previous attempt the zip codes were wrong.", '"previous attempt"'),
        ("That was my mistake, so I look up both.", '"my mistake"'),
        ("I follow the ground truth and look up both.", '"ground truth"'),
        ("The expected calls begin with the zip codes.", '"expected calls"'),
        ("The advanced tool begins with the zip codes.", '"advanced tool"'),
        ("I look at each city before I buy anything, or rather look at each city before you buy.", "repeats a hint"),
        ("I was told not to guess, so I look up both.", '"I was told not to"'),
    ],
)
def test_words_about_hints_are_found(tickets: Any, honest: tuple[str, str, str], thought: str, told: str) -> None:
    problems = found(tickets, (thought, *honest[1:]))
    assert problems
    assert told in problems[0]


def test_a_value_before_it_was_shown_is_found(tickets: Any, honest: tuple[str, str, str]) -> None:
    zip_code = tickets.zip_codes[0]
    early = (f"Rivermist has the zip code {zip_code}, I think.", *honest[1:])
    late = (honest[0], f"Rivermist has the zip code {zip_code}.", honest[2])
    assert found(tickets, early) == (f'knows a value before it was shown: "{zip_code}"',)
    assert found(tickets, late) == ()


def test_a_value_of_another_kind_is_found_too(tickets: Any, honest: tuple[str, str, str]) -> None:
    ticket = tickets.steps[2].observation.content["ticket_id"]
    assert found(tickets, (honest[0], f"I will get {ticket}.", honest[2]))
    assert found(tickets, (honest[0], honest[1], f"I have got {ticket}.")) == ()


def test_a_gold_value_that_looks_like_a_word_is_found(tickets: Any) -> None:
    step = tickets.steps[2]
    secret = step.model_copy(
        update={"call": step.call.model_copy(update={"arguments": {"departure_zip": "oldharbour", "arrival_zip": "x"}})}
    )
    visible = Visible.of(tickets.known, tickets.tools)
    assert thought_leaks("It must be oldharbour.", visible, [], (), [secret])
    assert thought_leaks("It must be oldharbour.", visible) == ()


def test_the_arguments_of_the_own_call_may_be_named(tickets: Any) -> None:
    call = ToolCall(id="call_9", name="issue_invoice", arguments={"note": "Trip R-2041"})
    step = Step(call=call, observation=Observation(call_id="call_9", content={}))
    visible = Visible.of(tickets.known, tickets.tools)
    assert thought_leaks('I write "Trip R-2041" on it.', visible, [step]) == ()
    assert thought_leaks('I write "Trip R-2041" on it.', visible)


def test_an_earlier_try_may_be_spoken_of_where_one_can_be_seen(tickets: Any) -> None:
    error = ToolError(kind="not_found", message="There is no city named 'Rivrmist'.")
    call = ToolCall(id="call_9", name="get_zip_code", arguments={"city": "Rivrmist"})
    visible = Visible.of(tickets.known, tickets.tools)
    thought = "My first try failed, so I spell the city otherwise."
    assert thought_leaks(thought, visible)
    seen = visible.after("", [Step(call=call, observation=Observation(call_id="call_9", error=error))])
    assert thought_leaks(thought, seen) == ()


def test_words_that_the_user_uses_are_no_leak(tickets: Any) -> None:
    told = Visible.of(tickets.known, tickets.tools)
    asked = Visible(texts=("Please send my feedback, and pin the note.",), tools=tickets.tools)
    thought = "The user wants the feedback sent, so I open the note."
    assert thought_leaks(thought, told)
    assert thought_leaks(thought, asked) == ()


def test_a_reply_is_read_for_hints_as_well(tickets: Any) -> None:
    visible = Visible.of(tickets.known, tickets.tools)
    assert reply_leaks("I followed the hint.", visible, HINTS)
    assert reply_leaks(tickets.reply, visible, HINTS) == ()


def test_thoughts_are_what_stands_in_the_block() -> None:
    assert thought_of(assistant_message("I think.", "I say.", ())) == "I think."
    assert thought_of(assistant_message("", "I say.", ())) == ""


def test_a_thought_names_the_tools_that_there_are(tickets: Any) -> None:
    visible = Visible.of(tickets.known, tickets.tools)
    assert thought_leaks("I call buy_tickets with departure_zip.", visible) == ()
    assert thought_leaks("So list_books is called.", visible) == ('names what nobody has shown: "list_books"',)
