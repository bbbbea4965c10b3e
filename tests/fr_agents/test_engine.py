"""The engine: the records of a run follow from what each job gives, never from when it is done."""

from __future__ import annotations

import gc
import random
import weakref
from collections.abc import Callable
from contextlib import suppress

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fr_agents.draining import Drain, Drained
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
        self.drain = Drain()
        self.kept: list[Outcome] = []
        self.aside: list[int] = []
        self.started: list[int] = []
        self.decided: set[int] = set()
        self.asked_again: list[int] = []
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
        if job.number in self.decided:
            self.asked_again.append(job.number)
            await checkpoint()
            return self.outcome(job.number)
        self.started.append(job.number)
        self.furthest = max(self.furthest, job.number - len(self.kept))
        self.running.add(job.number)
        self.most_running = max(self.most_running, len(self.running))
        try:
            await self.work(job.number)
        finally:
            self.running.discard(job.number)
        self.decided.add(job.number)
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
        self.decided.clear()
        return await LocalEngine().run(
            plan,
            self.decide,
            bounds=self.bounds,
            emit=self.emit,
            set_aside=self.set_aside,
            start=Position(jobs=len(self.kept), accepted=accepted),
            on_decided=lambda job, outcome, prefix: self.told.append(prefix),
            drain=self.drain,
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
    """Jobs take a random number of turns of the event loop; now and then one fails, or the run is cancelled or asked to
    end."""

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
        if chance > 0.92:
            self.drain.request()
        if chance > 0.96:
            raise Drained


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    outcomes=st.lists(st.booleans(), min_size=1, max_size=12),
    count=st.integers(1, 8),
    slack=st.integers(0, 12),
    concurrency=st.integers(1, 6),
    ahead=st.integers(0, 5),
    held=st.integers(1, 4),
)
def test_any_timing_and_any_interruptions_give_the_same_records(
    make_trajectory: Make,
    seed: int,
    outcomes: list[bool],
    count: int,
    slack: int,
    concurrency: int,
    ahead: int,
    held: int,
) -> None:
    window = concurrency + ahead
    bounds = Bounds(count=count, max_jobs=count + slack, concurrency=concurrency, window=window, held=held)
    bench = Shuffled(seed, make_trajectory(0), lambda number: outcomes[number % len(outcomes)], bounds)

    async def to_the_end() -> Ending:
        while True:
            before, ending, bench.drain = list(bench.kept), None, Drain(grace=0.0)
            with suppress(OSError), anyio.CancelScope() as bench.scope:
                ending = await bench.run()
            assert bench.kept[: len(before)] == before
            if ending is not None and ending.reason != "drained":
                return ending
            assert ending is None or bench.drain.requested

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


