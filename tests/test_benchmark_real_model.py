"""The comparison of hints with blind retries measures what it says, and goes on where it was."""

from __future__ import annotations

import json
from math import comb
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.real_model import CONFIG, main
from benchmarks.real_model_figures import compared, cost, errors, funnel, mcnemar, reasons, wilson
from benchmarks.real_model_file import opened, read
from benchmarks.real_model_tables import MARKS, tables
from benchmarks.sampling_tables import write
from tools.base import JsonObject

HEADER: JsonObject = {
    "date": "2026-11-22",
    "model": "small.gguf",
    "asked": "tools `text`, temperature 0.7",
    "world": "travel",
    "tools_shown": "needed+3",
    "calls_per_turn": 2,
    "hints": 2,
    "roles": "roles openai/local",
    "version": "0.1.0",
    "configuration": "c0ffee",
}


def end(*errors_made: str | None, stage: str | None = None, calls: int = 1) -> JsonObject:
    usage = {"reasoning": {"calls": calls, "prompt_tokens": 90 * calls, "completion_tokens": 10 * calls, "untold": 0}}
    return {
        "accepted": stage is None,
        "stage": stage,
        "reason": stage and "K_max reached",
        "detail": stage and "told at length",
        "errors": list(errors_made),
        "usage": usage,
    }


def pair(job: int, *, hints: bool, retries: bool) -> JsonObject:
    won, lost = end("no_call", None, calls=2), end("no_call", "no_call", stage="refiner", calls=3)
    return {
        "job": job,
        "blind": end("no_call", stage="refiner"),
        "hints": won if hints else lost,
        "retries": won if retries else lost,
    }


ROWS: list[JsonObject] = [
    {"job": 0, "blind": end(None)},
    {"job": 1, "blind": end(stage="sampler", calls=0)},
    {"job": 2, "blind": end(stage="author")},
    {"job": 3, "blind": end(None, stage="cleaner")},
    pair(4, hints=True, retries=False),
    pair(5, hints=True, retries=True),
    pair(6, hints=False, retries=False),
    pair(7, hints=True, retries=False),
]


