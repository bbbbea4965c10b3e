"""What the worlds of a domain offer: a world has some of the domain's environments, and with them some of its tools."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from envs.domain import Domain
from fr_agents.config import RunConfig
from fr_agents.planning.items import GraphItems, Item
from fr_agents.planning.quotas import Asked, weights_of
from tools.base import derive_seed
from tools.graph import ApiGraph

# Enough to find a pair of environments that one world in fifty has; every draw makes a whole initial state.
MOST_DRAWS = 200
_OFFERS_KEPT = 128


@dataclass(frozen=True, eq=False)
class Offer:
    """What can be asked for in worlds with the same environments.

    Attributes:
        names: Their usable tools, in their order.
        reachable: Those of them that can be called there, what they need being there too.
        items: For each target the items that can be covered.
        asked: The order in which they are asked for.
    """

    names: tuple[str, ...]
    reachable: frozenset[str]
    items: dict[str, tuple[Item, ...]]
    asked: Asked
    source: GraphItems

    @cached_property
    def all_items(self) -> frozenset[Item]:
        """The items of all targets."""
        return frozenset(item for own in self.items.values() for item in own)

    @cached_property
    def graph(self) -> ApiGraph:
        """The API graph of the tools that can be called."""
        whole = self.source.graph
        if len(self.reachable) == len(whole.specs):
            return whole
        return ApiGraph([whole.specs[name] for name in self.names if name in self.reachable], whole.edges)

    def later(self, index: int, used: set[str]) -> Item | None:
        """The item for a later turn, of a tool that is not among the ``used`` ones where others are left."""
        if not self.items:
            return None
        fresh = (self.asked.from_end(index + step) for step in range(len(used) + 1))
        found = next((item for item in fresh if item.tool not in used), None)
        if found is not None:
            return found
        left = [tool for tool in self.items if tool not in used] or list(self.items)
        own = self.items[left[index % len(left)]]
        return own[index % len(own)]


class Offers:
    """The offers of a domain's worlds by their environments; the most recent ones are kept."""

    def __init__(self, config: RunConfig, source: GraphItems, domain: Domain) -> None:
        self._config = config
        self._source = source
        self._domain = domain
        self._environments = {
            name: tuple(spec.name for spec in specs if spec.name in source.graph.specs)
            for name, specs in domain.catalogue().items()
        }
        self._kept: OrderedDict[tuple[str, ...], Offer] = OrderedDict()

    def of_seed(self, seed: int) -> Offer:
        """What the world of a seed offers. A domain with a single environment need not draw it."""
        if len(self._environments) == 1:
            return self._offer(tuple(self._environments))
        return self._offer(self._domain.draw(seed).environments)

    def drawn(self, *key: str | int) -> Iterator[tuple[int, Offer]]:
        """Seeds that are derived from ``key``, with what their worlds offer; one is enough where all are the same."""
        draws = 1 if len(self._environments) == 1 else MOST_DRAWS
        for attempt in range(draws):
            seed = derive_seed(*key, attempt)
            yield seed, self.of_seed(seed)

    def _offer(self, environments: tuple[str, ...]) -> Offer:
        if environments not in self._kept:
            names = tuple(name for key in environments for name in self._environments.get(key, ()))
            self._kept[environments] = make_offer(self._config, self._source, names)
            while len(self._kept) > _OFFERS_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(environments)
        return self._kept[environments]


def make_offer(config: RunConfig, source: GraphItems, names: tuple[str, ...]) -> Offer:
    """What a world with the tools ``names`` offers."""
    usable = frozenset(source.usable)
    names = tuple(name for name in names if name in usable)
    reachable = source.reachable(names)
    targets = weighted_targets(config)
    edges = config.sampler.policy == "purposeful"
    items = {
        name: source.reachable_of(name, reachable, edges=edges)
        for name in names
        if name in reachable and (targets is None or name in targets)
    }
    given = config.targets if isinstance(config.targets, dict) else None
    return Offer(
        names=names,
        reachable=reachable,
        items=items,
        asked=Asked(items, weights_of(items, given), config.quotas, config.seed),
        source=source,
    )


def weighted_targets(config: RunConfig) -> frozenset[str] | None:
    """The tools that are named as targets with a weight above 0; none where all are."""
    if config.targets == "all":
        return None
    if isinstance(config.targets, dict):
        return frozenset(name for name, weight in config.targets.items() if weight > 0)
    return frozenset(config.targets)
