"""The file of checkpoints: its form, and how it is kept from growing."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

import aiosqlite
import anyio

from fr_agents.checkpointing.rows import CREATE
from fr_agents.errors import RunFolderError
from fr_agents.sqlite_file import FAILURES, SqliteForm

_BEGUN_ANEW = "A run whose checkpoints.sqlite was deleted begins its unfinished jobs anew and keeps all records."
FORM = SqliteForm(
    name="file of checkpoints",
    short="file of checkpoints",
    application=0x46524143,  # "FRAC"
    schema=1,
    create=CREATE,
    elsewhere=f"move it away. {_BEGUN_ANEW}",
    remedy=f"delete it. {_BEGUN_ANEW}",
    # A log that a burst of writes made long is cut again, and no SQL out of a file does more than SQL that is ours.
    pragmas=("journal_size_limit = 4194304", "trusted_schema = OFF"),
    # Pages of deleted threads can go back to the file system.
    lasting=("auto_vacuum = INCREMENTAL",),
)
# Free pages that are left for what running threads write next: 4 MB.
SPARE_PAGES = 1024
_MOST_PAGES_AT_ONCE = 50_000


async def refuse_damaged(connection: aiosqlite.Connection, path: Path) -> None:
    """Look through the file before anybody relies on it: it holds unfinished threads alone, so that is soon done.

    Raises:
        RunFolderError: it is damaged; the text says what to do.
    """
    try:
        ((found,),) = await connection.execute_fetchall("PRAGMA quick_check(1)")
    except FAILURES as error:
        raise RunFolderError(FORM.problem(path, error)) from error
    if found != "ok":
        raise RunFolderError(FORM.damaged(path, found))


async def give_back(connection: aiosqlite.Connection, spare: int = 0) -> None:
    """Give free pages beyond ``spare`` back to the file system. What cannot be given back is no loss: it is used again.

    To be called outside of transactions.
    """
    with anyio.CancelScope(shield=True), suppress(sqlite3.Error):
        ((free,),) = await connection.execute_fetchall("PRAGMA freelist_count")
        if free > spare:
            # As a script, since a mere statement stops after its first page.
            await connection.executescript(f"PRAGMA incremental_vacuum({min(free - spare, _MOST_PAGES_AT_ONCE)})")
