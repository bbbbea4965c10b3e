"""Which state needs hold, judged from several initial states."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from envs.discovery.examining import ToolFinding
from envs.discovery.state_needs import Need
from tools.graph import ApiGraph, Edge
from tools.spec import ToolSpec

_FIRST = 100

Needs = dict[str, dict[int, list[str]]]
"""For each tool its needs by number, each with the tools of which one is enough."""


class StateVotes:
    """Counts in how many initial states each tool was found to establish what another one checks."""

    def __init__(self, specs: Mapping[str, ToolSpec]) -> None:
        self._specs = specs
        self._votes: dict[str, list[Counter[str]]] = {}
        self._mended: set[tuple[str, int]] = set()
        self._examined: Counter[str] = Counter()

    def add(self, finding: ToolFinding) -> dict[int, int]:
        """Take in what one initial state showed; returns the number of each need, by the need's ``id``."""
        self._examined[finding.tool] += 1
        numbers = {id(need): self._vote(finding.tool, need) for need in finding.needs}
        self._mended |= {(finding.tool, numbers[id(need)]) for need in finding.needs if need.mended}
        return numbers

    def needs(self) -> Needs:
        """What holds in the first initial state, which is the barest, or in half of those in which a tool succeeded.

        Of two tools that need each other the one does whose need showed first: what is undone had to be done before.
        """
        found = {
            tool: {
                number: kept
                for number, votes in enumerate(needs)
                if (kept := sorted(name for name, count in votes.items() if 2 * count >= self._examined[tool]))
            }
            for tool, needs in self._votes.items()
        }
        for tool, needs in found.items():
            for number, kept in list(needs.items()):
                if any(self._earlier(other, tool, found) for other in kept):
                    del needs[number]
        return self._within_reach(found)

    def _vote(self, tool: str, need: Need) -> int:
        """The number of a need; one that shares an alternative with an earlier one is the same."""
        alternatives = set(need.tools)
        known = self._votes.setdefault(tool, [])
        number = next((number for number, votes in enumerate(known) if votes.keys() & alternatives), len(known))
        if number == len(known):
            known.append(Counter())
        known[number].update(alternatives)
        if self._examined[tool] == 1:
            known[number].update(dict.fromkeys(alternatives, _FIRST))
        return number

    def _within_reach(self, found: Needs) -> Needs:
        """Without the needs that the initial state had met and that nothing could meet anew: a door that stands open
        need not be closed and opened first."""
        mended = {key: found[key[0]][key[1]] for key in sorted(self._mended) if key[1] in found[key[0]]}
        edges = [
            Edge(producer=name, consumer=tool, need=number)
            for tool, needs in found.items()
            for number, kept in needs.items()
            for name in kept
            if (tool, number) not in mended
        ]
        for (tool, number), kept in mended.items():
            with_it = [*edges, *(Edge(producer=name, consumer=tool, need=number) for name in kept)]
            circular = any(tool in others for name in kept for others in found.get(name, {}).values())
            if circular or math.isinf(ApiGraph(list(self._specs.values()), with_it).costs(())[tool]):
                del found[tool][number]
            else:
                edges = with_it
        return found

    def _earlier(self, other: str, tool: str, found: Needs) -> bool:
        """Whether ``other`` needs ``tool`` too, by better evidence."""
        mutual = any(tool in kept for kept in found.get(other, {}).values())
        return mutual and self._weight(other, tool) > self._weight(tool, other)

    def _weight(self, consumer: str, producer: str) -> int:
        return max((votes[producer] for votes in self._votes.get(consumer, ())), default=0)
