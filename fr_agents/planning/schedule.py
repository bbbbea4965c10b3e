"""The schedule of a run: what each turn of each job asks for, a pure function of the job's number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import get_args

from envs.domain import Domain
from fr_agents.config import RunConfig
from fr_agents.config.targets import distractors
from fr_agents.planning.items import GraphItems, Item, item_of
from fr_agents.planning.offers import Offer, Offers, make_offer, weighted_targets
from fr_agents.planning.quotas import Asked, Cycles, weights_of
from fr_agents.planning.shares import EvenDraws, TurnCounts, pick
from fr_agents.planning.shown import ShownTools
from fr_agents.planning.ways import Ways
from graphs.records.job import Job, TurnPlan
from tools.base import derive_seed
from tools.graph import ApiGraph
from tools.trace import Relation

# Further items that are tried for the lead turn of a job in whose draws the one in turn did not occur.
_MOST_ITEMS = 20
_RELATIONS: dict[str, Relation] = {relation: relation for relation in get_args(Relation)}


class Schedule:
    """Plans jobs: any of them, in any order, always the same. What it keeps does not grow with the number of jobs.

    Job n takes the n-th item of a sequence that gives every item its due, and its world is drawn so that it has the
    tools of that item. The first turn takes it, or, where it cannot be walked in one turn or goes with the relation
    that the second turn is to have, the first turn calls the edge's producer and the second one walks it. Later turns
    take items of tools in that world, those that go on with earlier turns where their relation asks for it.

    Args:
        config: What is asked for.
        graph: The API graph of all tools of the domain.
        domain: Draws the worlds.
        unusable: Tools that are never to be called.

    Attributes:
        items: For each target the items that can be covered.
        uncovered: Items of targets that cannot be: the target or the edge's producer is out of reach, or no world has
            both.
    """

    def __init__(self, config: RunConfig, graph: ApiGraph, domain: Domain, unusable: Sequence[str] = ()) -> None:
        self._config = config
        self._source = GraphItems(graph, unusable)
        self._offers = Offers(config, self._source, domain)
        self._turns = TurnCounts(config.turns, config.seed)
        self._relations = EvenDraws(config.seed, "relation")
        self._errors = EvenDraws(config.seed, "error")
        self._purposeful = config.sampler.policy == "purposeful"
        self._ways = Ways(graph)
        self.items = self._covered()
        self.uncovered = self._left_out()
        given = config.targets if isinstance(config.targets, dict) else None
        self._asked = Asked(self.items, weights_of(self.items, given), config.quotas, config.seed)
        self._going_on = self._cycles()
        spare = distractors(config.tools_shown)
        self._shown = None if spare is None else ShownTools(graph, spare, config.seed)

    @property
    def minimum(self) -> int:
        """Turns that the quotas ask for."""
        return self._asked.minimum.total

    def job(self, number: int) -> Job:
        """The job of a number, with a plan for each of its turns."""
        relations = self._relations_of(number)
        seed, offer, lead = self._lead(number, relations)
        asked, plans = self._turns_of(number, offer, lead, relations)
        return Job(
            number=number,
            seed=seed,
            turns=len(plans),
            plans=plans,
            tools=self._shown.of(offer, asked, number) if self._shown is not None else (),
        )

    def _relations_of(self, number: int) -> list[Relation]:
        """The relation of each turn: the first one has nothing to go on with."""
        first = self._turns.before(number) - number
        later = range(self._turns.of(number) - 1)
        if not self._purposeful:
            return ["new_topic"] * (len(later) + 1)
        shares = self._config.sampler.relations.model_dump()
        return ["new_topic", *(_relation(pick(self._relations.at(first + step), shares)) for step in later)]

    def _lead(self, number: int, relations: Sequence[Relation]) -> tuple[int, Offer, Item | None]:
        """The world of a job and its leading item: the one in turn, and the first world that has it."""
        draws = self._offers.drawn("job", self._config.seed, number)
        seen: list[tuple[int, Offer]] = []
        asked = self._sequence(number, relations)
        for step in range(_MOST_ITEMS if self.items else 0):
            item = asked.at(number + step)
            for seed, offer in seen:
                if item in offer.all_items:
                    return seed, offer, item
            for seed, offer in draws:
                seen.append((seed, offer))
                if item in offer.all_items:
                    return seed, offer, item
        seed = derive_seed("job", self._config.seed, number, 0)
        return seed, self._offers.of_seed(seed), None

    def _sequence(self, number: int, relations: Sequence[Relation]) -> Asked | Cycles:
        """Where the leading item is taken from: the quotas first; then, where the second turn is to go on with the
        first one, the items that it can go on by."""
        if number < self.minimum or len(relations) < 2 or relations[1] not in self._going_on:
            return self._asked
        return self._going_on[relations[1]]

    def _turns_of(
        self, number: int, offer: Offer, lead: Item | None, relations: list[Relation]
    ) -> tuple[list[Item], tuple[TurnPlan, ...]]:
        """The items that the turns of a job ask for, and its plans."""
        items: list[Item | None] = [lead]
        if lead is not None and len(relations) > 1 and self._purposeful:
            own = self._ways.relation(lead)
            if own is not None and (own == relations[1] or self._ways.takes_two_turns(lead)):
                items = [Item(lead.producer), lead]
                relations[1] = own
        first = self._turns.before(number) - number
        while len(items) < len(relations):
            items.append(self._later(offer, first + len(items) - 1, items, relations[len(items)]))
        asked = [item for item in items if item is not None]
        return asked, tuple(self._plan(number, turn, item, relations[turn]) for turn, item in enumerate(items))

    def _later(self, offer: Offer, index: int, before: Sequence[Item | None], relation: Relation) -> Item | None:
        """The item of a later turn: over an edge from an earlier target, where it is to go on with that; else one of a
        tool that was not asked for yet."""
        used = {item.tool for item in before if item is not None}
        if relation in self._going_on:
            after = [
                item
                for item in self._from(used)
                if item in offer.all_items and item.tool not in used and self._ways.relation(item) == relation
            ]
            return after[index % len(after)] if after else None
        item = offer.later(index, used)
        alone = item is not None and self._ways.takes_two_turns(item) and item.producer not in used
        return Item(item.tool) if item is not None and alone else item

    def _from(self, producers: Collection[str]) -> list[Item]:
        """The items over edges from these tools."""
        edges = (edge for tool in sorted(producers) for edge in self._source.graph.outgoing(tool))
        return [item_of(edge) for edge in edges]

    def _plan(self, number: int, turn: int, item: Item | None, relation: Relation) -> TurnPlan:
        tool, edge = (None, None) if item is None else (item.tool, item.edge)
        if not self._purposeful:
            return TurnPlan(tool=tool)
        error = self._errors.at(self._turns.before(number) + turn) < self._config.sampler.error_share
        return TurnPlan(tool=tool, edge=edge, relation=relation, error=error)

    def _cycles(self) -> dict[Relation, Cycles]:
        """For each relation by which a turn goes on with the one before, the items that it walks, in their order."""
        if not self._purposeful:
            return {}
        found: dict[Relation, dict[str, list[Item]]] = {"follow_up": {}, "drill_down": {}, "correction": {}}
        for tool, items in self.items.items():
            for item in items:
                relation = self._ways.relation(item)
                if relation in found and self._ways.worth_a_turn(item.producer):
                    found[relation].setdefault(tool, []).append(item)
        return {
            relation: Cycles(_frozen(own), weights_of(_frozen(own), None), self._config.seed, "going on", relation)
            for relation, own in found.items()
            if own
        }

    def _covered(self) -> dict[str, tuple[Item, ...]]:
        """The items that some world has, each tool and its items in the order of the graph."""
        whole = make_offer(self._config, self._source, self._source.usable)
        missing = set(whole.all_items)
        for _, offer in self._offers.drawn("worlds", self._config.seed):
            missing -= offer.all_items
            if not missing:
                break
        if self._config.turns.max == 1:
            missing |= {item for item in whole.all_items if self._ways.takes_two_turns(item)}
        found = {tool: tuple(item for item in own if item not in missing) for tool, own in whole.items.items()}
        return {tool: own for tool, own in found.items() if own}

    def _left_out(self) -> tuple[Item, ...]:
        targets = weighted_targets(self._config)
        graph = self._source.graph
        covered = {item for own in self.items.values() for item in own}
        left = []
        for tool in graph.specs if targets is None else (name for name in graph.specs if name in targets):
            if not self._purposeful or tool not in self.items:
                left += [] if tool in self.items else [Item(tool)]
                continue
            left += [item for item in self._source.of(tool) if item not in covered]
        return tuple(left)


def _frozen(items: Mapping[str, Sequence[Item]]) -> dict[str, tuple[Item, ...]]:
    return {tool: tuple(own) for tool, own in items.items()}


def _relation(name: str) -> Relation:
    """The relation of a name that the settings know."""
    return _RELATIONS[name]
