"""``fr-agents verify`` on files: what a person is told of good records, and of lines that are none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from fr_agents.cli import app

Data = dict[str, Any]


@pytest.fixture
def verify(tmp_path: Path) -> Callable[[bytes], Result]:
    """Verifies a file of the given bytes on the command line."""

    def run(content: bytes) -> Result:
        (tmp_path / "some.jsonl").write_bytes(content)
        return CliRunner().invoke(app, ["verify", str(tmp_path / "some.jsonl")])

    return run


def looks_something_up(turn: Data) -> bool:
    """Whether an argument comes from a call of the turn that only read. The world of travel has no sessions."""
    reads = {step["call"]["id"] for step in turn["gold_steps"] if not step["changed_state"]}
    return any(origin["source"] in reads for step in turn["gold_steps"] for origin in step["origins"].values())


def test_good_records_verify(verify: Callable[[bytes], Result], lines: list[str]) -> None:
    result = verify("".join(f"{line}\n" for line in lines).encode())
    assert (result.exit_code, result.stderr) == (0, "")
    turns = [turn for line in lines for turn in json.loads(line)["turns"]]
    calls = sum(step["observation"]["error"] is None for turn in turns for step in turn["gold_steps"])
    share = round(100 * sum(map(looks_something_up, turns)) / len(turns))
    told = f"{calls} calls, all needed · {share} % of turns look up what a user could have been asked for"
    assert result.stdout.endswith(f"some.jsonl: {len(lines)} records verified, none bad · {told}\n")
    assert 0 < share < 100
    assert verify("\n".join(lines).encode()).stdout == result.stdout, "the last record is whole without a newline too"


def test_a_torn_last_line_is_a_bad_record(verify: Callable[[bytes], Result], lines: list[str]) -> None:
    result = verify("\n".join([*lines[:2], lines[2][:500]]).encode())
    assert result.exit_code == 1
    assert result.stdout.startswith("line 3 ?: is cut off: the file ends in the middle of it (EOF while parsing ")
    assert result.stderr.endswith("some.jsonl: 1 of 3 records do not hold.\n")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"}\n", "line 1 ?: is no JSON: expected value at line 1 column 1\n"),
        (b"[]\n", "line 1 ?: is no trajectory of schema 3: input should be an object\n"),
        (b"\xff\xfe\n", "line 1 ?: is no JSON: "),
        (b"{}\n", "line 1 ?: is no trajectory of schema 3: id: field required\n"),
    ],
)
def test_a_line_that_is_no_record_is_told_readably(
    verify: Callable[[bytes], Result], content: bytes, text: str
) -> None:
    result = verify(content)
    assert result.exit_code == 1
    assert result.stdout.startswith(text)


def test_a_file_without_records_does_not_verify(verify: Callable[[bytes], Result]) -> None:
    result = verify(b"")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("some.jsonl holds no records: there is nothing to verify.\n")
