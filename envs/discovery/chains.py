"""Chains of calls whose arguments are bound to earlier outputs rather than to values, so that they can be run again
with calls left out, put in or exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from envs.discovery.leaves import at
from envs.discovery.probing import Prober
from envs.world import World
from tools.base import Json, JsonObject

_KEPT = 400


class Reference(NamedTuple):
    """An output's value: the call, where it stands, how the place is called in general, and whether the argument is a
    list of this one value."""

    call: int
    path: str
    general: str
    wrapped: bool = False


@dataclass(frozen=True, eq=False)
class BoundCall:
    """A call with the values that its arguments had when it was found, and the outputs that some were taken from."""

    id: int
    tool: str
    arguments: JsonObject
    references: Mapping[str, Reference] = field(default_factory=dict)

    def resolved(self, contents: Mapping[int, Json]) -> JsonObject:
        """The arguments, with what outputs say this time; where an output is gone, the value is kept."""
        arguments = dict(self.arguments)
        for name, reference in self.references.items():
            if reference.call in contents:
                try:
                    value = at(contents[reference.call], reference.path)
                except (LookupError, ValueError):
                    continue
                arguments[name] = [value] if reference.wrapped else value
        return arguments

    def producers(self) -> frozenset[int]:
        """The calls that arguments are taken from."""
        return frozenset(reference.call for reference in self.references.values())


@dataclass(frozen=True, eq=False)
class Situation:
    """A world after some calls, with what they returned. The world is never called itself, only its forks."""

    world: World
    calls: tuple[BoundCall, ...] = ()
    contents: Mapping[int, Json] = field(default_factory=dict)

    def after(self, call: BoundCall, prober: Prober) -> Situation | None:
        """The situation after one more call, its arguments taken from outputs anew; none if it fails."""
        twin = self.world.fork()
        observation = prober.run(twin, call.tool, call.resolved(self.contents))
        if observation.failed:
            return None
        return Situation(twin, (*self.calls, call), {**self.contents, call.id: observation.content})


class Runner:
    """Runs chains from one initial world and remembers the situations after their beginnings."""

    def __init__(self, prober: Prober, world: World) -> None:
        self.prober = prober
        self.start = Situation(world)
        self._next_id = 0
        self._kept: dict[tuple[int, ...], Situation] = {}

    def new_id(self) -> int:
        """A number that no call has yet."""
        self._next_id += 1
        return self._next_id

    def run(self, calls: Sequence[BoundCall]) -> Situation:
        """The situation after those of ``calls`` that succeed, in order."""
        key = tuple(call.id for call in calls)
        if not calls:
            return self.start
        if key not in self._kept:
            before = self.run(calls[:-1])
            last = calls[-1]
            after = before.after(last, self.prober)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = after or before
        return self._kept[key]

    def all_succeed(self, calls: Sequence[BoundCall]) -> Situation | None:
        """The situation after ``calls``, none if one of them fails."""
        situation = self.run(calls)
        return situation if len(situation.calls) == len(calls) else None
