"""What a run has come to: how many jobs were lost where, and how the others were solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fr_agents.folder import RunFolder
from fr_agents.store import Outcome, read_outcomes
from graphs.records import Rejection, Trajectory, Turn
from tools.base import JsonObject, Record

NEVER = "never"
_SHOWN_TOOLS = 3


class RunSummary(Record):
    """A run in numbers; derived from its records alone, also while it is under way.

    Attributes:
        name: The run's name.
        path: Its folder; none for a run that keeps nothing.
        complete: Whether as many trajectories were accepted as were wanted.
        jobs: Jobs that are decided.
        rejected: Jobs that were rejected, by stage and reason.
        turns: Turns of accepted trajectories.
        attempts: Turns by the attempt that solved them: ``blind``, ``hint 1`` and so on, and ``never``. Turns that
            were solved before their job was lost in a later turn count too.
        depth: Turns of accepted trajectories by the length of their longest chain of dependent calls.
        environments: Accepted trajectories in which an environment occurs.
        tools: Accepted calls of each tool.
    """

    name: str
    path: str | None = None
    complete: bool
    accepted: int
    wanted: int
    jobs: int
    rejected: dict[str, dict[str, int]]
    turns: int
    attempts: dict[str, int]
    depth: dict[int, int]
    environments: dict[str, int]
    tools: dict[str, int]

    @property
    def rejected_jobs(self) -> int:
        return sum(self.lost_in(stage) for stage in self.rejected)

    def lost_in(self, stage: str) -> int:
        """Jobs that ended in ``stage``."""
        return sum(self.rejected.get(stage, {}).values())


class Tally:
    """Counts outcomes one by one; holds numbers only, however many there are."""

    def __init__(self) -> None:
        self.accepted = 0
        self.turns = 0
        self._rejected: dict[str, Counter[str]] = {}
        self._attempts: Counter[int] = Counter()
        self._first_hints: int | None = None
        self._never = 0
        self._depth: Counter[int] = Counter()
        self._environments: Counter[str] = Counter()
        self._tools: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if isinstance(outcome, Trajectory):
            self._add_trajectory(outcome)
        else:
            self._add_rejection(outcome)

    def summary(self, name: str, wanted: int, path: str | None = None, *, blind: bool = True) -> RunSummary:
        """The numbers so far. ``blind`` tells whether first attempts go without a hint as long as no trajectory does:
        rejections do not tell it, and all turns of a run are alike in this."""
        rejected = {stage: dict(reasons.most_common()) for stage, reasons in sorted(self._rejected.items())}
        first = int(not blind) if self._first_hints is None else self._first_hints
        attempts = {attempt_name(first + index): self._attempts[index] for index in sorted(self._attempts)}
        return RunSummary(
            name=name,
            path=path,
            complete=self.accepted >= wanted,
            accepted=self.accepted,
            wanted=wanted,
            jobs=self.accepted + sum(reasons.total() for reasons in self._rejected.values()),
            rejected=rejected,
            turns=self.turns,
            attempts=attempts | ({NEVER: self._never} if self._never else {}),
            depth={depth: self._depth[depth] for depth in sorted(self._depth)},
            environments=dict(sorted(self._environments.items())),
            tools=dict(sorted(self._tools.items())),
        )

    def _add_trajectory(self, trajectory: Trajectory) -> None:
        self.accepted += 1
        self.turns += len(trajectory.turns)
        self._environments.update(set(trajectory.world.environments))
        for turn in trajectory.turns:
            self._attempts[len(turn.attempts) - 1] += 1
            self._first_hints = first_hints(turn)
            self._depth[turn.depth] += 1
            self._tools.update(call.name for call in turn.calls)

    def _add_rejection(self, rejection: Rejection) -> None:
        self._rejected.setdefault(rejection.stage, Counter())[rejection.reason] += 1
        solved = rejection.attempts[: rejection.turns]
        self._attempts.update(made - 1 for made in solved if made > 0)
        if rejection.stage == "refiner":
            self._never += 1


def first_hints(turn: Turn) -> int:
    """How many hints the first attempt at a turn had: none where it was blind. Each later one had one more."""
    return len(turn.hints) - len(turn.attempts) + 1


def attempt_name(hints: int) -> str:
    """``blind`` for an attempt without a hint, ``hint 1`` for one with the first hint, and so on."""
    return f"hint {hints}" if hints else "blind"


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """Count a stream of outcomes."""
    result = Tally()
    for outcome in outcomes:
        result.add(outcome)
    return result


def summarise(folder: RunFolder) -> RunSummary:
    """A run's summary from its files, also while it is under way. Raises RunFolderError for a damaged line."""
    config = folder.config
    counts = tally(read_outcomes(folder))
    return counts.summary(config.name, config.count, str(folder.path), blind=config.refiner.blind)


def status_json(summary: RunSummary) -> JsonObject:
    """The summary for programs."""
    return summary.model_dump(mode="json")


def status_lines(summary: RunSummary, coverage: Sequence[str] = ()) -> list[str]:
    """The summary for a person: the funnel, where jobs were lost, attempts, depth, and ``coverage``: the lines of what
    was asked for, or without them the tools that occur."""
    lines = [_headline(summary), _funnel(summary)]
    for label, text in (
        ("lost at", "   ".join(_lost(stage, reasons) for stage, reasons in summary.rejected.items())),
        ("attempts", "   ".join(shares(summary.attempts))),
        ("paths", _paths(summary.depth)),
        ("coverage", "" if coverage else _coverage(summary)),
    ):
        if text:
            lines.append(f"{label:<12} {text}")
    return [*lines, *coverage]


def shares(counts: Mapping[str, int]) -> list[str]:
    """``blind 58 %``, for each key with its share of the whole."""
    total = sum(counts.values())
    return [f"{key} {percent(number, total)}" for key, number in counts.items()]


def percent(part: int, whole: int) -> str:
    """A share in whole percent; nothing of nothing is 0 %."""
    return f"{round(100 * part / whole) if whole else 0} %"


def _headline(summary: RunSummary) -> str:
    state = "complete" if summary.complete else "not complete"
    place = f" · {summary.path}" if summary.path else ""
    return f"{summary.name} · {summary.accepted} of {summary.wanted} accepted · {state}{place}"


def _funnel(summary: RunSummary) -> str:
    traced = summary.jobs - summary.lost_in("sampler")
    asked = traced - summary.lost_in("author")
    share = percent(summary.accepted, summary.jobs)
    return f"jobs {summary.jobs} → trace {traced} → query {asked} → kept {summary.accepted} ({share})"


def _lost(stage: str, reasons: Mapping[str, int]) -> str:
    return f"{stage}: " + ", ".join(f"{reason} {number}" for reason, number in reasons.items())


def _paths(depth: Mapping[int, int]) -> str:
    if not depth:
        return ""
    turns = sum(depth.values())
    chained = sum(number for length, number in depth.items() if length > 1)
    each = ", ".join(f"{length}: {number}" for length, number in depth.items())
    return f"{percent(chained, turns)} of {turns} turns depend on two or more calls in a row (length {each})"


def _coverage(summary: RunSummary) -> str:
    if not summary.tools:
        return ""
    rare = sorted(summary.tools.items(), key=lambda item: (item[1], item[0]))[:_SHOWN_TOOLS]
    seldom = ", ".join(f"{name} {number}" for name, number in rare)
    return (
        f"{counted(len(summary.tools), 'tool')} in {counted(len(summary.environments), 'environment')} (rare: {seldom})"
    )


def counted(number: int, noun: str) -> str:
    """``1 tool``, ``2 tools``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
