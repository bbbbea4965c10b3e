"""Limits, and the log, that may be changed while a run is interrupted: nothing of it changes a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fr_agents.config.load import parse_config
from fr_agents.config.overrides import override
from fr_agents.config.problems import did_you_mean
from fr_agents.config.run import LimitsSettings, RunConfig
from fr_agents.errors import ConfigError

# Where a run ends when it accepts too little decides which records it has.
_FIXED = frozenset({"max_jobs"})
# What may be changed, and is no limit.
BESIDE = ("log",)
CHANGEABLE = tuple(name for name in LimitsSettings.model_fields if name not in _FIXED)


def limit_changes(texts: Sequence[str]) -> dict[str, Any]:
    """The limits that ``limits.KEY=VALUE`` texts set, by KEY; and what else may be changed, by its name.

    Raises:
        ConfigError: one is no such text, or sets anything else.
    """
    changes: dict[str, Any] = {}
    for text in texts:
        data = override({}, [text])
        path = text.partition("=")[0].strip()
        section, _, key = path.partition(".")
        if path in BESIDE:
            changes |= data
            continue
        if section != "limits" or not key:
            raise ConfigError(
                f"--set {path}: a run that has begun keeps its configuration; only its limits may be changed "
                f"({_names()}), and its {', '.join(BESIDE)}, such as --set limits.concurrency=16."
            )
        _refuse_fixed(key)
        changes |= data["limits"]
    return changes


def relimited(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """The configuration with other limits, by their names below ``limits``, or another ``log``; None takes a cap away.

    Raises:
        ConfigError: a limit cannot be changed any more, there is no such one, or its value cannot be used.
    """
    data = config.model_dump(mode="json")
    for key, value in changes.items():
        if key in BESIDE:
            data[key] = value
        else:
            _refuse_fixed(key)
            data["limits"][key] = value
    return parse_config(data)


def _refuse_fixed(key: str) -> None:
    if key in CHANGEABLE:
        return
    if key in _FIXED:
        raise ConfigError(
            f"limits.{key} decides where a run ends, and so which records it has: a run that has begun keeps it. "
            f"These may be changed: {_names()}."
        )
    hint = did_you_mean(key, list(CHANGEABLE), "limits.")
    raise ConfigError(f"limits.{key} is not a limit.{hint} (limits: {', '.join(CHANGEABLE)})")


def _names() -> str:
    return ", ".join(f"limits.{name}" for name in CHANGEABLE)
