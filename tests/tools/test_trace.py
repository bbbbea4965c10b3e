"""What follows from the executed calls of a turn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.origin import ArgumentOrigin
from tools.trace import Trace


def seen(source: str, path: str = "id") -> ArgumentOrigin:
    return ArgumentOrigin(kind="observation", source=source, path=path)


@pytest.fixture
def trace(make: Any) -> Trace:
    steps = (
        make.step("a", "look", {"id": "1"}),
        make.step("b", "look", {"id": "2"}),
        make.step(
            "c",
            "join",
            {"id": "3"},
            {"ids": ["1", "2"], "owner_id": "9", "name": "x"},
            {
                "ids": ArgumentOrigin(kind="composed", parts=(seen("a"), seen("b"))),
                "owner_id": ArgumentOrigin(kind="earlier_turn", source="old", path="id"),
                "name": ArgumentOrigin(kind="query"),
            },
            changed_state=True,
        ),
        make.step("d", "show", {}, {"id": "3"}, {"id": seen("c")}),
        make.step("e", "look", {}),
    )
    return Trace(target_tool="show", steps=steps, requested=("d",))


def test_sources_are_named_once_in_order(trace: Trace) -> None:
    assert [step.sources() for step in trace.steps] == [(), (), ("a", "b", "old"), ("c",), ()]


def test_only_calls_of_the_trace_are_consumed(trace: Trace) -> None:
    assert trace.consumed() == {"a", "b", "c"}


def test_sinks_are_changes_and_requested_outputs(trace: Trace) -> None:
    assert [step.call.id for step in trace.sinks()] == ["c", "d"]


def test_depth_counts_calls_that_use_each_others_values(trace: Trace) -> None:
    assert trace.depth() == 3
    assert Trace(target_tool="x", steps=(), requested=()).depth() == 0


def test_looked_up_values_are_those_that_calls_of_the_trace_gave(trace: Trace) -> None:
    assert trace.looked_up() == ("1", "2", "3")


def test_a_trace_is_the_same_after_json(trace: Trace) -> None:
    assert Trace.model_validate(trace.plain()) == trace


@given(sources=st.lists(st.integers(0, 7), max_size=8))
@settings(max_examples=50, deadline=None)
def test_depth_is_the_longest_chain(make: Any, sources: list[int]) -> None:
    steps = []
    for number, source in enumerate(sources):
        origin = {"x": seen(f"c{source}")} if source < number else {}
        steps.append(make.step(f"c{number}", "t", {}, {"x": "1"} if origin else {}, origin))

    def chain(number: int) -> int:
        return 1 + (chain(sources[number]) if sources[number] < number else 0)

    expected = max((chain(number) for number in range(len(sources))), default=0)
    assert Trace(target_tool="t", steps=tuple(steps), requested=()).depth() == expected
