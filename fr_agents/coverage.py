"""What a run was asked for and what came of it, for each tool and each edge of the API graph: derived from what is
counted of each finished job alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set

from pydantic import Field

import fr_agents
from envs.domain import load_domain
from fr_agents.errors import RunFolderError
from fr_agents.folder import RunFolder
from fr_agents.job_facts import JobFacts, TurnFacts, general_path
from fr_agents.planning import Item, Schedule
from fr_agents.planning.items import item_of
from graphs.records.job import TurnPlan
from tools.base import Record
from tools.graph import ApiGraph, Edge

OTHER_TARGET = "no path"
OTHER_SOURCE = "edge not used"
LOST_LATER = "lost with a later turn"


class Row(Record):
    """A tool or an edge of the API graph in a run.

    Attributes:
        tool: The tool, or the edge's consumer.
        producer: The edge's other end; empty for a tool.
        path: Where in the producer's output the value stands.
        parameter: The parameter that takes it; none for a state.
        asked: Turns that asked for it, as far as their job came to them.
        accepted: Those of them that were accepted with it.
        covered: All accepted turns that have it, asked or not.
        rejected: Turns that asked for it and did not give it, by reason.
    """

    tool: str
    producer: str = ""
    path: str = ""
    parameter: str | None = None
    asked: int = 0
    accepted: int = 0
    covered: int = 0
    rejected: dict[str, int] = Field(default_factory=dict)

    @property
    def item(self) -> Item:
        return Item(self.tool, self.producer, self.path, self.parameter)


class CoverageTable(Record):
    """The rows of everything that can be asked for, and what cannot, in words."""

    targets: tuple[Row, ...]
    edges: tuple[Row, ...]
    uncovered: tuple[str, ...] = ()


class Coverage:
    """Counts finished jobs one by one; holds numbers only, however many there are."""

    def __init__(self, schedule: Schedule, graph: ApiGraph) -> None:
        self._schedule = schedule
        self._edges: dict[str, list[tuple[Edge, Item]]] = {}
        for edge in graph.edges:
            if edge.kind != "breaks":
                self._edges.setdefault(edge.consumer, []).append((edge, item_of(edge)))
        self._asked: Counter[Item] = Counter()
        self._accepted: Counter[Item] = Counter()
        self._covered: Counter[Item] = Counter()
        self._rejected: dict[Item, Counter[str]] = {}

    def add(self, facts: JobFacts) -> None:
        """Count a job. Those that were set aside do not count."""
        if facts.surplus:
            return
        plans = facts.plans if facts.plans is not None else self._schedule.job(facts.job).plans
        if facts.accepted:
            self._add_accepted(facts.turns, plans)
        else:
            self._add_rejected(facts, plans)

    def table(self) -> CoverageTable:
        """The numbers so far."""
        items = self._schedule.items
        return CoverageTable(
            targets=tuple(self._row(Item(tool)) for tool in items),
            edges=tuple(self._row(item) for own in items.values() for item in own if item.producer),
            uncovered=tuple(item.told() for item in self._schedule.uncovered),
        )

    def _row(self, item: Item) -> Row:
        return Row(
            **item._asdict(),
            asked=self._asked[item],
            accepted=self._accepted[item],
            covered=self._covered[item],
            rejected=dict(self._rejected.get(item, Counter()).most_common()),
        )

    def _add_accepted(self, turns: Sequence[TurnFacts], plans: Sequence[TurnPlan]) -> None:
        called: set[str] = set()
        for number, turn in enumerate(turns):
            covered = self._covered_by(turn, called)
            self._covered.update(covered)
            plan = plans[number] if number < len(plans) else TurnPlan()
            for item in _items(plan):
                self._asked[item] += 1
                if turn.target != plan.tool:
                    self._reject(item, OTHER_TARGET)
                elif item.producer and item not in covered:
                    self._reject(item, OTHER_SOURCE)
                else:
                    self._accepted[item] += 1
            called |= turn.reached

    def _add_rejected(self, facts: JobFacts, plans: Sequence[TurnPlan]) -> None:
        """Turns after the one that failed were never begun."""
        for number, plan in enumerate(plans[: facts.finished + 1]):
            for item in _items(plan):
                self._asked[item] += 1
                self._reject(item, facts.reason if number == facts.finished else LOST_LATER)

    def _reject(self, item: Item, reason: str) -> None:
        self._rejected.setdefault(item, Counter())[reason] += 1

    def _covered_by(self, turn: TurnFacts, earlier: Set[str]) -> set[Item]:
        """The tools that a turn calls, and the edges that it goes along after turns that called ``earlier`` tools."""
        found = {Item(tool) for tool in turn.reached}
        called = set(earlier)
        for tool in turn.gold:
            for edge, item in self._edges.get(tool, ()):
                if edge.producer in called if edge.parameter is None else _takes(turn, edge, edge.parameter):
                    found.add(item)
            called.add(tool)
        return found


def _items(plan: TurnPlan) -> list[Item]:
    """What a plan asks for: its target, and the edge into it."""
    if plan.tool is None:
        return []
    found = [Item(plan.tool)]
    if plan.edge is not None:
        found.append(Item(plan.tool, plan.edge.producer, plan.edge.path, plan.edge.parameter))
    return found


def _takes(turn: TurnFacts, edge: Edge, parameter: str) -> bool:
    """Whether a call takes the edge's value, or a part of its argument, from a call of the edge's producer."""
    return (edge.consumer, edge.producer, general_path(edge.path), parameter) in turn.links


def coverage_of_run(folder: RunFolder) -> Coverage:
    """Counts the jobs of a run, none so far.

    Raises:
        RunFolderError: what its turns asked for cannot be told: its graph or its world is not there any more, or it was
            begun with other versions.
    """
    config = folder.config
    try:
        domain = load_domain(config.world.name, config.world.options)
    except (ValueError, ImportError, SyntaxError) as error:
        raise RunFolderError(f"{folder.path}: what its turns asked for cannot be told: {error}") from error
    now = {"package_version": fr_agents.__version__, "world_version": domain.version}
    if now != dict(folder.versions):
        raise RunFolderError(
            f"{folder.path} was begun with another version of fr-agents or of the world {domain.name}: what its turns "
            "asked for cannot be told with this one."
        )
    graph = folder.run_graph()
    return Coverage(Schedule(config, graph.graph, domain, graph.unusable), graph.graph)


def coverage_of(schedule: Schedule, graph: ApiGraph, jobs: Iterable[JobFacts]) -> CoverageTable:
    """The coverage of a stream of finished jobs."""
    coverage = Coverage(schedule, graph)
    for facts in jobs:
        coverage.add(facts)
    return coverage.table()
