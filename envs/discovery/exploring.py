"""Finds for every tool one situation in which it succeeds, and how to get there from the initial state."""

from __future__ import annotations

from envs.discovery.chains import BoundCall, Situation
from envs.discovery.searching import search
from envs.discovery.start import Start, Witness
from tools.base import generator

_TRIES = 48
_VARIANTS = 8
_RETRIES = 4
_WALKS = 40
_ROUNDS = 8


class Explorer:
    """Calls whatever can be called, in one line of calls that keeps what was possible before possible."""

    def __init__(self, start: Start) -> None:
        self.start = start
        self.witnesses: dict[str, Witness] = {}
        self._line: tuple[BoundCall, ...] = ()
        self._states = {start.runner.start.world.public_hash()}

    def explore(self) -> dict[str, Witness]:
        """A witness for each tool that was made to succeed."""
        for _ in range(_ROUNDS):
            if not self._broaden() and not self._deepen() and not self._wander():
                break
        return self.witnesses

    @property
    def _unsolved(self) -> list[str]:
        return [name for name in self.start.specs if name not in self.witnesses]

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
