"""What the rest of a run will take, told from its first jobs.

A trajectory costs what its job costs, and the jobs that were rejected on the way to it. Both the cost of a job and the
share that is accepted are known from a few jobs only, so that each number comes as a range in which nine of ten
forecasts hold: drawn from what those few jobs leave possible.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

from fr_agents.config.models import Price
from fr_agents.job_facts import JobFacts
from graphs.usage import total
from tools.base import Record

_DRAWS = 1000
_LOW, _HIGH = 0.05, 0.95
# What is taken for granted of how costs spread, as if two jobs had shown it: without it, two that happen to be alike
# would promise that all are.
_SPREAD = 0.5
_JOBS_FOR_SPREAD = 2
_LARGEST = 14.0

Measure = Callable[[JobFacts], float]


class Range(Record):
    """A number that is not known yet: what is expected, and bounds that it stays between nine times of ten."""

    low: float
    expected: float
    high: float


class RoleForecast(Record):
    """What one role will take."""

    calls: Range
    prompt_tokens: Range
    completion_tokens: Range


class Forecast(Record):
    """What a run will still take.

    Attributes:
        accepted: Trajectories that were accepted among the ``jobs`` that it is told from.
        left: Accepted trajectories that are still wanted.
        money: In USD; none where a role that calls a model has no price.
        untold: Calls whose server told no tokens: tokens and money are too low where there are any.
        roles: The same for each role that calls a model.
    """

    jobs: int
    accepted: int
    left: int
    calls: Range
    prompt_tokens: Range
    completion_tokens: Range
    money: Range | None
    seconds: Range
    untold: int
    roles: dict[str, RoleForecast]


def forecast(
    done: Sequence[JobFacts],
    seconds: float,
    wanted: int,
    prices: Mapping[str, Price] | None = None,
    concurrency: int = 1,
    seed: int = 0,
) -> Forecast:
    """What ``wanted`` further trajectories will take, after ``done``: all jobs that were decided, rejected ones too.

    ``seconds`` passed while they were made, at most ``concurrency`` jobs at the same time, as later. ``prices`` are by
    role.

    Raises:
        ValueError: none of the jobs was accepted, so that nothing can be told of one that is.
    """
    if not any(job.accepted for job in done):
        raise ValueError(f"none of {len(done)} jobs was accepted: what an accepted trajectory takes cannot be told yet")

    def ranged(measure: Measure) -> Range:
        # The same draws for each measure, so that the sums of roles fit the whole.
        return _ranged(done, measure, wanted, random.Random(seed))  # noqa: S311 - statistics, not cryptography

    def counts(name: str) -> Range:
        return ranged(lambda job: total(job.usage)[name])

    return Forecast(
        jobs=len(done),
        accepted=sum(job.accepted for job in done),
        left=wanted,
        calls=counts("calls"),
        prompt_tokens=counts("prompt_tokens"),
        completion_tokens=counts("completion_tokens"),
        money=_money(done, prices or {}, ranged),
        seconds=_time(done, seconds, concurrency, ranged),
        untold=sum(total(job.usage)["untold"] for job in done),
        roles={role: _of_role(role, ranged) for role in _roles(done)},
    )


def _of_role(role: str, ranged: Callable[[Measure], Range]) -> RoleForecast:
    def of(name: str) -> Range:
        return ranged(lambda job: job.usage.get(role, {}).get(name, 0))

    return RoleForecast(calls=of("calls"), prompt_tokens=of("prompt_tokens"), completion_tokens=of("completion_tokens"))


def _money(done: Sequence[JobFacts], prices: Mapping[str, Price], ranged: Callable[[Measure], Range]) -> Range | None:
    """Nothing is guessed: one role without a price is enough for none."""
    roles = _roles(done)
    if not roles or not set(roles) <= set(prices):
        return None
    return ranged(lambda job: sum(_cost(prices[role], counts) for role, counts in job.usage.items()))


def _cost(price: Price, counts: Mapping[str, int]) -> float:
    prompt, completion = counts.get("prompt_tokens", 0), counts.get("completion_tokens", 0)
    return price.of(prompt, counts.get("cached_tokens", 0), completion)


def _time(done: Sequence[JobFacts], seconds: float, concurrency: int, ranged: Callable[[Measure], Range]) -> Range:
    """Not ``seconds`` by the number of jobs that are done: when the time was taken, others were under way, each of them
    half done on average. What is left takes at least as long as one job."""
    worked = len(done) + (concurrency - 1) / 2
    told = ranged(_part_of(done, seconds * len(done) / worked))
    shortest = min(seconds, seconds * concurrency / worked)
    return Range(**{name: max(value, shortest) for name, value in told})


def _part_of(done: Sequence[JobFacts], seconds: float) -> Measure:
    """What part of the time was a job's: what a model writes is what takes its time."""
    written = {job.job: total(job.usage)["completion_tokens"] for job in done}
    whole = sum(written.values())
    if not whole:
        return lambda job: seconds / len(done)
    return lambda job: seconds * written[job.job] / whole


def _ranged(done: Sequence[JobFacts], measure: Measure, wanted: int, draws: random.Random) -> Range:
    """What ``wanted`` accepted jobs measure together with the rejected ones that come with them."""
    accepted = [measure(job) for job in done if job.accepted]
    rejected = [measure(job) for job in done if not job.accepted]
    expected = wanted * (sum(accepted) + sum(rejected)) / len(accepted)
    # Where no job was rejected yet, one is taken to cost what an accepted one does.
    kept, lost = _Mean(accepted, wanted), _Mean(rejected or accepted, wanted)

    def drawn() -> float:
        # Jeffreys' prior for a share: three of three accepted do not promise that all will be.
        share = draws.betavariate(len(accepted) + 0.5, len(rejected) + 0.5)
        return wanted * (kept.drawn(draws) + lost.drawn(draws) * (1 - share) / share)

    sums = sorted(drawn() for _ in range(_DRAWS))
    low, high = sums[int(_LOW * _DRAWS)], sums[int(_HIGH * _DRAWS)]
    return Range(low=min(low, expected), expected=expected, high=max(high, expected))


class _Mean:
    """The mean that ``wanted`` further values may have: Student's t on the scale of factors, so that none is
    negative."""

    def __init__(self, values: Sequence[float], wanted: int) -> None:
        self._mean = fmean(values)
        self._freedom = len(values) - 1 + _JOBS_FOR_SPREAD
        seen = sum((value / self._mean - 1) ** 2 for value in values) if self._mean else 0.0
        spread = math.sqrt((seen + _JOBS_FOR_SPREAD * _SPREAD**2) / self._freedom)
        self._error = spread * math.sqrt(1 / len(values) + 1 / max(1, wanted))

    def drawn(self, draws: random.Random) -> float:
        """One of the means that are possible."""
        student = draws.gauss() / math.sqrt(draws.gammavariate(self._freedom / 2, 2) / self._freedom)
        # A factor of a million is no forecast any more: what a t of one or two jobs may draw would be no number.
        return self._mean * math.exp(max(-_LARGEST, min(_LARGEST, student * self._error)))


def _roles(done: Iterable[JobFacts]) -> list[str]:
    return sorted({role for job in done for role in job.usage})
