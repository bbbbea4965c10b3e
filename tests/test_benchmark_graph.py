"""The benchmark of discovery counts what it says it counts, and its tables go where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.graph import BEGIN, END, declared_needs, measured, table_needs, tables, write
from envs.discovery import Discovery, ToolWarning
from envs.toolkit import ToolkitEnvironment, tool
from envs.toolkit_domain import ToolkitDomain
from tools.base import JsonObject
from tools.graph import Edge
from tools.spec import ToolSpec


def found(*edges: Edge) -> Discovery:
    specs = [ToolSpec(name=name, description=".", parameters={}, returns={}) for name in ("a", "b", "c")]
    warning = ToolWarning(tool="c", reason="hangs", text="c hangs")
    return Discovery(
        world="w", version="1", specs=tuple(specs), groups={}, edges=edges, warnings=(warning,), calls=1234, seconds=5.0
    )


STATE = Edge(producer="a", consumer="b")
VALUE = Edge(producer="a", consumer="c", parameter="x", path="y")
OFFER = VALUE.model_copy(update={"kind": "offers", "parameter": "z"})


def test_precision_is_of_what_was_named_and_recall_of_what_is_known() -> None:
    needed = {("b", None, "a"), ("b", None, "c"), ("c", None, "b"), ("c", None, "a")}
    row = measured("w", found(STATE, VALUE, OFFER), needed)
    assert (row["precision"], row["recall"], row["needs"]) == (0.5, 0.25, 4)
    assert row["wrong"] == ["c.x <- a"]
    assert row["missing"] == ["b <- c", "c <- a", "c <- b"]
    assert row["edges"] == {"enables": 2, "offers": 1}


def test_nothing_named_is_not_wrong_but_misses_all() -> None:
    row = measured("w", found(), {("b", None, "a")})
    assert (row["precision"], row["recall"]) == (1.0, 0.0)


class Kiosk(ToolkitEnvironment):
    name = "kiosk"

    @tool(effect="write")
    def open_kiosk(self) -> str:
        """Open the kiosk."""
        return "open"

    @tool(effect="read")
    def list_papers(self) -> str:
        """List the papers."""
        return "P-1234 Morning Post"

    @tool(
        effect="write",
        needs=[["open_kiosk"]],
        sources={"paper_id": "list_papers:", "slot": "list_papers:"},
        offers={"title": "list_papers:"},
    )
    def sell_paper(self, paper_id: str, title: str, slot: str) -> str:
        """Sell a paper.

        Args:
            paper_id: ID of the paper.
            title: Title of the paper.
            slot: Slot that it is in.
        """
        return "sold"


class KioskDomain(ToolkitDomain):
    name = "kiosk"
    environment = Kiosk

    def draw_state(self, seed: int) -> JsonObject:
        return {}


def test_what_is_only_offered_is_no_need() -> None:
    assert declared_needs(KioskDomain()) == {
        ("sell_paper", None, "open_kiosk"),
        ("sell_paper", "paper_id", "list_papers"),
        ("sell_paper", "slot", "list_papers"),
    }


def test_a_table_of_needs_is_read_as_tool_parameter_and_giver(tmp_path: Path) -> None:
    path = tmp_path / "needs.json"
    path.write_text(json.dumps({"b": {"state": [["a", "c"]], "params": {"x": ["a"]}}}), encoding="utf-8")
    assert table_needs(path) == {("b", None, "a"), ("b", None, "c"), ("b", "x", "a")}


def test_worlds_with_and_without_known_needs_stand_in_tables_of_their_own() -> None:
    known = measured("known", found(STATE), {("b", None, "a")})
    other = measured("other", found(STATE), None)
    first, second = tables([known, other]).split("\n\n")
    assert first.splitlines()[-1] == "| `known` | 3 | 1 | 1.00 | 1.00 | 1,234 | 5 |"
    assert second.splitlines()[-1] == "| `other` | 3 | 1 | 0 | 0 | c: hangs | 1,234 | 5 |"
    assert "`other`" not in tables([known])


def test_tables_replace_what_stands_between_the_marks_and_nothing_else(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write("new", document)
    write("newest", document)
    assert document.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnewest\n\n{END}\nafter\n"


def test_a_document_without_marks_is_not_overwritten(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"benchmarks\.md lacks its marks"):
        write("new", document)
    assert document.read_text(encoding="utf-8") == "mine"
