"""The figures of sampling as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.graph import DOCUMENT
from tools.base import JsonObject

BEGIN, END = "<!-- sampling: made by `make bench-sampling` -->", "<!-- end of sampling -->"

_SIZES = {
    "tools": lambda row: f"{row['tools']:,}",
    "edges": lambda row: f"{row['edges']:,}",
    "seconds to build": lambda row: f"{row['build_seconds']:.2f}",
    "seconds to rank": lambda row: f"{row['costs_seconds']:.2f}",
    "seconds to list values": lambda row: f"{row['values_seconds']:.2f}",
    "MB": lambda row: f"{row['megabytes']:.1f}",
    "step, µs": lambda row: f"{row['step_microseconds']:,}",
    "95 % of steps, µs": lambda row: f"{row['step_microseconds_95']:,}",
    "relaxed plan, µs": lambda row: f"{row['plan_microseconds']:,}",
}
_REACH = {
    "world": lambda row: f"`{row['world']}`",
    "targets": lambda row: str(row["tried"]),
    "reachable": lambda row: str(row["reachable"]),
    "reached": lambda row: str(row["reached"]),
    "within one call": lambda row: str(row["within_one"]),
    "calls": lambda row: _number(row["calls"]),
    "shortest": lambda row: _number(row["shortest"]),
    "random legal, 1x / 2x / 4x": lambda row: _shares(row["legal"]),
    "anything, 1x / 2x / 4x": lambda row: _shares(row["anything"]),
}
_POLICIES = {
    "world": lambda row: f"`{row['world']}`",
    "policy": lambda row: f"`{row['policy']}`",
    "turns": lambda row: f"{row['turns']:,}",
    "calls": lambda row: f"{row['calls_per_turn']:.2f}",
    "needed": lambda row: f"{row['needed']:.3f}",
    "path": lambda row: f"{row['path']:.2f}",
    "path of 2+": lambda row: f"{row['path_of_two']:.2f}",
    "implicit": lambda row: f"{row['implicit']:.2f}",
    "looks up": lambda row: f"{row['looking_up']:.2f}",
    "uses earlier turns": lambda row: f"{row['cross_turn']:.2f}",
    "sequences": lambda row: str(row["sequences"]),
    "tools": lambda row: f"{row['tools']:.2f}",
    "edges": lambda row: f"{row['edges']:.2f}",
    "ms a turn": lambda row: f"{1000 * row['seconds'] / row['turns']:.0f}" if row["turns"] else "",
}

Columns = Mapping[str, Callable[[JsonObject], str]]


def tables(figures: Mapping[str, Sequence[JsonObject]]) -> str:
    """All tables, with what they leave to be said in words."""
    parts = [table(_SIZES, figures.get("sizes", ()))]
    reach = figures.get("reach", ())
    parts += [table(_REACH, reach), deep_targets(reach), not_reached(reach)]
    parts += [table(_POLICIES, figures.get("policies", ()))]
    return "\n\n".join(part for part in parts if part)


def write(text: str, document: Path = DOCUMENT, marks: tuple[str, str] = (BEGIN, END)) -> None:
    """Put the tables between their marks in a document.

    Raises:
        SystemExit: the document lacks the marks.
    """
    before, begin, rest = document.read_text(encoding="utf-8").partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise SystemExit(f"{document.name} lacks its marks {marks[0]!r} and {marks[1]!r}.")
    document.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def table(columns: Columns, rows: Sequence[JsonObject]) -> str:
    """One table; nothing where there are no rows."""
    if not rows:
        return ""
    lines = [list(columns), ["---"] * len(columns), *([cell(row) for cell in columns.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def deep_targets(rows: Sequence[JsonObject]) -> str:
    """A sentence on the targets that take four calls or more, over all worlds."""
    deep = sum(row["deep"] for row in rows)
    if not deep:
        return ""
    reached = sum(row["deep_reached"] for row in rows) / deep
    legal, anything = (weighted(rows, name) for name in ("deep_legal", "deep_anything"))
    often = f"{reached / legal[0]:.0f} times as often" if legal[0] else "where they never do"
    return (
        f"Where the shortest plan has four calls or more ({deep} in all), `directed` reaches {reached:.1%}. In as many "
        f"calls, twice and four times as many, random legal calls reach {_percentages(legal)}, and calling anything "
        f"{_percentages(anything)}: in the same number of calls `directed` gets there {often}."
    )


def weighted(rows: Sequence[JsonObject], name: str) -> list[float]:
    """The mean shares of a figure of deep targets over all worlds."""
    counted = [(row["deep"], row[name]) for row in rows if row["deep"]]
    total = sum(deep for deep, _ in counted)
    columns = zip(*(shares for _, shares in counted), strict=True)
    weights = [deep for deep, _ in counted]
    return [sum(weight * share for weight, share in zip(weights, column, strict=True)) / total for column in columns]


def not_reached(rows: Sequence[JsonObject]) -> str:
    """What `directed` missed, as a list; nothing where it missed nothing."""
    lines = []
    for key, text in {
        "not_reached": "not reached, though a plan exists",
        "longer": "reached, but not proved to be within one call of the shortest plan",
        "unreachable": "no plan found by anything",
    }.items():
        named = [f"{', '.join(row[key])} (`{row['world']}`)" for row in rows if row[key]]
        lines += [f"- {text}: {'; '.join(named)}"] if named else []
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _shares(shares: Sequence[float]) -> str:
    return " / ".join(f"{share:.2f}" for share in shares)


def _percentages(shares: Sequence[float]) -> str:
    return " / ".join(f"{share:.1%}" for share in shares)
