"""Coverage as a person reads it: a line and warnings for ``status``, and the whole table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from fr_agents.coverage import CoverageTable, Row

_SHOWN = 3
_INDENT = 12


def coverage_lines(table: CoverageTable) -> list[str]:
    """How much of what can be asked for is covered, with what is rarest, and warnings for the rest."""
    parts = [f"{_share(rows)} {noun}" for noun, rows in (("targets", table.targets), ("edges", table.edges)) if rows]
    rows = table.edges or table.targets
    rare = sorted((row for row in rows if row.covered), key=lambda row: (row.covered, row.item.told()))[:1]
    seldom = "".join(f" (rare: {row.item.told()} {row.covered})" for row in rare)
    lines = [_line("coverage", f"{', '.join(parts)}{seldom}")] if parts else []
    never = [f"{row.item.told()} ({_reasons(row)})" for row in _never(table)]
    lines += [_line("never", f"asked for and never accepted: {_listed(never)}")] if never else []
    left_out = list(table.uncovered)
    lines += [_line("left out", f"cannot be covered: {_listed(left_out)}")] if left_out else []
    return lines


def coverage_table(table: CoverageTable) -> Group:
    """All rows, targets first, and what cannot be covered."""
    parts: list[Table | Text] = [_rows("target", table.targets)]
    if table.edges:
        parts += [Text(""), _rows("edge", table.edges)]
    if table.uncovered:
        parts += [Text(""), Text("cannot be covered", style="bold"), *(Text(f"  {told}") for told in table.uncovered)]
    return Group(*parts)


def _rows(title: str, rows: Sequence[Row]) -> Table:
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    shown.add_column(title, overflow="fold")
    for heading in ("asked", "accepted", "in turns"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("rejected", overflow="fold")
    for row in rows:
        style = "yellow" if row.asked and not row.covered else ""
        numbers = (str(row.asked), str(row.accepted), str(row.covered))
        shown.add_row(Text(row.item.told()), *numbers, Text(_by_reason(row)), style=style)
    return shown


def _never(table: CoverageTable) -> Iterator[Row]:
    """What was asked for and is in no accepted turn; edges of a target that is not there at all go without saying."""
    missing = {row.tool for row in table.targets if row.asked and not row.covered}
    yield from (row for row in table.targets if row.tool in missing)
    yield from (row for row in table.edges if row.asked and not row.covered and row.tool not in missing)


def _share(rows: Sequence[Row]) -> str:
    return f"{sum(1 for row in rows if row.covered)}/{len(rows)}"


def _by_reason(row: Row) -> str:
    return ", ".join(f"{reason} {number}" for reason, number in row.rejected.items())


def _reasons(row: Row) -> str:
    return f"asked {row.asked}" + (f": {_by_reason(row)}" if row.rejected else "")


def _listed(items: Sequence[str]) -> str:
    more = len(items) - _SHOWN
    return "; ".join(items[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _line(label: str, text: str) -> str:
    return f"{label:<{_INDENT}} {text}"
