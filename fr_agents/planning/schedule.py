"""The schedule of a run: what each turn of each job asks for, a pure function of the job's number."""

from __future__ import annotations

from collections.abc import Sequence

from envs.domain import Domain
from fr_agents.config import RunConfig
from fr_agents.config.targets import distractors
from fr_agents.planning.items import GraphItems, Item
from fr_agents.planning.offers import Offer, Offers, make_offer, weighted_targets
from fr_agents.planning.quotas import Asked, weights_of
from fr_agents.planning.shares import EvenDraws, TurnCounts, pick
from fr_agents.planning.shown import ShownTools
from graphs.records.job import Job, TurnPlan
from tools.base import derive_seed
from tools.graph import ApiGraph

# Further items that are tried for the lead turn of a job in whose draws the one in turn did not occur.
_MOST_ITEMS = 20


class Schedule:
    """Plans jobs: any of them, in any order, always the same. What it keeps does not grow with the number of jobs.

    The first turn of job n takes the n-th item of a sequence that gives every item its due, and the job's world is
    drawn so that it has the tools of that item. Later turns take items of tools in that world.

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
        self.items = self._covered()
        self.uncovered = self._left_out()
        given = config.targets if isinstance(config.targets, dict) else None
        self._asked = Asked(self.items, weights_of(self.items, given), config.quotas, config.seed)
        spare = distractors(config.tools_shown)
        self._shown = None if spare is None else ShownTools(graph, spare, config.seed)

    @property
    def minimum(self) -> int:
        """Turns that the quotas ask for."""
        return self._asked.minimum.total

    def job(self, number: int) -> Job:
        """The job of a number, with a plan for each of its turns."""
        seed, offer, lead = self._lead(number)
        items = self._items(number, offer, lead)
        asked = [item for item in items if item is not None]
        return Job(
            number=number,
            seed=seed,
            turns=len(items),
            plans=tuple(self._plan(number, turn, item) for turn, item in enumerate(items)),
            tools=self._shown.of(offer, asked, number) if self._shown is not None else (),
        )

    def _lead(self, number: int) -> tuple[int, Offer, Item | None]:
        """The world of a job and what its first turn asks for: the item in turn, and the first world that has it."""
        draws = self._offers.drawn("job", self._config.seed, number)
        seen: list[tuple[int, Offer]] = []
        for step in range(_MOST_ITEMS if self.items else 0):
            item = self._asked.at(number + step)
            for seed, offer in seen:
                if item in offer.all_items:
                    return seed, offer, item
            for seed, offer in draws:
                seen.append((seed, offer))
                if item in offer.all_items:
                    return seed, offer, item
        seed = derive_seed("job", self._config.seed, number, 0)
        return seed, self._offers.of_seed(seed), None

    def _items(self, number: int, offer: Offer, lead: Item | None) -> list[Item | None]:
        """What the turns of a job ask for."""
        found = [lead]
        used = {lead.tool} if lead is not None else set[str]()
        first = self._turns.before(number) - number
        for later in range(self._turns.of(number) - 1):
            item = offer.later(first + later, used)
            found.append(item)
            used |= {item.tool} if item is not None else set()
        return found

    def _plan(self, number: int, turn: int, item: Item | None) -> TurnPlan:
        tool, edge = (None, None) if item is None else (item.tool, item.edge)
        if not self._purposeful:
            return TurnPlan(tool=tool)
        ordinal = self._turns.before(number) + turn
        sampler = self._config.sampler
        error = self._errors.at(ordinal) < sampler.error_share
        if turn == 0:
            return TurnPlan(tool=tool, edge=edge, error=error)
        # Only later turns have a relation, and are counted for it.
        relation = pick(self._relations.at(ordinal - number - 1), sampler.relations.model_dump())
        return TurnPlan.model_validate({"tool": tool, "edge": edge, "relation": relation, "error": error})

    def _covered(self) -> dict[str, tuple[Item, ...]]:
        """The items that some world has, each tool and its items in the order of the graph."""
        whole = make_offer(self._config, self._source, self._source.usable)
        missing = set(whole.all_items)
        for _, offer in self._offers.drawn("worlds", self._config.seed):
            missing -= offer.all_items
            if not missing:
                return whole.items
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
