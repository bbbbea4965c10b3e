"""What tests of discovery share: small worlds of one environment, and what was found in them, ready to compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from envs.discovery import Discovery, DiscoverySettings, discover
from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment
from envs.world import World
from tools.base import JsonObject, generator
from tools.spec import ToolSpec

Drawn = Callable[[Sequence[int]], JsonObject]


class SmallDomain:
    """Worlds of one environment whose initial state is a function of a few numbers drawn from the seed."""

    name = "small"
    version = "1"

    def __init__(self, environment: type[ToolkitEnvironment], state: Drawn) -> None:
        self.environment = environment
        self.state = state

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        return {self.environment.name: self.environment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        name = self.environment.name
        numbers = generator("small", name, seed).sample(range(1000, 10_000), 8)
        state = {"_id_seed": seed, **self.state(numbers)}
        return WorldSpec(name=self.name, version="1", seed=seed, environments=(name,), initial_state={name: state})

    def open(self, spec: WorldSpec) -> World:
        world = World(spec, [self.environment()])
        world.reset()
        return world


@dataclass(frozen=True)
class Found:
    """A discovery by what it says of tools, without the order in which it says it."""

    discovery: Discovery

    @property
    def state(self) -> dict[str, set[frozenset[str]]]:
        """The state needs of each tool that has some."""
        graph = self.discovery.graph()
        needs = {name: {frozenset(need) for need in graph.state_needs(name)} for name in graph.specs}
        return {name: each for name, each in needs.items() if each}

    @property
    def sources(self) -> dict[tuple[str, str], set[str]]:
        """For each parameter whose value has to come from a tool, the tools."""
        graph = self.discovery.graph()
        return {
            (name, parameter): {edge.producer for edge in edges}
            for name, spec in graph.specs.items()
            for parameter in spec.properties
            if (edges := graph.required_sources(name, parameter))
        }

    @property
    def breaks(self) -> set[tuple[str, str]]:
        """Pairs of a tool and one that it undoes a need of."""
        return {(edge.producer, edge.consumer) for edge in self.discovery.edges if edge.kind == "breaks"}

    @property
    def warned(self) -> set[tuple[str, str]]:
        """Pairs of a tool and what is wrong with it."""
        return {(warning.tool, warning.reason) for warning in self.discovery.warnings}


@pytest.fixture(scope="session")
def explored() -> Callable[[type[ToolkitEnvironment], Drawn], Found]:
    """Discovers a world that is made of an environment and a function which draws its initial state."""

    def explore(environment: type[ToolkitEnvironment], state: Drawn) -> Found:
        return Found(discover(SmallDomain(environment, state), DiscoverySettings(starts=2)))

    return explore
