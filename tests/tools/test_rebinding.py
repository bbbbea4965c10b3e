"""Arguments are read anew from other outputs of the same calls."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tools.binding import bind, rebind
from tools.graph import ApiGraph, Edge
from tools.intent import Constraints
from tools.needs import Needs
from tools.origin import ArgumentOrigin, Selector
from tools.pools import KnownValue, Pools
from tools.supply import Supply
from tools.trace import Step

TEXT = {"type": "string"}
SAID = ArgumentOrigin(kind="query")


def supply(graph: ApiGraph, *steps: Step, pool: tuple[KnownValue, ...] = (), **said: Any) -> Supply:
    """What is at hand after some steps, where every value is looked up that can be; ``said`` by ``tool__parameter``."""
    limits = Constraints(said={(slot.split("__")[0], slot.split("__")[1]): value for slot, value in said.items()})
    needs = Needs(graph, Pools(pool), ("tests",), implicit=1.0, optional=0.0, constraints=limits)
    return Supply(needs=needs, steps=steps, constraints=limits)


@pytest.fixture(scope="session")
def graph(make: Any) -> ApiGraph:
    specs = [make.spec("search", {"city": TEXT}), make.spec("book", {"flight_id": TEXT, "city": TEXT})]
    edge = Edge(producer="search", consumer="book", path="flights.*.id", parameter="flight_id", opaque=True)
    return ApiGraph(specs, [edge])


def test_arguments_are_read_anew_after_ids_have_changed(make: Any, graph: ApiGraph) -> None:
    offers = [{"id": "F1", "price": 5, "line": "a"}, {"id": "F2", "price": 3, "line": "b"}]
    source = supply(
        graph,
        make.step("s", "search", {"flights": offers, "symbol": "X"}),
        book__city="Rome",
    )
    for seed in range(6):
        bound = bind(source, "book", random.Random(seed))
        assert bound is not None
        step = make.step("b", "book", {}, bound.arguments, bound.origins)
        renamed = {"flights": [{**row, "id": row["id"] + "-new"} for row in reversed(offers)]}
        again = rebind(step, {"s": renamed})
        assert again == {"flight_id": bound.arguments["flight_id"] + "-new", "city": "Rome"}


def test_composed_arguments_are_read_anew_and_the_user_s_and_earlier_ones_stay(make: Any) -> None:
    origins = {
        "symbols": ArgumentOrigin(
            kind="composed", parts=(ArgumentOrigin(kind="observation", source="s", path="symbol"),)
        ),
        "booking_id": ArgumentOrigin(kind="earlier_turn", source="e", path="id"),
        "city": SAID,
    }
    step = make.step("w", "watch", {}, {"symbols": ["X"], "booking_id": "B", "city": "Rome"}, origins)
    assert rebind(step, {"s": {"symbol": "Q"}}) == {"symbols": ["Q"], "booking_id": "B", "city": "Rome"}
    assert step.call.arguments["symbols"] == ["X"]


@pytest.mark.parametrize("contents", [{}, {"s": None}, {"s": {"flights": []}}])
def test_a_source_that_is_gone_is_a_lookup_error(make: Any, contents: dict[str, Any]) -> None:
    origin = ArgumentOrigin(kind="observation", source="s", path="flights.*.id", selector=Selector(kind="only"))
    step = make.step("b", "book", {}, {"flight_id": "F1"}, {"flight_id": origin})
    with pytest.raises(LookupError):
        rebind(step, contents)
