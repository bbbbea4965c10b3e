"""The journal's file: its form, and what is wrong with one that cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from fr_agents.sqlite_file import SqliteForm

_CREATE = """
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    key TEXT UNIQUE,
    run TEXT NOT NULL,
    job INTEGER,
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    step INTEGER NOT NULL,
    requested TEXT NOT NULL,
    model TEXT NOT NULL,
    answer TEXT,
    refusal TEXT,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    untold INTEGER NOT NULL,
    money REAL,
    charged_tokens INTEGER NOT NULL,
    charged_usd REAL NOT NULL,
    seconds REAL NOT NULL,
    tries INTEGER NOT NULL,
    faults TEXT NOT NULL
);
CREATE INDEX calls_of_run ON calls (run)
"""
FORM = SqliteForm(
    name="journal of answers",
    short="journal",
    application=0x4652414A,  # "FRAJ"
    schema=1,
    create=_CREATE,
    elsewhere="name another `journal`.",
    instead=", or name another `journal`",
    remedy="restore it from a copy, or move it away. Without it, a run buys the answers of unfinished jobs again, and "
    "forgets what it has spent.",
)


def problem(path: Path, error: sqlite3.Error) -> str:
    """What is wrong with the journal at ``path``, and what to do."""
    return FORM.problem(path, error)


def refuse_others(path: Path, application: int, version: int) -> None:
    """Raises RunFolderError for a file of somebody else, or of another version."""
    FORM.refuse_others(path, application, version)
