"""What the lines of the comparison come to: yields, shares with intervals, the paired difference, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import comb, sqrt

from benchmarks.real_model_job import ARMS, HINTS, RETRIES
from graphs.usage import Usage, added, total
from tools.base import JsonObject

_Z = 1.959964  # both tails of a normal distribution hold 5 %


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson's score: sound for few trials and for shares near 0 and 1."""
    if not whole:
        return 0.0, 1.0
    share, spread = part / whole, _Z * _Z / whole
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    # But for rounding the interval holds the share as it is.
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def mcnemar(one: int, other: int) -> float:
    """The exact two-sided p of McNemar's test, where ``one`` and ``other`` are the pairs that only one side won."""
    trials = one + other
    tail = sum(comb(trials, wins) for wins in range(min(one, other) + 1))
    return min(1.0, 2 * tail / 2**trials)


def pairs(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """The jobs that were continued in both ways."""
    return [row for row in rows if all(arm in row for arm in ARMS)]


def funnel(rows: Sequence[JsonObject]) -> dict[str, int]:
    """How many jobs came to each stage without hints, and how many were continued."""
    lost = Counter(row["blind"]["stage"] for row in rows)
    traced = len(rows) - lost["sampler"]
    asked = traced - lost["author"]
    accepted = sum(row["blind"]["accepted"] for row in rows)
    return {
        "jobs": len(rows),
        "trace": traced,
        "query": asked,
        "blind": asked - lost["refiner"],
        "accepted": accepted,
        "pairs": len(pairs(rows)),
    }


def reasons(ends: Iterable[JsonObject]) -> dict[str, int]:
    """How often which rejection occurs, the most frequent first."""
    found = Counter(f"{end['stage']}: {end['reason']}" for end in ends if end["reason"])
    return dict(found.most_common())


def errors(rows: Iterable[JsonObject], part: str) -> list[dict[str, int]]:
    """For each attempt of a part how often it had which error; ``passed`` where it had none."""
    found: list[Counter[str]] = []
    for row in rows:
        for index, error in enumerate(row[part]["errors"] if part in row else ()):
            if index == len(found):
                found.append(Counter())
            found[index][error or "passed"] += 1
    return [dict(counter.most_common()) for counter in found]


def compared(rows: Sequence[JsonObject]) -> JsonObject:
    """The pairs: accepted in each arm with the interval of the share, won by one alone, and p."""
    both = pairs(rows)
    wins = {arm: sum(row[arm]["accepted"] for row in both) for arm in ARMS}
    alone = {
        arm: sum(row[arm]["accepted"] and not row[other]["accepted"] for row in both)
        for arm, other in ((HINTS, RETRIES), (RETRIES, HINTS))
    }
    return {
        "pairs": len(both),
        "accepted": wins,
        "interval": {arm: wilson(wins[arm], len(both)) for arm in ARMS},
        "alone": alone,
        "p": mcnemar(alone[HINTS], alone[RETRIES]),
    }


def spent(rows: Iterable[JsonObject], part: str) -> Usage:
    """What all models cost in a part, by role."""
    result: Usage = {}
    for row in rows:
        result = added(result, row[part]["usage"] if part in row else {})
    return result


def cost(rows: Sequence[JsonObject], arm: str) -> JsonObject:
    """What an accepted turn costs where failed ones are continued as in ``arm``: by role and in all, everything
    included that was spent on turns that were lost. None where no turn was accepted."""
    accepted = sum(row["blind"]["accepted"] for row in rows) + sum(row[arm]["accepted"] for row in pairs(rows))
    usage = added(spent(rows, "blind"), spent(rows, arm))
    return {
        "accepted": accepted,
        "untold": total(usage)["untold"],
        "roles": {role: _each(counts, accepted) for role, counts in usage.items()},
        "all": _each(total(usage), accepted),
    }


def _each(counts: dict[str, int], accepted: int) -> JsonObject | None:
    if not accepted:
        return None
    read, written = counts["prompt_tokens"], counts["completion_tokens"]
    figures = {"calls": counts["calls"], "tokens": read + written, "written": written}
    return {name: number / accepted for name, number in figures.items()}