class Held(Bench):
    """Jobs that wait until they are let go, so that a test knows what is under way when the run is asked to end."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.let_go = anyio.Event()

    async def work(self, number: int) -> None:
        await self.let_go.wait()

    async def drained(self, under_way: int) -> Ending:
        """The end of a run that is asked to end while so many jobs are under way, and lets them go then."""
        endings: list[Ending] = []

        async def run() -> None:
            endings.append(await self.run())

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            while self.drain.under_way < under_way:
                await checkpoint()
            assert self.drain.heeded
            self.drain.request()
            await anyio.wait_all_tasks_blocked()
            self.let_go.set()
        assert not self.drain.heeded
        return endings[0]


async def test_a_drain_lets_what_has_begun_end_and_begins_nothing(make_trajectory: Make) -> None:
    bench = Held(make_trajectory(0), lambda number: True, Bounds(count=9, max_jobs=9, concurrency=3, window=3))
    ending = await bench.drained(under_way=3)
    assert (ending.reason, ending.position) == ("drained", Position(jobs=3, accepted=3))
    assert bench.started == [0, 1, 2]
    assert [job_of(outcome) for outcome in bench.kept] == [0, 1, 2]
    bench.drain = Drain()
    assert (await bench.run()).reason == "complete"
    assert bench.kept == bench.expected()


async def test_a_job_that_stops_between_two_steps_is_left_for_later(make_trajectory: Make) -> None:
    class SecondStops(Held):
        async def work(self, number: int) -> None:
            await super().work(number)
            if number == 1 and self.drain.requested:
                raise Drained

    bench = SecondStops(make_trajectory(0), lambda number: True, Bounds(count=9, max_jobs=9, concurrency=4, window=4))
    assert (await bench.drained(under_way=4)).reason == "drained"
    assert [job_of(outcome) for outcome in bench.kept] == [0]
    assert bench.aside == []


async def test_who_waits_for_the_window_ends_at_once_when_the_run_is_drained(make_trajectory: Make) -> None:
    """No job ends after the request, which would wake whoever waits."""

    class NeverEnds(Held):
        async def work(self, number: int) -> None:
            if number == 0:
                await super().work(number)
                raise Drained

    bench = NeverEnds(make_trajectory(0), lambda number: True, Bounds(count=9, max_jobs=9, concurrency=3, window=3))
    assert (await bench.drained(under_way=1)).position == Position()
    assert bench.started == [0, 1, 2, 3]


async def test_what_still_runs_after_the_grace_is_cancelled(make_trajectory: Make) -> None:
    asked: list[float] = []

    async def no_time(seconds: float) -> None:
        asked.append(seconds)

    class SecondHangs(Held):
        async def work(self, number: int) -> None:
            if number == 1:
                await anyio.sleep_forever()

    bench = SecondHangs(make_trajectory(0), lambda number: True, Bounds(count=9, max_jobs=9, concurrency=2, window=2))
    bench.drain = Drain(grace=5.0, sleep=no_time)
    assert (await bench.drained(under_way=1)).position == Position(jobs=1, accepted=1)
    assert asked == [5.0]
    assert bench.running == set()


async def test_a_run_whose_last_record_is_decided_while_it_drains_is_complete(make_trajectory: Make) -> None:
    bench = Held(make_trajectory(0), lambda number: True, Bounds(count=2, max_jobs=9, concurrency=4, window=4))
    ending = await bench.drained(under_way=4)
    assert (ending.reason, ending.position.accepted) == ("complete", 2)
    assert bench.aside == [2, 3]


async def test_a_run_whose_last_job_is_decided_while_it_drains_is_exhausted(make_trajectory: Make) -> None:
    bench = Held(make_trajectory(0), lambda number: False, Bounds(count=2, max_jobs=3, concurrency=3, window=3))
    assert (await bench.drained(under_way=3)).reason == "exhausted"


async def test_a_failure_while_a_run_drains_comes_out(make_trajectory: Make) -> None:
    class FirstFails(Held):
        async def work(self, number: int) -> None:
            await super().work(number)
            if number == 0:
                raise ConnectionError("refused")

    bench = FirstFails(make_trajectory(0), lambda number: True, Bounds(count=9, max_jobs=9, concurrency=2, window=2))
    with pytest.raises(ExceptionGroup) as caught:
        await bench.drained(under_way=2)
    assert caught.group_contains(ConnectionError)


async def test_a_run_that_was_asked_to_end_before_it_began_begins_nothing(make_trajectory: Make) -> None:
    bench = Bench(make_trajectory(0), lambda number: True, Bounds(count=3, max_jobs=9))
    bench.drain.request()
    assert (await bench.run()).reason == "drained"
    assert bench.started == []


async def test_outcomes_that_wait_long_are_asked_for_again_and_not_held(make_trajectory: Make) -> None:
    made: list[weakref.ref[Outcome]] = []
    alive: list[int] = []

    class FirstIsSlow(Bench):
        async def work(self, number: int) -> None:
            while number == 0 and len(self.started) < 20:
                await checkpoint()
            if number == 0:
                gc.collect()
                alive.append(sum(reference() is not None for reference in made))

        def outcome(self, number: int) -> Outcome:
            outcome = super().outcome(number)
            made.append(weakref.ref(outcome))
            return outcome

    bounds = Bounds(count=20, max_jobs=20, concurrency=4, window=30, held=3)
    bench = FirstIsSlow(make_trajectory(0), lambda number: True, bounds)
    assert (await bench.run()).reason == "complete"
    assert 0 < alive[0] <= bounds.held + bounds.concurrency
    assert bench.kept == bench.expected()
    assert bench.asked_again == list(range(3, 20))
