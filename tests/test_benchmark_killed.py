"""The benchmark of killed runs works in a small form, and tells what is wrong with a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.graph import ROOT
from benchmarks.killed import RECORDS, Stored, left_by, main

QUICKSTART = ROOT / "configs" / "quickstart.yaml"


def test_a_small_run_that_was_killed_is_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    main(["--config", str(QUICKSTART), "--jobs", "12", "--kills", "2", "--folder", str(folder)])
    told = json.loads(capsys.readouterr().out)
    assert (told["trajectories"], told["kills"]) == (12, 2)
    assert (told["missing"], told["twice"], told["refused"]) == (0, 0, 0)
    assert told["cpu_seconds"] > 0
    assert told["bytes"][RECORDS] == (folder / RECORDS).stat().st_size

    records = (folder / RECORDS).read_text(encoding="utf-8").splitlines()
    spoilt = records[1].replace('"user"', '"usher"', 1)
    (folder / RECORDS).write_text("\n".join([records[0], records[0], spoilt]) + "\n", encoding="utf-8")
    wrong = left_by(folder, 12)
    assert (wrong["trajectories"], wrong["missing"], wrong["twice"]) == (3, 10, 1)
    assert wrong["refused"] > 0


def test_a_run_that_cannot_begin_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="exit code 2 before kill 1 of 1"):
        main(["--config", str(tmp_path / "missing.yaml"), "--jobs", "2", "--kills", "1", "--folder", str(tmp_path)])


def test_records_are_counted_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / RECORDS
    stored = Stored(path)
    assert stored.count() == 0
    path.write_bytes(b"{}\n{}\n{")
    assert stored.count() == 2
    with path.open("ab") as file:
        file.write(b"}\n")
    assert stored.count() == 3
    path.write_bytes(b"{}\n")
    assert stored.count() == 1
