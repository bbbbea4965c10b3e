"""The API graph of a world as a program, a person or a run asks for it: discovered apart, shown on the way, cached."""

from fr_agents.discovery.discovering import DiscoveredGraph, OutsideEffectsError, discover_graph
from fr_agents.discovery.run_graph import RunGraph, unusable

__all__ = ["DiscoveredGraph", "OutsideEffectsError", "RunGraph", "discover_graph", "unusable"]
