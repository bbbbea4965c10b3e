"""The file of finished jobs: whatever is torn, cut or damaged, a run goes on with all records and counts the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fr_agents.config import RunConfig
from fr_agents.errors import RunFolderError
from fr_agents.folder import RunFolder
from fr_agents.funnel import summarise
from fr_agents.job_facts import JobFacts
from fr_agents.job_file import JobReader, read_jobs
from fr_agents.record_files import jobs_stored, records_in_order
from fr_agents.store import Position, open_store
from graphs.records import Rejection, Trajectory
from graphs.usage import Usage

JOBS = 7


def spent(job: int) -> Usage:
    return {"reasoning": {"calls": job + 1, "prompt_tokens": 40, "completion_tokens": 5, "untold": 0}}


@pytest.fixture
def outcome(make_trajectory: Callable[..., Trajectory], make_rejection: Callable[..., Rejection]) -> Callable:
    """Every third job is rejected."""
    return lambda job: make_rejection(job, turns=1, hints=(1,)) if job % 3 == 1 else make_trajectory(job)


@pytest.fixture
async def whole(tmp_path: Path, make_config: Callable[..., RunConfig], outcome: Callable) -> Path:
    """The folder of a run of seven jobs, and one that was set aside."""
    with RunFolder.create(tmp_path / "whole", make_config(count=9), "1") as folder:
        async with open_store(folder) as store:
            await fill(store, outcome, JOBS)
            await store.append_surplus(outcome(JOBS + 2), spent(JOBS + 2))
        return folder.path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Iterator[Callable[[], RunFolder]]:
    """Opens a copy of the whole run, in place of the copy before."""
    opened: list[RunFolder] = []

    def make() -> RunFolder:
        close()
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(whole, tmp_path / "copy")
        opened.append(RunFolder.open(tmp_path / "copy"))
        return opened[-1]

    def close() -> None:
        while opened:
            opened.pop().close()

    yield make
    close()


async def fill(store, outcome: Callable, jobs: int) -> None:
    for job in range(store.position.jobs, jobs):
        await store.append(outcome(job), spent(job))


def resumed(folder: RunFolder, outcome: Callable) -> Position:
    """The position that the run was opened at; afterwards it has all of its jobs."""

    async def resume() -> Position:
        async with open_store(folder) as store:
            position = store.position
            await fill(store, outcome, JOBS)
            await store.append_surplus(outcome(JOBS + 2), spent(JOBS + 2))
            return position

    return anyio.run(resume)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}


def without_cost(jobs: Iterator[JobFacts]) -> list[JobFacts]:
    return sorted((facts.model_copy(update={"usage": {}}) for facts in jobs), key=lambda facts: facts.job)


SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SETTINGS
@given(share=st.floats(0, 1))
def test_wherever_its_last_record_is_cut_a_run_ends_with_the_same_files(
    whole: Path, copy: Callable[[], RunFolder], outcome: Callable, share: float
) -> None:
    folder = copy()
    lines = folder.trajectories.read_bytes().splitlines(keepends=True)
    folder.trajectories.write_bytes(b"".join(lines[:-1]) + lines[-1][: int(share * (len(lines[-1]) - 1))])
    shown = summarise(RunFolder.look(folder.path))
    assert (shown.jobs, shown.accepted) == (JOBS - 1, 4)
    assert resumed(folder, outcome) == Position(jobs=JOBS - 1, accepted=4)
    assert {name: sorted(data.splitlines()) for name, data in files(folder.path).items()} == {
        name: sorted(data.splitlines()) for name, data in files(whole).items()
    }


@SETTINGS
@given(share=st.floats(0, 1))
def test_wherever_the_file_of_jobs_is_cut_a_run_counts_the_same(
    whole: Path, copy: Callable[[], RunFolder], outcome: Callable, share: float
) -> None:
    folder = copy()
    data = folder.jobs.read_bytes()
    folder.jobs.write_bytes(data[: int(share * len(data))])
    facts = without_cost(read_jobs(RunFolder.look(whole)))
    assert [f for f in without_cost(read_jobs(folder)) if not f.surplus] == [f for f in facts if not f.surplus]
    assert resumed(folder, outcome) == Position(jobs=JOBS, accepted=5)
    assert without_cost(read_jobs(folder)) == facts
    assert {name: data for name, data in files(folder.path).items() if name != "jobs.jsonl"} == {
        name: data for name, data in files(whole).items() if name != "jobs.jsonl"
    }


@SETTINGS
@given(place=st.floats(0, 1, exclude_max=True), byte=st.binary(min_size=1, max_size=1))
def test_whatever_a_byte_of_the_file_of_jobs_becomes_a_run_goes_on(
    whole: Path, copy: Callable[[], RunFolder], outcome: Callable, place: float, byte: bytes
) -> None:
    folder = copy()
    data = folder.jobs.read_bytes()
    index = int(place * len(data))
    folder.jobs.write_bytes(data[:index] + byte + data[index + 1 :])
    assert resumed(folder, outcome) == Position(jobs=JOBS, accepted=5)
    assert [facts.job for facts in read_jobs(folder) if not facts.surplus] == list(range(JOBS))
    assert summarise(folder).accepted == 5


async def test_where_it_is_missing_it_is_made_anew_and_only_the_cost_is_lost(
    whole: Path, copy: Callable[[], RunFolder]
) -> None:
    folder = copy()
    folder.jobs.unlink()
    reader = JobReader(RunFolder.look(folder.path))
    assert without_cost(reader.read()) == [f for f in without_cost(read_jobs(RunFolder.look(whole))) if not f.surplus]
    assert f"{folder.jobs} does not tell of job 0" in reader.problem
    async with open_store(folder):
        pass
    assert without_cost(read_jobs(folder)) == without_cost(read_jobs(RunFolder.look(whole)))
    assert summarise(folder).usage == {}
    assert JobReader(folder).problem == ""


async def test_what_is_left_of_it_is_kept(whole: Path, copy: Callable[[], RunFolder]) -> None:
    folder = copy()
    lines = folder.jobs.read_bytes().splitlines(keepends=True)
    folder.jobs.write_bytes(b"".join([*lines[:2], b"{}\n", *lines[3:]]))
    async with open_store(folder):
        pass
    told = {facts.job: facts for facts in read_jobs(folder)}
    assert told.keys() == {*range(JOBS), JOBS + 2}
    assert [job for job, facts in told.items() if not facts.usage] == [2]
    assert told[JOBS + 2].surplus


async def test_a_line_that_tells_of_another_end_gives_way_to_the_record(copy: Callable[[], RunFolder]) -> None:
    folder = copy()
    wrong = folder.jobs.read_text().replace('"job":2,"accepted":true', '"job":2,"accepted":false')
    folder.jobs.write_text(wrong)
    async with open_store(folder):
        pass
    assert [facts.accepted for facts in read_jobs(folder) if facts.job == 2] == [True]
    assert summarise(folder).accepted == 5


async def test_a_reader_reads_each_job_once_while_the_run_goes_on(
    copy: Callable[[], RunFolder], outcome: Callable
) -> None:
    folder = copy()
    reader = JobReader(RunFolder.look(folder.path))
    assert [facts.job for facts in reader.read()] == [*range(JOBS), JOBS + 2]
    assert list(reader.read()) == []
    async with open_store(folder) as store:
        await store.append(outcome(JOBS), spent(JOBS))
        with folder.jobs.open("ab") as file:
            file.write(b'{"job":8,"acc')  # as if it were being written
        assert list(reader.read()) == [JobFacts.of(outcome(JOBS), spent(JOBS))]
    async with open_store(folder) as store:
        await fill(store, outcome, JOBS + 4)
    assert [facts.job for facts in reader.read()] == list(range(JOBS + 1, JOBS + 4))
    assert reader.problem == ""


async def test_a_reader_goes_on_where_the_file_was_made_anew(copy: Callable[[], RunFolder], outcome: Callable) -> None:
    folder = copy()
    reader = JobReader(RunFolder.look(folder.path))
    assert len(list(reader.read())) == JOBS + 1
    folder.jobs.write_bytes(folder.jobs.read_bytes()[5:])
    async with open_store(folder) as store:
        await fill(store, outcome, JOBS + 3)
    assert [facts.job for facts in reader.read()] == [JOBS, JOBS + 1, JOBS + 2]


TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.just('","lineage":{"run":"x","job":99,')


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(run=TEXT, model=TEXT, role=TEXT)
def test_whatever_names_are_in_a_record_its_job_is_told(
    whole: Path, make_trajectory: Callable[..., Trajectory], run: str, model: str, role: str
) -> None:
    folder = RunFolder.look(whole)
    record = make_trajectory(0)
    lineage = record.lineage.model_copy(update={"run": run, "models": {role: model}, "prompts": {role: model}})
    line = record.model_copy(update={"lineage": lineage}).model_dump_json().encode() + b"\n"
    folder.trajectories.write_bytes(line)
    folder.rejections.write_bytes(b"")
    assert [(found.job, found.kept, found.text) for found in records_in_order(folder)] == [(0, True, line)]
    assert jobs_stored(folder) == 1


def test_records_that_somebody_else_has_written_are_told_too(whole: Path) -> None:
    folder = RunFolder.look(whole)
    records = [json.loads(line) for line in folder.trajectories.read_text().splitlines()]
    spaced = [json.dumps(dict(reversed(record.items()))) + "\n" for record in records]
    folder.trajectories.write_text("".join(spaced))
    assert [line.job for line in records_in_order(folder)] == list(range(JOBS))


async def test_ten_thousand_jobs_are_opened_and_counted_without_a_look_into_their_records(
    tmp_path: Path, make_config: Callable[..., RunConfig], make_trajectory: Callable[..., Trajectory]
) -> None:
    record, facts = make_trajectory(0), JobFacts.of(make_trajectory(0), spent(0))
    # Records whose middle is no record at all: whoever parses one fails.
    whole = record.model_dump_json().encode()
    start, end = whole[:40], whole[whole.rindex(b',"lineage"') :]
    with RunFolder.create(tmp_path / "run", make_config(count=10_000), "1") as folder:
        with folder.trajectories.open("wb") as records, folder.jobs.open("wb") as jobs:
            for job in range(10_000):
                records.write(start + b"..." + end.replace(b'"job":0', b'"job":%d' % job) + b"\n")
                jobs.write(facts.model_copy(update={"job": job}).line())
        async with open_store(folder) as store:
            assert store.position == Position(jobs=10_000, accepted=10_000)
        summary = summarise(folder)
    assert (summary.accepted, summary.usage["reasoning"]["calls"]) == (10_000, 10_000)


async def test_a_job_that_is_missing_is_named_whatever_the_file_of_jobs_tells(copy: Callable[[], RunFolder]) -> None:
    folder = copy()
    lines = folder.trajectories.read_bytes().splitlines(keepends=True)
    folder.trajectories.write_bytes(b"".join([*lines[:1], *lines[2:]]))
    with pytest.raises(RunFolderError, match=r"trajectories.jsonl, line 2: holds job 3 where job 2 belongs"):
        async with open_store(folder):
            pass
