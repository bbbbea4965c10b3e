"""The figures of runs as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.sampling_tables import Columns, table
from benchmarks.throughput_profile import ELSEWHERE, LAYERS, STEPS
from tools.base import JsonObject

MARKS = "<!-- throughput: made by `make bench` -->", "<!-- end of throughput -->"

_SPEED: Columns = {
    "world": lambda row: f"`{row['world']}`",
    "checkpoints": lambda row: row["checkpoints"],
    "jobs": lambda row: str(row["jobs"]),
    "accepted": lambda row: str(row["accepted"]),
    "trajectories a second": lambda row: f"{row['rate']:.1f}",
    "CPU ms each": lambda row: f"{row['cpu_ms']:.0f}",
    "of none": lambda row: f"{row['of_none']:.2f}",
    "rounds": lambda row: str(row["rounds"]),
}
_LAYERS: Columns = {
    "world": lambda row: f"`{row['world']}`",
    "checkpoints each": lambda row: f"{row['checkpoints']:.1f}",
    "CPU ms each": lambda row: f"{row['cpu_ms']:.0f}",
    **{name: lambda row, name=name: f"{row['layers'][name]:.0%}" for name in LAYERS},  # type: ignore[misc]
}
_STEPS: Columns = {
    "world": lambda row: f"`{row['world']}`",
    **{
        name: lambda row, name=name: f"{row['steps'][name]:.0%}"  # type: ignore[misc]
        for name in (*STEPS.values(), ELSEWHERE)
    },
}
_LATENCY: Columns = {
    "latency": lambda row: f"{row['latency']:g} s",
    "in flight": lambda row: str(row["in_flight"]),
    "calls a second": lambda row: f"{row['calls']:.0f}",
    "of the ideal": lambda row: f"{row['efficiency']:.2f}",
    "most in flight": lambda row: str(row["most_in_flight"]),
    "CPU ms a call": lambda row: f"{row['cpu_ms']:.1f}",
    "busy": lambda row: f"{row['client_busy']:.0%}",
    "endpoint busy": lambda row: f"{row['server_busy']:.0%}",
    "answers late, ms": lambda row: f"{row['server_late_ms']:.0f}",
}
_LIVE: Columns = {
    "turns": lambda row: str(row["turns"]),
    "trajectories": lambda row: str(row["trajectories"]),
    "checkpoints each": lambda row: f"{row['checkpoints']:.1f}",
    "KB while it runs": lambda row: f"{row['bytes'] / 1000:,.0f}",
    "KB a turn": lambda row: f"{row['bytes_per_turn'] / 1000:,.0f}",
}
_MANY: Columns = {
    "brief jobs": lambda row: f"{row['jobs']:,}",
    "accepted": lambda row: f"{row['accepted']:,}",
    "a second": lambda row: f"{row['rate']:.1f}",
    "peak memory, MB": lambda row: f"{row['memory_mb']:.0f}",
    "KB of checkpoints left each": lambda row: f"{row['left_bytes'] / 1000:.2f}",
}
_HOW = {"call": "`fr_agents.resume`", "command": "`fr-agents resume`"}
_RESUME: Columns = {
    "resumed by": lambda row: _HOW[row["how"]],
    "finished jobs": lambda row: f"{row['jobs']:,}",
    "MB of the folder": lambda row: f"{row['megabytes']:,.0f}",
    "seconds to the first step": lambda row: f"{row['seconds']:.1f}",
    "without loading Python": lambda row: f"{row['since_call']:.1f}",
}


def tables(figures: Mapping[str, Sequence[JsonObject]]) -> str:
    """All tables, in the order in which the document explains them."""
    latency = sorted(figures.get("latency", ()), key=lambda row: (row["latency"], row["in_flight"]))
    layers = figures.get("layers", ())
    parts = [
        table(_SPEED, compared(figures.get("speed", ()))),
        table(_LAYERS, layers),
        table(_STEPS, layers),
        table(_LATENCY, latency),
        table(_LIVE, figures.get("live", ())),
        table(_MANY, figures.get("many", ())),
        table(_RESUME, figures.get("resume", ())),
    ]
    return "\n\n".join(part for part in parts if part)


def compared(rows: Sequence[JsonObject]) -> list[JsonObject]:
    """Timed runs with their share of the speed that the same run has without checkpoints."""
    alone = {row["world"]: row["rate"] for row in rows if row["checkpoints"] == "none"}
    return [{**row, "of_none": row["rate"] / alone[row["world"]]} for row in rows]
