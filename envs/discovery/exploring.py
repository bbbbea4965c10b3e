"""Finds for every tool one situation in which it succeeds, and how to get there from the initial state."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envs.discovery.chains import BoundCall, Runner, Situation
from envs.discovery.outcome import Outcome
from envs.discovery.probing import Prober
from envs.discovery.values import Catalogue
from envs.world import World
from tools.base import JsonObject, canonical_json, generator
from tools.spec import ToolSpec

_TRIES = 48
_VARIANTS = 8
_RETRIES = 4
_MOST_LEADS = 12
_WALKS = 40
_ROUNDS = 8
_WORDINGS = 4
_REMEMBERED = 4
_READS = 3


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
        specs = {spec.name: spec for spec in world.specs()}
        initial = {name: dict(state) for name, state in world.spec.initial_state.items()}
        writes = {name for name, spec in specs.items() if spec.effect == "write"}
        return cls(Runner(prober, world), Catalogue(specs, world.known_values(), initial), specs, key, writes)

    @property
    def prober(self) -> Prober:
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
        after, _ = situation.after(bound, bound.resolved(situation.contents), self.prober)
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
            contents = dict(situation.contents)
            for tool in sorted(self.specs.keys() - self.writes):
                for call, after in self.successes(tool, situation, _READS):
                    calls.append(call)
                    contents[call.id] = after.contents[call.id]
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


class Explorer:
    """Calls whatever can be called, in one line of calls that keeps what was possible before possible."""

    def __init__(self, start: Start, leave_out: Iterable[str] = ()) -> None:
        self.start = start
        self.witnesses: dict[str, Witness] = {}
        self._line: tuple[BoundCall, ...] = ()
        self._states = {start.runner.start.world.public_hash()}
        self._targets = [name for name in start.specs if name not in set(leave_out)]

    def explore(self) -> dict[str, Witness]:
        """A witness for each tool that was made to succeed."""
        for _ in range(_ROUNDS):
            if not self._broaden() and not self._deepen() and not self._wander():
                break
        return self.witnesses

    @property
    def _unsolved(self) -> list[str]:
        return [name for name in self._targets if name not in self.witnesses]

    def _broaden(self) -> bool:
        """Try the unsolved tools where the line ends."""
        solved = False
        for tool in self._unsolved:
            situation = self.start.runner.run(self._line)
            for call in self.start.proposals(tool, situation, _TRIES):
                if self._accept(situation, call):
                    solved = True
                    break
        return solved

    def _deepen(self) -> bool:
        """Search calls that make an unsolved tool succeed: each must change the answer that the tool gives."""
        solved = False
        for tool in self._unsolved:
            for calls in dict.fromkeys((self._line, ())):
                found = search(self.start, self.start.runner.run(calls), tool, witnesses=self.witnesses)
                if found is not None:
                    self.witnesses[tool] = found
                    self._prolong(found)
                    solved = True
                    break
        return solved

    def _wander(self) -> bool:
        """Walk at random, for tools that tell the same whatever they lack."""
        rng = generator("wander", self.start.prober.settings.seed, self.start.key)
        for walk in range(_WALKS if self._unsolved else 0):
            situation = self.start.runner.run(self._line if walk % 2 else ())
            for tool in rng.sample(sorted(self.start.writes), len(self.start.writes)):
                taken = next(self.start.successes(tool, self.start.informed(situation), _RETRIES), None)
                situation = taken[1] if taken else situation
            for tool in self._unsolved:
                for call in self.start.proposals(tool, situation, _VARIANTS):
                    if self.start.outcome(situation, call).succeeded:
                        self.witnesses[tool] = Witness(situation.calls, self.start.catalogue.bound(call, situation))
                        return True
        return False

    def _accept(self, situation: Situation, call: BoundCall) -> bool:
        after = self.start.call(situation, call)
        if after is None:
            return False
        self.witnesses[call.tool] = Witness(situation.calls, after.calls[-1])
        if self._keeps(after, call.tool):
            self._line = after.calls
        return True

    def _prolong(self, found: Witness) -> None:
        """Make the calls that were found part of the line, where that keeps everything possible."""
        known = set(self._line)
        calls = (*self._line, *(call for call in (*found.chain, found.call) if call not in known))
        situation = self.start.runner.all_succeed(calls)
        if situation is not None and self._keeps(situation, found.call.tool):
            self._line = calls

    def _keeps(self, situation: Situation, caller: str) -> bool:
        """Whether what succeeded before still does, and nothing was undone; a call that cannot be made twice does not
        count against itself."""
        if caller not in self.start.writes:
            return True
        state = situation.world.public_hash()
        if state in self._states:
            return False
        self._states.add(state)
        made = set(situation.calls)
        return all(
            self.start.outcome(situation, witness.call).succeeded
            for tool, witness in self.witnesses.items()
            if tool != caller and not set(witness.chain) - made and witness.call not in made
        )


@dataclass(frozen=True, eq=False)
class _Lead:
    """A situation on the way, and the calls of the target whose answers are watched."""

    situation: Situation
    calls: tuple[BoundCall, ...]


def search(
    start: Start,
    situation: Situation,
    tool: str,
    first: BoundCall | None = None,
    witnesses: Mapping[str, Witness] | None = None,
) -> Witness | None:
    """Calls after ``situation`` that make ``tool`` succeed, found breadth first: each one, or each with the calls that
    it needs itself, gets an answer from the tool that was not given before. ``first`` is the call that is to succeed;
    without it any will do."""
    situation = start.informed(situation)
    calls = _answers(start, situation, tool) if first is None else (first,)
    seen = {start.outcome(situation, call) for call in calls}
    leads = deque([_Lead(situation, calls)])
    for _ in range(_MOST_LEADS if first is None else _MOST_LEADS // 2):
        if not leads:
            return None
        lead = leads.popleft()
        for after in _steps(start, lead, tool, witnesses or {}):
            fresh = () if first is not None else tuple(start.proposals(tool, after, _RETRIES))
            for call in (*lead.calls, *fresh):
                outcome = start.outcome(after, call)
                if outcome.succeeded:
                    return Witness(after.calls, start.catalogue.bound(call, after))
                if outcome not in seen:
                    seen.add(outcome)
                    watched = lead.calls if call in lead.calls else (call, *lead.calls)[:_WORDINGS]
                    leads.append(_Lead(start.informed(after), watched))
    return None


def _answers(start: Start, situation: Situation, tool: str) -> tuple[BoundCall, ...]:
    """Calls to which the tool gives different answers, a few."""
    found: dict[Outcome, BoundCall] = {}
    for call in start.proposals(tool, situation, _TRIES):
        outcome = start.outcome(situation, call)
        if outcome not in found and len(found) < _WORDINGS:
            found[outcome] = call
    return tuple(found.values())


def _steps(start: Start, lead: _Lead, tool: str, witnesses: Mapping[str, Witness]) -> Iterator[Situation]:
    """Situations that are one call further, or one call with all that it needs itself."""
    for call in lead.calls:
        hints = call.resolved(lead.situation.contents)
        for _, after in start.variants(lead.situation, hints, (tool,)):
            yield after
    for name, witness in witnesses.items():
        if name in start.writes and name != tool:
            known = set(lead.situation.calls)
            further = [call for call in (*witness.chain, witness.call) if call not in known]
            yield start.runner.run((*lead.situation.calls, *further))
