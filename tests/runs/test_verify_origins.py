"""What ``verify`` finds of planted origins: each says something else of where a gold argument comes from."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

import fr_agents
from fr_agents.verification import verify_file
from graphs.records import Trajectory

Data = dict[str, Any]
CONFIG = {
    "name": "origins",
    "seed": 5,
    "count": 6,
    "world": "travel",
    "turns": 2,
    "sampler": {"error_share": 0},
    "limits": {"concurrency": 4, "window": 8},
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Data]:
    folder = tmp_path_factory.mktemp("runs") / "origins"
    anyio.run(fr_agents.synthesize, CONFIG, folder)
    return [json.loads(line) for line in (folder / "trajectories.jsonl").read_text(encoding="utf-8").splitlines()]


def gold(record: Data) -> Iterator[tuple[Data, str, Data]]:
    """Each origin of a gold call, with the call and the argument's name."""
    for turn in record["turns"]:
        for step in turn["gold_steps"]:
            yield from ((step["call"], name, origin) for name, origin in step["origins"].items())


@pytest.fixture
def planted(records: list[Data], tmp_path: Path) -> Callable[..., list[str]]:
    """Changes the first gold origin of a kind, and returns what verifying finds."""

    def plant(which: str, changes: Data) -> list[str]:
        record = next(item for item in records if any(origin["kind"] == which for _, _, origin in gold(item)))
        record = copy.deepcopy(record)
        next(origin for _, _, origin in gold(record) if origin["kind"] == which).update(changes)
        path = tmp_path / "one.jsonl"
        path.write_text(Trajectory.model_validate(record).identified().model_dump_json() + "\n", encoding="utf-8")
        ((_, _, problems),) = verify_file(path)
        return problems

    return plant


NOWHERE: Data = {"span": None, "source": None, "path": None, "selector": None, "parts": [], "turn": None}
QUERY: Data = {"kind": "query", "span": [0, 1]}


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("query", {"span": None}, "than the query gives it"),
        ("query", {"span": [0, 10_000]}, "than the query gives it"),
        ("query", {"span": [0, 3]}, "than the query gives it"),
        ("query", {"turn": 1}, "a query origin does not tell so much"),
        ("query", {"kind": "profile", "span": None}, "the system message does not say it"),
        ("query", {"kind": "default", "span": None}, "its schema has no default"),
        ("query", {"kind": "earlier_turn", "span": None, "turn": 9}, "it names no call that shows it"),
        ("query", {"kind": "state", "span": None, "source": "nobody", "path": "x"}, "is no call of an earlier message"),
        ("query", {"kind": "free_text", "span": None}, "it is no text in one's own words"),
        ("query", {"kind": "derived", "span": None, "expression": "a + 1", "parts": [QUERY]}, "does not come to"),
        ("query", {"kind": "composed", "span": None, "template": "{0}!", "parts": [QUERY]}, "is not made after '{0}!'"),
        ("observation", {"source": "nobody"}, "nobody is no call of an earlier message of this turn"),
        ("observation", {"kind": "earlier_turn"}, "is no call of an earlier turn"),
        ("observation", {"path": "nowhere"}, "nowhere"),
        ("observation", {**NOWHERE, "kind": "query"}, "is not proven: the query"),
        ("observation", {**NOWHERE, "kind": "profile"}, "the system message does not say it"),
    ],
)
def test_a_planted_origin_is_found(planted: Callable[..., list[str]], kind: str, changes: Data, reason: str) -> None:
    problems = planted(kind, changes)
    assert any(reason in problem for problem in problems), problems
    assert not any("cannot be checked" in problem for problem in problems)


def test_records_as_they_were_made_hold(records: list[Data], tmp_path: Path) -> None:
    kinds = {origin["kind"] for record in records for _, _, origin in gold(record)}
    assert {"query", "observation"} <= kinds
    path = tmp_path / "all.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    assert [problems for _, _, problems in verify_file(path)] == [[]] * len(records)
