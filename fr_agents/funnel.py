"""What a run has come to: how many jobs and turns passed each stage, how they were solved, and what that cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import reduce

from pydantic import Field

from fr_agents.folder import RunFolder
from fr_agents.job_facts import JobFacts
from fr_agents.job_file import read_jobs
from fr_agents.journal.ledger import Ledger, read_ledger
from graphs.usage import Usage, added, total
from tools.base import JsonObject, Record

NEVER = "never"
PLAIN = "plain"
TOTAL = "total"
# The stages in their order, with what a job or a turn has when it has passed one.
STAGES = {"sampler": "trace", "author": "query", "refiner": "solved", "cleaner": "clean"}
KEPT = "kept"
_AMBIGUOUS = "ambiguous"


class Cost(Record):
    """Calls of models, and tokens in and out together."""

    calls: float
    tokens: float


class RunSummary(Record):
    """A run in numbers; derived from its files alone, also while it is under way.

    Attributes:
        name: The run's name.
        path: Its folder; none for a run that keeps nothing.
        complete: Whether as many trajectories were accepted as were wanted.
        jobs: Jobs that are decided.
        passed: How many ``jobs``, and how many ``turns`` of them, got as far as each stage's result; a job has passed a
            stage when all of its turns have.
        rejected: Jobs that were rejected, by stage and reason.
        turns: Turns of accepted trajectories.
        attempts: Turns by the attempt that solved them: ``blind``, ``hint 1`` and so on, and ``never``. Turns that
            were solved before their job was lost in a later turn count too.
        thoughts: Turns of accepted trajectories by where their published thoughts come from: ``as solved`` for those
            that took no hints, ``rewritten``, or ``solved again``.
        padded: Turns of accepted trajectories that were solved with fewer calls than the trace took.
        depth: Turns of accepted trajectories by the length of their longest chain of dependent calls.
        noise: Turns of accepted trajectories in whose request an operator had a hand; ``plain`` for none.
        environments: Accepted trajectories in which an environment occurs.
        tools: Accepted calls of each tool.
        usage: Calls and tokens by role, over all finished jobs.
        usage_of_rejected: Those that went into jobs which gave no trajectory.
        per_accepted: What an accepted trajectory cost, the rejected jobs included: by role, and ``total``.
        ledger: What was paid, for unfinished jobs too; nothing that the journal gave. None where there is no journal.
    """

    name: str
    path: str | None = None
    complete: bool
    accepted: int
    wanted: int
    jobs: int
    passed: dict[str, dict[str, int]]
    rejected: dict[str, dict[str, int]]
    turns: int
    attempts: dict[str, int]
    thoughts: dict[str, int]
    padded: int
    depth: dict[int, int]
    noise: dict[str, int]
    environments: dict[str, int]
    tools: dict[str, int]
    usage: dict[str, dict[str, int]] = Field(default_factory=dict)
    usage_of_rejected: dict[str, dict[str, int]] = Field(default_factory=dict)
    per_accepted: dict[str, Cost] = Field(default_factory=dict)
    ledger: Ledger | None = None

    @property
    def rejected_jobs(self) -> int:
        return sum(self.lost_in(stage) for stage in self.rejected)

    def lost_in(self, stage: str) -> int:
        """Jobs that ended in ``stage``."""
        return sum(self.rejected.get(stage, {}).values())


class Tally:
    """Counts finished jobs one by one; holds numbers only, however many there are."""

    def __init__(self) -> None:
        self.accepted = 0
        self.turns = 0
        self._padded = 0
        self._finished_before = 0
        self._never = 0
        self._rejected: dict[str, Counter[str]] = {}
        self._attempts: Counter[int] = Counter()
        self._thoughts: Counter[str] = Counter()
        self._depth: Counter[int] = Counter()
        self._noise: Counter[str] = Counter()
        self._environments: Counter[str] = Counter()
        self._tools: Counter[str] = Counter()
        self._usage: dict[bool, Usage] = {True: {}, False: {}}
        self._aside: dict[int, JobFacts] = {}

    def add(self, facts: JobFacts) -> None:
        """Count a job. One that was set aside counts with its cost alone, until it is among the run's own."""
        if facts.surplus:
            self._aside[facts.job] = facts
            return
        self._aside.pop(facts.job, None)
        self._usage[facts.accepted] = added(self._usage[facts.accepted], facts.usage)
        if facts.accepted:
            self._add_accepted(facts)
        else:
            self._add_rejected(facts)

    def summary(self, name: str, wanted: int, path: str | None = None, ledger: Ledger | None = None) -> RunSummary:
        """The numbers so far."""
        rejected = {stage: dict(reasons.most_common()) for stage, reasons in sorted(self._rejected.items())}
        attempts = {attempt_name(hints): self._attempts[hints] for hints in sorted(self._attempts)}
        rejected_usage = self._spent(accepted=False)
        usage = added(self._spent(accepted=True), rejected_usage)
        jobs = self.accepted + self._lost()
        return RunSummary(
            name=name,
            path=path,
            complete=self.accepted >= wanted,
            accepted=self.accepted,
            wanted=wanted,
            jobs=jobs,
            passed={"jobs": self._passed(jobs, self.accepted), "turns": self._passed(self._begun(), self.turns)},
            rejected=rejected,
            turns=self.turns,
            attempts=attempts | ({NEVER: self._never} if self._never else {}),
            thoughts=dict(sorted(self._thoughts.items())),
            padded=self._padded,
            depth={depth: self._depth[depth] for depth in sorted(self._depth)},
            noise=dict(sorted(self._noise.items(), key=lambda item: (item[0] != PLAIN, -item[1], item[0]))),
            environments=dict(sorted(self._environments.items())),
            tools=dict(sorted(self._tools.items())),
            usage=usage,
            usage_of_rejected=rejected_usage,
            per_accepted=_per_accepted(usage, self.accepted),
            ledger=ledger,
        )

    def _spent(self, *, accepted: bool) -> Usage:
        """What jobs cost, with those that were set aside: there are never more of them than a run's window."""
        aside = (facts.usage for facts in self._aside.values() if facts.accepted == accepted)
        return reduce(added, aside, self._usage[accepted])

    def _lost(self) -> int:
        return sum(reasons.total() for reasons in self._rejected.values())

    def _begun(self) -> int:
        """Turns that were begun: a job is rejected in the turn after those that it finished."""
        return self.turns + self._finished_before + self._lost()

    def _passed(self, begun: int, kept: int) -> dict[str, int]:
        """What is left of ``begun`` after each stage. One turn of a job is lost where the job is."""
        result, left = {}, begun
        for stage, has in STAGES.items():
            left -= self._rejected.get(stage, Counter()).total()
            result[has] = left
        return {**result, KEPT: kept}

    def _add_accepted(self, facts: JobFacts) -> None:
        self.accepted += 1
        self._environments.update(facts.environments)
        self.turns += len(facts.turns)
        for turn in facts.turns:
            self._attempts[turn.hints] += 1
            self._thoughts[turn.thoughts] += 1
            self._padded += turn.padded
            self._depth[turn.depth] += 1
            self._noise.update(turn.noise or (PLAIN,))
            self._tools.update(turn.calls)

    def _add_rejected(self, facts: JobFacts) -> None:
        self._rejected.setdefault(facts.stage, Counter())[facts.reason] += 1
        self._finished_before += facts.finished
        self._attempts.update(facts.hints)
        if facts.stage == "refiner" and facts.reason != _AMBIGUOUS:
            self._never += 1


