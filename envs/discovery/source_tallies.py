"""Which outputs give a parameter its value, judged from several initial states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from envs.discovery.affinity import affine, conflicting, opaque_name
from envs.discovery.examining import ToolFinding
from envs.discovery.leaves import Leaf, code_like
from tools.spec import ToolSpec

_TELLING = 2
_SHARE = 0.2
_ALIKE = 0.5

Place = tuple[str, str]
"""A tool, and the general path of a value in its output."""

Consumer = tuple[str, str]
"""A tool, and a parameter of it."""


@dataclass(eq=False)
class Tally:
    """The values that a place gave a parameter, over all initial states."""

    leaf: Leaf
    taken: set[str] = field(default_factory=set)
    tried: int = 0


Sources = dict[Consumer, dict[Place, Tally]]


class SourceTallies:
    """Counts which values of which places each parameter took."""

    def __init__(self, specs: Mapping[str, ToolSpec]) -> None:
        self._specs = specs
        self._places: Sources = {}

    def add(self, finding: ToolFinding) -> None:
        """Take in what one initial state showed."""
        for name, parameter in finding.parameters.items():
            for source in parameter.sources:
                places = self._places.setdefault((finding.tool, name), {})
                tally = places.setdefault((source.producer, source.general), Tally(source.leaf))
                tally.taken |= source.taken.keys()
                tally.tried += source.tried

    def sources(self) -> Sources:
        """The places that parameters take their values from, as far as that is no chance.

        What gives a value to one parameter gives it to every other that takes values from mostly the same places.
        """
        found = self._convincing()
        joined = {consumer: dict(places) for consumer, places in found.items()}
        for consumer, places in found.items():
            for other, others in found.items():
                common = places.keys() & others.keys()
                if other != consumer and len(common) > _ALIKE * min(len(places), len(others)):
                    added = {place: tally for place, tally in others.items() if place[0] != consumer[0]}
                    joined[consumer] = {**added, **joined[consumer]}
        return joined

    def opaque(self, consumer: Consumer, places: Mapping[Place, Tally]) -> bool:
        """Whether a system made the value: its names say so, or only tools that make something tell it."""
        if opaque_name(consumer[1]) or all(self._specs[producer].effect == "write" for producer, _ in places):
            return True
        return any(opaque_name(tally.leaf.name) or general.endswith("@key") for (_, general), tally in places.items())

    def _convincing(self) -> Sources:
        found: Sources = {}
        for (tool, parameter), places in self._places.items():
            kept = {
                place: tally
                for place, tally in places.items()
                if self._believable(tally, self._specs[place[0]], self._specs[tool], parameter)
            }
            if kept:
                found[tool, parameter] = kept
        return found

    @staticmethod
    def _believable(tally: Tally, producer: ToolSpec, consumer: ToolSpec, parameter: str) -> bool:
        """Whether that values were taken is no chance: the names agree, or enough values that look made by a system
        were."""
        if affine(tally.leaf, producer, consumer, parameter):
            return True
        if conflicting(tally.leaf, consumer, parameter) or not code_like(tally.leaf.value):
            return False
        return len(tally.taken) >= _TELLING and len(tally.taken) >= _SHARE * tally.tried
