"""The folder of a run: its files, who may use it, and the configuration that it was begun with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from fr_agents.config.run import RunConfig
from fr_agents.discovery.run_graph import RunGraph
from fr_agents.errors import RunExistsError, RunFolderError
from fr_agents.graph_file import read_graph, write_graph
from fr_agents.lock import FolderLock
from fr_agents.run_file import Begun, read_run_file, versions_now, write_run_file
from tools.graph import ApiGraph

# What a process that was killed before it wrote run.yaml leaves behind.
_LEFT_OVER = {"run.lock", "run.yaml.tmp", "graph.json", "graph.json.tmp"}


class RunFolder:
    """A run's folder. From ``create`` and ``open`` it is locked until it is closed; ``look`` only reads."""

    def __init__(self, path: Path, begun: Begun, lock: FolderLock | None = None) -> None:
        self.path = path
        self._begun = begun
        self._lock = lock
        self._graph: RunGraph | None = None

    @property
    def config(self) -> RunConfig:
        """The configuration that the run was begun with, with the limits that it has now."""
        return self._begun.config

    @property
    def versions(self) -> Mapping[str, str]:
        """What the run was begun by: ``package_version`` and ``world_version``."""
        return self._begun.versions

    @property
    def id(self) -> str:
        """The run itself, wherever its folder is moved, as a journal knows it."""
        return self._begun.id

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
        digest = None if graph is None else graph.digest
        folder = cls(path, Begun(config, versions_now(world_version), digest, uuid4().hex), lock)
        try:
            refuse_existing(path)  # again: another process may have been faster
            folder._begin(graph)
        except OSError as error:
            lock.release()
            raise _unwritable(path, error) from None
        except BaseException:
            lock.release()
            raise
        return folder

    def _begin(self, graph: RunGraph | None) -> None:
        """Write what it is begun with. It is a run from the moment on that its run.yaml is there."""
        if graph is not None:
            write_graph(self.path, graph)
            self._graph = graph
        write_run_file(self.path, self._begun)

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
        return cls(path, read_run_file(path))

    def keep_limits(self, config: RunConfig) -> None:
        """Go on with the limits of ``config``, from here on and whenever the run is resumed again. Needs the lock.

        Raises:
            RunFolderError: it cannot be written; the run keeps the limits that it had.
        """
        if config.limits == self.config.limits:
            return
        begun = replace(self._begun, config=self.config.model_copy(update={"limits": config.limits}))
        try:
            write_run_file(self.path, begun)
        except OSError as error:
            raise _unwritable(self.path, error) from None
        self._begun = begun

    def refuse_other_versions(self, world_version: str) -> None:
        """Make sure that what is added to the run is made by the same code as what is there.

        Raises:
            RunFolderError: fr-agents or the world is now in another version; the text says what to do.
        """
        found = []
        for key, now in versions_now(world_version).items():
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
            self._graph = read_graph(self.path, self._begun.graph)
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
    def jobs(self) -> Path:
        """The file of what is counted of each finished job."""
        return self.path / "jobs.jsonl"

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


def _unwritable(path: Path, error: OSError) -> RunFolderError:
    return RunFolderError(f"{error.filename or path} cannot be written: {error.strerror}.")
