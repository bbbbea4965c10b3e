"""From a file, a mapping or a finished configuration to a checked one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from envs.domain import installed, load_domain
from fr_agents.config.overrides import override
from fr_agents.config.problems import describe, did_you_mean
from fr_agents.config.prompt_files import with_prompt_files
from fr_agents.config.reading import read_yaml
from fr_agents.config.run import RunConfig, WorldSettings
from fr_agents.errors import ConfigError
from tools.base import json_safe

ConfigSource = str | Path | Mapping[str, Any] | RunConfig


def load_config(source: ConfigSource, overrides: Sequence[str] = ()) -> RunConfig:
    """Read and check a configuration, with ``key.path=value`` overrides on top of it.

    Raises:
        ConfigError: it cannot be read or used; the text has one line for each problem and names file and key.
    """
    origin = f"{source}: " if isinstance(source, str | Path) else ""
    try:
        data = override(_data(source), overrides)
        folder = Path(source).parent if isinstance(source, str | Path) else Path()
        config = parse_config(with_prompt_files(data, folder))
        check_world(config.world, "world.name" if isinstance(data.get("world"), Mapping) else "world")
    except ConfigError as error:
        # The cause could show the whole input, with whatever stands under a wrong key.
        raise ConfigError("\n".join(origin + line for line in str(error).splitlines())) from None
    return config


def parse_config(data: Mapping[str, Any]) -> RunConfig:
    """The configuration that plain data stands for, without a look at the world it names.

    Raises:
        ConfigError: one line for each problem, without a file's name.
    """
    try:
        # Strict JSON: "3" is no number and true is none either, but lists serve for tuples.
        return RunConfig.model_validate_json(json.dumps(json_safe(_plain(data))), strict=True)
    except ValidationError as error:
        raise ConfigError("\n".join(describe(error, RunConfig))) from None


def check_world(world: WorldSettings, key: str = "world") -> None:
    """Find the world's domain now, so that a wrong name or option is told before anything is written.

    Raises:
        ConfigError: there is no such world, its code does not load, it does not take its options, or it cannot be made
            without them.
    """
    try:
        load_domain(world.name, world.options)
    except (ValueError, ImportError, SyntaxError) as error:
        if not world.options and isinstance(error.__cause__, TypeError):
            raise ConfigError(f"{key}: {_needs_options(world.name, error)}") from error
        names = list(installed())
        hint = "" if world.name in names else did_you_mean(world.name, names)
        raise ConfigError(f"{key}: {str(error).removeprefix('world ').rstrip('.')}.{hint}") from error
    try:
        load_domain(world.name)
    except (ValueError, ImportError, SyntaxError) as error:
        raise ConfigError(f"{key}: {_needs_options(world.name, error)}") from error


def _needs_options(name: str, error: Exception) -> str:
    """A record is opened by the name of its world alone, so that the domain must be there without options too."""
    text = str(error.__cause__ or error).rstrip(".")
    return (
        f"{name!r} cannot be made without options: {text}. Records are opened without them: give each one a default, "
        "and put what it changes into the initial state."
    )


def _data(source: ConfigSource) -> dict[str, Any]:
    if isinstance(source, RunConfig):
        return source.model_dump(mode="json")
    if isinstance(source, Mapping):
        return dict(_plain(source))
    data = read_yaml(_text(Path(source)))
    if not isinstance(data, dict):
        raise ConfigError(f"must be a mapping of keys to values. (keys: {', '.join(sorted(RunConfig.model_fields))})")
    return data


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("there is no such file.") from None
    except IsADirectoryError:
        raise ConfigError("this is a folder and not a configuration file.") from None
    except UnicodeDecodeError:
        raise ConfigError("this is no text file in UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}.") from None


def _plain(value: Any) -> Any:
    """The same data with settings objects, which a program may have put in, as plain mappings."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value
