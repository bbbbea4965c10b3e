"""One process for one run folder."""

from __future__ import annotations

import fcntl
import os
import re
from datetime import datetime
from pathlib import Path
from types import TracebackType

from fr_agents.errors import RunFolderError, RunInUseError

_CONTENTS = re.compile(r"process (\d+) since (\S+)")


def holder(folder: Path) -> str | None:
    """The live process that works on the run in ``folder``, in words; None where there is none."""
    path = folder / "run.lock"
    if not _signed_by_live_process(path):
        return None
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _signature(path)
    return None


class FolderLock:
    """An exclusive lock on ``folder/run.lock``, held until it is released.

    The kernel holds it (``flock``), so that it ends with its process, also after kill -9: a file that was left behind
    locks nothing. The file tells who holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "run.lock"
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            RunInUseError: a process holds it; this one, too, counts.
            RunFolderError: the file cannot be opened.
        """
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise RunFolderError(f"{self.path} cannot be written: {error.strerror}.") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._sign(file)
        except BlockingIOError:
            os.close(file)
            raise RunInUseError(f"{self.path.parent} is in use by {_signature(self.path)}.") from None
        except BaseException:
            os.close(file)
            raise
        self._file = file

    def release(self) -> None:
        """Give the lock back; the file stays, because to remove it would let two processes lock two files."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> FolderLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _sign(self, file: int) -> None:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} since {started}\n".encode(), 0)


def _signed_by_live_process(path: Path) -> bool:
    """Whether the process that signed the file lives. Asked first: to try the lock of a run that nobody works on could
    keep out whoever takes it at the same moment."""
    try:
        match = _CONTENTS.match(path.read_text(encoding="utf-8", errors="replace"))
        if match is None:
            return False
        os.kill(int(match[1]), 0)
    except (FileNotFoundError, ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # somebody else's process
    return True


def _signature(path: Path) -> str:
    """Who signed the file."""
    match = _CONTENTS.match(path.read_text(encoding="utf-8", errors="replace"))
    if match is None:  # it has taken the lock and not yet signed
        return "another process"
    started = datetime.fromisoformat(match[2]).astimezone()
    today = started.date() == datetime.now().astimezone().date()
    return f"process {match[1]} since {started:%H:%M}" + ("" if today else f" of {started:%Y-%m-%d}")
