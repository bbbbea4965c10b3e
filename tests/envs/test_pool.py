"""What a pool of worlds remembers of them and of their tools, also where several threads borrow at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from envs.aliased import AliasedEnvironment
from envs.call_watch import CallWatch, GivenUp
from envs.environment import WorldSpec
from envs.pool import WorldPool
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from tools.call import ToolCall
from tools.graph import ApiGraph, Edge
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


OPEN = ToolCall(id="c", name="open_ticket", arguments={"topic": "the lift"})


def opened_ticket(pool: WorldPool, seed: int = 0) -> str:
    """The hash of a world in which a ticket was opened."""
    with pool.branch(pool.drawn(seed), []) as lease:
        lease.world.execute(OPEN)
        lease.calls.append(OPEN)
        return lease.world.replay_hash()


def test_a_world_that_was_handed_back_is_not_opened_again(pool: WorldPool, domain: DeskDomain) -> None:
    wanted = opened_ticket(pool)
    with pool.checkout(pool.drawn(0), [OPEN], wanted) as lease:
        assert lease.world.replay_hash() == wanted
    assert domain.opened == 1


def test_a_borrower_that_was_given_up_hands_nothing_back(pool: WorldPool, domain: DeskDomain) -> None:
    watch = CallWatch()

    def borrow() -> None:
        with pool.checkout(pool.drawn(0), []) as lease:
            lease.world.execute(OPEN)
            lease.calls.append(OPEN)
            watch.give_up()

    with pytest.raises(GivenUp):
        watch.run(borrow)
    with pool.checkout(pool.drawn(0), []), pool.checkout(pool.drawn(0), [OPEN]):
        assert domain.opened == 3


def test_threads_that_borrow_the_same_world_have_one_each_and_share_a_graph(domain: DeskDomain) -> None:
    pool, together = WorldPool(domain, capacity=2), Barrier(8)

    def borrow(number: int) -> tuple[str, ApiGraph]:
        together.wait(60)
        for seed in (number, 0, number + 8):
            graph = pool.api_graph(pool.drawn(seed - seed % 2))
        return opened_ticket(pool), graph

    with ThreadPoolExecutor(8) as executor:
        found = list(executor.map(borrow, range(8)))
    assert {state for state, _ in found} == {opened_ticket(WorldPool(DeskDomain()))}
    assert len({id(graph) for _, graph in found}) == 1


def test_a_pool_that_keeps_nothing_opens_a_world_each_time(domain: DeskDomain) -> None:
    pool = WorldPool(domain, capacity=0)
    assert opened_ticket(pool) == opened_ticket(pool)
    assert [tool.name for tool in pool.tools(pool.drawn(1))] == ["file_issue", "close_ticket"]
    assert domain.opened == 3
