"""Domains of worlds that have one toolkit environment: all that its author adds is the state of a seed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment
from envs.world import World
from tools.base import JsonObject, digest
from tools.spec import ToolSpec


class ToolkitDomain(ABC):
    """Worlds of one environment, each drawn from a seed.

    Attributes:
        name: What ``load_domain`` finds the domain by: an entry point, or ``package.module:Name``.
        environment: The class with the tools.
        rules: Raise it whenever the same seed or the same calls could give something else. A change of the tools as
            models see them is noticed without it.
        quick: Whether each call takes microseconds. Else calls are made in worker threads, one world in one thread at a
            time, so that a long one does not hold up other jobs.
    """

    name: ClassVar[str]
    environment: ClassVar[type[ToolkitEnvironment]]
    rules: ClassVar[str] = "1"
    quick: ClassVar[bool] = False

    @abstractmethod
    def draw_state(self, seed: int) -> JsonObject:
        """The initial state of a seed, always the same one."""

    @property
    def version(self) -> str:
        """The version of the rules, and a digest of the tools, which differs whenever a tool does."""
        return f"{self.rules}-{digest([spec.fingerprint for spec in self.environment().specs()])[:8]}"

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        """The one environment with its tools."""
        return {self.environment.name: self.environment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        """The world of a seed, always the same one."""
        return WorldSpec(
            name=self.name,
            version=self.version,
            seed=seed,
            environments=(self.environment.name,),
            initial_state={self.environment.name: self.draw_state(seed)},
        )

    def open(self, spec: WorldSpec) -> World:
        """A world in its initial state, from its specification alone.

        Raises:
            ValueError: the specification is of another world, or of another version of this one.
        """
        own = self.environment.name
        if (spec.name, spec.version) != (self.name, self.version):
            raise ValueError(
                f"this is world {self.name!r} in version {self.version}, which cannot open {spec.name!r} in version "
                f"{spec.version}: use the release that the record was made with"
            )
        if spec.environments != (own,) or set(spec.initial_state) != {own}:
            raise ValueError(f"world {self.name!r} has one environment, {own!r}, with one state")
        world = World(spec, [self.environment()])
        world.reset()
        return world
