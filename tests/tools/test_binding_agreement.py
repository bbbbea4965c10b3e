"""Arguments of one call agree: what it says is about the same thing as what it takes from an output."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tools.binding import bind
from tools.graph import ApiGraph, Edge
from tools.intent import Constraints
from tools.needs import Needs
from tools.origin import ArgumentOrigin
from tools.pools import KnownValue, Pools
from tools.supply import Supply
from tools.trace import Step

TEXT = {"type": "string"}
SAID = ArgumentOrigin(kind="query")
PRICES = {"AB": 10, "CD": 20}
SYMBOLS = tuple(KnownValue(parameter="symbol", value=symbol) for symbol in PRICES)


def supply(graph: ApiGraph, *steps: Step, pool: tuple[KnownValue, ...] = (), **said: Any) -> Supply:
    """What is at hand after some steps, where every value is looked up that can be; ``said`` by ``tool__parameter``."""
    limits = Constraints(said={(slot.split("__")[0], slot.split("__")[1]): value for slot, value in said.items()})
    needs = Needs(graph, Pools(pool), ("tests",), implicit=1.0, optional=0.0, constraints=limits)
    return Supply(needs=needs, steps=steps, constraints=limits)


@pytest.fixture(scope="session")
def offers(make: Any) -> ApiGraph:
    specs = [
        make.spec("get_quote", {"symbol": TEXT}),
        make.spec("place", {"symbol": TEXT, "price": {"type": "number"}}),
        make.spec("list_items", {"shop_id": TEXT}),
        make.spec("order", {"customer_id": TEXT, "item_id": TEXT}),
        make.spec("find_user", {"name": TEXT}),
        make.spec("start_project", {"name": TEXT, "owner_id": TEXT}),
    ]
    edges = [
        Edge(producer="get_quote", consumer="place", path="price", parameter="price"),
        Edge(producer="list_items", consumer="order", path="item_id", parameter="item_id", opaque=True),
        Edge(producer="find_user", consumer="start_project", path="user_id", parameter="owner_id", opaque=True),
    ]
    return ApiGraph(specs, edges)


@pytest.fixture
def quotes(make: Any) -> list[Step]:
    return [
        make.step(f"q{symbol}", "get_quote", {"price": price}, {"symbol": symbol}, {"symbol": SAID})
        for symbol, price in PRICES.items()
    ]


def test_the_price_of_one_thing_is_no_price_for_another(offers: ApiGraph, quotes: list[Step]) -> None:
    for seed in range(6):
        bound = bind(supply(offers, *quotes, pool=SYMBOLS), "place", random.Random(seed))
        assert bound is not None
        assert bound.arguments["price"] == PRICES[bound.arguments["symbol"]]
        assert bound.origins["price"].kind == "observation"
    assert bind(supply(offers, *quotes, place__symbol="EF"), "place", random.Random(0)) is None


@pytest.mark.parametrize("symbol", PRICES)
def test_what_the_user_says_decides_which_output_is_taken(offers: ApiGraph, quotes: list[Step], symbol: str) -> None:
    bound = bind(supply(offers, *quotes, place__symbol=symbol), "place", random.Random(0))
    assert bound is not None
    assert bound.arguments == {"symbol": symbol, "price": PRICES[symbol]}


def test_ids_of_different_things_do_not_contradict_each_other(make: Any, offers: ApiGraph) -> None:
    listed = make.step("l", "list_items", {"item_id": "I1"}, {"shop_id": "S1"}, {"shop_id": SAID})
    bound = bind(supply(offers, listed, order__customer_id="C1"), "order", random.Random(0))
    assert bound is not None
    assert bound.arguments == {"customer_id": "C1", "item_id": "I1"}


def test_names_of_different_things_do_not_contradict_each_other(make: Any, offers: ApiGraph) -> None:
    found = make.step("f", "find_user", {"user_id": "U1"}, {"name": "Ana"}, {"name": SAID})
    bound = bind(supply(offers, found, start_project__name="Apollo"), "start_project", random.Random(0))
    assert bound is not None
    assert bound.arguments == {"name": "Apollo", "owner_id": "U1"}
