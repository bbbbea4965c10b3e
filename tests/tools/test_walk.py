"""The walk toward a target, in small worlds whose tools give ids that other tools need."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.base import JsonObject
from tools.binding import Supply
from tools.call import ToolCall
from tools.graph import ApiGraph, Edge
from tools.pools import KnownValue, Pools
from tools.trace import Step
from tools.walk import Walk, draw_needs

quick = settings(max_examples=40, deadline=None)
NAMES = tuple("abcdef")
TEXT = {"type": "string"}
# For each tool the producers of each id that it needs, and the alternatives of each state that it needs.
producers = st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True)
layouts = st.fixed_dictionaries(
    {name: st.tuples(st.lists(producers, max_size=2), st.lists(producers, max_size=1)) for name in NAMES}
)
Layout = dict[str, tuple[list[list[str]], list[list[str]]]]


class World:
    """Each call makes a fresh id. A call needs different ids, each made by a right tool, and the states it asks for."""

    def __init__(self, make: Any, layout: Layout) -> None:
        self.layout = layout
        self.steps: list[Step] = []
        self._make = make
        specs = [
            make.spec(name, {**{f"p{n}_id": TEXT for n in range(len(values))}, "amount": {"type": "integer"}})
            for name, (values, _) in layout.items()
        ]
        edges = [
            Edge(producer=producer, consumer=name, parameter=f"p{n}_id", path="id")
            for name, (values, _) in layout.items()
            for n, sources in enumerate(values)
            for producer in sources
        ]
        edges += [
            Edge(producer=producer, consumer=name, need=n)
            for name, (_, states) in layout.items()
            for n, alternatives in enumerate(states)
            for producer in alternatives
        ]
        self.graph = ApiGraph(specs, edges)
        self.pools = Pools([KnownValue(parameter="amount", value=value) for value in range(40)])
        self.needs = draw_needs(self.graph, self.pools, random.Random(0), implicit=1.0, optional=1.0)

    def accepts(self, tool: str, arguments: JsonObject) -> bool:
        values, states = self.layout[tool]
        made = {step.observation.content["id"]: step.call.name for step in self.steps}
        given_ids = [arguments.get(f"p{n}_id") for n in range(len(values))]
        known = all(made.get(str(item)) in sources for item, sources in zip(given_ids, values, strict=True))
        called = {step.call.name for step in self.steps}
        return known and len(set(given_ids)) == len(given_ids) and all(called & set(need) for need in states)

    def walk(self, seed: int, banned: Sequence[str] = ()) -> Walk:
        supply = Supply(graph=self.graph, pools=self.pools, steps=self.steps)
        return Walk(supply, self.needs, self.accepts, random.Random(seed), banned)

    def make_call(self, tool: str, arguments: JsonObject, origins: Any) -> None:
        assert self.accepts(tool, arguments)
        number = len(self.steps)
        self.steps.append(self._make.step(f"c{number}", tool, {"id": f"{tool}-{number}"}, arguments, origins))

    def reach(self, target: str, seed: int, limit: int = 60) -> bool:
        for number in range(limit):
            found = self.walk(seed + number).toward(target)
            if found is None:
                return False
            tool, binding = found
            self.make_call(tool, binding.arguments, binding.origins)
            if tool == target:
                return True
        raise AssertionError(f"{target} was not reached with {limit} calls")

    def cost(self, target: str) -> float:
        return self.graph.costs({step.call.name for step in self.steps}, self.needs.produced)[target]


@given(layout=layouts, target=st.sampled_from(NAMES), seed=st.integers(0, 99))
@quick
def test_every_target_that_can_be_reached_is_reached_by_legal_calls(
    make: Any, layout: Layout, target: str, seed: int
) -> None:
    world = World(make, layout)
    reachable = math.isfinite(world.cost(target))
    assert world.reach(target, seed) == reachable
    if not reachable:
        assert world.steps == []


@given(order=st.permutations(NAMES), length=st.integers(1, 6))
@quick
def test_on_a_chain_no_call_is_wasted(make: Any, order: list[str], length: int) -> None:
    chain = order[:length]
    layout: Layout = {name: ([], []) for name in NAMES}
    for left, right in pairwise(chain):
        layout[right] = ([[left]], [])
    world = World(make, layout)
    assert world.cost(chain[-1]) == length
    assert world.reach(chain[-1], 0)
    assert [step.call.name for step in world.steps] == chain


def test_two_different_ids_of_one_tool_take_two_calls_of_it(make: Any) -> None:
    layout: Layout = {name: ([], []) for name in NAMES}
    layout["b"] = ([["a"], ["a"]], [])
    world = World(make, layout)
    assert world.reach("b", 1)
    assert [step.call.name for step in world.steps] == ["a", "a", "b"]


def test_the_cheaper_of_two_sources_is_taken(make: Any) -> None:
    layout: Layout = {name: ([], []) for name in NAMES}
    layout |= {"b": ([["a"]], []), "d": ([["b", "c"]], [])}
    for seed in range(5):
        world = World(make, layout)
        assert world.reach("d", seed)
        assert [step.call.name for step in world.steps] == ["c", "d"]


def test_a_state_need_is_met_first(make: Any) -> None:
    layout: Layout = {name: ([], []) for name in NAMES}
    layout["b"] = ([], [["a"]])
    world = World(make, layout)
    assert world.reach("b", 0)
    assert [step.call.name for step in world.steps] == ["a", "b"]


def test_a_state_that_the_world_has_already_needs_no_call(make: Any) -> None:
    world = World(make, {name: ([], [["b"]] if name == "a" else []) for name in NAMES})
    walk = world.walk(0)
    walk.trial = lambda tool, arguments: tool == "a"
    found = walk.toward("a")
    assert found is not None
    assert found[0] == "a"


def test_a_banned_call_is_not_made_again(make: Any) -> None:
    world = World(make, {name: ([], []) for name in NAMES})
    banned = [ToolCall(id="", name="a", arguments={"amount": value}).signature for value in range(39)]
    for seed in range(20):
        found = world.walk(seed, banned).toward("a")
        assert found is None or found[1].arguments == {"amount": 39}


def test_a_call_that_always_fails_is_a_dead_end(make: Any) -> None:
    layout: Layout = {name: ([], []) for name in NAMES}
    layout["b"] = ([["a"]], [])
    walk = World(make, layout).walk(0)
    walk.trial = lambda tool, arguments: False
    assert walk.toward("b") is None
    assert walk.anywhere(NAMES) is None


def test_anywhere_takes_the_first_legal_call_by_rank(make: Any) -> None:
    layout: Layout = {name: ([], []) for name in NAMES}
    layout["b"] = ([["a"]], [])
    found = World(make, layout).walk(0).anywhere(("b", "c", "a"))
    assert found is not None
    assert found[0] == "c"


@given(layout=layouts, seed=st.integers(0, 99), target=st.sampled_from(NAMES))
@quick
def test_a_step_depends_on_the_generator_alone(make: Any, layout: Layout, seed: int, target: str) -> None:
    first, second = (World(make, layout).walk(seed).toward(target) for _ in range(2))
    assert first == second


@pytest.fixture
def zip_graph(make: Any) -> ApiGraph:
    specs = [
        make.spec("get_zip", {"city": TEXT}),
        make.spec("tickets", {"zip": TEXT, "seat": TEXT, "gizmo": TEXT}, required=["zip"]),
        make.spec("cancel", {"ticket_id": TEXT}),
    ]
    edges = [
        Edge(producer="get_zip", consumer="tickets", parameter="zip", path="zip"),
        Edge(producer="tickets", consumer="cancel", parameter="ticket_id", path="id"),
    ]
    return ApiGraph(specs, edges)


KNOWN = (
    KnownValue(parameter="city", value="Rome"),
    KnownValue(parameter="zip", value="1"),
    KnownValue(parameter="seat", value="2A"),
)


def test_what_a_user_can_say_is_looked_up_in_the_share_implicit(zip_graph: ApiGraph) -> None:
    said = draw_needs(zip_graph, Pools(KNOWN), random.Random(0), implicit=0.0, optional=0.0)
    assert (said.given["tickets"], said.produced["tickets"]) == (("zip",), ())
    looked_up = draw_needs(zip_graph, Pools(KNOWN), random.Random(0), implicit=1.0, optional=0.0)
    assert (looked_up.given["tickets"], looked_up.produced["tickets"]) == ((), ("zip",))


def test_what_is_opaque_is_looked_up_whatever_the_share(zip_graph: ApiGraph) -> None:
    needs = draw_needs(zip_graph, Pools(KNOWN), random.Random(0), implicit=0.0, optional=0.0)
    assert needs.produced["cancel"] == ("ticket_id",)


def test_optional_parameters_are_given_where_somebody_knows_them(zip_graph: ApiGraph) -> None:
    needs = draw_needs(zip_graph, Pools(KNOWN), random.Random(0), implicit=0.0, optional=1.0)
    assert needs.given["tickets"] == ("seat", "zip")


def test_a_tool_out_of_reach_gets_from_the_user_what_the_user_can_say(make: Any) -> None:
    specs = [make.spec(name, {"code": TEXT}, make.result(code=TEXT)) for name in ("a", "b")]
    edges = [Edge(producer=left, consumer=right, parameter="code", path="code") for left, right in ("ab", "ba")]
    pools = Pools([KnownValue(parameter="code", value="1")])
    needs = draw_needs(ApiGraph(specs, edges), pools, random.Random(0), implicit=1.0, optional=0.0)
    assert needs.given == {"a": ("code",), "b": ("code",)}
    assert needs.produced == {"a": (), "b": ()}
