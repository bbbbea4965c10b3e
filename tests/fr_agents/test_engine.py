"""The engine: the records of a run follow from what each job gives, never from when it is done."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fr_agents.engine import Bounds, Ending, LocalEngine
from fr_agents.store import Outcome, Position, job_of
from graphs.records import Job, Rejection, Trajectory

Make = Callable[..., Trajectory]


def plan(number: int) -> Job:
    return Job(number=number, seed=number, turns=1)


class Bench:
    """A run over jobs whose outcomes are given: ``accepting`` tells which give a trajectory."""

    def __init__(self, trajectory: Trajectory, accepting: Callable[[int], bool], bounds: Bounds) -> None:
        self.bounds = bounds
        self.kept: list[Outcome] = []
        self.aside: list[int] = []
        self.started: list[int] = []
        self.running: set[int] = set()
        self.most_running = 0
        self.furthest = 0
        self.told: list[int] = []
        self._trajectory = trajectory
        self._accepting = accepting

    def outcome(self, number: int) -> Outcome:
        if self._accepting(number):
            return self._trajectory.model_copy(
                update={"lineage": self._trajectory.lineage.model_copy(update={"job": number})}
            )
        return Rejection(job=number, stage="sampler", reason="no path", detail="")

    async def decide(self, job: Job) -> Outcome:
        self.started.append(job.number)
        self.furthest = max(self.furthest, job.number - len(self.kept))
        self.running.add(job.number)
        self.most_running = max(self.most_running, len(self.running))
        try:
            await self.work(job.number)
        finally:
            self.running.discard(job.number)
        return self.outcome(job.number)

    async def work(self, number: int) -> None:
        await checkpoint()

    async def emit(self, outcome: Outcome) -> None:
        await checkpoint()
        self.kept.append(outcome)

    async def set_aside(self, outcome: Outcome) -> None:
        self.aside.append(job_of(outcome))

    async def run(self) -> Ending:
        accepted = sum(isinstance(outcome, Trajectory) for outcome in self.kept)
        return await LocalEngine().run(
            plan,
            self.decide,
            bounds=self.bounds,
            emit=self.emit,
            set_aside=self.set_aside,
            start=Position(jobs=len(self.kept), accepted=accepted),
            on_decided=lambda job, outcome, prefix: self.told.append(prefix),
        )

    def expected(self) -> list[Outcome]:
        """The shortest prefix of jobs with ``count`` accepted ones, or all jobs."""
        prefix: list[Outcome] = []
        while len(prefix) < self.bounds.max_jobs:
            prefix.append(self.outcome(len(prefix)))
            if sum(isinstance(outcome, Trajectory) for outcome in prefix) == self.bounds.count:
                break
        return prefix


class Shuffled(Bench):
    """Jobs take a random number of turns of the event loop; now and then one fails or the run is cancelled."""

    def __init__(self, seed: int, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.random = random.Random(seed)
        self.scope: anyio.CancelScope

    async def work(self, number: int) -> None:
        for _ in range(self.random.randrange(12)):
            await checkpoint()
        chance = self.random.random()
        if chance < 0.08:
            raise OSError("the network is gone")
        if chance < 0.16:
            self.scope.cancel()
            await checkpoint()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    outcomes=st.lists(st.booleans(), min_size=1, max_size=12),
    count=st.integers(1, 8),
    slack=st.integers(0, 12),
    concurrency=st.integers(1, 6),
    ahead=st.integers(0, 5),
)
def test_any_timing_and_any_interruptions_give_the_same_records(
    make_trajectory: Make,
    seed: int,
    outcomes: list[bool],
    count: int,
    slack: int,
    concurrency: int,
    ahead: int,
) -> None:
    bounds = Bounds(count=count, max_jobs=count + slack, concurrency=concurrency, window=concurrency + ahead)
    bench = Shuffled(seed, make_trajectory(0), lambda number: outcomes[number % len(outcomes)], bounds)

    async def to_the_end() -> Ending:
        while True:
            before, ending = list(bench.kept), None
            with suppress(OSError), anyio.CancelScope() as bench.scope:
                ending = await bench.run()
            assert bench.kept[: len(before)] == before
            if ending is not None:
                return ending

    ending = anyio.run(to_the_end)
    expected = bench.expected()
    assert bench.kept == expected
    assert ending.position.jobs == len(expected)
    assert bench.told == list(range(1, len(expected) + 1))
    assert all(number >= len(expected) for number in bench.aside)
    assert bench.most_running <= concurrency
    assert bench.furthest <= bounds.window
    assert ending.reason == ("complete" if ending.position.accepted == count else "exhausted")


async def test_what_was_decided_beyond_the_end_is_set_aside_before_the_last_record(make_trajectory: Make) -> None:
    events: list[str] = []

    class LastIsSlow(Bench):
        async def work(self, number: int) -> None:
            if number == 1:
                while len(self.started) < 5 or len(self.running) > 1:
                    await checkpoint()

        async def emit(self, outcome: Outcome) -> None:
            events.append(f"keep {job_of(outcome)}")

        async def set_aside(self, outcome: Outcome) -> None:
            events.append(f"aside {job_of(outcome)}")

    bench = LastIsSlow(make_trajectory(0), lambda number: True, Bounds(count=2, max_jobs=5, concurrency=2, window=3))
    assert (await bench.run()).reason == "complete"
    assert events == ["keep 0", "aside 2", "aside 3", "aside 4", "keep 1"]


async def test_no_job_starts_beyond_the_window(make_trajectory: Make) -> None:
    class FirstWaits(Bench):
        async def work(self, number: int) -> None:
            while number == 0 and len(self.started) < 4:
                await checkpoint()
            for _ in range(20 if number == 0 else 0):
                await checkpoint()
            if number == 0:
                assert self.started == [0, 1, 2, 3]

    bench = FirstWaits(make_trajectory(0), lambda number: True, Bounds(count=9, max_jobs=9, concurrency=2, window=3))
    await bench.run()
    assert len(bench.kept) == 9


async def test_a_failure_comes_out_as_it_is_after_what_was_decided_before_it(make_trajectory: Make) -> None:
    failure = ConnectionError("refused")

    class Fails(Bench):
        async def work(self, number: int) -> None:
            if number == 2:
                while len(self.started) < 6:
                    await checkpoint()
                raise failure

    bench = Fails(make_trajectory(0), lambda number: True, Bounds(count=9, max_jobs=9, concurrency=4, window=4))
    with pytest.raises(ConnectionError) as caught:
        await bench.run()
    assert caught.value is failure
    assert [job_of(outcome) for outcome in bench.kept] == [0, 1]
    assert bench.running == set()


async def test_a_failure_beyond_the_end_changes_nothing(make_trajectory: Make) -> None:
    class FailsLater(Bench):
        async def emit(self, outcome: Outcome) -> None:
            while 2 not in self.started:
                await checkpoint()
            await super().emit(outcome)

        async def work(self, number: int) -> None:
            if number == 2:
                raise ConnectionError("refused")

    bounds = Bounds(count=2, max_jobs=9, concurrency=3, window=3)
    bench = FailsLater(make_trajectory(0), lambda number: True, bounds)
    assert (await bench.run()).reason == "complete"
    assert bench.kept == bench.expected()


async def test_a_record_that_could_not_be_kept_is_not_tried_again(make_trajectory: Make) -> None:
    class DiskFull(Bench):
        tries = 0

        async def emit(self, outcome: Outcome) -> None:
            self.tries += 1
            raise OSError("no space left on device")

    bench = DiskFull(make_trajectory(0), lambda number: True, Bounds(count=3, max_jobs=9, concurrency=3, window=3))
    with pytest.raises(OSError, match="no space"):
        await bench.run()
    assert bench.tries == 1


async def test_cancellation_goes_through(make_trajectory: Make) -> None:
    class Endless(Bench):
        async def work(self, number: int) -> None:
            await anyio.sleep_forever()

    bench = Endless(make_trajectory(0), lambda number: True, Bounds(count=3, max_jobs=9))
    async with anyio.create_task_group() as group:
        group.start_soon(bench.run)
        while len(bench.started) < 8:
            await checkpoint()
        group.cancel_scope.cancel()
    assert bench.running == set()
    assert bench.kept == []


async def test_a_complete_run_decides_nothing_more(make_trajectory: Make) -> None:
    bench = Bench(make_trajectory(0), lambda number: True, Bounds(count=2, max_jobs=9))
    await bench.run()
    started = len(bench.started)
    assert (await bench.run()).reason == "complete"
    assert len(bench.started) == started
