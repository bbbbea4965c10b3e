"""A run's ``run.yaml``: what it was begun with, in a form that other versions of fr-agents refuse or read alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import fr_agents
from fr_agents.config.identity import configuration_hash, resolved
from fr_agents.config.load import parse_config
from fr_agents.config.reading import read_yaml
from fr_agents.config.run import RunConfig
from fr_agents.errors import ConfigError, RunFolderError
from fr_agents.files import write_atomically

NAME = "run.yaml"
# What the files of a run folder look like: a number for each form that another version could misread.
FOLDER_SCHEMA = 5
_HEADER = ("schema", "id", "package_version", "world_version", "graph", "configuration")
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Begun:
    """What a run was begun with.

    Attributes:
        config: Its configuration; limits that were changed since are in it.
        versions: What it was begun by: ``package_version`` and ``world_version``.
        graph: The digest of its graph; none for a run that can only be looked at.
        id: The run itself, wherever its folder is moved, as a journal knows it.
    """

    config: RunConfig
    versions: Mapping[str, str]
    graph: str | None
    id: str


def versions_now(world_version: str) -> dict[str, str]:
    """The versions of the code that runs now, with the world in ``world_version``."""
    return {"package_version": fr_agents.__version__, "world_version": world_version}


def write_run_file(folder: Path, begun: Begun) -> None:
    """Put it into a run's folder, in place of what is there. Raises OSError."""
    header = {"schema": FOLDER_SCHEMA, "id": begun.id, **begun.versions, "graph": begun.graph}
    header["configuration"] = configuration_hash(begun.config)
    text = yaml.safe_dump(header | resolved(begun.config), sort_keys=False, allow_unicode=True)
    write_atomically(folder / NAME, text)


def read_run_file(folder: Path) -> Begun:
    """What the run in ``folder`` was begun with.

    Raises:
        RunFolderError: it is no run, of another form than this version's, damaged, or its configuration was changed.
    """
    file = folder / NAME
    data = _data(file)
    if not isinstance(data, dict) or data.get("schema") != FOLDER_SCHEMA:
        raise RunFolderError(f"{folder} was written in another form than this version's: {_of_version(data)}.")
    try:
        config = parse_config({key: value for key, value in data.items() if key not in _HEADER})
    except ConfigError as error:
        raise RunFolderError(f"{file} is damaged: {error}") from None
    if configuration_hash(config) != data.get("configuration"):
        raise RunFolderError(
            f"{file} was changed after the run began ({_of_version(data)}): what is added would not fit what is there. "
            "Begin a new run."
        )
    versions = {key: str(data.get(key, _UNKNOWN)) for key in versions_now("")}
    return Begun(config, versions, data.get("graph"), str(data.get("id", "")))


def _data(file: Path) -> Any:
    try:
        return read_yaml(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        what = f"is no run: it has no {NAME}" if file.parent.is_dir() else "is no run folder"
        raise RunFolderError(f"{file.parent} {what}.") from None
    except (OSError, UnicodeDecodeError, ConfigError) as error:
        raise RunFolderError(f"{file} cannot be read: {error}") from None


def _of_version(data: Any) -> str:
    theirs = data.get("package_version", _UNKNOWN) if isinstance(data, dict) else _UNKNOWN
    schema = data.get("schema", "none") if isinstance(data, dict) else "none"
    return f"it is by fr-agents {theirs}, schema {schema}; this is {fr_agents.__version__}, schema {FOLDER_SCHEMA}"