def attempt_name(hints: int) -> str:
    """``blind`` for an attempt without a hint, ``hint 1`` for one with the first hint, and so on."""
    return f"hint {hints}" if hints else "blind"


def tally(jobs: Iterable[JobFacts]) -> Tally:
    """Count a stream of finished jobs."""
    result = Tally()
    for facts in jobs:
        result.add(facts)
    return result


def summarise(folder: RunFolder) -> RunSummary:
    """A run's summary from its files, also while it is under way.

    Raises:
        RunFolderError: a record is damaged, or the journal cannot be read.
    """
    return of_folder(tally(read_jobs(folder)), folder)


def of_folder(counts: Tally, folder: RunFolder) -> RunSummary:
    """The summary of a run whose jobs are counted, with what was paid for them. Raises as ``summarise`` does."""
    config = folder.config
    paid = not config.models.offline and folder.journal.exists()
    ledger = read_ledger(folder.journal, folder.id) if paid else None
    return counts.summary(config.name, config.count, str(folder.path), ledger)


def status_json(summary: RunSummary) -> JsonObject:
    """The summary for programs."""
    return summary.model_dump(mode="json")


def percent(part: int, whole: int) -> str:
    """A share in whole percent; nothing of nothing is 0 %."""
    return f"{round(100 * part / whole) if whole else 0} %"


def counted(number: int, noun: str) -> str:
    """``1 tool``, ``2 tools``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _per_accepted(usage: Usage, accepted: int) -> dict[str, Cost]:
    """Nothing as long as nothing was accepted, and where no model was called."""
    if not usage or not accepted:
        return {}
    counts = {**usage, TOTAL: total(usage)}
    return {
        name: Cost(
            calls=round(role["calls"] / accepted, 2),
            tokens=round((role["prompt_tokens"] + role["completion_tokens"]) / accepted, 1),
        )
        for name, role in counts.items()
    }
