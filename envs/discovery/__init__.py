"""Finds out by execution what tools need: the API graph of a world whose author declared nothing.

The way through, a module for each step:

    initial_states -> start -> exploring (searching) -> minimal     a smallest chain of calls for every tool
      -> examining: outputs, parameter_sources                      where each argument can come from
                    state_needs, freshness, breaking                which state is checked, and what undoes it
      -> deciding (source_tallies, state_votes) -> declaring        edges, from all initial states together

Underneath: ``chains`` run calls whose arguments are bound to outputs, ``values`` propose arguments, ``probing`` makes
the calls, and ``outcome`` makes their answers comparable.
"""

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
