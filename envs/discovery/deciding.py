"""Joins what was found from several initial states, and decides what of it is an edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envs.discovery.affinity import named, opaque_name, system_name
from envs.discovery.examining import ToolFinding
from envs.discovery.source_tallies import Sources, SourceTallies
from envs.discovery.state_votes import StateVotes
from tools.fits import find_fits
from tools.graph import Edge, Evidence, edge_of_fit
from tools.spec import ToolSpec


class Evidences:
    """All findings about a set of tools."""

    def __init__(self, specs: Mapping[str, ToolSpec]) -> None:
        self._specs = specs
        self._fits = find_fits(tuple(specs.values()))
        self._fitted = {(fit.producer, fit.path, fit.consumer, fit.parameter) for fit in self._fits}
        self._tallies = SourceTallies(specs)
        self._votes = StateVotes(specs)
        self._breaks: set[tuple[str, str, int | None, str | None]] = set()
        self._observed: set[tuple[str, str, str, str]] = set()

    def add(self, finding: ToolFinding) -> None:
        """Take in what one initial state showed of one tool."""
        self._tallies.add(finding)
        numbers = self._votes.add(finding)
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
        sources = self._tallies.sources()
        yield from self._source_edges(sources)
        yield from self._state_edges()
        yield from self._suggested(sources)

    def _source_edges(self, sources: Sources) -> Iterator[Edge]:
        """Nobody would look up a name or a code where one has to have an id first, or where something is changed by it:
        such tools only offer it."""
        opaque = {consumer: self._tallies.opaque(consumer, places) for consumer, places in sources.items()}
        hidden = {tool for (tool, name), yes in opaque.items() if yes and not _token(name)}
        for (consumer, parameter), places in sources.items():
            for producer, general in sorted(places):
                told_of_one = producer in hidden and "*" not in general and not _same_number(parameter, general)
                by_the_way = told_of_one or self._specs[producer].effect == "write"
                yield Edge(
                    producer=producer,
                    consumer=consumer,
                    path=general,
                    parameter=parameter,
                    kind="offers" if by_the_way and not opaque[consumer, parameter] else "enables",
                    opaque=opaque[consumer, parameter],
                    evidence=self._evidence(producer, general, consumer, parameter),
                )

    def _evidence(self, producer: str, general: str, consumer: str, parameter: str) -> tuple[Evidence, ...]:
        place = (producer, general, consumer, parameter)
        found: tuple[tuple[Evidence, bool], ...] = (
            ("schema", place in self._fitted),
            ("observed", place in self._observed),
        )
        return (*(kind for kind, holds in found if holds), "probed")

    def _state_edges(self) -> Iterator[Edge]:
        needs = self._votes.needs()
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

    def _suggested(self, sources: Sources) -> Iterator[Edge]:
        """Fits of schemas for values that a user could say as well; where the right values were found out, what is not
        among their sources was refused."""
        for fit in self._fits:
            consumer = (fit.consumer, fit.parameter)
            if consumer in sources:
                continue
            opaque = opaque_name(fit.parameter) and named(fit.path.rsplit(".", 1)[-1]) == named(fit.parameter)
            yield edge_of_fit(fit, opaque=opaque)


def _same_number(parameter: str, general: str) -> bool:
    """Whether a place in an output is called just like a parameter that names what it numbers: an employee number."""
    wanted = named(parameter)
    return system_name(parameter) and len(wanted) > 1 and named(general.rsplit(".", 1)[-1]) == wanted


def _token(name: str) -> bool:
    return named(name)[-1:] in (("token",), ("key",))