def test_wilson_gives_the_known_intervals() -> None:
    assert wilson(15, 30) == pytest.approx((0.3315, 0.6685), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


@given(whole=st.integers(1, 500), data=st.data())
@settings(max_examples=30, deadline=None)
def test_an_interval_holds_its_share_and_mirrors(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1
    assert wilson(whole - part, whole) == pytest.approx((1 - high, 1 - low))


def test_mcnemar_is_the_sign_test_on_the_pairs_that_differ() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(8, 1) == pytest.approx(2 * (comb(9, 0) + comb(9, 1)) / 2**9)
    assert mcnemar(1, 8) == mcnemar(8, 1)


def test_the_funnel_counts_who_came_how_far() -> None:
    assert funnel(ROWS) == {"jobs": 8, "trace": 7, "query": 6, "blind": 2, "accepted": 1, "pairs": 4}
    assert reasons(row["blind"] for row in ROWS)["refiner: K_max reached"] == 4


def test_pairs_are_compared_with_each_other() -> None:
    figures = compared(ROWS)
    assert (figures["pairs"], figures["accepted"], figures["alone"]) == (
        4,
        {"hints": 3, "retries": 1},
        {"hints": 2, "retries": 0},
    )
    assert figures["p"] == 0.5


def test_errors_are_counted_attempt_by_attempt() -> None:
    assert errors(ROWS, "hints") == [{"no_call": 4}, {"passed": 3, "no_call": 1}]
    assert errors(ROWS, "blind") == [{"no_call": 4, "passed": 2}]


def test_an_accepted_turn_bears_the_cost_of_all_that_was_lost() -> None:
    hints, retries = cost(ROWS, "hints"), cost(ROWS, "retries")
    # 7 calls before any hint; three arms that were won with 2 calls each and one lost with 3, or the other way round.
    assert hints["accepted"] == 4
    assert hints["all"] == {"calls": (7 + 9) / 4, "tokens": 1600 / 4, "written": 160 / 4}
    assert retries["all"] == {"calls": (7 + 11) / 2, "tokens": 1800 / 2, "written": 180 / 2}
    assert hints["roles"]["reasoning"] == hints["all"]
    assert cost([ROWS[2]], "hints")["all"] is None


def test_the_tables_tell_all_of_it(tmp_path: Path) -> None:
    text = tables(HEADER, ROWS)
    assert "2026-11-22, small.gguf" in text
    assert "| 8 | 7 | 6 | 2 | 1 | 4 |" in text
    assert "| hints | 4 | 3 | 75% | 30% to 95% | 2 |" in text
    assert "+50 points" in text
    assert "| all | 4.0 | 400 | 40 | 9.0 | 900 | 90 |" in text
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{MARKS[0]}\nold\n{MARKS[1]}\nafter\n", encoding="utf-8")
    write(text, document, MARKS)
    assert document.read_text(encoding="utf-8") == f"before\n{MARKS[0]}\n\n{text}\n\n{MARKS[1]}\nafter\n"


def test_nothing_measured_is_told_too() -> None:
    assert "| 0 | 0 | 0 | 0 | 0 | 0 |" in tables(HEADER, [])


def test_a_file_goes_on_after_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "rows.jsonl"
    with opened(path, HEADER) as lines:
        lines.add(ROWS[0])
    with path.open("a", encoding="utf-8") as file:
        file.write('{"job": 1, "bli')
    with opened(path, {**HEADER, "date": "2027-01-01"}) as lines:
        assert (lines.header, lines.rows) == (HEADER, [ROWS[0]])
        lines.add(ROWS[1])
    assert list(read(path)) == [HEADER, ROWS[0], ROWS[1]]


@pytest.mark.parametrize(("key", "value"), [("hints", 3), ("configuration", "another"), ("version", "9")])
def test_a_file_of_other_settings_is_refused(tmp_path: Path, key: str, value: Any) -> None:
    path = tmp_path / "rows.jsonl"
    with opened(path, HEADER):
        pass
    with pytest.raises(SystemExit, match=f"another {key}"), opened(path, {**HEADER, key: value}):
        pass


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("milk\neggs\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="line 1: this is no output"), opened(path, HEADER):
        pass
    assert path.read_text(encoding="utf-8") == "milk\neggs\n"


def test_retries_that_would_all_say_the_same_are_refused(tmp_path: Path) -> None:
    config = tmp_path / "cold.yaml"
    model = "{model: openai/m, base_url: 'http://127.0.0.1:1/v1', temperature: 0}"
    config.write_text(f"name: cold\ncount: 1\nworld: travel\nmodels: {{default: {model}}}\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="temperature is 0"):
        main(["--config", str(config), "--output", str(tmp_path / "rows.jsonl")])


@pytest.fixture
def dry(tmp_path: Path) -> list[str]:
    """The command of a dry run in small, with the shipped configuration; the world's graph is taken as declared."""
    config = tmp_path / "dry.yaml"
    shipped = CONFIG.read_text(encoding="utf-8")
    config.write_text(shipped.replace("\nsampler:", "\nsampler:\n  graph: declared", 1), encoding="utf-8")
    return ["--config", str(config), "--roles", "offline", "--output", str(tmp_path / "rows.jsonl")]


def test_a_dry_run_compares_and_goes_on_where_it_was(
    dry: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By rules that err until a hint speaks of it: no blind retry ever passes, and some hinted attempt does."""
    output = tmp_path / "rows.jsonl"
    command = [*dry, "--hints", "2", "--concurrency", "2"]
    assert main([*command, "--jobs", "2"]) == 0
    first = output.read_bytes()
    assert main([*command, "--jobs", "8"]) == 0
    assert output.read_bytes().startswith(first)
    header, *rows = list(read(output))
    assert sorted(row["job"] for row in rows) == list(range(8))
    assert (header["model"], header["hints"]) == ("rules", 2)
    continued = [row for row in rows if "hints" in row]
    assert continued
    assert all(row["blind"]["errors"][0] and not row["blind"]["accepted"] for row in continued)
    assert not any(row["retries"]["accepted"] for row in continued)
    assert any(row["hints"]["accepted"] for row in continued)
    assert all(len(row["retries"]["errors"]) == 2 for row in continued)
    assert all(0 < row["tools"] <= 12 for row in rows)
    assert f"| {len(rows)} |" in capsys.readouterr().out
    assert json.loads(first.splitlines()[0]) == header


def test_it_ends_at_as_many_pairs_as_are_wanted(dry: list[str], tmp_path: Path) -> None:
    assert main([*dry, "--hints", "1", "--concurrency", "1", "--pairs", "1", "--jobs", "30"]) == 0
    rows = list(read(tmp_path / "rows.jsonl"))[1:]
    assert ["hints" in row for row in rows] == [False] * (len(rows) - 1) + [True]
