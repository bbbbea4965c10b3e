"""What a kill in the third turn costs: nothing of the first two."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

import fr_agents

PATIENCE = 300.0
THREE_TURNS: dict[str, Any] = {
    "turns": 3,
    "count": 2,
    "log": "debug",
    "refiner": {"max_attempts": 4},
    "limits": {"concurrency": 2, "window": 4, "max_jobs": 2},
}


def log(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def nodes(log_lines: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """The nodes that were done, each by where it stands."""
    done = [line for line in log_lines if line["event"] == "node done"]
    return {tuple(line[key] for key in ("job", "turn", "node", "attempt")) for line in done}


async def test_no_role_and_no_node_of_the_first_two_turns_runs_again(
    start: Callable[..., Any], make_undisturbed: Callable[..., Any], notes: Callable[[], Any], tmp_path: Path
) -> None:
    undisturbed, folder = await make_undisturbed(**THREE_TURNS), tmp_path / "run"
    with start(folder, "run", undisturbed.config, "--output", folder, told={"SURVIVAL_HOLD_TURN": "2"}) as running:
        give_up = time.monotonic() + PATIENCE
        while {call["job"] for call in notes().calls if call["turn"] == 2} != {0, 1}:
            assert time.monotonic() < give_up, notes().calls[-3:]
            await anyio.sleep(0.01)
        running.kill()
    before, told_before = notes().calls, log(folder)
    assert {place[:2] for place in nodes(told_before)} >= {(0, 1), (0, 2), (1, 1), (1, 2)}
    await fr_agents.resume(folder)
    undisturbed.assert_same(folder)
    undisturbed.assert_paid_once(folder)
    assert {call["turn"] for call in notes().calls[len(before) :]} == {2}
    assert notes().counted().keys() == undisturbed.calls.counted().keys()
    told = log(folder)[len(told_before) :]
    assert [line["from_turn"] for line in told if line["event"] == "job resumed"] == [3, 3]
    assert {place[:2] for place in nodes(told)} == {(0, 3), (1, 3)}
    assert nodes(told) & nodes(told_before) == set()
