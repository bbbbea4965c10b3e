"""Arguments for calls: from outputs with the words that mean them, from earlier turns, and from the user."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.base import canonical_json
from tools.binding import Supply, bind, rebind
from tools.graph import ApiGraph, Edge
from tools.origin import ArgumentOrigin, Selector
from tools.paths import resolve
from tools.pools import KnownValue, Pools
from tools.trace import Step

quick = settings(max_examples=80, deadline=None)
TEXT = {"type": "string"}


def rng(seed: int = 0) -> random.Random:
    return random.Random(seed)


@pytest.fixture(scope="session")
def graph(make: Any) -> ApiGraph:
    specs = [
        make.spec("search", {"city": TEXT}),
        make.spec("book", {"flight_id": TEXT, "city": TEXT}),
        make.spec("get_zip", {"city": TEXT}),
        make.spec("tickets", {"from_zip": TEXT, "to_zip": TEXT}),
        make.spec("watch", {"symbols": {"type": "array", "items": TEXT}}),
    ]
    edges = [
        Edge(producer="search", consumer="book", path="flights.*.id", parameter="flight_id"),
        Edge(producer="book", consumer="book", path="next_id", parameter="flight_id", score=0.7),
        Edge(producer="search", consumer="book", path="hub", parameter="city"),
        Edge(producer="get_zip", consumer="tickets", path="zip", parameter="from_zip"),
        Edge(producer="get_zip", consumer="tickets", path="zip", parameter="to_zip"),
        Edge(producer="search", consumer="watch", path="symbol", parameter="symbols", score=0.7),
        Edge(producer="search", consumer="watch", path="symbols", parameter="symbols"),
    ]
    return ApiGraph(specs, edges)


def supply(graph: ApiGraph, *steps: Step, earlier: tuple[Step, ...] = (), known: tuple[KnownValue, ...] = ()) -> Supply:
    return Supply(graph=graph, pools=Pools(known), steps=steps, earlier=earlier)


def zips(make: Any, *codes: str) -> list[Step]:
    return [make.step(f"z{n}", "get_zip", {"zip": code}) for n, code in enumerate(codes)]


@given(codes=st.lists(st.sampled_from("1234"), max_size=4), seed=st.integers(0, 9))
@quick
def test_two_parameters_never_get_the_same_looked_up_value(
    make: Any, graph: ApiGraph, codes: list[str], seed: int
) -> None:
    bound = bind(supply(graph, *zips(make, *codes)), "tickets", ["from_zip", "to_zip"], [], rng(seed))
    assert (bound is not None) == (len(set(codes)) > 1)
    if bound is not None:
        assert bound.arguments["from_zip"] != bound.arguments["to_zip"]
        assert set(bound.arguments.values()) <= set(codes)


def test_a_looked_up_value_is_none_that_the_user_gives_beside_it(make: Any, graph: ApiGraph) -> None:
    given_codes = tuple(KnownValue(parameter="from_zip", value=code) for code in ("1", "2"))
    source = supply(graph, *zips(make, "1", "2"), known=given_codes)
    for seed in range(10):
        bound = bind(source, "tickets", ["to_zip"], ["from_zip"], rng(seed))
        assert bound is not None
        assert bound.arguments["from_zip"] != bound.arguments["to_zip"]
        assert [bound.origins[name].kind for name in ("from_zip", "to_zip")] == ["query", "observation"]


def test_without_a_value_there_is_no_binding(graph: ApiGraph) -> None:
    assert bind(supply(graph), "tickets", ["from_zip"], [], rng()) is None
    assert bind(supply(graph), "tickets", [], ["from_zip"], rng()) is None


def test_a_parameter_that_nobody_asked_for_is_left_out(graph: ApiGraph) -> None:
    bound = bind(supply(graph), "tickets", [], [], rng())
    assert bound is not None
    assert bound.arguments == {}


rows = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["F1", "F2", "F3", "F4"]), "price": st.integers(1, 4), "line": st.sampled_from("abc")},
        optional={"note": st.sampled_from(["x", 'say "y"', "", None, 3]), "owner_id": st.sampled_from("pqr")},
    ),
    max_size=4,
)


@given(entries=rows)
@quick
def test_words_for_an_entry_always_mean_the_value_that_was_bound(
    make: Any, graph: ApiGraph, entries: list[dict[str, Any]]
) -> None:
    content = {"flights": entries}
    found = list(supply(graph, make.step("s", "search", content)).produced("book", "flight_id"))
    for value, origin in found:
        assert resolve(content, origin.path or "", origin.selector) == value
        chosen = origin.selector
        assert chosen is not None
        assert chosen.field not in ("id", "owner_id")
        if chosen.kind == "equals":
            assert [row.get(chosen.field) for row in entries].count(chosen.value) == 1
            assert '"' not in chosen.value
    if len(entries) == 1:
        assert [origin.selector for _, origin in found] == [Selector(kind="only")]


def test_ties_have_no_words(make: Any, graph: ApiGraph) -> None:
    tied = [{"id": "F1", "price": 1, "line": "a"}, {"id": "F2", "price": 1, "line": "a"}]
    assert list(supply(graph, make.step("s", "search", {"flights": tied})).produced("book", "flight_id")) == []
    third = [*tied, {"id": "F3", "price": 9, "line": "a"}]
    found = list(supply(graph, make.step("s", "search", {"flights": third})).produced("book", "flight_id"))
    assert [(value, origin.selector) for value, origin in found] == [("F3", Selector(kind="max", field="price"))]


@pytest.mark.parametrize(
    "content", [None, {}, {"flights": None}, {"flights": []}, {"flights": [{}]}, {"flights": [1, 2]}]
)
def test_an_output_that_lacks_the_value_gives_none(make: Any, graph: ApiGraph, content: Any) -> None:
    assert list(supply(graph, make.step("s", "search", content)).produced("book", "flight_id")) == []


def test_the_newest_unused_output_is_taken_first(make: Any, graph: ApiGraph) -> None:
    older, newer = zips(make, "1", "2")
    used = make.step(
        "t", "tickets", {}, {"from_zip": "2"}, {"from_zip": ArgumentOrigin(kind="observation", source="z1")}
    )
    assert [value for value, _ in supply(graph, older, newer).produced("tickets", "to_zip")] == ["2", "1"]
    assert [value for value, _ in supply(graph, older, newer, used).produced("tickets", "to_zip")] == ["1", "2"]
    assert supply(graph, older, newer).first_value("tickets", "to_zip", [canonical_json("2")]) == canonical_json("1")
    assert supply(graph, older).first_value("tickets", "to_zip", [canonical_json("1")]) is None


def test_an_earlier_turn_gives_the_latest_value_and_only_what_is_opaque(make: Any, graph: ApiGraph) -> None:
    earlier = tuple(make.step(f"e{n}", "search", {"flights": [{"id": f"F{n}"}], "hub": f"City {n}"}) for n in range(3))
    source = supply(graph, earlier=earlier)
    ((value, origin),) = source.produced("book", "flight_id")
    assert (value, origin.kind, origin.source) == ("F2", "earlier_turn", "e2")
    assert list(source.produced("book", "city")) == []


def test_an_earlier_value_that_needs_words_to_be_meant_is_passed_over(make: Any, graph: ApiGraph) -> None:
    several = make.step("e1", "search", {"flights": [{"id": "F1", "price": 1}, {"id": "F2", "price": 2}]})
    one = make.step("e0", "search", {"flights": [{"id": "F0"}]})
    assert [value for value, _ in supply(graph, earlier=(one, several)).produced("book", "flight_id")] == ["F0"]


def test_this_turn_comes_before_earlier_ones(make: Any, graph: ApiGraph) -> None:
    now = make.step("s", "book", {"next_id": "F9"})
    before = make.step("e", "search", {"flights": [{"id": "F0"}]})
    bound = bind(supply(graph, now, earlier=(before,)), "book", ["flight_id"], [], rng())
    assert bound is not None
    assert (bound.arguments["flight_id"], bound.origins["flight_id"].kind) == ("F9", "observation")


def test_a_list_is_taken_whole_and_a_scalar_is_put_into_one(make: Any, graph: ApiGraph) -> None:
    step = make.step("s", "search", {"symbol": "X", "symbols": ["Y", "Z"]})
    (whole, origin), (single, composed) = supply(graph, step).produced("watch", "symbols")
    assert (whole, origin.kind) == (["Y", "Z"], "observation")
    assert (single, composed.kind, [part.path for part in composed.parts]) == (["X"], "composed", ["symbol"])


def test_arguments_are_read_anew_after_ids_have_changed(make: Any, graph: ApiGraph) -> None:
    offers = [{"id": "F1", "price": 5, "line": "a"}, {"id": "F2", "price": 3, "line": "b"}]
    source = supply(
        graph,
        make.step("s", "search", {"flights": offers, "symbol": "X"}),
        known=(KnownValue(parameter="city", value="Rome"),),
    )
    for seed in range(6):
        bound = bind(source, "book", ["flight_id"], ["city"], rng(seed))
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
        "city": ArgumentOrigin(kind="query"),
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
