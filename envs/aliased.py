"""An environment under other tool names, so that environments whose names clash can stand in one world."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from envs.environment import Environment, KnownValue
from envs.policy import Rule, policy_of
from envs.profile import ProfileEntry, declared_profile
from tools.base import Json, JsonObject
from tools.graph import Edge
from tools.spec import ToolSpec


class AliasedEnvironment:
    """The environment ``inner`` with some of its tools renamed: ``{"search": "search_flights"}``.

    Raises:
        ValueError: an alias names a tool that ``inner`` does not have, or gives two tools the same name.
    """

    def __init__(self, inner: Environment, aliases: Mapping[str, str]) -> None:
        names = [spec.name for spec in inner.specs()]
        unknown = sorted(set(aliases) - set(names))
        if unknown:
            raise ValueError(f"environment {inner.name!r} has no tool {', '.join(unknown)} to give an alias to")
        renamed = [aliases.get(name, name) for name in names]
        twice = sorted({name for name in renamed if renamed.count(name) > 1})
        if twice:
            raise ValueError(f"environment {inner.name!r} would have two tools named {', '.join(twice)}")
        self._inner = inner
        self._aliases = dict(aliases)
        self._originals = {alias: name for name, alias in aliases.items()}

    @property
    def name(self) -> str:
        return self._inner.name

    def specs(self) -> Sequence[ToolSpec]:
        return tuple(spec.model_copy(update={"name": self._alias(spec.name)}) for spec in self._inner.specs())

    def declared_edges(self) -> Sequence[Edge]:
        return tuple(
            edge.model_copy(update={"producer": self._alias(edge.producer), "consumer": self._alias(edge.consumer)})
            for edge in self._inner.declared_edges()
        )

    def reset(self, initial_state: JsonObject) -> None:
        self._inner.reset(initial_state)

    def call(self, name: str, arguments: JsonObject) -> Json:
        return self._inner.call(self._originals.get(name, name), arguments)

    def snapshot(self) -> object:
        return self._inner.snapshot()

    def restore(self, snapshot: object) -> None:
        self._inner.restore(snapshot)

    def fork(self) -> AliasedEnvironment:
        return AliasedEnvironment(self._inner.fork(), self._aliases)

    def state(self) -> Json:
        return self._inner.state()

    def public_state(self) -> Json:
        return self._inner.public_state()

    def made_ids(self) -> Collection[str | int]:
        return self._inner.made_ids()

    def known_values(self) -> Sequence[KnownValue]:
        """The inner environment's, with the tools of qualified parameters renamed."""
        return tuple(
            value.model_copy(update={"parameter": self._qualified(value.parameter)})
            for value in self._inner.known_values()
        )

    def profile(self) -> Sequence[ProfileEntry]:
        """The inner environment's, with the tools of qualified parameters renamed."""
        return tuple(
            entry.model_copy(update={"parameters": tuple(self._qualified(name) for name in entry.parameters)})
            for entry in declared_profile(self._inner)
        )

    def policy(self) -> Sequence[Rule]:
        """The inner environment's, with the tools renamed."""
        return tuple(
            replace(rule, tools=tuple(self._alias(name) for name in rule.tools)) for rule in policy_of(self._inner)
        )

    def _alias(self, name: str) -> str:
        return self._aliases.get(name, name)

    def _qualified(self, parameter: str) -> str:
        tool, dot, name = parameter.partition(".")
        return f"{self._alias(tool)}.{name}" if dot else parameter
