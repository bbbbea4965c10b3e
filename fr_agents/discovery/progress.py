"""What a person sees while a world is probed: a bar on a terminal, a plain line every ten seconds elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from envs.discovery import Progress
from fr_agents.discovery.exclusive import WAITING
from fr_agents.discovery.process import OnProgress

INTERVAL = 10.0


class Account:
    """The latest that was told, and the seconds since the first time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None
        self._latest: Progress | None = None

    def tell(self, told: Progress) -> None:
        """Take note of how far discovery is."""
        if self._began is None:
            self._began = self._clock()
        self._latest = told

    def line(self) -> str:
        """How far it is, as a line of text; empty as long as nothing was told."""
        return "" if self._latest is None else plain_line(self._latest, self._seconds())

    def bar(self) -> Table | Text:
        """The same as a bar."""
        return Text("") if self._latest is None else _bar(self._latest, self._seconds())

    def _seconds(self) -> float:
        return 0.0 if self._began is None else self._clock() - self._began


@contextmanager
def terminal_progress(console: Console) -> Iterator[OnProgress]:
    """A bar that is drawn again in place; it is gone afterwards."""
    account = Account()
    with Live(get_renderable=account.bar, console=console, refresh_per_second=4, transient=True):
        yield account.tell


@contextmanager
def plain_progress(write: Callable[[str], None], interval: float = INTERVAL) -> Iterator[OnProgress]:
    """A line every ``interval`` seconds, without control characters."""
    account = Account()
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(interval):
            line = account.line()
            if line:
                write(line)

    thread = threading.Thread(target=tick, name="fr-agents discovery progress", daemon=True)
    thread.start()
    try:
        yield account.tell
    finally:
        stop.set()
        thread.join()


def plain_line(told: Progress, seconds: float) -> str:
    """How far it is, in one line."""
    return " · ".join([_stage(told), *_numbers(told), f"{seconds:.0f} s"])


def _bar(told: Progress, seconds: float) -> Table:
    row = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=told.total or None, completed=told.done, width=24)
    minutes, rest = divmod(int(seconds), 60)
    row.add_row(Text(f"  {_stage(told)}"), bar, Text("   ".join(_numbers(told))), Text(f"{minutes}:{rest:02}"))
    return row


def _stage(told: Progress) -> str:
    if told.stage == WAITING:
        return f"{told.environment}: {WAITING}"
    return f"{told.environment}: tools {told.stage}"


def _numbers(told: Progress) -> list[str]:
    """Nothing is known of how far another process is."""
    return [] if told.stage == WAITING else [f"{told.done}/{told.total} tools", f"{told.calls:,} calls"]
