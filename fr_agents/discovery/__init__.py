"""The API graph of a world as a program or a person asks for it: discovered apart, shown on the way, and cached."""

from fr_agents.discovery.discovering import DiscoveredGraph, discover_graph

__all__ = ["DiscoveredGraph", "discover_graph"]
