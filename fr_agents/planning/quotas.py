"""The order in which items are asked for: first the minimum that the quotas name, then cycle after cycle."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate

from fr_agents.config.targets import QuotaSettings
from fr_agents.planning.items import Item
from tools.base import generator

ItemsByTool = Mapping[str, tuple[Item, ...]]

# Enough for any proportion that makes a difference; more would only make a cycle long.
_LONGEST_CYCLE = 100_000
_FINEST = 1000
_CYCLES_KEPT = 2


class Cycles:
    """An endless sequence in which each tool comes as often in every cycle as its weight says, its items in rotation.
    Each cycle is shuffled anew. Any place is found without those before it, and no more than two cycles are kept."""

    def __init__(self, items: ItemsByTool, weights: Mapping[str, int], *key: str | int) -> None:
        self._items = items
        self._weights = weights
        self._key = key
        self._kept: dict[int, list[Item]] = {}
        self.length = sum(weights[tool] for tool in items)

    def at(self, index: int) -> Item:
        """The item at a place, counted from 0. Raises ZeroDivisionError where there are no items."""
        cycle, place = divmod(index, self.length)
        if cycle not in self._kept:
            while len(self._kept) >= _CYCLES_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[cycle] = self._cycle(cycle)
        return self._kept[cycle][place]

    def _cycle(self, number: int) -> list[Item]:
        found: list[Item] = []
        for tool, items in self._items.items():
            weight = self._weights[tool]
            found += [items[(number * weight + turn) % len(items)] for turn in range(weight)]
        generator(*self._key, number).shuffle(found)
        return found


class Minimum:
    """What the quotas ask for at least, as rounds in each of which an item comes at most once, in an order of its own.

    ``total`` is the number of turns that it takes.
    """

    def __init__(self, items: ItemsByTool, quotas: QuotaSettings, *key: str | int) -> None:
        self._key = key
        self._wanted = _wanted(items, quotas)
        most = max(self._wanted.values(), default=0)
        sizes = [0] * most
        for count in self._wanted.values():
            sizes[count - 1] += 1
        # Of the items wanted r times, all come in the first r rounds.
        self._ends = list(accumulate(reversed(list(accumulate(reversed(sizes))))))
        self._kept: tuple[int, list[Item]] = (-1, [])
        self.total = self._ends[-1] if self._ends else 0

    def at(self, index: int) -> Item:
        """The item at a place below ``total``."""
        number = bisect_right(self._ends, index)
        if self._kept[0] != number:
            items = [item for item, count in self._wanted.items() if count > number]
            generator(*self._key, number).shuffle(items)
            self._kept = (number, items)
        return self._kept[1][index - (self._ends[number - 1] if number else 0)]


class Asked:
    """The sequence of items, from either end of its minimum: two readers that go towards each other have asked for all
    of it as soon as they have taken as many items together as it has."""

    def __init__(self, items: ItemsByTool, weights: Mapping[str, int], quotas: QuotaSettings, seed: int) -> None:
        self.minimum = Minimum(items, quotas, seed, "quota")
        self._leading = Cycles(items, weights, seed, "cycle")
        self._later = Cycles(items, weights, seed, "later cycle")

    def at(self, index: int) -> Item:
        """The minimum from its beginning, then cycles."""
        total = self.minimum.total
        return self.minimum.at(index) if index < total else self._leading.at(index - total)

    def from_end(self, index: int) -> Item:
        """The minimum from its end, then cycles in another order."""
        total = self.minimum.total
        return self.minimum.at(total - 1 - index) if index < total else self._later.at(index - total)


def _wanted(items: ItemsByTool, quotas: QuotaSettings) -> dict[Item, int]:
    """How often each item is to come; what a tool lacks beyond its edges goes to its items in turn."""
    wanted: dict[Item, int] = {}
    for own in items.values():
        of_edges = [quotas.per_edge if item.producer else 0 for item in own]
        lacking = max(0, quotas.per_tool - sum(of_edges))
        for place, (item, count) in enumerate(zip(own, of_edges, strict=True)):
            more = (lacking - place + len(own) - 1) // len(own) if place < lacking else 0
            if count + more:
                wanted[item] = count + more
    return wanted


def weights_of(items: ItemsByTool, given: Mapping[str, float] | None) -> dict[str, int]:
    """How often each tool comes in a cycle: four times for each edge, so that all are asked for equally often, and
    once for a bare tool, which has less to teach; or in the proportions ``given``, at least once."""
    if given is None:
        return {tool: sum(4 if item.producer else 1 for item in own) for tool, own in items.items()}
    shares = {tool: Fraction(given[tool]).limit_denominator(_FINEST) for tool in items}
    unit = math.lcm(*(share.denominator for share in shares.values()))
    whole = {tool: int(share * unit) for tool, share in shares.items()}
    divisor = math.gcd(*whole.values()) or 1
    total = sum(whole.values()) // divisor
    longest = max(_LONGEST_CYCLE, len(items))
    if total <= longest:
        return {tool: max(1, count // divisor) for tool, count in whole.items()}
    return {tool: max(1, count * longest // (total * divisor)) for tool, count in whole.items()}
