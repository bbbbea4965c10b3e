"""A clock that jumps in the middle of a run, and between its processes, changes no record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import id as checkpoint_ids

import fr_agents

DAY = 24 * 60 * 60


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets the clock to another day from the ``after``th time on that somebody looks at it."""

    def jumping(days: int, after: int = 0) -> None:
        clock, clock_ns, looks = time.time, time.time_ns, count()
        monkeypatch.setattr(time, "time", lambda: clock() + (next(looks) >= after) * days * DAY)
        monkeypatch.setattr(time, "time_ns", lambda: clock_ns() + (next(looks) >= after) * days * DAY * 10**9)
        # In a new process, nobody knows what time it was before.
        monkeypatch.setattr(checkpoint_ids, "_last_v6_timestamp", None)

    yield jumping
    monkeypatch.undo()


@pytest.mark.parametrize("days", [1, -1])
async def test_in_the_middle_of_a_run(
    jump: Callable[..., None], scripted: Any, notes: Callable[[], Any], tmp_path: Path, days: int
) -> None:
    jump(days, after=60)
    await fr_agents.synthesize(scripted.config, tmp_path / "run")
    scripted.assert_same(tmp_path / "run")
    assert notes().counted() == scripted.calls.counted()


@pytest.mark.parametrize("days", [1, -1])
async def test_between_a_run_and_its_resumption(
    jump: Callable[..., None], scripted: Any, notes: Callable[[], Any], killed: Path, days: int
) -> None:
    jump(days)
    await fr_agents.resume(killed)
    scripted.assert_same(killed)
    scripted.assert_paid_once(killed)
    assert max(notes().counted().values()) == 1


def test_a_run_whose_clock_goes_back_a_day_with_each_process(
    start: Callable[..., Any], scripted: Any, notes: Callable[[], Any], killed: Path
) -> None:
    """The identifiers of checkpoints begin with the time, and the newest one is the one to go on from."""
    for days, at_call in [(-1, 15), (-2, 10**6)]:
        told = {"SURVIVAL_SIGNAL": f"9 at {at_call}", "SURVIVAL_CLOCK": str(days * DAY)}
        with start(killed, "resume", killed, told=told) as running:
            code, _, err = running.end()
    assert code == scripted.code, err
    scripted.assert_same(killed, err)
    scripted.assert_paid_once(killed)
    assert max(notes().made_again().values(), default=0) <= 3
