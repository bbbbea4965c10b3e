"""What a person sees while a run goes on: a bar on a terminal, a plain line every ten seconds elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from envs.discovery import Progress as DiscoveryProgress
from fr_agents.config.run import RunConfig
from fr_agents.discovery.progress import Account
from fr_agents.discovery.run_graph import RunGraph
from fr_agents.discovery.telling import graph_line
from fr_agents.funnel import NEVER, RunSummary, Tally, counted, percent
from fr_agents.funnel_shown import model_part
from fr_agents.job_facts import JobFacts
from fr_agents.models_now import ModelsNow, models_line
from fr_agents.store import Outcome
from graphs.records import Job
from tools.base import Json

INTERVAL = 10.0
_REASONS = 3
_NOUNS = ("environments", "tools")


class Observer(Protocol):
    """Is told how a run goes on. Its methods are called in the event loop and must return at once."""

    def discovering(self, told: DiscoveryProgress) -> None:
        """The world is probed for its API graph before a new run begins."""
        ...

    def started(self, config: RunConfig, domain: Mapping[str, Json], graph: RunGraph | None) -> None:
        """The run begins or goes on. ``domain`` describes its world: numbers of environments and tools. Without a
        ``graph`` there is nothing left to do."""
        ...

    def asking(self, now: Callable[[], ModelsNow]) -> None:
        """The models are opened; ``now`` tells in any thread how they are."""
        ...

    def decided(self, job: Job, outcome: Outcome, prefix: int) -> None:
        """The outcome of ``job`` was kept; ``prefix`` jobs are now."""
        ...


class Progress:
    """Counts a run's outcomes and words them.

    ``earlier`` holds what a resumed run has already; ``clock`` gives seconds.
    """

    def __init__(
        self,
        header: Callable[[str], None],
        place: str,
        earlier: Tally | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._header = header
        self._place = place
        self._tally = earlier or Tally()
        self._before = self._tally.accepted
        self._clock = clock
        self._began = clock()
        self._config: RunConfig | None = None
        self._models: Callable[[], ModelsNow] | None = None
        self._discovery = Account(clock)
        self._guard = threading.Lock()

    def discovering(self, told: DiscoveryProgress) -> None:
        self._discovery.tell(told)

    def started(self, config: RunConfig, domain: Mapping[str, Json], graph: RunGraph | None = None) -> None:
        self._began = self._clock()
        self._config = config
        self._header(header_line(config, domain, self._place))
        if graph is not None:
            self._header(graph_line(graph))
            if graph.problem:
                self._header(graph.problem)

    def asking(self, now: Callable[[], ModelsNow]) -> None:
        self._models = now

    def decided(self, job: Job, outcome: Outcome, prefix: int) -> None:
        with self._guard:
            self._tally.add(JobFacts.of(outcome))

    @property
    def seconds(self) -> float:
        """Since the run began or was resumed."""
        return self._clock() - self._began

    def summary(self) -> RunSummary | None:
        """The numbers so far; none before the run has started."""
        if self._config is None:
            return None
        with self._guard:
            config = self._config
            return self._tally.summary(config.name, config.count)

    def line(self) -> str:
        """The state of the run, or of the discovery before it, in one line; empty before either has begun."""
        summary = self.summary()
        if summary is None:
            return self._discovery.line()
        return " · ".join([plain_line(summary, self.speed(summary)), *self._models_line()])

    def drawn(self) -> RenderableType:
        """The same as a bar, with a line of numbers below."""
        summary = self.summary()
        if summary is None:
            return self._discovery.bar()
        row = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=summary.wanted, completed=summary.accepted, width=24)
        row.add_row("  accepted", bar, f"{summary.accepted}/{summary.wanted}", self.speed(summary))
        below = [numbers(summary), *self._models_line()]
        return Group(row, *(Text(f"  {line}", no_wrap=True, overflow="ellipsis") for line in below))

    def _models_line(self) -> list[str]:
        """What the models cost so far and what keeps them waiting, as one line; none where none are asked."""
        if self._models is None or self._config is None:
            return []
        return [models_line(self._models(), self._config.limits)]

    def speed(self, summary: RunSummary) -> str:
        """Accepted trajectories a second and the time that the rest will take, as far as both can be told."""
        done = summary.accepted - self._before
        if done <= 0 or self.seconds <= 0:
            return ""
        rate = done / self.seconds
        shown = f"{rate:.1f}/s" if rate >= 0.1 else f"{rate * 60:.1f}/min"
        left = max(0, summary.wanted - summary.accepted)
        return f"{shown}   eta {_duration(left / rate)}"


class PlainProgress(AbstractContextManager["PlainProgress"]):
    """A line every ``interval`` seconds, without control characters."""

    def __init__(self, progress: Progress, write: Callable[[str], None], interval: float = INTERVAL) -> None:
        self._progress = progress
        self._write = write
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="fr-agents progress", daemon=True)

    def __enter__(self) -> PlainProgress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _tick(self) -> None:
        while not self._stop.wait(self._interval):
            line = self._progress.line()
            if line:
                self._write(line)


class TerminalProgress(AbstractContextManager["TerminalProgress"]):
    """A bar and a line of numbers that are drawn again in place."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._live = Live(get_renderable=progress.drawn, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> TerminalProgress:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


def header_line(config: RunConfig, domain: Mapping[str, Json], place: str) -> str:
    """The first line of a run: its name, its world, what answers, the seed and the folder."""
    world = [counted(domain[noun], noun.removesuffix("s")) for noun in _NOUNS if isinstance(domain.get(noun), int)]
    parts = [config.name, config.world.name, ", ".join(world), config.models.described(), f"seed {config.seed}", place]
    return " · ".join(part for part in parts if part)


def plain_line(summary: RunSummary, speed: str) -> str:
    """The state of a run in one line."""
    timing = f" ({speed.replace('   ', ', ')})" if speed else ""
    return f"accepted {summary.accepted}/{summary.wanted}{timing} · {numbers(summary)}"


def numbers(summary: RunSummary) -> str:
    """Turns, how they were solved, and what was rejected for which reasons."""
    reached = sum(summary.attempts.values())
    blind = summary.attempts.get("blind", 0)
    hinted = reached - blind - summary.attempts.get(NEVER, 0)
    solved = f"solved blind {percent(blind, reached)} · with hints {percent(hinted, reached)}"
    reasons: dict[str, int] = {}
    for stage in summary.rejected.values():
        for reason, number in stage.items():
            reasons[reason] = reasons.get(reason, 0) + number
    most = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{reason} {number}" for reason, number in most[:_REASONS])
    more = ", ..." if len(most) > _REASONS else ""
    rejected = f"rejected {summary.rejected_jobs}" + (f" ({shown}{more})" if shown else "")
    return f"turns {summary.turns} · {solved} · {rejected}"


def done_line(summary: RunSummary, seconds: float, offline: bool) -> str:
    """The last line of a run that has what was wanted."""
    calls = f" · {told}" if (told := model_part(summary) or ("0 model calls" if offline else "")) else ""
    file = f" · {summary.path}/trajectories.jsonl" if summary.path else ""
    return f"done: {summary.accepted} accepted of {counted(summary.jobs, 'job')} in {_spoken(seconds)}{calls}{file}"


def next_line(path: str) -> str:
    """What a person would do now."""
    return f"next: fr-agents show {path} 1 · fr-agents verify {path}/trajectories.jsonl · fr-agents status {path}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else _duration(seconds)
