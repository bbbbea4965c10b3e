"""The advanced tool of a turn: its signature follows from the trace."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.advanced import AdvancedTool, field_label, signature
from tools.call import Observation, ToolError
from tools.origin import ArgumentOrigin, Selector
from tools.spec import ToolSpec
from tools.trace import Trace

TEXT = {"type": "string"}
SAID = ArgumentOrigin(kind="query")


def text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


@pytest.fixture(scope="session")
def specs(make: Any) -> dict[str, ToolSpec]:
    flights = make.rows("flights", id=TEXT, airline=text("The airline of the flight."), price={"type": "number"})
    found = [
        make.spec(
            "get_zipcode", {"city": text("The city.")}, make.result(zip=TEXT), "Looks up the zip code of a city."
        ),
        make.spec(
            "buy_tickets",
            {"start": text("Zip code of the start."), "goal": text("Zip code of the goal.")},
            make.result(ticket=TEXT),
            "Buys tickets between two zip codes.",
        ),
        make.spec("search", {"city": text("The city.")}, flights, "Searches for flights."),
        make.spec("book", {"flight_id": TEXT, "window": {"type": "boolean"}}, description="Books a flight."),
        make.spec("cancel", {"booking_id": text("ID of the booking.")}, description="Cancels a booking."),
        make.spec("pair", {"city": TEXT, "city_2": TEXT}, description="Pairs cities."),
    ]
    return {spec.name: spec for spec in found}


def seen(source: str, path: str, selector: Selector | None = None) -> ArgumentOrigin:
    return ArgumentOrigin(kind="observation", source=source, path=path, selector=selector)


def inputs(tool: AdvancedTool) -> list[tuple[str, Any]]:
    return [(item.name, item.value) for item in tool.inputs]


def test_the_papers_example(make: Any, specs: dict[str, ToolSpec]) -> None:
    steps = (
        make.step("1", "get_zipcode", {"zip": "83214"}, {"city": "Rivermist"}, {"city": SAID}),
        make.step("2", "get_zipcode", {"zip": "74532"}, {"city": "Stonebrook"}, {"city": SAID}),
        make.step(
            "3",
            "buy_tickets",
            {"ticket": "14589"},
            {"start": "83214", "goal": "74532"},
            {"start": seen("1", "zip"), "goal": seen("2", "zip")},
            changed_state=True,
        ),
    )
    tool = signature(Trace(target_tool="buy_tickets", steps=steps, requested=()), specs)
    assert inputs(tool) == [("city", "Rivermist"), ("city_2", "Stonebrook")]
    assert [(item.call_id, item.parameter, item.label, item.verbatim) for item in tool.inputs] == [
        ("1", "city", "city", True),
        ("2", "city", "city", True),
    ]
    (sink,) = tool.sinks
    assert (sink.call_id, sink.tool, sink.task) == ("3", "buy_tickets", "buy tickets between two zip codes")
    assert sink.outputs == specs["buy_tickets"].returns
    assert tool.covered == ("get_zipcode", "get_zipcode", "buy_tickets")
    assert (tool.name, tool.description) == ("", "")


def booking(make: Any, choice: Selector, window: bool = True) -> Trace:
    content = {"flights": [{"id": "F1", "airline": "Blue", "price": 3}, {"id": "F2", "airline": "Red", "price": 5}]}
    steps = (
        make.step("1", "search", content, {"city": "Rome"}, {"city": SAID}),
        make.step(
            "2",
            "book",
            {},
            {"flight_id": "F1", "window": window},
            {"flight_id": seen("1", "flights.*.id", choice), "window": SAID},
            changed_state=True,
        ),
    )
    return Trace(target_tool="book", steps=steps, requested=())


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Selector(kind="equals", field="airline", value="Blue"), ("airline", "airline of the flight", "Blue", True)),
        (Selector(kind="min", field="price"), ("price", "price", "lowest", False)),
        (Selector(kind="max", field="price"), ("price", "price", "highest", False)),
    ],
)
def test_what_picks_an_entry_is_an_input(
    make: Any, specs: dict[str, ToolSpec], choice: Selector, expected: Any
) -> None:
    tool = signature(booking(make, choice), specs)
    picked = tool.inputs[1]
    assert (picked.name, picked.label, picked.value, picked.verbatim) == expected
    assert (picked.call_id, picked.parameter) == ("2", "flight_id")
    assert "F1" not in [item.value for item in tool.inputs]


@pytest.mark.parametrize("kind", ["only", "first"])
def test_what_needs_no_words_is_no_input(make: Any, specs: dict[str, ToolSpec], kind: Any) -> None:
    tool = signature(booking(make, Selector(kind=kind)), specs)
    assert inputs(tool) == [("city", "Rome"), ("window", True)]


def test_a_name_that_a_call_mends_is_the_input_that_is_said(make: Any, specs: dict[str, ToolSpec]) -> None:
    nearest = Selector(kind="nearest", field="airline", value="Bleu")
    wrong = make.step("0", "search", None, {"city": "Bleu"}, {"city": SAID})
    error = ToolError(kind="not_found", message="There is no city 'Bleu'.")
    failed = wrong.model_copy(update={"observation": Observation(call_id="0", error=error)})
    trace = booking(make, nearest)
    tool = signature(trace.model_copy(update={"steps": (failed, *trace.steps)}), specs)
    assert inputs(tool) == [("city", "Rome"), ("flight_id", "Bleu"), ("window", True)]
    assert (tool.inputs[1].call_id, tool.inputs[1].verbatim) == ("2", True)
    assert tool.covered == ("search", "book")
    assert [sink.call_id for sink in tool.sinks] == ["2"]


def test_a_list_of_one_mended_name_is_said_too(make: Any, specs: dict[str, ToolSpec]) -> None:
    found = seen("1", "flights.*.id", Selector(kind="nearest", field="id", value="F-one"))
    trace = booking(make, Selector(kind="only"))
    second = trace.steps[1].model_copy(
        update={"origins": {"flight_id": ArgumentOrigin(kind="composed", parts=(found,))}}
    )
    tool = signature(trace.model_copy(update={"steps": (trace.steps[0], second)}), specs)
    assert inputs(tool) == [("city", "Rome"), ("flight_id", "F-one")]


def test_yes_or_no_may_be_said_in_any_words(make: Any, specs: dict[str, ToolSpec]) -> None:
    tool = signature(booking(make, Selector(kind="only"), window=False), specs)
    assert [(item.name, item.verbatim) for item in tool.inputs] == [("city", True), ("window", False)]


def test_a_value_of_an_earlier_turn_is_an_input_that_is_not_said(make: Any, specs: dict[str, ToolSpec]) -> None:
    origin = ArgumentOrigin(kind="earlier_turn", source="old", path="bookings.*.id", selector=Selector(kind="only"))
    step = make.step("1", "cancel", {}, {"booking_id": "B-1"}, {"booking_id": origin}, changed_state=True)
    (item,) = signature(Trace(target_tool="cancel", steps=(step,), requested=()), specs).inputs
    assert (item.name, item.label, item.value) == ("booking_id", "ID of the booking", "B-1")
    assert (item.earlier, item.verbatim) == (True, False)


def test_what_picks_an_entry_of_an_earlier_list_has_to_be_said(make: Any, specs: dict[str, ToolSpec]) -> None:
    choice = Selector(kind="equals", field="arrival_city", value="Rome")
    origin = ArgumentOrigin(kind="earlier_turn", source="old", path="bookings.*.id", selector=choice)
    step = make.step("1", "cancel", {}, {"booking_id": "B-1"}, {"booking_id": origin}, changed_state=True)
    meant, picked = signature(Trace(target_tool="cancel", steps=(step,), requested=()), specs).inputs
    assert (meant.name, meant.earlier) == ("booking_id", True)
    assert (picked.name, picked.label, picked.value) == ("arrival_city", "arrival city", "Rome")
    assert (picked.parameter, picked.earlier, picked.verbatim) == ("booking_id", False, True)


def test_a_requested_output_is_a_sink_beside_a_write(make: Any, specs: dict[str, ToolSpec]) -> None:
    trace = booking(make, Selector(kind="only")).model_copy(update={"requested": ("1",)})
    assert [sink.task for sink in signature(trace, specs).sinks] == ["search for flights", "book a flight"]


def test_one_argument_that_needs_a_value_twice_is_one_input(make: Any, specs: dict[str, ToolSpec]) -> None:
    choice = Selector(kind="min", field="price")
    trace = booking(make, choice)
    both = ArgumentOrigin(
        kind="composed", parts=(seen("1", "flights.*.id", choice), seen("1", "flights.*.airline", choice))
    )
    second = trace.steps[1].model_copy(update={"origins": {"flight_id": both}})
    tool = signature(trace.model_copy(update={"steps": (trace.steps[0], second)}), specs)
    assert inputs(tool) == [("city", "Rome"), ("price", "lowest")]


@given(calls=st.lists(st.tuples(st.sampled_from(["pair", "search"]), st.sampled_from("xy")), max_size=5))
@settings(max_examples=50, deadline=None)
def test_names_are_unique_and_no_said_value_is_lost(make: Any, specs: dict[str, ToolSpec], calls: Any) -> None:
    steps = []
    for number, (name, value) in enumerate(calls):
        arguments = dict.fromkeys(specs[name].properties, value)
        steps.append(make.step(str(number), name, {}, arguments, dict.fromkeys(arguments, SAID)))
    tool = signature(Trace(target_tool="pair", steps=tuple(steps), requested=()), specs)
    assert max(Counter(item.name for item in tool.inputs).values(), default=1) == 1
    said = [(step.call.id, name, value) for step in steps for name, value in step.call.arguments.items()]
    assert [(item.call_id, item.parameter, item.value) for item in tool.inputs] == said


def test_a_field_is_called_by_its_description_or_its_name(specs: dict[str, ToolSpec]) -> None:
    assert field_label(specs["search"], "flights.*.id", "airline") == "airline of the flight"
    assert field_label(specs["search"], "flights.*.id", "seatsLeft") == "seats left"
    assert field_label(specs["search"], "elsewhere.*.id", "airline") == "airline"
    assert field_label(specs["search"], "", "airline") == "airline"
