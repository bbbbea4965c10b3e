"""Writing files so that a kill at any moment leaves the old one or the new one, and reading lines that may be torn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 16


def write_atomically(path: Path, text: str) -> None:
    """Replace the file at ``path``; afterwards it is on the disk."""
    with replacing(path) as file:
        file.write(text.encode())


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of the one at ``path``, whole and on the disk, where the block ends without an
    exception; else that stays as it was."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the folder's list of names on the disk, so that a file that was just made is found after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line that ends in a newline, with its number from 1; a last line without one is still being written."""
    yield from enumerate(lines_from(path, 0), 1)


def lines_from(path: Path, offset: int) -> Iterator[bytes]:
    """The whole lines after the first ``offset`` bytes; none where there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return  # not one line more: the rest of it may be there by now
            yield line


def last_line(path: Path) -> bytes:
    """The last whole line, whatever is before it; empty where there is none."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        handle = file.fileno()
        end = _after_last_newline(handle, os.fstat(handle).st_size)
        start = _after_last_newline(handle, max(0, end - 1))
        return os.pread(handle, end - start, start)


def cut_torn_line(handle: int) -> int:
    """Cut the file at ``handle`` after its last newline: what follows was torn by a kill in the middle of a write.
    Returns how many bytes that were."""
    size = os.fstat(handle).st_size
    end = _after_last_newline(handle, size)
    if end != size:
        os.ftruncate(handle, end)
        os.fsync(handle)
    return size - end


def _after_last_newline(handle: int, size: int) -> int:
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        position = os.pread(handle, end - start, start).rfind(b"\n")
        if position >= 0:
            return start + position + 1
        end = start
    return 0
