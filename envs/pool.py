"""Live worlds, kept as a cache: a world is a pure function of its specification and the calls made in it (law 3)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from envs.domain import Domain
from envs.environment import WorldSpec
from envs.world import World
from tools.base import digest
from tools.call import ToolCall
from tools.graph import ApiGraph, Edge
from tools.spec import ToolSpec

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
    borrower fails or is cancelled.

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
        self._tools: OrderedDict[str, tuple[tuple[ToolSpec, ...], ApiGraph]] = OrderedDict()
        self._graphs: OrderedDict[_GraphKey, ApiGraph] = OrderedDict()

    def drawn(self, seed: int) -> WorldSpec:
        """The domain's world of a seed, remembered: the nodes of a job ask for it again and again."""
        if seed not in self._specs:
            self._specs[seed] = self.domain.draw(seed)
            self._shrink(self._specs)
        return self._specs[seed]

    def tools(self, spec: WorldSpec) -> tuple[ToolSpec, ...]:
        """The tools of a world, remembered."""
        return self._tools_and_graph(spec)[0]

    def api_graph(self, spec: WorldSpec) -> ApiGraph:
        """The API graph of a world's tools: the pool's edges between them, or declared edges and schema fits. Built
        once for worlds with the same tools and the same edges, whatever their environments are called."""
        return self._tools_and_graph(spec)[1]

    def _tools_and_graph(self, spec: WorldSpec) -> tuple[tuple[ToolSpec, ...], ApiGraph]:
        key = _key(spec, ())
        if key not in self._tools:
            with self.branch(spec, ()) as lease:
                specs = lease.world.specs()
                declared = lease.world.declared_edges() if self._edges is None else ()
            same = (tuple(tool.fingerprint for tool in specs), declared)
            if same not in self._graphs:
                self._graphs[same] = self._graph(specs, declared)
                self._shrink(self._graphs)
            self._tools[key] = (specs, self._graphs[same])
            self._shrink(self._tools)
        return self._tools[key]

    def _graph(self, specs: Sequence[ToolSpec], declared: Sequence[Edge]) -> ApiGraph:
        return ApiGraph.from_specs(specs, declared) if self._edges is None else ApiGraph(specs, self._edges)

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
        self._idle[_key(spec, calls)] = world
        self._shrink(self._idle)

    def _shrink(self, kept: OrderedDict[Any, Any]) -> None:
        """Forget what was put in first, as far as it is too much."""
        while len(kept) > self._capacity:
            kept.popitem(last=False)


def _key(spec: WorldSpec, calls: Sequence[ToolCall]) -> str:
    """A domain draws one world from a seed, so the seed stands for the initial state."""
    made = [[call.name, call.arguments] for call in calls]
    return digest([spec.name, spec.seed, spec.environments, spec.tools, made])
