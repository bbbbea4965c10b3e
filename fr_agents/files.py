"""Writing files so that a kill at any moment leaves the old one or the new one, and reading lines that may be torn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_BLOCK = 1 << 16


def write_atomically(path: Path, text: str) -> None:
    """Replace the file at ``path``; afterwards it is on the disk."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
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
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.endswith(b"\n"):
                yield number, line


def cut_torn_line(handle: int) -> None:
    """Cut the file at ``handle`` after its last newline: what follows was torn by a kill in the middle of a write."""
    size = os.fstat(handle).st_size
    end = _after_last_newline(handle, size)
    if end != size:
        os.ftruncate(handle, end)
        os.fsync(handle)


def _after_last_newline(handle: int, size: int) -> int:
    end = size
    while end > 0:
        start = max(0, end - _BLOCK)
        position = os.pread(handle, end - start, start).rfind(b"\n")
        if position >= 0:
            return start + position + 1
        end = start
    return 0
