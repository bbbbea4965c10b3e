"""The order in which items are asked for: whole cycles, weights, and the minimum first."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.config.targets import QuotaSettings
from fr_agents.planning.items import Item
from fr_agents.planning.quotas import Asked, Cycles, Minimum, weights_of

ItemsByTool = dict[str, tuple[Item, ...]]


def items_of(counts: dict[str, int]) -> ItemsByTool:
    """For each tool so many edges; for 0 the bare tool."""
    return {
        tool: tuple(Item(tool, f"source_{number}") for number in range(count)) or (Item(tool),)
        for tool, count in counts.items()
    }


COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 5), min_size=1)
QUOTAS = st.builds(QuotaSettings, per_tool=st.integers(0, 7), per_edge=st.integers(0, 3))


@settings(max_examples=40)
@given(COUNTS, st.integers(0, 5), st.integers(0, 99))
def test_every_cycle_has_each_edge_equally_often_and_each_bare_tool_once(
    counts: dict[str, int], number: int, seed: int
) -> None:
    items = items_of(counts)
    cycles = Cycles(items, weights_of(items, None), seed, "cycle")
    cycle = Counter(cycles.at(number * cycles.length + place) for place in range(cycles.length))
    assert cycle.keys() == {item for own in items.values() for item in own}
    assert {count for item, count in cycle.items() if not item.producer} <= {1}
    of_edges = {count for item, count in cycle.items() if item.producer}
    assert len(of_edges) <= 1
    assert min(of_edges, default=2) > 1


def test_cycles_are_shuffled_anew_and_found_in_any_order() -> None:
    items = items_of({"a": 5, "b": 4, "c": 0})
    weights = weights_of(items, None)
    forwards = Cycles(items, weights, 7, "cycle")
    first = [forwards.at(place) for place in range(40)]
    backwards = Cycles(items, weights, 7, "cycle")
    assert [backwards.at(place) for place in reversed(range(40))] == first[::-1]
    assert first[:10] != first[10:20]
    assert [Cycles(items, weights, 8, "cycle").at(place) for place in range(40)] != first


@settings(max_examples=40)
@given(COUNTS, QUOTAS, st.integers(0, 99))
def test_the_minimum_is_met_with_as_few_turns_as_it_takes(
    counts: dict[str, int], quotas: QuotaSettings, seed: int
) -> None:
    minimum = Minimum(items_of(counts), quotas, seed)
    asked = Counter(minimum.at(place) for place in range(minimum.total))
    for tool, count in counts.items():
        of_tool = sum(number for item, number in asked.items() if item.tool == tool)
        assert of_tool == max(quotas.per_tool, count * quotas.per_edge)
        of_edges = [asked[Item(tool, f"source_{number}")] for number in range(count)]
        assert min(of_edges, default=quotas.per_edge) >= quotas.per_edge
        assert max(of_edges, default=0) - min(of_edges, default=0) <= 1


@settings(max_examples=40)
@given(COUNTS, QUOTAS, st.data())
def test_readers_from_both_ends_meet(counts: dict[str, int], quotas: QuotaSettings, data: st.DataObject) -> None:
    items = items_of(counts)
    asked = Asked(items, weights_of(items, None), quotas, 7)
    total = asked.minimum.total
    split = data.draw(st.integers(0, total))
    read = [asked.at(place) for place in range(split)] + [asked.from_end(place) for place in range(total - split)]
    assert Counter(read) == Counter(asked.minimum.at(place) for place in range(total))
    cycle = sum(weights_of(items, None).values())
    everything = {item for own in items.values() for item in own}
    assert {asked.at(total + place) for place in range(cycle)} == everything
    assert {asked.from_end(total + place) for place in range(cycle)} == everything


def test_an_edge_weighs_more_than_a_bare_tool_and_all_edges_the_same() -> None:
    weights = weights_of(items_of({"a": 3, "b": 0, "c": 1}), None)
    assert weights["a"] == 3 * weights["c"]
    assert weights["c"] > weights["b"] == 1


def test_weights_are_proportions() -> None:
    items = items_of({"a": 3, "b": 0, "c": 1})
    assert weights_of(items, {"a": 0.5, "b": 0.25, "c": 0.1}) == {"a": 10, "b": 5, "c": 2}
    assert weights_of(items, {"a": 200, "b": 100, "c": 100}) == {"a": 2, "b": 1, "c": 1}


def test_weights_that_are_far_apart_make_no_endless_cycle() -> None:
    weights = weights_of(items_of({"a": 1, "b": 1, "c": 1}), {"a": 1e9, "b": 1, "c": 1e-9})
    assert sum(weights.values()) <= 100_002
    assert (weights["b"], weights["c"]) == (1, 1)


def test_a_heavy_tool_takes_its_items_in_rotation_over_cycles() -> None:
    items = items_of({"a": 3, "b": 0})
    cycles = Cycles(items, {"a": 2, "b": 1}, 7)
    asked = Counter(cycles.at(place) for place in range(9))
    assert asked == {Item("b"): 3, **dict.fromkeys(items["a"], 2)}
