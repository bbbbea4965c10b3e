"""Worlds of one to three BFCL classes."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from typing import Literal

from envs.bfcl.classes import CLASSES, check_name, installed_version, shipped_configurations
from envs.bfcl.environment import BfclEnvironment
from envs.bfcl.schema import tool_specs
from envs.domain import UnknownWorldError
from envs.environment import WorldSpec
from envs.world import World
from tools.base import JsonObject, canonical_json, generator
from tools.spec import ToolSpec

Configurations = Literal["shipped", "blank", "mixed"]

_ALLOWED = ("shipped", "blank", "mixed")


class BfclDomain:
    """Draws worlds from the eight classes.

    Args:
        environments: The exact classes of every world; without it each world draws its own.
        configurations: What a class begins with: a configuration that BFCL ships, nothing, or one of both. Shipped
            ones are mostly logged in already; blank ones are what shows prerequisites.
        max_environments: The most classes that a drawn world has.

    Raises:
        UnknownWorldError: an option has a value that is not allowed, or bfcl-eval is not installed.
    """

    name = "bfcl"
    quick = True

    def __init__(
        self,
        environments: Sequence[str] | None = None,
        configurations: Configurations = "mixed",
        max_environments: int = 3,
    ) -> None:
        if isinstance(environments, str):
            raise UnknownWorldError(f"world 'bfcl': environments is a list of names, such as [{environments}]")
        for name in environments or ():
            check_name(name)
        if environments is not None and (not environments or len(set(environments)) < len(environments)):
            raise UnknownWorldError("world 'bfcl': environments must name at least one environment, each once")
        if configurations not in _ALLOWED:
            raise UnknownWorldError(
                f"world 'bfcl': configurations is {configurations!r}. Allowed: {', '.join(_ALLOWED)}"
            )
        if type(max_environments) is not int or not 1 <= max_environments <= len(CLASSES):
            raise UnknownWorldError(
                f"world 'bfcl': max_environments is {max_environments!r}. Allowed: 1 to {len(CLASSES)}"
            )
        self.version = f"bfcl-eval-{installed_version()}"
        self._environments = None if environments is None else tuple(environments)
        self._configurations = configurations
        self._max_environments = max_environments

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        """The classes that worlds can have, with their tools."""
        return {name: tool_specs(name) for name in self._environments or CLASSES}

    def draw(self, seed: int) -> WorldSpec:
        """The world of a seed. Over many seeds all classes occur about equally often."""
        rng = generator(seed, self.name, "world")
        names = self._environments or self._classes(rng)
        return WorldSpec(
            name=self.name,
            version=self.version,
            seed=seed,
            environments=names,
            initial_state={name: self._configuration(name, generator(seed, self.name, name)) for name in names},
        )

    def starts(self, count: int) -> dict[str, tuple[WorldSpec, ...]]:
        """For each class its own blank state, where nobody is logged in, and configurations that BFCL ships."""
        return {name: self._starts(name, count) for name in self._environments or CLASSES}

    def open(self, spec: WorldSpec) -> World:
        """A world in its initial state. Raises ValueError where the specification is of another version."""
        if (spec.name, spec.version) != (self.name, self.version):
            raise ValueError(
                f"this world was made with {spec.name} {spec.version}, and {self.name} {self.version} is installed"
            )
        world = World(spec, [BfclEnvironment(name) for name in spec.environments])
        world.reset()
        return world

    def _starts(self, name: str, count: int) -> tuple[WorldSpec, ...]:
        shipped = shipped_configurations(name)
        chosen = [shipped[number * len(shipped) // max(count - 1, 1)] for number in range(count - 1)]
        states = {canonical_json(state): state for state in ({}, *chosen)}
        return tuple(
            WorldSpec(
                name=self.name, version=self.version, seed=0, environments=(name,), initial_state={name: dict(state)}
            )
            for state in states.values()
        )

    def _classes(self, rng: random.Random) -> tuple[str, ...]:
        chosen = rng.sample(CLASSES, rng.randint(1, self._max_environments))
        return tuple(name for name in CLASSES if name in chosen)

    def _configuration(self, name: str, rng: random.Random) -> JsonObject:
        blank = self._configurations == "blank" or (self._configurations == "mixed" and rng.random() < 0.5)
        return {} if blank else copy.deepcopy(rng.choice(shipped_configurations(name)))
