"""The benchmark of discovery counts what it says it counts, and its tables go where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.graph import BEGIN, END, declared_needs, measured, table_needs, tables, write
from envs.discovery import Discovery, ToolWarning
from envs.environment import KnownValue, WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
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
    row = measured("w", found(STATE, VALUE, OFFER), needed, set())
    assert (row["precision"], row["recall"], row["needs"]) == (0.5, 0.25, 4)
    assert row["wrong"] == ["c.x <- a"]
    assert row["missing"] == ["b <- c", "c <- a", "c <- b"]
    assert row["edges"] == {"enables": 2, "offers": 1}


def test_what_may_be_named_or_left_out_is_counted_neither_way() -> None:
    either = {("c", "x", "a")}
    for edges in ((STATE,), (STATE, VALUE)):
        row = measured("w", found(*edges), {("b", None, "a")}, either)
        assert (row["precision"], row["recall"]) == (1.0, 1.0)


def test_nothing_named_is_not_wrong_but_misses_all() -> None:
    row = measured("w", found(), {("b", None, "a")}, set())
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
        sources={"paper_id": "list_papers:", "title": "list_papers:", "slot": "list_papers:"},
    )
    def sell_paper(self, paper_id: str, title: str, slot: str) -> str:
        """Sell a paper.

        Args:
            paper_id: ID of the paper.
            title: Title of the paper.
            slot: Slot that it is in.
        """
        return "sold"

    def known_values(self) -> list[KnownValue]:
        return [
            KnownValue(parameter="sell_paper.title", value="Morning Post"),
            KnownValue(parameter="slot", value="A1", opaque=True),
        ]


class KioskDomain:
    name = "kiosk"
    version = "1"

    def catalogue(self) -> dict[str, tuple[ToolSpec, ...]]:
        return {"kiosk": Kiosk().specs()}

    def draw(self, seed: int) -> WorldSpec:
        return WorldSpec(name="kiosk", version="1", seed=seed, environments=("kiosk",), initial_state={"kiosk": {}})

    def open(self, spec: WorldSpec) -> World:
        return World(spec, [Kiosk()])


def test_of_declared_sources_those_of_values_that_the_user_could_say_are_optional() -> None:
    assert declared_needs(KioskDomain()) == (
        {
            ("sell_paper", None, "open_kiosk"),
            ("sell_paper", "paper_id", "list_papers"),
            ("sell_paper", "slot", "list_papers"),
        },
        {("sell_paper", "title", "list_papers")},
    )


def test_a_table_of_needs_is_read_as_tool_parameter_and_giver(tmp_path: Path) -> None:
    path = tmp_path / "needs.json"
    path.write_text(json.dumps({"b": {"state": [["a", "c"]], "params": {"x": ["a"]}}}), encoding="utf-8")
    assert table_needs(path) == {("b", None, "a"), ("b", None, "c"), ("b", "x", "a")}


def test_worlds_with_and_without_known_needs_stand_in_tables_of_their_own() -> None:
    known = measured("known", found(STATE), {("b", None, "a")}, set())
    other = measured("other", found(STATE), None, set())
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
