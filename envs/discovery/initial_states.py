"""The initial states that discovery begins from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from envs.domain import Domain
from envs.environment import WorldSpec


@runtime_checkable
class Explorable(Protocol):
    """A domain that knows better than by its own draws which initial states show what its tools need: blank ones above
    all, and each environment alone."""

    def starts(self, count: int) -> Mapping[str, Sequence[WorldSpec]]:
        """Up to ``count`` initial states for each group of environments, by the group's name."""
        ...


def initial_states(domain: Domain, count: int) -> dict[str, tuple[WorldSpec, ...]]:
    """The initial states to probe: what the domain proposes, or else the worlds of the first seeds, all together."""
    if isinstance(domain, Explorable):
        return {name: tuple(specs) for name, specs in domain.starts(count).items()}
    return {domain.name: tuple(domain.draw(seed) for seed in range(count))}
