"""Joins what was found from several initial states, and decides what of it is an edge."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from envs.discovery.affinity import affine, conflicting, named, opaque_name, system_name
from envs.discovery.discovering import ToolFinding
from envs.discovery.leaves import Leaf, code_like
from envs.discovery.parameter_sources import Source
from tools.fits import known_fits
from tools.graph import ApiGraph, Edge, Evidence
from tools.spec import ToolSpec

_TELLING = 2
_SHARE = 0.2
_ALIKE = 0.5
_FIRST = 100

_Votes = Counter[str]

Place = tuple[str, str]
Consumer = tuple[str, str]


@dataclass(eq=False)
class _Tally:
    """The values that a place gave a parameter, over all initial states."""

    leaf: Leaf
    taken: set[str] = field(default_factory=set)
    tried: int = 0


class Evidences:
    """All findings about a set of tools."""

    def __init__(self, specs: Mapping[str, ToolSpec]) -> None:
        self.specs = specs
        self._places: dict[Consumer, dict[Place, _Tally]] = {}
        self._checked: dict[Consumer, bool] = {}
        self._needs: dict[str, list[_Votes]] = {}
        self._mended: set[tuple[str, int]] = set()
        self._examined: Counter[str] = Counter()
        self._breaks: set[tuple[str, str, int | None, str | None]] = set()
        self._observed: set[tuple[str, str, str, str]] = set()

    def add(self, finding: ToolFinding) -> None:
        """Take in what one initial state showed of one tool."""
        self._examined[finding.tool] += 1
        for name, parameter in finding.parameters.items():
            key = (finding.tool, name)
            self._checked[key] = self._checked.get(key, False) or parameter.checked
            for source in parameter.sources:
                self._tally(key, source)
        numbers = {id(need): self._vote(finding.tool, need.tools) for need in finding.needs}
        self._mended |= {(finding.tool, numbers[id(need)]) for need in finding.needs if need.mended}
        for item in finding.breaks:
            if item.need is None or id(item.need) in numbers:
                self._breaks.add((item.tool, finding.tool, numbers.get(id(item.need)), item.parameter))
        tools = {call.id: call.tool for call in finding.witness.chain}
        for call in (*finding.witness.chain, finding.witness.call):
            for name, reference in call.references.items():
                if reference.call in tools:
                    self._observed.add((tools[reference.call], reference.general, call.tool, name))

    def edges(self) -> Iterator[Edge]:
        """The edges that the findings bear out, and those that schemas suggest and nothing speaks against."""
        sources = self._related(self._convincing())
        opaque = {consumer: self._opaque(consumer, places) for consumer, places in sources.items()}
        hidden = {tool for (tool, name), yes in opaque.items() if yes and not _token(name)}
        enabling = set()
        # Nobody would look up a name or a code where one has to have an id first, or where something is changed by it.
        for (consumer, parameter), places in sources.items():
            for (producer, general), _ in sorted(places.items()):
                told_of_one = producer in hidden and "*" not in general and not _same_number(parameter, general)
                by_the_way = told_of_one or self.specs[producer].effect == "write"
                offers = by_the_way and not opaque[consumer, parameter]
                enabling.add((producer, consumer, parameter))
                yield self._edge(producer, consumer, parameter, general, opaque[consumer, parameter], offers=offers)
        yield from self._state_edges()
        yield from self._suggested(enabling, sources)

    def _tally(self, key: Consumer, source: Source) -> None:
        places = self._places.setdefault(key, {})
        tally = places.setdefault((source.producer, source.general), _Tally(source.leaf))
        tally.taken |= source.taken.keys()
        tally.tried += source.tried

    def _vote(self, tool: str, alternatives: tuple[str, ...]) -> int:
        """The number of a need; one that shares an alternative with an earlier one is the same."""
        known = self._needs.setdefault(tool, [])
        number = next((number for number, votes in enumerate(known) if votes.keys() & set(alternatives)), len(known))
        if number == len(known):
            known.append(Counter())
        known[number].update(alternatives)
        if self._examined[tool] == 1:
            known[number].update(dict.fromkeys(alternatives, _FIRST))
        return number

    def _state_needs(self) -> dict[str, dict[int, list[str]]]:
        """What holds in the first initial state, which is the barest, or in half of those in which a tool succeeded.

        Of two tools that need each other the one does whose need showed first: what is undone had to be done before.
        """
        found = {
            tool: {
                number: kept
                for number, votes in enumerate(needs)
                if (kept := sorted(name for name, count in votes.items() if 2 * count >= self._examined[tool]))
            }
            for tool, needs in self._needs.items()
        }
        for tool, needs in found.items():
            for number, kept in list(needs.items()):
                if any(self._earlier(other, tool, found) for other in kept):
                    del needs[number]
        return self._within_reach(found)

    def _within_reach(self, found: dict[str, dict[int, list[str]]]) -> dict[str, dict[int, list[str]]]:
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
            if circular or math.isinf(ApiGraph(list(self.specs.values()), with_it).costs(())[tool]):
                del found[tool][number]
            else:
                edges = with_it
        return found

    def _earlier(self, other: str, tool: str, found: Mapping[str, Mapping[int, list[str]]]) -> bool:
        """Whether ``other`` needs ``tool`` too, by better evidence."""
        mutual = any(tool in kept for kept in found.get(other, {}).values())
        return mutual and self._weight(other, tool) > self._weight(tool, other)

    def _weight(self, consumer: str, producer: str) -> int:
        return max((votes[producer] for votes in self._needs.get(consumer, ())), default=0)

    def _convincing(self) -> dict[Consumer, dict[Place, _Tally]]:
        found: dict[Consumer, dict[Place, _Tally]] = {}
        for (tool, parameter), places in self._places.items():
            kept = {
                place: tally
                for place, tally in places.items()
                if self._believable(tally, self.specs[place[0]], self.specs[tool], parameter)
            }
            if kept:
                found[tool, parameter] = kept
        return found

    @staticmethod
    def _believable(tally: _Tally, producer: ToolSpec, consumer: ToolSpec, parameter: str) -> bool:
        """Whether that values were taken is no chance: the names agree, or enough values that look made by a system
        were."""
        if affine(tally.leaf, producer, consumer, parameter):
            return True
        if conflicting(tally.leaf, consumer, parameter) or not code_like(tally.leaf.value):
            return False
        return len(tally.taken) >= _TELLING and len(tally.taken) >= _SHARE * tally.tried

    def _related(self, found: dict[Consumer, dict[Place, _Tally]]) -> dict[Consumer, dict[Place, _Tally]]:
        """What gives a value to one parameter gives it to every other that takes values from mostly the same places."""
        joined = {consumer: dict(places) for consumer, places in found.items()}
        for consumer, places in found.items():
            for other, others in found.items():
                common = places.keys() & others.keys()
                if other != consumer and len(common) > _ALIKE * min(len(places), len(others)):
                    added = {place: tally for place, tally in others.items() if place[0] != consumer[0]}
                    joined[consumer] = {**added, **joined[consumer]}
        return joined

    def _opaque(self, consumer: Consumer, places: Mapping[Place, _Tally]) -> bool:
        """Whether a system made the value: its names say so, or only tools that make something tell it."""
        if opaque_name(consumer[1]) or all(self.specs[producer].effect == "write" for producer, _ in places):
            return True
        return any(opaque_name(tally.leaf.name) or general.endswith("@key") for (_, general), tally in places.items())

    def _edge(self, producer: str, consumer: str, parameter: str, general: str, opaque: bool, *, offers: bool) -> Edge:
        observed = (producer, general, consumer, parameter) in self._observed
        fitted = any(
            (fit.producer, fit.path) == (producer, general)
            for fit in known_fits(tuple(self.specs.values()))
            if (fit.consumer, fit.parameter) == (consumer, parameter)
        )
        evidence: list[Evidence] = ["probed"]
        if observed:
            evidence.insert(0, "observed")
        if fitted:
            evidence.insert(0, "schema")
        return Edge(
            producer=producer,
            consumer=consumer,
            path=general,
            parameter=parameter,
            kind="offers" if offers else "enables",
            opaque=opaque,
            evidence=tuple(evidence),
        )

    def _state_edges(self) -> Iterator[Edge]:
        needs = self._state_needs()
        for tool, kept in needs.items():
            for number, alternatives in kept.items():
                for producer in alternatives:
                    yield Edge(producer=producer, consumer=tool, need=number, evidence=("probed",))
        for producer, consumer, need, parameter in sorted(self._breaks, key=str):
            if parameter is not None or need in needs.get(consumer, {}):
                yield Edge(
                    producer=producer,
                    consumer=consumer,
                    parameter=parameter,
                    need=need or 0,
                    kind="breaks",
                    evidence=("probed",),
                )

    def _suggested(
        self, enabling: set[tuple[str, str, str]], sources: Mapping[Consumer, Mapping[Place, _Tally]]
    ) -> Iterator[Edge]:
        """Fits of schemas for values that a user could say as well; where the right values were found out, what is not
        among their sources was refused."""
        for fit in known_fits(tuple(self.specs.values())):
            consumer = (fit.consumer, fit.parameter)
            if (fit.producer, *consumer) in enabling or consumer in sources:
                continue
            opaque = opaque_name(fit.parameter) and named(fit.path.rsplit(".", 1)[-1]) == named(fit.parameter)
            yield Edge(
                producer=fit.producer,
                consumer=fit.consumer,
                path=fit.path,
                parameter=fit.parameter,
                kind="enables" if opaque else "offers",
                opaque=opaque,
                evidence=("schema",),
                score=fit.score,
            )


def _same_number(parameter: str, general: str) -> bool:
    """Whether a place in an output is called just like a parameter that names what it numbers: an employee number."""
    wanted = named(parameter)
    return system_name(parameter) and len(wanted) > 1 and named(general.rsplit(".", 1)[-1]) == wanted


def _token(name: str) -> bool:
    return named(name)[-1:] in (("token",), ("key",))
