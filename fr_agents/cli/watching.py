"""``status --watch``: the status of a run, told again and again until the run ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from fr_agents.coverage_shown import coverage_lines
from fr_agents.funnel import RunSummary
from fr_agents.funnel_shown import status_lines
from fr_agents.lock import holder
from fr_agents.progress import plain_line
from fr_agents.status import RunStatus

Show = Callable[[RunStatus, RunSummary, str | None], None]


def watch(status: RunStatus, seconds: float, console: Console, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Show the status every ``seconds``, until the run is complete or no process works on it; then say which. Returns
    whether it is complete.

    On a terminal it is drawn again in place; elsewhere there is a line whenever something has changed, and the whole
    status at the end.

    Raises:
        RunFolderError: a file that is needed is damaged.
    """
    with _drawn(console) if console.is_terminal else _told(console) as show:
        while True:
            # Asked before the last look, so that all is seen of what a process wrote before it ended.
            working = holder(status.folder.path)
            status.update()
            summary = status.summary()
            ended = summary.complete or working is None
            show(status, summary, None if ended else working)
            if ended:
                break
            sleep(seconds)
    _say(console, _ended(status, summary))
    return summary.complete


def whole_status(status: RunStatus, summary: RunSummary) -> list[str]:
    """The lines that ``status`` says."""
    coverage = status.coverage()
    return status_lines(summary, coverage_lines(coverage) if coverage else ())


@contextmanager
def _drawn(console: Console) -> Iterator[Show]:
    with Live(console=console, auto_refresh=False) as live:

        def show(status: RunStatus, summary: RunSummary, working: str | None) -> None:
            lines = whole_status(status, summary)
            if working is not None:
                lines += ["", f"{working} works on it (Ctrl-C ends the watch and not the run)"]
            live.update(Text("\n".join(lines)), refresh=True)

        yield show


@contextmanager
def _told(console: Console) -> Iterator[Show]:
    last = ""

    def show(status: RunStatus, summary: RunSummary, working: str | None) -> None:
        nonlocal last
        lines = [plain_line(summary, "")] if working is not None else whole_status(status, summary)
        if lines != [last]:
            for line in lines:
                _say(console, line)
        last = lines[-1]

    yield show


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _ended(status: RunStatus, summary: RunSummary) -> str:
    if summary.complete:
        return "The run is complete."
    if summary.jobs >= status.folder.config.max_jobs:
        return f"The run ended after {summary.jobs} jobs with {summary.accepted} of {summary.wanted} accepted."
    return f"No process works on it. Resume: fr-agents resume {status.folder.path}"
