"""Domains: where worlds come from, and how they are found by name."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

from envs.environment import WorldSpec
from envs.world import World
from tools.base import Json
from tools.spec import ToolSpec

GROUP = "fr_agents.worlds"


class UnknownWorldError(ValueError):
    """No domain of that name is installed, or its code does not load."""


class Domain(Protocol):
    """A family of worlds. ``draw`` and ``open`` are pure functions of their arguments.

    Besides, a domain may have attributes: ``quick`` (see ``is_quick``) and ``outside_effects``, both of which are false
    where they are missing, and a method ``starts`` that says which states are to be probed.
    """

    @property
    def name(self) -> str:
        """What ``load_domain`` finds it by, so that a record alone says how to open its world."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same seed or the same calls could give something else."""
        ...

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        """Every environment that its worlds can have, with its tools."""
        ...

    def draw(self, seed: int) -> WorldSpec:
        """The world of a seed."""
        ...

    def open(self, spec: WorldSpec) -> World:
        """A world in its initial state, from its specification alone. Raises ValueError for another version's."""
        ...


def is_quick(domain: Domain) -> bool:
    """Whether the domain says that its calls take microseconds: then they are made in the event loop. A domain that
    says nothing may compute or read files, so its calls are made in worker threads, with a time limit."""
    return bool(getattr(domain, "quick", False))


def installed() -> dict[str, EntryPoint]:
    """The domains that this installation knows, by name."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def load_domain(name: str, options: Mapping[str, Json] | None = None) -> Domain:
    """The domain ``name`` (an installed one, or ``package.module:Name``), made with ``options``.

    Raises:
        UnknownWorldError: there is none, or its module or its options are at fault; the text says which.
    """
    factory = _factory(name)
    try:
        domain: Domain = factory(**dict(options or {}))
    except TypeError as error:
        raise UnknownWorldError(f"world {name!r} does not take these options: {error}") from error
    if domain.name != name:
        raise UnknownWorldError(f"world {name!r} calls itself {domain.name!r}: both names must be the same")
    return domain


def _factory(name: str) -> Any:
    module, _, attribute = name.partition(":")
    point = installed().get(name)
    try:
        if point is not None:
            return point.load()
        if attribute:
            return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise UnknownWorldError(f"world {name!r} does not load: {error}") from error
    raise UnknownWorldError(
        f"world {name!r} not found. Installed: {', '.join(installed())}. Your own: package.module:name"
    )
