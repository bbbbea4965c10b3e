"""Environments under other tool names."""

from __future__ import annotations

import pytest

from envs.aliased import AliasedEnvironment
from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.travel import TravelDomain
from envs.travel.environment import TravelEnvironment
from envs.world import World
from tools.call import ToolCall


class Weather(ToolkitEnvironment):
    """Another environment with a tool that travel has too."""

    name = "weather"

    @tool(effect="read")
    def get_weather(self, place: str) -> str:
        """Tell the weather of a place.

        Args:
            place: Place.
        """
        return f"sunny in {place}"


def spec_with(travel_state: dict[str, object]) -> WorldSpec:
    return WorldSpec(
        name="both",
        version="1",
        seed=1,
        environments=("travel", "weather"),
        initial_state={"travel": travel_state, "weather": {}},
    )


def test_a_clash_is_refused_and_an_alias_resolves_it() -> None:
    spec = spec_with(dict(TravelDomain().draw(1).initial_state["travel"]))
    with pytest.raises(ValueError, match="both have a tool 'get_weather'"):
        World(spec, [TravelEnvironment(), Weather()])
    world = World(spec, [TravelEnvironment(), AliasedEnvironment(Weather(), {"get_weather": "tell_weather"})])
    world.reset()
    told = world.execute(ToolCall(id="1", name="tell_weather", arguments={"place": "Rivermist"}))
    assert told.content == "sunny in Rivermist"
    assert world.execute(ToolCall(id="2", name="get_weather", arguments={"place": "Rivermist"})).failed


def test_an_aliased_environment_is_the_same_but_for_names() -> None:
    plain = TravelEnvironment()
    state = dict(TravelDomain().draw(3).initial_state["travel"])
    aliased = AliasedEnvironment(TravelEnvironment(), {"get_zip_code": "zip_of"})
    plain.reset(state)
    aliased.reset(state)
    names = [spec.name for spec in plain.specs()]
    assert [spec.name for spec in aliased.specs()] == ["zip_of" if name == "get_zip_code" else name for name in names]
    assert aliased.call("zip_of", {"city": "Rivermist"}) == plain.call("get_zip_code", {"city": "Rivermist"})
    assert aliased.state() == plain.state()
    assert any(edge.producer == "zip_of" for edge in aliased.declared_edges())
    assert all("get_zip_code" not in (edge.producer, edge.consumer) for edge in aliased.declared_edges())
    assert not any(value.parameter.startswith("get_zip_code.") for value in aliased.known_values())


def test_forks_and_snapshots_are_independent() -> None:
    aliased = AliasedEnvironment(TravelEnvironment(), {"register_card": "add_card"})
    aliased.reset(dict(TravelDomain().draw(3).initial_state["travel"]))
    before, snapshot = aliased.state(), aliased.snapshot()
    twin = aliased.fork()
    twin.call("add_card", {"card_number": "5373655172100216", "label": "spare card"})
    assert aliased.state() == before
    assert twin.state() != before
    assert len(tuple(twin.made_ids())) == 1
    twin.restore(snapshot)
    assert twin.public_state() == aliased.public_state()


@pytest.mark.parametrize(
    ("aliases", "message"),
    [({"fly": "go"}, "no tool fly"), ({"get_zip_code": "get_weather"}, "two tools named get_weather")],
)
def test_wrong_aliases_are_refused(aliases: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AliasedEnvironment(TravelEnvironment(), aliases)
