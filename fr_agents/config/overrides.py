"""``key.path=value`` on top of a configuration."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from fr_agents.config.reading import read_yaml
from fr_agents.config.shorthand import longhand
from fr_agents.errors import ConfigError


def override(data: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """A copy of ``data`` with each override set, in their order; values are YAML.

    Raises:
        ConfigError: an override has no ``=``, no key, a value that is no YAML, or a path through a plain value.
    """
    result = deepcopy(data)
    for text in overrides:
        path, separator, value = text.partition("=")
        keys = path.strip().split(".")
        if not separator or not all(keys):
            raise ConfigError(f"--set {text}: must be key.path=value, such as sampler.policy=random")
        try:
            parsed = read_yaml(value)
        except ConfigError as error:
            raise ConfigError(f"--set {text}: {error}") from None
        _put(result, keys, parsed, text)
    return result


def _put(data: dict[str, Any], keys: list[str], value: Any, text: str) -> None:
    section = data
    for depth, key in enumerate(keys[:-1], 1):
        path = ".".join(keys[:depth])
        inner = longhand(path, section.get(key))
        if inner is None:
            inner = {}
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {text}: {path} is a plain value and has no keys of its own")
        section[key] = inner
        section = inner
    section[keys[-1]] = value
