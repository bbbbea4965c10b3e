"""What a run has paid for, added up from its journal: read while it is live as well as after it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pydantic import Field

from fr_agents.errors import RunFolderError
from fr_agents.journal.amount import Amount
from fr_agents.journal.file import problem, refuse_others
from tools.base import Record

_SUMMED = (
    "calls",
    "tries",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "untold",
    "seconds",
)
_SUMS = ", ".join(f"SUM({name})" for name in _SUMMED)
_UNPRICED = "SUM(calls) FILTER (WHERE money IS NULL)"
_BY = "SELECT {by}, {sums}, SUM(refusal IS NOT NULL), {unpriced}, SUM(money) FROM calls WHERE run = ? GROUP BY {by}"
_CHARGED = "SELECT TOTAL(calls), TOTAL(charged_tokens), TOTAL(charged_usd) FROM calls WHERE run = ?"
_BUSY_SECONDS = 10.0


class Counts(Record):
    """What calls of models came to.

    Attributes:
        calls: Answers that were paid for; also those that were of no use and were asked for again.
        tries: Requests that were sent for them, those that failed on the way included.
        cached_tokens: Those of ``prompt_tokens`` that the server had read before.
        reasoning_tokens: Those of ``completion_tokens`` that were thoughts.
        untold: Calls whose tokens the server did not tell, so that they are in no other number.
        seconds: For which models were waited for, all calls one after the other.
        refused: Requests that a model refused.
        unpriced: Calls whose cost is not known: the model has no price, or the server told no tokens.
        money: In USD; None where the cost of any call is not known.
    """

    calls: int = 0
    tries: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    untold: int = 0
    seconds: float = 0.0
    refused: int = 0
    unpriced: int = 0
    money: float | None = 0.0


class Ledger(Record):
    """What a run has paid for, in all of its processes, and nothing of what its journal gave it for nothing.

    ``by_stage`` names the nodes that called, and ``by_model`` the models that answered, as the configuration does.
    ``faults`` counts, by kind, what tries failed of.
    """

    total: Counts = Counts()
    by_role: dict[str, Counts] = Field(default_factory=dict)
    by_stage: dict[str, Counts] = Field(default_factory=dict)
    by_model: dict[str, Counts] = Field(default_factory=dict)
    faults: dict[str, int] = Field(default_factory=dict)


def read_ledger(path: str | Path, run: str) -> Ledger:
    """The ledger of ``run`` from the journal at ``path``; an empty one where there is no journal, since a run by rules
    alone has none.

    Raises:
        RunFolderError: the journal cannot be read.
    """
    with _reading(Path(path)) as connection:
        if connection is None:
            return Ledger()
        # One moment of the file for all of them, so that they agree while the run goes on.
        connection.execute("BEGIN")
        total = _counts(connection, "run", run)
        return Ledger(
            total=total.get(run, Counts()),
            by_role=_counts(connection, "role", run),
            by_stage=_counts(connection, "stage", run),
            by_model=_counts(connection, "model", run),
            faults=_faults(connection.execute("SELECT faults FROM calls WHERE run = ? AND faults <> '{}'", (run,))),
        )


def spent_before(path: str | Path, run: str) -> Amount:
    """What ``run`` has spent of its budget by now, for the process that goes on with it. Raises RunFolderError."""
    with _reading(Path(path)) as connection:
        if connection is None:
            return Amount()
        calls, tokens, usd = connection.execute(_CHARGED, (run,)).fetchone()
        return Amount.of(int(calls), int(tokens), usd)


def _counts(connection: sqlite3.Connection, by: str, run: str) -> dict[str, Counts]:
    rows = connection.execute(_BY.format(by=by, sums=_SUMS, unpriced=_UNPRICED), (run,))
    return {str(row[0]): _summed(row[1:]) for row in rows}


def _summed(sums: Sequence[Any]) -> Counts:
    *counted, refused, unpriced, money = sums
    return Counts(
        **dict(zip(_SUMMED, counted, strict=True)),
        refused=refused,
        unpriced=unpriced or 0,
        money=None if unpriced else money or 0.0,
    )


def _faults(rows: Iterable[Sequence[str]]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for (faults,) in rows:
        counted.update(json.loads(faults))
    return dict(sorted(counted.items()))


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that cannot write; None where there is no file."""
    if not path.exists():
        yield None
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)) as opened:
            opened.isolation_level = None
            if opened.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
                yield None  # a process was killed before it had written anything
                return
            (application,) = opened.execute("PRAGMA application_id").fetchone()
            (version,) = opened.execute("PRAGMA user_version").fetchone()
            refuse_others(path, application, version)
            yield opened
    except sqlite3.Error as error:
        raise RunFolderError(problem(path, error)) from error
