"""What a run has paid for, as a person reads it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from fr_agents.journal.ledger import Counts, Ledger

_GAP = "   "


class _Column(NamedTuple):
    """A column of the table, and which of the numbers it shows; it is left out where nobody has any."""

    title: str
    value: Callable[[Counts], float | None]
    worded: Callable[[float], str]


def paid_part(ledger: Ledger, accepted: int) -> str:
    """``1,234 calls (12 retried), 1.2 M tokens in (34 % cached), 210 k out, 3.40 USD (0.020 USD per trajectory)``.

    Money that is not known is not told, except where it is known of some of the calls.
    """
    total = ledger.total
    if not total.calls:
        return "nothing: all answers were in the journal"
    retried = sum(ledger.faults.values())
    calls = _calls(total.calls) + (f" ({retried:,} retried)" if retried else "")
    return ", ".join([calls, *_tokens(total), *_money(ledger, accepted)])


def paid_lines(ledger: Ledger) -> list[str]:
    """A table by role and by model, and what had to be retried; nothing where nothing was paid."""
    if not ledger.total.calls:
        return []
    rows = {f"  {name}": counts for name, counts in (*ledger.by_role.items(), *ledger.by_model.items())}
    lines = list(_table(rows))
    lines.insert(1 + len(ledger.by_role), "")
    return [*lines, *_retried(ledger.faults)]


def usd(value: float) -> str:
    """``3.40 USD``; below ten cents with two digits that mean something."""
    digits = 2 if value <= 0 else max(2, 1 - math.floor(math.log10(value)))
    return f"{value:,.{digits}f} USD"


def short(number: float) -> str:
    """``1,234``, ``56 k``, ``1.2 M``."""
    if number < 10_000:
        return f"{number:,.0f}"
    if number < 999_500:
        return f"{number / 1e3:.0f} k"
    return f"{number / 1e6:,.1f} M"


def _tokens(total: Counts) -> Iterator[str]:
    if total.prompt_tokens:
        share = round(100 * total.cached_tokens / total.prompt_tokens)
        yield f"{short(total.prompt_tokens)} tokens in" + (f" ({share} % cached)" if total.cached_tokens else "")
        yield f"{short(total.completion_tokens)} out"
    if total.untold:
        yield f"tokens of {_calls(total.untold)} not told by the server"


def _money(ledger: Ledger, accepted: int) -> Iterator[str]:
    total = ledger.total
    if total.money is not None:
        each = f" ({usd(total.money / accepted)} per trajectory)" if accepted and total.money else ""
        yield usd(total.money) + each
    elif total.unpriced < total.calls:
        # What has one call without a price counts with nothing, so each way to add up gives no more than was paid.
        ways = (ledger.by_model, ledger.by_role, ledger.by_stage)
        least = max(sum(counts.money or 0.0 for counts in way.values()) for way in ways)
        unknown = f"price unknown for {_calls(total.unpriced)}"
        yield f"at least {usd(least)} ({unknown})" if least else unknown


def _retried(faults: Mapping[str, int]) -> Iterator[str]:
    if faults:
        most = sorted(faults.items(), key=lambda item: (-item[1], item[0]))
        yield "retried after: " + ", ".join(f"{kind.replace('_', ' ')} {times:,}" for kind, times in most)


def _table(rows: Mapping[str, Counts]) -> Iterator[str]:
    columns = [column for column in _COLUMNS if any(column.value(counts) for counts in rows.values())]
    cells = [["", *(column.title for column in columns)]]
    cells += [[name, *(_cell(column, counts) for column in columns)] for name, counts in rows.items()]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for name, *values in cells:
        right = (value.rjust(width) for value, width in zip(values, widths[1:], strict=True))
        yield _GAP.join([name.ljust(widths[0]), *right])


def _cell(column: _Column, counts: Counts) -> str:
    value = column.value(counts)
    return "?" if value is None else column.worded(value)


def _calls(number: int) -> str:
    return f"{number:,} call" if number == 1 else f"{number:,} calls"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


_COLUMNS = (
    _Column("calls", lambda counts: counts.calls, _whole),
    _Column("tokens in", lambda counts: counts.prompt_tokens, _whole),
    _Column("cached", lambda counts: counts.cached_tokens, _whole),
    _Column("tokens out", lambda counts: counts.completion_tokens, _whole),
    _Column("thoughts", lambda counts: counts.reasoning_tokens, _whole),
    _Column("refused", lambda counts: counts.refused, _whole),
    _Column("s a call", lambda counts: counts.seconds / counts.calls if counts.calls else 0.0, "{:.1f}".format),
    _Column("USD", lambda counts: counts.money, lambda value: usd(value).removesuffix(" USD")),
)
