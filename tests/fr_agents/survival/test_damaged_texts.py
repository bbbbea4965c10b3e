"""Records, the file of jobs, the configuration and the graph, torn, damaged or changed by hand."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fr_agents
from fr_agents.errors import RunFolderError

FILES = ("trajectories.jsonl", "rejections.jsonl", "jobs.jsonl")
Damage = Callable[[bytes], bytes]
several_cuts = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def job_of(line: bytes) -> int:
    record = json.loads(line)
    number: int = record["lineage"]["job"] if "lineage" in record else record["job"]
    return number


def leave_jobs_until(folder: Path, last: int, only: str = "") -> None:
    """As it is when ``last`` has just been written to its file of records, or to the one that is named ``only``."""
    for name in FILES:
        end = last if only in ("", name) else last - 1
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(line for line in lines if job_of(line) <= end))


def last_job_in(folder: Path, name: str) -> int:
    return job_of((folder / name).read_bytes().splitlines()[-1])


async def refusal(folder: Path) -> str:
    with pytest.raises(RunFolderError) as caught:
        await fr_agents.resume(folder)
    return str(caught.value)


def without_second(content: bytes) -> bytes:
    first, _, *rest = content.splitlines(keepends=True)
    return b"".join([first, *rest])


def records(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


@several_cuts
@given(share=st.floats(min_value=0, max_value=1))
@pytest.mark.parametrize("name", FILES)
def test_wherever_a_last_line_is_torn_the_run_ends_with_the_same_files(
    scripted: Any, tmp_path: Path, name: str, share: float
) -> None:
    """By then the job's checkpoints are gone; its answers are in the journal. A line of ``jobs.jsonl`` comes first, so
    that where it is torn there is no record yet."""
    shutil.rmtree(tmp_path / "run", ignore_errors=True)
    folder = Path(shutil.copytree(scripted.folder, tmp_path / "run"))
    last = last_job_in(folder, name)
    leave_jobs_until(folder, last, "jobs.jsonl" if name == "jobs.jsonl" else "")
    content = (folder / name).read_bytes()
    start = content[:-1].rfind(b"\n") + 1
    os.truncate(folder / name, start + int(share * (len(content) - start - 1)))
    anyio.run(fr_agents.resume, folder)
    scripted.assert_same(folder)
    scripted.assert_paid_once(folder)


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("trajectories.jsonl", without_second, "holds job"),
        ("trajectories.jsonl", lambda content: b"".join(content.splitlines(True)[1:]), "where job 0 belongs"),
        ("trajectories.jsonl", lambda content: content + content, "holds job 0 where job"),
        ("trajectories.jsonl", lambda content: content.replace(b"\n", b"\n{}\n", 1), "is no record"),
        ("rejections.jsonl", lambda content: b"\x00" * 40 + b"\n" + content, "is no record"),
    ],
    ids=["lost", "lost at the beginning", "twice", "strange", "zeros"],
)
async def test_records_that_were_lost_or_doubled_are_named(
    scripted: Any, complete: Path, name: str, damage: Damage, says: str
) -> None:
    whole = (complete / name).read_bytes()
    (complete / name).write_bytes(damage(whole))
    told = await refusal(complete)
    assert says in told
    assert ".jsonl, line " in told
    assert "restore it, or begin anew" in told
    (complete / name).write_bytes(whole)
    await fr_agents.resume(complete)
    scripted.assert_same(complete)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: b"\x00" * len(content),
        lambda content: content + content,
    ],
    ids=["empty", "half", "zeros", "twice"],
)
async def test_a_damaged_file_of_jobs_is_made_anew(scripted: Any, killed: Path, damage: Damage) -> None:
    """What finished jobs cost is then known from the journal alone, and what was asked of them from their numbers."""
    jobs = killed / "jobs.jsonl"
    jobs.write_bytes(damage(jobs.read_bytes()))
    await fr_agents.resume(killed)
    for name in FILES[:2]:
        assert (killed / name).read_bytes() == (scripted.folder / name).read_bytes()
    told, expected = (
        [json.loads(line) for line in (of / "jobs.jsonl").read_bytes().splitlines()] for of in (killed, scripted.folder)
    )
    assert [line | {"usage": None, "plans": None} for line in told] == [
        line | {"usage": None, "plans": None} for line in expected
    ]
    scripted.assert_paid_once(killed)


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("run.yaml", lambda content: content.replace(b"seed: 11", b"seed: 12"), "was changed after the run began"),
        ("run.yaml", lambda content: content[: len(content) // 2], "run.yaml"),
        ("run.yaml", lambda content: b"", "was written in another form than this version's"),
        ("run.yaml", lambda content: b"\x00\xff" * 50, "cannot be read"),
        ("run.yaml", lambda content: None, "is no run: it has no run.yaml"),
        (
            "graph.json",
            lambda content: content.replace(b'"read"', b'"write"', 1),
            "Put back the file that the run began with",
        ),
        ("graph.json", lambda content: content[: len(content) // 2], "is damaged"),
        ("graph.json", lambda content: b"", "is damaged"),
        ("graph.json", lambda content: None, "is missing"),
    ],
)
async def test_a_changed_configuration_or_graph_is_refused(
    scripted: Any, killed: Path, name: str, damage: Callable[[bytes], bytes | None], says: str
) -> None:
    whole = (killed / name).read_bytes()
    before = records(killed)
    damaged = damage(whole)
    assert damaged != whole
    if damaged is None:
        (killed / name).unlink()
    else:
        (killed / name).write_bytes(damaged)
    told = await refusal(killed)
    assert says in told
    assert str(killed) in told
    assert records(killed) == before
    (killed / name).write_bytes(whole)
    await fr_agents.resume(killed)
    scripted.assert_same(killed)
    scripted.assert_paid_once(killed)
