"""Whether the calls of a turn hang together (METHOD.md, rule 3): by values, by what they are about, or by state."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import networkx as nx

from tools.graph import ApiGraph
from tools.paths import leaf_values
from tools.provenance import normalised, said_in
from tools.trace import Step

_SHORTEST_NAME = 3


def connected(steps: Sequence[Step], graph: ApiGraph) -> bool:
    """Whether one connected graph holds all calls: two are joined if one uses what the other returned, if both are
    about the same thing that the user names, if one establishes a state that the other needs, or if both are of the
    same tool, as when two of a kind are compared."""
    joined: nx.Graph[str] = nx.Graph()
    joined.add_nodes_from(step.call.id for step in steps)
    for one, other in combinations(steps, 2):
        if _together(one, other, graph):
            joined.add_edge(one.call.id, other.call.id)
    return len(steps) < 2 or nx.is_connected(joined)


def _together(one: Step, other: Step, graph: ApiGraph) -> bool:
    if one.call.name == other.call.name or one.call.id in other.sources():
        return True
    if set(one.sources()) & set(other.sources()) or _by_state(one, other, graph):
        return True
    left, right = said_texts(one), said_texts(other)
    if set(left) & set(right):
        return True
    return any(said_in(name, text) for name in left for text in right) or any(
        said_in(name, text) for name in right for text in left
    )


def said_texts(step: Step) -> tuple[str, ...]:
    """The texts and long numbers that the user says for a call: names of things and people, and texts about them."""
    said = (step.call.arguments[name] for name, origin in step.origins.items() if origin.kind == "query")
    leaves = (leaf for value in said for _, leaf in leaf_values(value))
    texts = [normalised(leaf) for leaf in leaves if isinstance(leaf, str | int) and not isinstance(leaf, bool)]
    return tuple(text for text in texts if len(text) >= _SHORTEST_NAME)


def _by_state(one: Step, other: Step, graph: ApiGraph) -> bool:
    """Whether the first call's tool establishes or undoes a state that the other's needs."""
    needs = {tool for need in graph.state_needs(other.call.name) for tool in need}
    return one.call.name in needs or one.call.name in graph.breakers(other.call.name)
