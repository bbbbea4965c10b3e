"""The walk by what is at hand: states, earlier turns, what the user says, and look-ups that turn out to be of use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from tools.base import Json, JsonObject
from tools.binding import Binding
from tools.graph import ApiGraph, Edge
from tools.needs import Needs
from tools.pools import KnownValue, Pools
from tools.supply import Supply
from tools.trace import Step
from tools.walk import Walk

TEXT = {"type": "string"}
GUESTS = ("Ana", "Bela", "Cleo")


def test_a_state_that_a_call_has_undone_is_established_again(make: Any) -> None:
    specs = [make.spec(name, {"amount": {"type": "integer"}}) for name in ("open", "close", "enter")]
    edges = [Edge(producer="open", consumer="enter"), Edge(producer="close", consumer="enter", kind="breaks")]
    graph = ApiGraph(specs, edges)
    pools = Pools([KnownValue(parameter="amount", value=value) for value in range(9)])

    def after(*calls: str) -> str | None:
        steps = [make.step(f"c{number}", name, {}, {"amount": 20}) for number, name in enumerate(calls)]
        is_open = bool(calls) and max((n, name) for n, name in enumerate(calls) if name != "enter")[1] == "open"
        supply = Supply(needs=Needs(graph, pools, (0,), 1.0, 1.0), steps=steps)
        found = Walk(supply, lambda tool, arguments: tool != "enter" or is_open, (0,)).toward("enter")
        return found[0] if found else None

    assert after() == "open"
    assert after("open") == "enter"
    assert after("open", "close") == "open"


def test_tools_that_only_feed_each_other_begin_with_what_the_user_says(make: Any) -> None:
    graph = ApiGraph(
        [make.spec(name, {"code": TEXT}) for name in ("a", "b")],
        [Edge(producer=left, consumer=right, parameter="code", path="code") for left, right in ("ab", "ba")],
    )
    pools = Pools([KnownValue(parameter="code", value="1")])
    supply = Supply(needs=Needs(graph, pools, (0,), 1.0, 1.0), steps=())
    found = Walk(supply, lambda tool, arguments: True, (0,)).toward("a")
    assert found is not None
    assert found[1].arguments == {"code": "1"}


def test_what_an_earlier_turn_gave_is_enough_where_nothing_can_give_it_again(make: Any) -> None:
    graph = ApiGraph(
        [make.spec("log_in", {"pin_id": TEXT}), make.spec("read", {"token": TEXT})],
        [
            Edge(producer="read", consumer="log_in", parameter="pin_id", path="pin", opaque=True),
            Edge(producer="log_in", consumer="read", parameter="token", path="token", opaque=True),
        ],
    )
    session = make.step("e", "log_in", {"token": "T"})
    supply = Supply(needs=Needs(graph, Pools([]), (0,), 1.0, 1.0), steps=(), earlier=(session,))
    found = Walk(supply, lambda tool, arguments: True, (0,)).toward("read")
    assert found is not None
    assert found[1].arguments == {"token": "T"}


@pytest.mark.parametrize("tools", [(), ("a",)])
def test_with_one_tool_or_none_the_walk_ends_at_once(make: Any, tools: Sequence[str]) -> None:
    graph = ApiGraph([make.spec(name, {"x_id": TEXT}) for name in tools], [])
    tried: list[str] = []
    supply = Supply(needs=Needs(graph, Pools([]), (0,), 1.0, 1.0), steps=())
    walk = Walk(supply, lambda tool, arguments: bool(tried.append(tool)), (0,))
    assert walk.anywhere(tools) is None
    assert all(walk.toward(tool) is None for tool in tools)
    assert tried == []


class Desk:
    """Bookings of which some are paid already, and the walk to one that can be paid."""

    def __init__(self, make: Any, unpaid: Collection[str], *, foresight: bool) -> None:
        self.make = make
        self.unpaid = unpaid
        self.foresight = foresight
        self.asked: list[tuple[str, Json]] = []
        specs = [make.spec("find_booking", {"guest": TEXT}), make.spec("pay", {"booking_id": TEXT}, effect="write")]
        edge = Edge(producer="find_booking", consumer="pay", parameter="booking_id", path="booking_id", opaque=True)
        pools = Pools([KnownValue(parameter="guest", value=guest) for guest in GUESTS])
        self.graph = ApiGraph(specs, [edge])
        self.pools = pools

    def accepts(self, tool: str, arguments: JsonObject) -> bool:
        self.asked.append((tool, arguments.get("booking_id")))
        return tool == "find_booking" or arguments["booking_id"] in {f"BK-{guest}" for guest in self.unpaid}

    def walk(self, seed: int, steps: tuple[Step, ...] = ()) -> Walk:
        def after(tool: str, binding: Binding) -> Walk:
            return self.walk(seed, (*steps, self.step(tool, binding, len(steps))))

        needs = Needs(self.graph, self.pools, (seed, "needs"), implicit=1.0, optional=1.0)
        supply = Supply(needs=needs, steps=steps)
        return Walk(supply, self.accepts, (seed,), foresee=after if self.foresight else None)

    def step(self, tool: str, binding: Binding, number: int) -> Step:
        content = {"booking_id": f"BK-{binding.arguments.get('guest')}"}
        made: Step = self.make.step(f"c{number}", tool, content, binding.arguments, binding.origins)
        return made

    def first_looked_up(self, seed: int) -> str | None:
        found = self.walk(seed).toward("pay")
        assert found is None or found[0] == "find_booking"
        return None if found is None else str(found[1].arguments["guest"])


def test_what_is_looked_up_is_of_use_to_the_call_that_it_is_for(make: Any) -> None:
    blind = {Desk(make, ["Ana"], foresight=False).first_looked_up(seed) for seed in range(20)}
    assert blind == {*GUESTS}
    found = [Desk(make, ["Ana"], foresight=True).first_looked_up(seed) for seed in range(40)]
    assert found.count("Ana") == 40
    assert {Desk(make, ["Ana", "Bela"], foresight=True).first_looked_up(seed) for seed in range(20)} == {"Ana", "Bela"}


def test_nobody_looks_ahead_from_a_look_up_that_shows_nothing_new(make: Any) -> None:
    desk = Desk(make, [], foresight=True)
    found = desk.walk(0).toward("pay")
    assert found is None
    tried = [desk.asked.count(("pay", f"BK-{guest}")) for guest in GUESTS]
    assert min(tried) > 0, "each may have been the one"
    desk.asked.clear()
    shown = tuple(desk.step("find_booking", Binding(arguments={"guest": guest}, origins={}), 0) for guest in GUESTS)
    assert desk.walk(0, shown).toward("pay") is None
    assert len([tool for tool, _ in desk.asked if tool == "pay"]) <= len(GUESTS)


def test_where_no_look_up_is_of_use_there_is_no_way(make: Any) -> None:
    assert Desk(make, [], foresight=True).first_looked_up(0) is None


def test_a_look_up_is_of_use_if_less_is_lacking_after_it(make: Any) -> None:
    """The other value is looked up later, so that nobody can tell yet whether the call would succeed."""
    specs = [make.spec("get_zip", {"city": TEXT}), make.spec("travel", {"from_zip": TEXT, "to_zip": TEXT})]
    edges = [Edge(producer="get_zip", consumer="travel", parameter=name, path="zip") for name in ("from_zip", "to_zip")]
    graph = ApiGraph(specs, edges)
    pools = Pools([KnownValue(parameter="city", value=city) for city in ("Oslo", "Rome", "Bonn")])

    def walk(steps: tuple[Step, ...]) -> Walk:
        def after(tool: str, binding: Binding) -> Walk:
            return walk((*steps, make.step(f"z{len(steps)}", tool, {"zip": binding.arguments["city"]})))

        needs = Needs(graph, pools, (0, "needs"), implicit=1.0, optional=1.0)
        return Walk(Supply(needs=needs, steps=steps), lambda tool, arguments: True, (0,), foresee=after)

    first = walk(()).toward("travel")
    assert first is not None
    assert first[0] == "get_zip"
    after = walk((make.step("z0", "get_zip", {"zip": first[1].arguments["city"]}),))
    second = after.toward("travel")
    assert second is not None
    assert second[0] == "get_zip"
    assert second[1].arguments != first[1].arguments
