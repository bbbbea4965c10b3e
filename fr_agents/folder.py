"""The folder of a run: its files, who may use it, and the configuration that it was begun with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

import yaml

import fr_agents
from fr_agents.config.identity import configuration_hash, resolved
from fr_agents.config.load import parse_config
from fr_agents.config.reading import read_yaml
from fr_agents.config.run import RunConfig
from fr_agents.discovery.run_graph import RunGraph
from fr_agents.errors import ConfigError, RunExistsError, RunFolderError
from fr_agents.files import write_atomically
from fr_agents.graph_file import read_graph, write_graph
from fr_agents.lock import FolderLock
from tools.graph import ApiGraph

FOLDER_SCHEMA = 4
_HEADER = ("schema", "id", "package_version", "world_version", "graph", "configuration")
_UNKNOWN = "unknown"
# What a process that was killed before it wrote run.yaml leaves behind.
_LEFT_OVER = {"run.lock", "run.yaml.tmp", "graph.json", "graph.json.tmp"}


class RunFolder:
    """A run's folder. From ``create`` and ``open`` it is locked until it is closed; ``look`` only reads.

    Attributes:
        path: The folder.
        config: The configuration that the run was begun with.
        versions: What it was begun by: ``package_version`` and ``world_version``.
        id: The run itself, wherever its folder is moved, as a journal knows it.
    """

    def __init__(
        self,
        path: Path,
        config: RunConfig,
        versions: Mapping[str, str],
        graph_digest: str | None = None,
        lock: FolderLock | None = None,
        run_id: str = "",
    ) -> None:
        self.path = path
        self.config = config
        self.versions = versions
        self.id = run_id or uuid4().hex
        self._graph_digest = graph_digest
        self._graph: RunGraph | None = None
        self._lock = lock

    @classmethod
    def create(
        cls, path: str | Path, config: RunConfig, world_version: str, graph: RunGraph | None = None
    ) -> RunFolder:
        """Begin a run in ``path``, which must not exist or be empty, with the world in ``world_version``, on ``graph``.

        Without a graph it can be looked at, and not gone on with.

        Raises:
            RunExistsError: something is there already. RunInUseError: another process has just begun a run there.
            RunFolderError: it cannot be written.
        """
        path = Path(path)
        refuse_existing(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(f"{path} cannot be made: {error.strerror}.") from None
        lock = FolderLock(path)
        lock.acquire()
        folder = cls(path, config, _versions(world_version), None if graph is None else graph.digest, lock)
        try:
            refuse_existing(path)  # again: another process may have been faster
            folder._begin(graph)
        except OSError as error:
            lock.release()
            raise RunFolderError(f"{error.filename or path} cannot be written: {error.strerror}.") from None
        except BaseException:
            lock.release()
            raise
        return folder

    def _begin(self, graph: RunGraph | None) -> None:
        """Write what it is begun with. It is a run from the moment on that its run.yaml is there."""
        if graph is not None:
            write_graph(self.path, graph)
            self._graph = graph
        header = {"schema": FOLDER_SCHEMA, "id": self.id, **self.versions, "graph": self._graph_digest}
        header["configuration"] = configuration_hash(self.config)
        text = yaml.safe_dump(header | resolved(self.config), sort_keys=False, allow_unicode=True)
        write_atomically(self.path / "run.yaml", text)

    @classmethod
    def open(cls, path: str | Path) -> RunFolder:
        """Go on with the run in ``path``.

        Raises:
            RunFolderError: it is no run, of another version, or its configuration was changed. RunInUseError: a live
                process uses it.
        """
        folder = cls.look(path)
        folder._lock = FolderLock(folder.path)
        folder._lock.acquire()
        return folder

    @classmethod
    def look(cls, path: str | Path) -> RunFolder:
        """The run in ``path`` for reading, also while it is in use. Raises RunFolderError as ``open`` does."""
        path = Path(path)
        return cls(path, *_read(path))

    def refuse_other_versions(self, world_version: str) -> None:
        """Make sure that what is added to the run is made by the same code as what is there.

        Raises:
            RunFolderError: fr-agents or the world is now in another version; the text says what to do.
        """
        found = []
        for key, now in _versions(world_version).items():
            what = "fr-agents" if key == "package_version" else f"the world {self.config.world.name}"
            if self.versions[key] != now:
                found.append(f"{what} {self.versions[key]}, and this is {now}")
        if found:
            raise RunFolderError(
                f"{self.path} was begun with {'; with '.join(found)}: its next records would not fit those that are "
                "there. Go on with the version that it was begun with, or begin a new run."
            )

    def run_graph(self) -> RunGraph:
        """The graph that the run was begun on, with what is known of its tools.

        Raises:
            RunFolderError: its graph.json is missing, damaged, or was changed.
        """
        if self._graph is None:
            self._graph = read_graph(self.path, self._graph_digest)
        return self._graph

    def graph(self) -> ApiGraph:
        """The API graph alone. Raises RunFolderError as ``run_graph`` does."""
        return self.run_graph().graph

    def unusable(self) -> tuple[str, ...]:
        """The tools that are never targets. Raises RunFolderError as ``run_graph`` does."""
        return self.run_graph().unusable

    @property
    def trajectories(self) -> Path:
        return self.path / "trajectories.jsonl"

    @property
    def rejections(self) -> Path:
        return self.path / "rejections.jsonl"

    @property
    def surplus(self) -> Path:
        return self.path / "surplus.jsonl"

    @property
    def usage(self) -> Path:
        return self.path / "usage.jsonl"

    @property
    def journal(self) -> Path:
        """The file of paid answers: the run's own, unless it shares one."""
        return Path(self.config.journal) if self.config.journal is not None else self.path / "journal.sqlite"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints.sqlite"

    def close(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def refuse_existing(path: Path) -> None:
    """Make sure that a new run can be put into ``path``: that nothing is there.

    Raises:
        RunExistsError: a run, a file or anything else is there; the text says what to do.
        RunFolderError: it cannot be looked into.
    """
    try:
        names = {entry.name for entry in path.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise RunExistsError(f"{path} is a file. Choose another --output.") from None
    except OSError as error:
        raise RunFolderError(f"{path} cannot be read: {error.strerror}.") from None
    if "run.yaml" in names:
        raise RunExistsError(f"{path} exists. Go on with: fr-agents resume {path}, or choose another --output.")
    if names and ("run.lock" not in names or names - _LEFT_OVER):  # a killed process has left its lock, too
        raise RunExistsError(f"{path} exists and is no run. Choose another --output.")


def _versions(world_version: str) -> dict[str, str]:
    return {"package_version": fr_agents.__version__, "world_version": world_version}


def _read(path: Path) -> tuple[RunConfig, dict[str, str], str | None, None, str]:
    """The configuration, the versions, the graph's digest and the id in run.yaml, if this version can read it; in the
    order in which a folder takes them, without a lock."""
    file = path / "run.yaml"
    try:
        data = read_yaml(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        what = "is no run: it has no run.yaml" if path.is_dir() else "is no run folder"
        raise RunFolderError(f"{path} {what}.") from None
    except (OSError, UnicodeDecodeError, ConfigError) as error:
        raise RunFolderError(f"{file} cannot be read: {error}") from None
    if not isinstance(data, dict) or data.get("schema") != FOLDER_SCHEMA:
        raise RunFolderError(f"{path} was written in another form than this version's: {_of_version(data)}.")
    try:
        config = parse_config({key: value for key, value in data.items() if key not in _HEADER})
    except ConfigError as error:
        raise RunFolderError(f"{file} is damaged: {error}") from None
    if configuration_hash(config) != data.get("configuration"):
        raise RunFolderError(
            f"{file} was changed after the run began ({_of_version(data)}): what is added would not fit what is there. "
            "Begin a new run."
        )
    versions = {key: str(data.get(key, _UNKNOWN)) for key in _versions("")}
    return config, versions, data.get("graph"), None, str(data.get("id", ""))


def _of_version(data: Any) -> str:
    theirs = data.get("package_version", _UNKNOWN) if isinstance(data, dict) else _UNKNOWN
    schema = data.get("schema", "none") if isinstance(data, dict) else "none"
    return f"it is by fr-agents {theirs}, schema {schema}; this is {fr_agents.__version__}, schema {FOLDER_SCHEMA}"
