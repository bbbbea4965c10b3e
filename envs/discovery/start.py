"""One initial world, and what can be called in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envs.discovery.chains import BoundCall, Runner, Situation
from envs.discovery.outcome import Outcome
from envs.discovery.probing import Prober
from envs.discovery.values import Catalogue
from envs.world import World
from tools.base import JsonObject, canonical_json, generator
from tools.spec import ToolSpec

_VARIANTS = 8
_REMEMBERED = 4
_READS = 3
_KEPT = 2000


@dataclass(frozen=True, eq=False)
class Witness:
    """A call that succeeds after a chain of others."""

    chain: tuple[BoundCall, ...]
    call: BoundCall


@dataclass(eq=False)
class Start:
    """One initial world with all that is needed to probe it."""

    runner: Runner
    catalogue: Catalogue
    specs: Mapping[str, ToolSpec]
    key: str
    writes: set[str] = field(default_factory=set)
    succeeded: dict[str, list[BoundCall]] = field(default_factory=dict)
    _draws: int = 0
    _informed: dict[Situation, Situation] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World, prober: Prober, key: str) -> Start:
        """A world with what its user could say and what its state shows; ``key`` keeps its draws apart from others'.
        From now on it makes each call anew: whether a tool always answers alike is one of the things to find out."""
        world.remember(0)
        specs = {spec.name: spec for spec in world.specs()}
        initial = {name: dict(state) for name, state in world.spec.initial_state.items()}
        writes = {name for name, spec in specs.items() if spec.effect == "write"}
        return cls(Runner(prober, world), Catalogue(specs, world.known_values(), initial), specs, key, writes)

    @property
    def prober(self) -> Prober:
        """What makes the calls and counts them."""
        return self.runner.prober

    def proposals(
        self, tool: str, situation: Situation, count: int, hints: JsonObject | None = None
    ) -> Iterator[BoundCall]:
        """Up to ``count`` different calls of a tool."""
        self._draws += 1
        rng = generator("discovery", self.prober.settings.seed, self.key, tool, self._draws)
        spec = self.specs[tool]
        seen = set()
        for arguments in rng.sample(closed := self.catalogue.closed(spec), len(closed)):
            seen.add(canonical_json(arguments))
            yield BoundCall(self.runner.new_id(), tool, arguments)
        for _ in range(count):
            call = self.catalogue.propose(spec, situation, rng, self.runner.new_id(), hints)
            if call is None:
                return
            key = canonical_json(call.arguments)
            if key not in seen:
                seen.add(key)
                yield call

    def successes(
        self,
        tool: str,
        situation: Situation,
        count: int,
        hints: JsonObject | None = None,
        leave_out: Collection[tuple[str, str]] = (),
    ) -> Iterator[tuple[BoundCall, Situation]]:
        """Calls of a tool that succeed in a situation, with the situations after them: those that did elsewhere, and
        new ones; ``count`` are tried, none of ``leave_out`` (tool and arguments)."""
        repeated = (
            BoundCall(self.runner.new_id(), tool, call.resolved(situation.contents), call.references)
            for call in self.succeeded.get(tool, ())
        )
        seen = set()
        for call in (*repeated, *self.proposals(tool, situation, count, hints)):
            key = canonical_json(call.arguments)
            if key in seen or (tool, key) in leave_out:
                continue
            seen.add(key)
            after = self.call(situation, call)
            if after is not None:
                yield call, after

    def call(self, situation: Situation, call: BoundCall) -> Situation | None:
        """The situation after a call, none if it fails. What succeeds is remembered, to be tried elsewhere."""
        bound = self.catalogue.bound(call, situation)
        after = situation.after(bound, self.prober)
        if after is not None:
            known = self.succeeded.setdefault(call.tool, [])
            if len(known) < _REMEMBERED and call.arguments not in [other.arguments for other in known]:
                known.append(call)
        return after

    def informed(self, situation: Situation) -> Situation:
        """The same situation, with what can be read in it known; reading changes nothing, so the world is the same."""
        if situation not in self._informed:
            used = {reference.call for call in situation.calls for reference in call.references.values()}
            calls = [call for call in situation.calls if call.tool in self.writes or call.id in used]
            contents = {call.id: situation.contents[call.id] for call in calls}
            for tool in sorted(self.specs.keys() - self.writes):
                for call, after in self.successes(tool, situation, _READS):
                    calls.append(call)
                    contents[call.id] = after.contents[call.id]
            if len(self._informed) >= _KEPT:
                self._informed.clear()
            self._informed[situation] = Situation(situation.world, tuple(calls), contents)
        return self._informed[situation]

    def outcome(self, situation: Situation, call: BoundCall) -> Outcome:
        """What a call comes to in a situation, its arguments taken from outputs anew."""
        return self.prober.outcome(situation.world, call.tool, call.resolved(situation.contents))

    def variants(
        self, situation: Situation, hints: JsonObject, leave_out: Iterable[str] = (), count: int = _VARIANTS
    ) -> Iterator[tuple[BoundCall, Situation]]:
        """Successful calls of tools that change something, with the situations after them."""
        situation = self.informed(situation)
        for tool in sorted(self.writes.difference(leave_out)):
            yield from self.successes(tool, situation, count, hints)
