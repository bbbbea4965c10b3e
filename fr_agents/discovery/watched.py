"""A domain whose worlds note each call while it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from envs.domain import Domain
from envs.environment import WorldSpec
from envs.world import World
from fr_agents.discovery.call_note import CallNote
from tools.call import Observation, ToolCall


def watched(domain: Domain, note: CallNote) -> Domain:
    """The same domain, with every call in its worlds and their forks written to ``note``."""
    kind = _WatchedWithStarts if hasattr(domain, "starts") else _WatchedDomain
    return cast(Domain, kind(domain, note))


class _WatchedDomain:
    def __init__(self, domain: Any, note: CallNote) -> None:
        self._domain = domain
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._domain, name)

    def open(self, spec: WorldSpec) -> World:
        return cast(World, _WatchedWorld(self._domain.open(spec), self._note))


class _WatchedWithStarts(_WatchedDomain):
    """With a method of its own: a check for a protocol does not see what only ``__getattr__`` knows."""

    def starts(self, count: int) -> Mapping[str, Sequence[WorldSpec]]:
        found: Mapping[str, Sequence[WorldSpec]] = self._domain.starts(count)
        return found


class _WatchedWorld:
    def __init__(self, world: World, note: CallNote) -> None:
        self._world = world
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)

    def fork(self) -> _WatchedWorld:
        return _WatchedWorld(self._world.fork(), self._note)

    def execute(self, call: ToolCall) -> Observation:
        self._note.begin(call.name)
        try:
            return self._world.execute(call)
        finally:
            self._note.end()

    def replay(self, calls: Iterable[ToolCall]) -> tuple[Observation, ...]:
        return tuple(self.execute(call) for call in calls)
