"""Arguments for calls: from outputs with the words that mean them, from earlier turns, and from the user."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.base import canonical_json
from tools.binding import bind
from tools.graph import ApiGraph, Edge
from tools.intent import Constraints, WantedEdge
from tools.needs import Needs
from tools.origin import ArgumentOrigin, Selector
from tools.paths import resolve
from tools.pools import KnownValue, Pools
from tools.supply import Supply
from tools.trace import Step

quick = settings(max_examples=80, deadline=None)
TEXT = {"type": "string"}
SAID = ArgumentOrigin(kind="query")


def rng(seed: int = 0) -> random.Random:
    return random.Random(seed)


@pytest.fixture(scope="session")
def graph(make: Any) -> ApiGraph:
    specs = [
        make.spec("search", {"city": TEXT}),
        make.spec("book", {"flight_id": TEXT, "city": TEXT}, required=["flight_id"]),
        make.spec("get_zip", {"city": TEXT}),
        make.spec("tickets", {"from_zip": TEXT, "to_zip": TEXT}),
        make.spec("watch", {"symbols": {"type": "array", "items": TEXT}}),
        make.spec("login", {"user_id": TEXT, "password": TEXT}, effect="write"),
        make.spec("find_user", {"user_name": TEXT}),
        make.spec("write", {"access_token": TEXT, "user_id": TEXT, "text": TEXT}),
        make.spec("wonder", {"gizmo": TEXT}),
    ]
    edges = [
        Edge(producer="search", consumer="book", path="flights.*.id", parameter="flight_id", opaque=True),
        Edge(producer="book", consumer="book", path="next_id", parameter="flight_id", opaque=True, score=0.7),
        Edge(producer="search", consumer="book", path="hub", parameter="city", kind="offers"),
        Edge(producer="get_zip", consumer="tickets", path="zip", parameter="from_zip"),
        Edge(producer="get_zip", consumer="tickets", path="zip", parameter="to_zip"),
        Edge(producer="search", consumer="watch", path="symbol", parameter="symbols", score=0.7),
        Edge(producer="search", consumer="watch", path="symbols", parameter="symbols"),
        Edge(producer="find_user", consumer="login", path="user_id", parameter="user_id", opaque=True),
        Edge(producer="find_user", consumer="write", path="user_id", parameter="user_id", opaque=True),
        Edge(producer="login", consumer="write", path="token", parameter="access_token", opaque=True),
    ]
    return ApiGraph(specs, edges)


def known(**values: tuple[str, ...]) -> tuple[KnownValue, ...]:
    return tuple(KnownValue(parameter=name, value=value) for name, found in values.items() for value in found)


def supply(
    graph: ApiGraph,
    *steps: Step,
    earlier: tuple[Step, ...] = (),
    pool: tuple[KnownValue, ...] = (),
    implicit: float = 0.0,
    asked: tuple[tuple[str, str], ...] = (),
    **constraints: Any,
) -> Supply:
    limits = Constraints(earlier=frozenset(asked), **constraints)
    needs = Needs(graph, Pools(pool), ("tests",), implicit=implicit, optional=0.0, constraints=limits)
    return Supply(needs=needs, steps=steps, earlier=earlier, constraints=limits)


def zips(make: Any, *codes: str) -> list[Step]:
    return [make.step(f"z{n}", "get_zip", {"zip": code}) for n, code in enumerate(codes)]


@given(codes=st.lists(st.sampled_from("1234"), max_size=4), seed=st.integers(0, 9))
@quick
def test_two_parameters_never_get_the_same_looked_up_value(
    make: Any, graph: ApiGraph, codes: list[str], seed: int
) -> None:
    bound = bind(supply(graph, *zips(make, *codes)), "tickets", rng(seed))
    assert (bound is not None) == (len(set(codes)) > 1)
    if bound is not None:
        assert bound.arguments["from_zip"] != bound.arguments["to_zip"]
        assert set(bound.arguments.values()) <= set(codes)


def test_a_looked_up_value_is_none_that_the_user_gives_beside_it(make: Any, graph: ApiGraph) -> None:
    source = supply(graph, *zips(make, "1", "2"), pool=known(from_zip=("1", "2")))
    for seed in range(10):
        bound = bind(source, "tickets", rng(seed))
        assert bound is not None
        assert bound.arguments["from_zip"] != bound.arguments["to_zip"]
        assert [bound.origins[name].kind for name in ("from_zip", "to_zip")] == ["query", "observation"]


def test_two_parameters_that_the_user_gives_differ_where_they_can(graph: ApiGraph) -> None:
    for seed in range(10):
        pair = bind(supply(graph, pool=known(from_zip=("1", "2"), to_zip=("1", "2"))), "tickets", rng(seed))
        assert pair is not None
        assert sorted(pair.arguments.values()) == ["1", "2"]
    single = bind(supply(graph, pool=known(from_zip=("1",), to_zip=("1",))), "tickets", rng())
    assert single is not None
    assert single.arguments == {"from_zip": "1", "to_zip": "1"}


@pytest.mark.parametrize("tool", ["tickets", "wonder"])
def test_without_a_value_there_is_no_binding(graph: ApiGraph, tool: str) -> None:
    """Neither for what a tool would have to give nor for what the user would."""
    assert bind(supply(graph), tool, rng()) is None


def test_an_optional_parameter_is_left_out_unless_it_is_asked_for(make: Any, graph: ApiGraph) -> None:
    found = make.step("s", "search", {"flights": [{"id": "F1"}]})
    bound = bind(supply(graph, found, pool=known(city=("Rome",))), "book", rng())
    assert bound is not None
    assert bound.arguments == {"flight_id": "F1"}


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
    found = supply(graph, make.step("s", "search", content)).offers("book", "flight_id")
    for offer in found:
        chosen = offer.origin.selector
        assert resolve(content, offer.origin.path or "", chosen) == offer.value
        assert chosen is not None
        assert chosen.field not in ("id", "owner_id")
        if chosen.kind == "equals":
            assert [row.get(chosen.field) for row in entries].count(chosen.value) == 1
            assert '"' not in chosen.value
    if len(entries) == 1:
        assert [offer.origin.selector for offer in found] == [Selector(kind="only")]


def test_ties_have_no_words(make: Any, graph: ApiGraph) -> None:
    tied = [{"id": "F1", "price": 1, "line": "a"}, {"id": "F2", "price": 1, "line": "a"}]
    assert list(supply(graph, make.step("s", "search", {"flights": tied})).offers("book", "flight_id")) == []
    third = [*tied, {"id": "F3", "price": 9, "line": "a"}]
    found = supply(graph, make.step("s", "search", {"flights": third})).offers("book", "flight_id")
    assert [(offer.value, offer.origin.selector) for offer in found] == [("F3", Selector(kind="max", field="price"))]


@pytest.mark.parametrize(
    "content", [None, {}, {"flights": None}, {"flights": []}, {"flights": [{}]}, {"flights": [1, 2]}]
)
def test_an_output_that_lacks_the_value_gives_none(make: Any, graph: ApiGraph, content: Any) -> None:
    assert list(supply(graph, make.step("s", "search", content)).offers("book", "flight_id")) == []


def test_the_newest_unused_output_is_taken_first(make: Any, graph: ApiGraph) -> None:
    older, newer = zips(make, "1", "2")
    used = make.step(
        "t", "tickets", {}, {"from_zip": "2"}, {"from_zip": ArgumentOrigin(kind="observation", source="z1")}
    )
    assert [offer.value for offer in supply(graph, older, newer).offers("tickets", "to_zip")] == ["2", "1"]
    assert [offer.value for offer in supply(graph, older, newer, used).offers("tickets", "to_zip")] == ["1", "2"]
    assert supply(graph, older, newer).first_value("tickets", "to_zip", [canonical_json("2")]) == canonical_json("1")
    assert supply(graph, older).first_value("tickets", "to_zip", [canonical_json("1")]) is None


def test_an_earlier_turn_gives_the_latest_value_and_only_what_is_opaque(make: Any, graph: ApiGraph) -> None:
    earlier = tuple(make.step(f"e{n}", "search", {"flights": [{"id": f"F{n}"}], "hub": f"City {n}"}) for n in range(3))
    source = supply(graph, earlier=earlier)
    (offer,) = source.offers("book", "flight_id")
    assert (offer.value, offer.origin.kind, offer.origin.source) == ("F2", "earlier_turn", "e2")
    assert list(source.offers("book", "city")) == []


def test_an_earlier_value_that_needs_words_to_be_meant_is_passed_over(make: Any, graph: ApiGraph) -> None:
    several = make.step("e1", "search", {"flights": [{"id": "F1", "price": 1}, {"id": "F2", "price": 2}]})
    one = make.step("e0", "search", {"flights": [{"id": "F0"}]})
    assert [offer.value for offer in supply(graph, earlier=(one, several)).offers("book", "flight_id")] == ["F0"]


def test_this_turn_comes_before_earlier_ones(make: Any, graph: ApiGraph) -> None:
    now = make.step("s", "book", {"next_id": "F9"})
    before = make.step("e", "search", {"flights": [{"id": "F0"}]})
    bound = bind(supply(graph, now, earlier=(before,)), "book", rng())
    assert bound is not None
    assert (bound.arguments["flight_id"], bound.origins["flight_id"].kind) == ("F9", "observation")


def test_an_earlier_value_that_is_asked_for_is_taken_with_the_words_that_mean_it(make: Any, graph: ApiGraph) -> None:
    several = make.step(
        "e1", "search", {"flights": [{"id": "F1", "price": 1}, {"id": "F2", "price": 2}], "hub": "Oslo"}
    )
    now = make.step("s", "search", {"flights": [{"id": "F9"}], "hub": "Rome"})
    asked = (("book", "flight_id"), ("book", "city"))
    bound = bind(supply(graph, now, earlier=(several,), asked=asked), "book", rng())
    assert bound is not None
    assert bound.arguments["city"] == "Oslo"
    assert bound.arguments["flight_id"] in ("F1", "F2")
    assert {origin.kind for origin in bound.origins.values()} == {"earlier_turn"}
    assert bound.origins["flight_id"].selector in (
        Selector(kind="min", field="price"),
        Selector(kind="max", field="price"),
    )
    assert bind(supply(graph, now, asked=asked), "book", rng()) is None


def test_a_fresh_turn_takes_nothing_of_earlier_ones_but_the_session(make: Any, graph: ApiGraph) -> None:
    booked = make.step("e0", "search", {"flights": [{"id": "F0"}]})
    session = make.step("e1", "login", {"token": "T1"})
    source = supply(graph, earlier=(booked, session), fresh=True)
    assert list(source.offers("book", "flight_id")) == []
    assert [offer.value for offer in source.offers("write", "access_token")] == ["T1"]


def test_a_fresh_turn_says_what_earlier_ones_did_not_where_it_can(make: Any, graph: ApiGraph) -> None:
    said = make.step("e0", "search", {}, {"city": "Rome"}, {"city": SAID})
    pool = known(city=("Rome", "Oslo"))
    for seed in range(8):
        source = supply(graph, earlier=(said,), pool=pool, fresh=True)
        assert source.given("search", "city", rng(seed), {}) == ["Oslo", "Rome"]


def test_a_call_that_has_to_give_the_value_is_the_only_one_that_may(make: Any, graph: ApiGraph) -> None:
    source = supply(graph, *zips(make, "1", "2", "3"), sources={("tickets", "from_zip"): "z1"})
    assert [offer.value for offer in source.offers("tickets", "from_zip")] == ["2"]
    assert len(list(source.offers("tickets", "to_zip"))) == 3


def test_an_edge_that_is_asked_for_is_the_only_one_that_counts(make: Any, graph: ApiGraph) -> None:
    edge = WantedEdge(producer="search", path="symbol", parameter="symbols")
    step = make.step("s", "search", {"symbol": "X", "symbols": ["Y", "Z"]})
    source = supply(graph, step, edges={("watch", "symbols"): edge})
    assert [offer.value for offer in source.offers("watch", "symbols")] == [["X"]]


def test_what_has_to_be_another_value_is(make: Any, graph: ApiGraph) -> None:
    other = {("tickets", "from_zip"): frozenset([canonical_json("1")]), ("search", "city"): frozenset(['"Rome"'])}
    source = supply(graph, *zips(make, "1", "2"), pool=known(city=("Rome", "Oslo")), other=other)
    assert [offer.value for offer in source.offers("tickets", "from_zip")] == ["2"]
    assert source.given("search", "city", rng(), {}) == ["Oslo"]


def test_what_the_user_says_is_said_and_what_is_kept_comes_first(graph: ApiGraph) -> None:
    pool = known(city=("Rome", "Oslo", "Bonn"))
    assert supply(graph, pool=pool, said={("search", "city"): "Lima"}).given("search", "city", rng(), {}) == ["Lima"]
    for seed in range(6):
        kept = supply(graph, pool=pool, kept={("search", "city"): "Bonn"})
        assert kept.given("search", "city", rng(seed), {})[0] == "Bonn"


def test_a_turn_goes_on_about_what_its_user_has_said(make: Any, graph: ApiGraph) -> None:
    said = make.step("s", "search", {}, {"city": "Oslo"}, {"city": SAID})
    for seed in range(6):
        source = supply(graph, said, pool=known(city=("Rome", "Oslo", "Bonn")))
        assert source.given("get_zip", "city", rng(seed), {})[0] == "Oslo"


def test_who_signs_in_is_nobody_whom_he_writes_to(make: Any, graph: ApiGraph) -> None:
    found = [make.step(f"f{n}", "find_user", {"user_id": f"U{n}"}) for n in (1, 2)]
    origins = {"user_id": ArgumentOrigin(kind="observation", source="f1", path="user_id")}
    login = make.step("l", "login", {"token": "T"}, {"user_id": "U1"}, origins)
    assert [offer.value for offer in supply(graph, *found, login).offers("write", "user_id")] == ["U2"]
    written = make.step("w", "write", {}, {"user_id": "U2"}, {"user_id": origins["user_id"]})
    assert [offer.value for offer in supply(graph, *found, written).offers("login", "user_id")] == ["U1"]


def test_a_list_is_taken_whole_and_a_scalar_is_put_into_one(make: Any, graph: ApiGraph) -> None:
    step = make.step("s", "search", {"symbol": "X", "symbols": ["Y", "Z"]})
    whole, single = supply(graph, step).offers("watch", "symbols")
    assert (whole.value, whole.origin.kind) == (["Y", "Z"], "observation")
    assert (single.value, single.origin.kind) == (["X"], "composed")
    assert [part.path for part in single.origin.parts] == ["symbol"]
