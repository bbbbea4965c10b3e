"""What a pool of worlds remembers of their tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from envs.aliased import AliasedEnvironment
from envs.environment import WorldSpec
from envs.pool import WorldPool
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from tools.graph import Edge
from tools.spec import ToolSpec


class Desk(ToolkitEnvironment):
    name = "desk"

    @tool(effect="write")
    def open_ticket(self, topic: str) -> dict[str, str]:
        """Open a ticket.

        Args:
            topic: Topic of the ticket.
        """
        return {"ticket_id": self.new_id("T")}

    @tool(effect="write", sources={"ticket_id": "open_ticket:ticket_id"})
    def close_ticket(self, ticket_id: str) -> dict[str, bool]:
        """Close a ticket.

        Args:
            ticket_id: ID of the ticket.
        """
        return {"closed": True}


class DeskDomain:
    """Worlds of one environment; in those of odd seeds its tools have other names."""

    name = "desks"
    version = "1"

    def __init__(self) -> None:
        self.opened = 0

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        return {"desk": Desk().specs()}

    def draw(self, seed: int) -> WorldSpec:
        return WorldSpec(
            name=self.name, version=self.version, seed=seed, environments=("desk",), initial_state={"desk": {}}
        )

    def open(self, spec: WorldSpec) -> World:
        self.opened += 1
        aliases = {"open_ticket": "file_issue"} if spec.seed % 2 else {}
        world = World(spec, [AliasedEnvironment(Desk(), aliases)])
        world.reset()
        return world


@pytest.fixture
def domain() -> DeskDomain:
    return DeskDomain()


@pytest.fixture
def pool(domain: DeskDomain) -> WorldPool:
    return WorldPool(domain, capacity=4)


def test_worlds_with_other_names_of_tools_have_graphs_of_their_own(pool: WorldPool) -> None:
    for seed, producer in enumerate(["open_ticket", "file_issue", "open_ticket"]):
        spec = pool.drawn(seed)
        assert [tool.name for tool in pool.tools(spec)] == [producer, "close_ticket"]
        graph = pool.api_graph(spec)
        assert [edge.producer for edge in graph.sources("close_ticket", "ticket_id")] == [producer]


def test_worlds_with_the_same_tools_share_a_graph_and_are_opened_once_for_it(
    pool: WorldPool, domain: DeskDomain
) -> None:
    first = pool.api_graph(pool.drawn(0))
    assert pool.api_graph(pool.drawn(2)) is first
    opened = domain.opened
    for _ in range(3):
        assert pool.api_graph(pool.drawn(2)) is first
        assert pool.tools(pool.drawn(2)) == tuple(Desk().specs())
    assert domain.opened == opened


def test_pools_share_nothing(pool: WorldPool) -> None:
    other = WorldPool(DeskDomain())
    assert other.api_graph(other.drawn(0)) is not pool.api_graph(pool.drawn(0))


FOUND = (
    Edge(producer="open_ticket", consumer="close_ticket", evidence=("probed",)),
    Edge(producer="close_ticket", consumer="open_ticket", kind="breaks", evidence=("probed",)),
)


def test_a_pool_that_knows_the_edges_adds_neither_declared_ones_nor_fits(domain: DeskDomain) -> None:
    pool = WorldPool(domain, edges=FOUND)
    graph = pool.api_graph(pool.drawn(0))
    assert graph.edges == FOUND
    assert graph.state_needs("close_ticket") == (("open_ticket",),)
    assert graph.sources("close_ticket", "ticket_id") == ()
    assert pool.api_graph(pool.drawn(2)) is graph


def test_a_world_has_the_edges_of_its_own_tools_alone(domain: DeskDomain) -> None:
    pool = WorldPool(domain, edges=FOUND)
    graph = pool.api_graph(pool.drawn(1))
    assert [*graph.specs] == ["file_issue", "close_ticket"]
    assert graph.edges == ()


def test_a_pool_without_any_edges_is_not_one_that_knows_none(domain: DeskDomain) -> None:
    pool = WorldPool(domain, edges=())
    assert pool.api_graph(pool.drawn(0)).edges == ()
