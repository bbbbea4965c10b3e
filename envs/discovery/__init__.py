"""Finds out by execution what tools need: the API graph of a world whose author declared nothing."""

from envs.discovery.discover import discover, group_names, joined
from envs.discovery.settings import Discovery, DiscoverySettings, OutsideEffectsError, Progress, ToolWarning

__all__ = [
    "Discovery",
    "DiscoverySettings",
    "OutsideEffectsError",
    "Progress",
    "ToolWarning",
    "discover",
    "group_names",
    "joined",
]
