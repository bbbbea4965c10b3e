"""Live worlds, kept as a cache: a world is a pure function of its specification and the calls made in it (law 3)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

from envs.call_watch import check_wanted
from envs.domain import Domain
from envs.environment import WorldSpec
from envs.world import World
from tools.base import digest
from tools.call import ToolCall
from tools.graph import ApiGraph, Edge
from tools.spec import ToolSpec

Key = TypeVar("Key")
Value = TypeVar("Value")
_ToolsKey = tuple[str, int, tuple[str, ...], tuple[str, ...]]
_GraphKey = tuple[tuple[str, ...], tuple[Edge, ...]]


class ReplayError(RuntimeError):
    """A world did not come out the same when its calls were made again."""


class Lease:
    """A world on loan, and the calls that were made in it. Whoever makes one notes it in ``calls``."""

    def __init__(self, world: World, calls: Sequence[ToolCall]) -> None:
        self.world = world
        self.calls = list(calls)


class WorldPool:
    """Hands out worlds in the state after given calls: a kept one where there is one, else one rebuilt by replay.

    A world is checked out exclusively, returned under the calls that were made in it by then, and thrown away when its
    borrower fails, is cancelled, or was given up. Several threads may borrow at the same time: a world is in the hands
    of one of them, and no lock is held while a world's own code runs.

    Args:
        domain: Draws and opens the worlds.
        capacity: How many of them are kept.
        edges: Everything that is known of what the domain's tools need, as discovery found it; without them, it is what
            each world declares, and what fits by schema.
    """

    def __init__(self, domain: Domain, capacity: int = 64, edges: Sequence[Edge] | None = None) -> None:
        self.domain = domain
        self._capacity = capacity
        self._edges = None if edges is None else tuple(edges)
        self._idle: OrderedDict[str, World] = OrderedDict()
        self._specs: OrderedDict[int, WorldSpec] = OrderedDict()
        self._tools: OrderedDict[_ToolsKey, tuple[tuple[ToolSpec, ...], ApiGraph]] = OrderedDict()
        self._graphs: OrderedDict[_GraphKey, ApiGraph] = OrderedDict()
        self._looking_up = Lock()
        self._building = Lock()

    def drawn(self, seed: int) -> WorldSpec:
        """The domain's world of a seed, remembered: the nodes of a job ask for it again and again."""
        with self._looking_up:
            known = self._specs.get(seed)
        return known or self._remembered(self._specs, seed, self.domain.draw(seed))

    def tools(self, spec: WorldSpec) -> tuple[ToolSpec, ...]:
        """The tools of a world, remembered."""
        return self._tools_and_graph(spec)[0]

    def api_graph(self, spec: WorldSpec) -> ApiGraph:
        """The API graph of a world's tools: the pool's edges between them, or declared edges and schema fits. Built
        once for worlds with the same tools and the same edges, whatever their environments are called."""
        return self._tools_and_graph(spec)[1]

    def _tools_and_graph(self, spec: WorldSpec) -> tuple[tuple[ToolSpec, ...], ApiGraph]:
        key = (spec.name, spec.seed, spec.environments, spec.tools)
        with self._looking_up:
            known = self._tools.get(key)
        if known is not None:
            return known
        with self.branch(spec, ()) as lease:
            specs = lease.world.specs()
            declared = lease.world.declared_edges() if self._edges is None else ()
        return self._remembered(self._tools, key, (specs, self._graph(specs, declared)))

    def _graph(self, specs: tuple[ToolSpec, ...], declared: tuple[Edge, ...]) -> ApiGraph:
        same = (tuple(tool.fingerprint for tool in specs), declared)
        with self._building:  # Many jobs begin with the same tools: the first one builds the graph for all.
            known = self._graphs.get(same)
            if known is not None:
                return known
            graph = ApiGraph.from_specs(specs, declared) if self._edges is None else ApiGraph(specs, self._edges)
            return self._remembered(self._graphs, same, graph)

    @contextmanager
    def checkout(self, spec: WorldSpec, calls: Sequence[ToolCall], expected: str | None = None) -> Iterator[Lease]:
        """A lease on a world in which ``calls`` have been made, whose replay hash is ``expected`` if one is given.

        Raises:
            ReplayError: the world came out another than it was.
        """
        lease = Lease(self._take(spec, calls, expected), calls)
        yield lease
        self._put(spec, lease.calls, lease.world)

    @contextmanager
    def branch(self, spec: WorldSpec, calls: Sequence[ToolCall], expected: str | None = None) -> Iterator[Lease]:
        """Like ``checkout``, but of a fork, so that the world before stays in the pool too."""
        with self.checkout(spec, calls, expected) as trunk:
            twin = trunk.world.fork()
        lease = Lease(twin, calls)
        yield lease
        if len(lease.calls) > len(calls):
            self._put(spec, lease.calls, lease.world)

    def _take(self, spec: WorldSpec, calls: Sequence[ToolCall], expected: str | None) -> World:
        with self._looking_up:
            kept = self._idle.pop(_key(spec, calls), None)
        if kept is not None:
            return kept
        world = self.domain.open(spec)
        world.replay(calls)
        if expected is not None and world.replay_hash() != expected:
            raise ReplayError(
                f"world {spec.name!r} with seed {spec.seed} came out different when its {len(calls)} calls were made "
                "again. Its tools do not depend on its state and their arguments alone: is there a clock, a random "
                "source or a network in them?"
            )
        return world

    def _put(self, spec: WorldSpec, calls: Sequence[ToolCall], world: World) -> None:
        check_wanted()
        self._remembered(self._idle, _key(spec, calls), world)

    def _remembered(self, kept: OrderedDict[Key, Value], key: Key, value: Value) -> Value:
        """The value, kept under ``key`` in the place of what was put in first, as far as that is too much."""
        with self._looking_up:
            kept[key] = value
            while len(kept) > self._capacity:
                kept.popitem(last=False)
        return value


def _key(spec: WorldSpec, calls: Sequence[ToolCall]) -> str:
    """A domain draws one world from a seed, so the seed stands for the initial state."""
    made = [[call.name, call.arguments] for call in calls]
    return digest([spec.name, spec.seed, spec.environments, spec.tools, made])
