"""A run's numbers as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fr_agents.funnel import KEPT, PLAIN, TOTAL, Cost, RunSummary, counted, percent
from fr_agents.funnel_paid import paid_lines, paid_part
from graphs.usage import total

_SHOWN_TOOLS = 3
_AS_SOLVED = "as solved"


def status_lines(summary: RunSummary, coverage: Sequence[str] = ()) -> list[str]:
    """The summary for a person: the funnel, where jobs were lost, attempts, noise, cost, ``coverage`` (the lines of
    what was asked for, or without them the tools that occur), and what was paid."""
    lines = [_headline(summary), funnel_line(summary), *_turns_line(summary)]
    for label, text in (
        ("lost at", "   ".join(_lost(stage, reasons) for stage, reasons in summary.rejected.items())),
        ("attempts", "   ".join(_shares(summary.attempts, sum(summary.attempts.values())))),
        ("thoughts", _thoughts(summary)),
        ("paths", _paths(summary)),
        ("noise", _noise(summary)),
        ("models", _cost(summary)),
        ("by role", "   ".join(_by_role(summary))),
        ("coverage", "" if coverage else _coverage(summary)),
    ):
        if text:
            lines.append(f"{label:<12} {text}")
    return [*lines, *coverage, *_paid_lines(summary)]


def funnel_line(summary: RunSummary) -> str:
    """``jobs 131 → trace 128 → ... → kept 100 (76 %)``."""
    return _passed("jobs", summary.jobs, summary)


def model_part(summary: RunSummary) -> str:
    """``paid 1,204 calls, 81 k tokens in, ...`` where a ledger tells it, else ``1,204 model calls, 81,234 tokens (8,123
    for each accepted)``; empty where no model was called."""
    if paid := _paid(summary):
        return f"paid {paid}"
    if not summary.usage:
        return ""
    counts = total(summary.usage)
    tokens = counts["prompt_tokens"] + counts["completion_tokens"]
    cost = summary.per_accepted.get(TOTAL)
    each = f" ({cost.tokens:,.0f} for each accepted)" if cost else ""
    return f"{counted(counts['calls'], 'model call')}, {counted(tokens, 'token')}{each}"


def _headline(summary: RunSummary) -> str:
    state = "complete" if summary.complete else "not complete"
    place = f" · {summary.path}" if summary.path else ""
    return f"{summary.name} · {summary.accepted} of {summary.wanted} accepted · {state}{place}"


def _turns_line(summary: RunSummary) -> list[str]:
    """Turns were begun that have a trace, or whose search for one ended their job."""
    begun = summary.passed["turns"]["trace"] + summary.lost_in("sampler")
    return [_passed("turns", begun, summary)] if begun else []


def _passed(what: str, begun: int, summary: RunSummary) -> str:
    passed = summary.passed[what]
    steps = " → ".join(f"{has} {number}" for has, number in passed.items())
    return f"{what} {begun} → {steps} ({percent(passed[KEPT], begun)})"


def _lost(stage: str, reasons: Mapping[str, int]) -> str:
    return f"{stage}: " + ", ".join(f"{reason} {number}" for reason, number in reasons.items())


def _shares(counts: Mapping[str, int], whole: int) -> list[str]:
    """``blind 58 %``, for each key."""
    return [f"{key} {percent(number, whole)}" for key, number in counts.items()]


def _thoughts(summary: RunSummary) -> str:
    """Nothing where every turn is published as it was solved."""
    if set(summary.thoughts) <= {_AS_SOLVED}:
        return ""
    return "   ".join(_shares(summary.thoughts, summary.turns))


def _paths(summary: RunSummary) -> str:
    depth = summary.depth
    if not depth:
        return ""
    turns = sum(depth.values())
    chained = sum(number for length, number in depth.items() if length > 1)
    each = ", ".join(f"{length}: {number}" for length, number in depth.items())
    padded = f" · padded traces: {summary.padded}" if summary.padded else ""
    return f"{percent(chained, turns)} of {turns} turns depend on two or more calls in a row (length {each}){padded}"


def _noise(summary: RunSummary) -> str:
    """Nothing where every request is plain. Operators compose, so that the shares come to more than all."""
    if set(summary.noise) <= {PLAIN}:
        return ""
    return "   ".join(_shares(summary.noise, summary.turns))


def _cost(summary: RunSummary) -> str:
    if not summary.usage:
        return ""
    counts = total(summary.usage)
    tokens = f"{counts['prompt_tokens']:,} tokens in, {counts['completion_tokens']:,} out"
    parts = [f"{counted(counts['calls'], 'call')}, {tokens}"]
    if TOTAL in summary.per_accepted:
        parts.append(f"{_each(summary.per_accepted[TOTAL])} for each accepted trajectory")
    rejected = total(summary.usage_of_rejected)["calls"]
    if rejected:
        parts.append(f"{percent(rejected, counts['calls'])} of the calls for rejected jobs")
    if counts["untold"]:
        parts.append(f"of {counted(counts['untold'], 'call')} the server told no tokens")
    return " · ".join(parts)


def _paid(summary: RunSummary) -> str:
    """Nothing where there is no ledger, or where no model was needed yet."""
    ledger = summary.ledger
    if ledger is None or not (ledger.total.calls or summary.usage):
        return ""
    return paid_part(ledger, summary.accepted)


def _paid_lines(summary: RunSummary) -> list[str]:
    if summary.ledger is None or not (paid := _paid(summary)):
        return []
    return [f"{'paid':<12} {paid}", *paid_lines(summary.ledger)]


def _by_role(summary: RunSummary) -> list[str]:
    """Nothing where a ledger has a table of the roles."""
    if summary.ledger is not None and summary.ledger.total.calls:
        return []
    return [f"{role} {_each(cost)}" for role, cost in summary.per_accepted.items() if role != TOTAL]


def _each(cost: Cost) -> str:
    return f"{cost.calls:,.1f} calls, {cost.tokens:,.0f} tokens"


def _coverage(summary: RunSummary) -> str:
    if not summary.tools:
        return ""
    rare = sorted(summary.tools.items(), key=lambda item: (item[1], item[0]))[:_SHOWN_TOOLS]
    seldom = ", ".join(f"{name} {number}" for name, number in rare)
    return (
        f"{counted(len(summary.tools), 'tool')} in {counted(len(summary.environments), 'environment')} (rare: {seldom})"
    )
