"""The language of offline requests: what is said is read again as it was meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.roles.offline.phrases import Slot, TaskPhrase, Unsayable, say_slot, say_task
from fr_agents.roles.offline.reading import read_request
from tools.origin import Selector

WORDS = ("flight", "city", "name", "price", "card", "number", "travel", "date", "seat", "owner", "of", "in", "with")
labels = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters='"\n'), max_size=20)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.lists(texts | numbers, min_size=1, max_size=3).map(tuple) | st.tuples(st.booleans())
selectors = (
    st.just(Selector(kind="first"))
    | st.builds(Selector, kind=st.sampled_from(["min", "max"]), field=labels)
    | st.builds(Selector, kind=st.just("equals"), field=labels, value=texts)
)
earlier_slots = st.builds(Slot, label=labels, earlier=st.just(True), selector=st.none() | selectors)
plain_slots = st.builds(Slot, label=labels, values=values) | earlier_slots


def looked_up(inner: st.SearchStrategy[Slot]) -> st.SearchStrategy[Slot]:
    return st.builds(
        Slot,
        label=labels,
        selector=st.none() | selectors,
        resulting=st.booleans(),
        inner=st.lists(inner, max_size=3).map(tuple),
    )


slots = st.recursive(plain_slots, looked_up, max_leaves=6)
tasks = st.builds(
    TaskPhrase,
    text=st.sampled_from(["book a flight", "pay for a booking with a card", "list the cards of the owner"]),
    slots=st.lists(slots, max_size=4).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(tasks)
def test_what_is_said_is_read_as_it_was_meant(task: TaskPhrase) -> None:
    assert read_request(f"Please {say_task(task)}.") == (task,)


@settings(max_examples=50, deadline=None)
@given(st.lists(tasks, min_size=2, max_size=3))
def test_several_tasks_are_read_in_their_order(several: list[TaskPhrase]) -> None:
    openers = ("Could you ", "Then ", "After that, ")
    ends = ("?", ".", ".")
    text = " ".join(f"{opener}{say_task(task)}{end}" for opener, task, end in zip(openers, several, ends, strict=False))
    assert read_request(text) == tuple(several)


@pytest.mark.parametrize("value", ['a "quoted" text', "two\nlines", None, [1], {"a": 'a "b"'}])
def test_what_cannot_be_said_is_refused(value: Any) -> None:
    with pytest.raises(Unsayable):
        say_slot(Slot(label="note", values=(value,)))


def test_no_values_cannot_be_said() -> None:
    with pytest.raises(Unsayable, match="empty note"):
        say_slot(Slot(label="note", values=()))


@pytest.mark.parametrize("text", ["", "Hello there!", "Please, using.", "Book it, using the", 'Using the "', "((("])
def test_any_text_can_be_read(text: str) -> None:
    for task in read_request(text):
        assert isinstance(task.text, str)


def test_things_are_meant_without_their_identifiers() -> None:
    assert say_slot(Slot(label="ID of the booking", earlier=True)) == "the booking from before"
    picked = Selector(kind="equals", field="airline of the flight", value="Blue")
    assert say_slot(Slot(label="ID of the flight", earlier=True, selector=picked)) == (
        'the flight from before whose airline is "Blue"'
    )
    cheapest = Slot(label="ID of the flight", selector=Selector(kind="min", field="price of the flight"))
    assert say_slot(cheapest) == "the flight with the lowest price"
