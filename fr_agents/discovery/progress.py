"""What a person sees while a world is probed: a bar on a terminal, a plain line every ten seconds elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from envs.discovery import Progress
from fr_agents.discovery.process import OnProgress

INTERVAL = 10.0


@contextmanager
def terminal_progress(console: Console) -> Iterator[OnProgress]:
    """A bar that is drawn again in place; it is gone afterwards."""
    columns = (
        TextColumn("  {task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}/{task.total:.0f} tools   {task.fields[calls]:,} calls"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True, refresh_per_second=4) as bar:
        task = None

        def show(told: Progress) -> None:
            nonlocal task
            if task is None:
                task = bar.add_task("", total=told.total, calls=0)
            bar.update(task, description=_stage(told), completed=told.done, total=told.total, calls=told.calls)

        yield show


@contextmanager
def plain_progress(write: Callable[[str], None], interval: float = INTERVAL) -> Iterator[OnProgress]:
    """A line every ``interval`` seconds, without control characters."""
    latest: list[Progress] = []
    stop = threading.Event()
    began = time.monotonic()

    def tick() -> None:
        while not stop.wait(interval):
            if latest:
                write(plain_line(latest[-1], time.monotonic() - began))

    thread = threading.Thread(target=tick, name="fr-agents discovery progress", daemon=True)
    thread.start()
    try:
        yield lambda told: latest.__setitem__(slice(None), [told])
    finally:
        stop.set()
        thread.join()


def plain_line(told: Progress, seconds: float) -> str:
    """How far it is, in one line."""
    return f"{_stage(told)} · {told.done}/{told.total} tools · {told.calls:,} calls · {seconds:.0f} s"


def _stage(told: Progress) -> str:
    return f"{told.environment}: tools {told.stage}"
