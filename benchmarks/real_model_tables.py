"""The comparison of hints with blind retries as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.real_model_figures import compared, cost, errors, funnel, reasons
from benchmarks.real_model_job import ARMS, HINTS, RETRIES
from benchmarks.sampling_tables import Columns, table
from tools.base import JsonObject

MARKS = "<!-- real model: made by `make bench-real-model` -->", "<!-- end of real model -->"

_STAGES = {
    "jobs": "jobs",
    "trace": "with a trace",
    "query": "with a query",
    "blind": "solved blind",
    "accepted": "kept",
    "pairs": "continued in both ways",
}
_NAMES = {HINTS: "hints", RETRIES: "blind retries"}
_ARMS: Columns = {
    "continued with": lambda row: _NAMES[row["arm"]],
    "pairs": lambda row: str(row["pairs"]),
    "accepted": lambda row: str(row["accepted"]),
    "share": lambda row: f"{row['share']:.0%}",
    "95 % interval": lambda row: f"{row['interval'][0]:.0%} to {row['interval'][1]:.0%}",
    "only this one": lambda row: str(row["alone"]),
}
_COST: Columns = {
    "role": lambda row: row["role"],
    **{
        f"{what}, {_NAMES[arm]}": lambda row, arm=arm, key=key: _rounded(row[arm], key)
        for arm in ARMS
        for what, key in (("calls", "calls"), ("tokens", "tokens"), ("written", "written"))
    },
}


def tables(header: JsonObject, rows: Sequence[JsonObject]) -> str:
    """What was measured, the yield by stage, the comparison, errors by attempt, and what an accepted turn costs."""
    stages = funnel(rows)
    parts = [
        _described(header),
        table({name: lambda row, key=key: f"{row[key]:,}" for key, name in _STAGES.items()}, [stages]),
        _lost("Lost before any hint", reasons(row["blind"] for row in rows)),
        *_comparison(rows, header["hints"]),
        table(*_errors(rows)),
        *_costs(rows),
    ]
    return "\n\n".join(part for part in parts if part)


def _described(header: JsonObject) -> str:
    calls = header["calls_per_turn"]
    return (
        f"{header['date']}, {header['model']}, fr-agents {header['version']}. World `{header['world']}`, turns of at "
        f"most {calls} {'call' if calls == 1 else 'calls'}, tools shown "
        f"`{header['tools_shown']}`, {header['asked']}; {header['hints']} further attempts in each arm; configuration "
        f"`{header['configuration'][:12]}`."
    )


def _comparison(rows: Sequence[JsonObject], attempts: int) -> list[str]:
    figures = compared(rows)
    if not figures["pairs"]:
        return []
    lines = [
        {
            "arm": arm,
            "pairs": figures["pairs"],
            "accepted": figures["accepted"][arm],
            "share": figures["accepted"][arm] / figures["pairs"],
            "interval": figures["interval"][arm],
            "alone": figures["alone"][arm],
        }
        for arm in ARMS
    ]
    difference = (figures["accepted"][HINTS] - figures["accepted"][RETRIES]) / figures["pairs"]
    told = (
        f"The share with {attempts} hinted attempts less that with {attempts} blind ones: {100 * difference:+.0f} "
        f"points (McNemar's exact test on the pairs: p {_p(figures['p'])})."
    )
    lost = [_lost(f"Lost with {_NAMES[arm]}", reasons(row[arm] for row in rows if arm in row)) for arm in ARMS]
    return [table(_ARMS, lines), told, *lost]


def _errors(rows: Sequence[JsonObject]) -> tuple[Columns, list[JsonObject]]:
    """A row for each attempt: what was wrong with it, and how often."""
    listed = [("the first attempt", found) for found in errors(rows, "blind")]
    listed += [
        (f"{_NAMES[arm]}, attempt {index}", found)
        for arm in ARMS
        for index, found in enumerate(errors(rows, arm), start=1)
    ]
    columns: Columns = {"attempt": lambda row: row["attempt"], "came to": lambda row: row["came"]}
    return columns, [{"attempt": name, "came": _counts(found).replace("_", " ")} for name, found in listed]


def _costs(rows: Sequence[JsonObject]) -> list[str]:
    """What an accepted turn costs in each arm, by role; nothing where no model was asked."""
    figures = {arm: cost(rows, arm) for arm in ARMS}
    roles = dict.fromkeys(role for arm in ARMS for role in figures[arm]["roles"])
    if not roles:
        return []
    lines = [{"role": role, **{arm: figures[arm]["roles"].get(role) for arm in ARMS}} for role in roles]
    lines.append({"role": "all", **{arm: figures[arm]["all"] for arm in ARMS}})
    accepted = ", ".join(f"{figures[arm]['accepted']} with {_NAMES[arm]}" for arm in ARMS)
    untold = max(figures[arm]["untold"] for arm in ARMS)
    unknown = f" Of {untold} calls the server told no tokens." if untold else ""
    return [table(_COST, lines), f"Each for one accepted turn, with all that was lost ({accepted}).{unknown}"]


def _lost(what: str, found: dict[str, int]) -> str:
    return f"{what}: {_counts(found)}." if found else ""


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items())


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"= {value:.3f}"


def _rounded(figures: JsonObject | None, key: str) -> str:
    if figures is None:
        return ""
    return f"{figures[key]:.1f}" if key == "calls" else f"{figures[key]:,.0f}"
