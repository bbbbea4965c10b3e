"""A note in shared memory of the tool that runs right now: it can be read whatever that tool does to its process."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import NamedTuple

_HEAD = struct.Struct("<QI")
_SIZE = 1024


class Sighting(NamedTuple):
    """What the note says: how often it changed, the calls begun by then, and the tool that runs, if one does."""

    changes: int
    calls: int
    tool: str | None


class CallNote:
    """The note on a page of ``handle``, an open file of its size; one process writes and another one reads.

    A call that blocks inside of an extension stops every thread of its process, so that nothing else than memory could
    tell of it. Writing costs well under a microsecond, and no lock: a note that is read half written is read again.
    """

    def __init__(self, handle: int) -> None:
        self._page = mmap.mmap(handle, _SIZE)
        self._changes = 0

    def begin(self, tool: str) -> None:
        """A call begins."""
        name = tool.encode("utf-8", "replace")[: _SIZE - _HEAD.size]
        self._page[_HEAD.size : _HEAD.size + len(name)] = name
        self._changes += 1
        _HEAD.pack_into(self._page, 0, self._changes, len(name))

    def end(self) -> None:
        """The call is over, however it went."""
        self._changes += 1
        _HEAD.pack_into(self._page, 0, self._changes, 0)

    def read(self) -> Sighting:
        """What the other process wrote last."""
        changes, length = _HEAD.unpack_from(self._page, 0)
        name = self._page[_HEAD.size : _HEAD.size + length].decode("utf-8", "replace")
        return Sighting(changes, (changes + 1) // 2, name if changes % 2 else None)

    def close(self) -> None:
        """Give the memory back."""
        self._page.close()


@contextmanager
def shared_note() -> Iterator[tuple[CallNote, int]]:
    """A note with the handle by which a child process opens the same one."""
    with TemporaryFile() as file:
        file.truncate(_SIZE)
        note = CallNote(file.fileno())
        try:
            yield note, file.fileno()
        finally:
            note.close()
