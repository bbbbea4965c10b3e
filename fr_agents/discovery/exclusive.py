"""One process at a time discovers a graph; whoever wants the same one waits for it instead of probing too."""

from __future__ import annotations

import fcntl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import IO

import anyio

# The stage that a waiting process tells of.
WAITING = "another process is discovering its graph"
_LOOK_EVERY = 0.2


@asynccontextmanager
async def exclusive(path: Path, on_wait: Callable[[], None]) -> AsyncIterator[None]:
    """Hold the lock of the file at ``path``, which is made if it is not there; cancelling ends the wait for it.

    Where no lock can be had (a folder that cannot be written, a file system without locks) it goes on without: probed
    twice is better than not at all.

    Args:
        path: The file. It stays, because to remove it would let two processes lock two files.
        on_wait: Is called, in the event loop, as often as another process was found to hold it.
    """
    with _Lock(path) as lock:
        while not await anyio.to_thread.run_sync(lock.acquire):
            on_wait()
            await anyio.sleep(_LOOK_EVERY)
        yield


class _Lock:
    """The kernel holds it (``flock``), so that it ends with its process, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Whether nobody else has it."""
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("ab")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # there is no lock to wait for
            return True
        return True

    def __enter__(self) -> _Lock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
