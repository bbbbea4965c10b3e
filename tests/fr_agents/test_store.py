"""The store: each job's outcome exactly once and in order, whatever happened before."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint

from fr_agents.config import RunConfig
from fr_agents.errors import RunFolderError
from fr_agents.folder import RunFolder
from fr_agents.job_facts import JobFacts
from fr_agents.job_file import read_jobs
from fr_agents.record_files import parsed, records_in_order
from fr_agents.store import Position, open_store
from graphs.records import Rejection, Trajectory
from graphs.records.job import TurnPlan

Make = Callable[..., Trajectory]
MakeLost = Callable[..., Rejection]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, make_config: Callable[..., RunConfig]) -> Iterator[RunFolder]:
    with RunFolder.create(tmp_path / "run", make_config(), "1") as folder:
        yield folder


async def fill(folder: RunFolder, make_trajectory: Make, make_rejection: MakeLost, jobs: int) -> None:
    """Every third job is rejected."""
    async with open_store(folder) as store:
        for job in range(store.position.jobs, jobs):
            await store.append(make_rejection(job) if job % 3 == 1 else make_trajectory(job))


async def test_it_goes_on_where_it_was_left(folder: RunFolder, make_trajectory: Make, make_rejection: MakeLost) -> None:
    async with open_store(folder) as store:
        assert store.position == Position(jobs=0, accepted=0)
    await fill(folder, make_trajectory, make_rejection, 5)
    async with open_store(folder) as store:
        assert store.position == Position(jobs=5, accepted=3)
    await fill(folder, make_trajectory, make_rejection, 7)
    lines = folder.trajectories.read_text().splitlines()
    assert [json.loads(line)["lineage"]["job"] for line in lines] == [0, 2, 3, 5, 6]
    assert Trajectory.model_validate_json(lines[0]) == make_trajectory(0)
    assert list(json.loads(lines[0]))[:3] == ["id", "schema_version", "world"]


async def test_a_torn_last_line_is_repaired_wherever_it_was_torn(
    folder: RunFolder, make_trajectory: Make, make_rejection: MakeLost
) -> None:
    await fill(folder, make_trajectory, make_rejection, 4)
    whole = folder.trajectories.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for end in (start, start + 1, start + 200, len(whole) - 1):
        folder.trajectories.write_bytes(whole[:end])
        async with open_store(folder) as store:
            assert store.position == Position(jobs=3, accepted=2)
        assert folder.trajectories.read_bytes() == whole[:start]
    await fill(folder, make_trajectory, make_rejection, 4)
    assert folder.trajectories.read_bytes() == whole


async def test_only_the_next_job_is_stored(folder: RunFolder, make_trajectory: Make) -> None:
    async with open_store(folder) as store:
        await store.append(make_trajectory(0))
        for wrong in (0, 2):
            with pytest.raises(ValueError, match=f"job {wrong} is not the next"):
                await store.append(make_trajectory(wrong))
        assert store.position.jobs == 1
    assert folder.trajectories.read_text().count("\n") == 1


async def test_a_surplus_is_kept_once(folder: RunFolder, make_trajectory: Make, make_rejection: MakeLost) -> None:
    for _ in range(2):
        async with open_store(folder) as store:
            await store.append_surplus(make_trajectory(4))
            await store.append_surplus(make_rejection(6))
            await store.append_surplus(make_trajectory(4))
            assert store.position == Position(jobs=0, accepted=0)
    assert folder.surplus.read_text().count("\n") == 2


@pytest.mark.parametrize("damage", [b"no json\n", b'{"a": 1}\n', b"[]\n", b"\n"])
async def test_a_damaged_line_is_named(folder: RunFolder, make_trajectory: Make, damage: bytes) -> None:
    async with open_store(folder) as store:
        await store.append(make_trajectory(0))
    with folder.trajectories.open("ab") as file:
        file.write(damage)
    with pytest.raises(RunFolderError, match=rf"{folder.trajectories}, line 2: is no record"):
        async with open_store(folder):
            pass


async def test_missing_and_doubled_jobs_are_named(
    folder: RunFolder, make_trajectory: Make, make_rejection: MakeLost
) -> None:
    await fill(folder, make_trajectory, make_rejection, 4)
    rejections = folder.rejections.read_bytes()
    folder.rejections.write_bytes(b"")
    with pytest.raises(RunFolderError, match=r"trajectories.jsonl, line 2: holds job 2 where job 1 belongs"):
        async with open_store(folder):
            pass
    folder.rejections.write_bytes(rejections * 2)
    with pytest.raises(RunFolderError, match=r"rejections.jsonl, line 2: holds job 1 where job 2 belongs"):
        async with open_store(folder):
            pass


async def test_a_live_runs_torn_line_is_left_out_when_reading(
    folder: RunFolder, make_trajectory: Make, make_rejection: MakeLost
) -> None:
    await fill(folder, make_trajectory, make_rejection, 3)
    with folder.trajectories.open("ab") as file:
        file.write(b'{"id": "abc')
    assert len(list(records_in_order(folder))) == 3


async def test_a_record_of_another_version_is_found_when_it_is_read(folder: RunFolder, make_trajectory: Make) -> None:
    async with open_store(folder) as store:
        await store.append(make_trajectory(0))
    folder.trajectories.write_bytes(folder.trajectories.read_bytes().replace(b'"hints"', b'"clues"'))
    (line,) = records_in_order(folder)
    with pytest.raises(RunFolderError, match=r"trajectories.jsonl, line 1: is no trajectory of this version"):
        parsed(line)


async def test_cancelled_appends_have_happened_or_not(folder: RunFolder, make_trajectory: Make) -> None:
    async with open_store(folder) as store:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await store.append(make_trajectory(0))
        assert store.position.jobs == 0
        async with anyio.create_task_group() as group:
            group.start_soon(store.append, make_trajectory(0))
            await checkpoint()
            group.cancel_scope.cancel()
        stored = store.position.jobs
    assert folder.trajectories.read_text().count("\n") == stored


SPENT = {"reasoning": {"calls": 2, "prompt_tokens": 40, "completion_tokens": 5, "untold": 0}}


async def test_what_is_counted_of_a_job_stands_beside_its_record(
    folder: RunFolder, make_trajectory: Make, make_rejection: MakeLost
) -> None:
    plans = (TurnPlan(tool="pay"),)
    async with open_store(folder) as store:
        await store.append(make_trajectory(0), SPENT, plans)
        await store.append(make_rejection(1))
        await store.append_surplus(make_trajectory(3), SPENT)
        await store.append_surplus(make_trajectory(3), SPENT)
    async with open_store(folder) as store:
        await store.append(make_trajectory(2), SPENT)
    facts = [
        JobFacts.of(make_trajectory(0), SPENT, plans),
        JobFacts.of(make_rejection(1)),
        JobFacts.of(make_trajectory(3), SPENT, surplus=True),
        JobFacts.of(make_trajectory(2), SPENT),
    ]
    assert list(read_jobs(folder)) == facts
    assert folder.jobs.read_bytes() == b"".join(job.line() for job in facts)
    assert "usage" not in folder.trajectories.read_text()


async def test_the_line_of_a_record_that_was_never_written_is_written_again(
    folder: RunFolder, make_trajectory: Make
) -> None:
    async with open_store(folder) as store:
        await store.append(make_trajectory(0), SPENT)
    whole = folder.jobs.read_bytes()
    for line in (JobFacts.of(make_trajectory(1)).line(), JobFacts.of(make_trajectory(5), surplus=True).line()):
        for torn in (line, line[:9]):
            folder.jobs.write_bytes(whole + torn)
            async with open_store(folder):
                assert folder.jobs.read_bytes() == whole
    folder.jobs.write_bytes(whole + JobFacts.of(make_trajectory(1)).line())
    assert [facts.job for facts in read_jobs(folder)] == [0]
    async with open_store(folder) as store:
        await store.append(make_trajectory(1), SPENT)
    assert [facts.job for facts in read_jobs(folder)] == [0, 1]


FILL = """
import resource, sys
import anyio
from fr_agents.folder import RunFolder
from fr_agents.store import open_store
from graphs.records import Rejection

async def main():
    with RunFolder.open(sys.argv[1]) as folder:
        async with open_store(folder) as store:
            size = folder.rejections.stat().st_size + 50
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            for detail in ("x" * 100, "x"):
                lost = Rejection(job=store.position.jobs, stage="author", reason="r", detail=detail)
                try:
                    await store.append(lost)
                except OSError:
                    print("full", store.position.jobs)

anyio.run(main)
"""


async def test_where_the_disk_is_full_neither_record_nor_line_is_written(
    folder: RunFolder, make_rejection: MakeLost
) -> None:
    async with open_store(folder) as store:
        for job in range(8):  # so that the file of jobs is the smaller one, and ends below the limit
            await store.append(make_rejection(job, detail="x" * 300))
    before = (folder.rejections.read_bytes(), folder.jobs.read_bytes())
    folder.close()
    command = [sys.executable, "-c", FILL, str(folder.path)]
    done = await anyio.run_process(command, cwd=ROOT)
    assert done.stdout == b"full 8\nfull 8\n"
    assert (folder.rejections.read_bytes(), folder.jobs.read_bytes()) == before
