"""A disk that is full, by a limit on the size of files: a run ends with words, and goes on when there is room again."""

from __future__ import annotations

import re
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import fr_agents
from fr_agents.errors import FrAgentsError

INFRASTRUCTURE = 3
FULL = re.compile(r"disk (is|I/O error|gone)|full|File too large")
NAMED = re.compile(
    r"(?:trajectories|rejections|surplus|jobs)\.jsonl|(?:checkpoints|journal)\.sqlite|run\.yaml|graph\.json"
)


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """No file of this process gets larger, nor grows that is larger by now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def refused(size: int, doing: Callable[[], Any]) -> str:
    """What a person is told who has so little room; empty where it is enough."""
    told = ""
    try:
        with at_most(size):
            await doing()
    except FrAgentsError as error:
        told = str(error)
    assert not told or (FULL.search(told) and (NAMED.search(told) or "run cannot be written" in told)), told
    return told


async def begun_or_resumed(config: Path, folder: Path) -> None:
    if (folder / "run.yaml").is_file():
        await fr_agents.resume(folder)
    else:
        await fr_agents.synthesize(config, folder)


async def test_a_run_for_whose_beginning_there_is_no_room_can_be_begun_later(scripted: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for size in (1_000, 2_000):
        told = await refused(size, lambda: fr_agents.synthesize(scripted.config, folder))
        assert told == f"{folder} cannot be written: File too large."
    await fr_agents.synthesize(scripted.config, folder)
    scripted.assert_same(folder)


@pytest.mark.parametrize("checkpoint", ["sqlite", "memory"])
async def test_a_run_that_gets_room_bit_by_bit_ends_with_the_same_records(
    make_undisturbed: Callable[..., Any], notes: Callable[[], Any], tmp_path: Path, checkpoint: str
) -> None:
    """So the files fill up in turns. An answer that could not be kept is bought again, and no other one."""
    undisturbed, folder = await make_undisturbed(checkpoint=checkpoint), tmp_path / "run"
    named, told, size = set(), "none", 40_000
    while told:
        told = await refused(size, lambda: begun_or_resumed(undisturbed.config, folder))
        named |= set(NAMED.findall(told))
        size += 12_000
    assert named >= {"sqlite": {"checkpoints.sqlite"}, "memory": {"trajectories.jsonl", "journal.sqlite"}}[checkpoint]
    undisturbed.assert_same(folder)
    undisturbed.assert_paid_once(folder)
    assert notes().counted().keys() == undisturbed.calls.counted().keys()


async def test_a_log_that_gets_no_room_is_done_without(scripted: Any, killed: Path) -> None:
    room = 16_000_000
    with (killed / "log.jsonl").open("r+b") as log:
        log.seek(2 * room)
        log.write(b"\n")
    assert await refused(room, lambda: fr_agents.resume(killed)) == ""
    scripted.assert_same(killed)
    assert (killed / "log.jsonl").stat().st_size == 2 * room + 1


def test_the_command_line_tells_what_is_full_and_how_to_go_on(
    start: Callable[..., Any], scripted: Any, tmp_path: Path
) -> None:
    folder, blocks = tmp_path / "run", 160
    limited = ["sh", "-c", f'ulimit -f {blocks} && exec "$@"', "sh"]
    with start(folder, "run", scripted.config, "--output", folder, before=limited) as running:
        code, _, err = running.end()
    assert (code, err.splitlines()[-1]) == (INFRASTRUCTURE, f"Resume: fr-agents resume {folder}"), err
    assert FULL.search(err), err
    assert "Traceback" not in err
    with start(folder, "resume", folder) as resumed:
        code, _, err = resumed.end()
    assert code == scripted.code, err
    scripted.assert_same(folder)
    scripted.assert_paid_once(folder)
