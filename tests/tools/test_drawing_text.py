"""Graphs as Mermaid and DOT: what they show, and that no name can break their syntax."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tools.drawing import to_dot, to_mermaid
from tools.graph import ApiGraph, Edge

MERMAID_LINE = re.compile(
    r"flowchart LR|\s+%% .*|\s+direction LR|\s+end"
    r'|\s+subgraph group_\d+ \["(?:[\w .,()/-]|#\d+;)*"\]'
    r'|\s+tool_\w*\["(?:[\w .,()/-]|#\d+;)*"\]:::(?:read|write)'
    r'|\s+or_\d+\{"or"\}:::or'
    r'|\s+(?:tool|or)_\w* (?:---|-->|-\.->|--x)(?:\|"(?:[\w .,()/-]|#\d+;)+"\|)? (?:tool|or)_\w*'
    r"|\s+linkStyle [\d,]+ stroke:#\w+,color:#\w+|\s+classDef \w+ [\w:#,-]+",
    re.ASCII,
)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    ["end", "graph", "a b", 'say "hi"', "x%%{init}%%", "a\nb", "\\N", "`code`", "1. one", "</script>", "tool_a", "or_1"]
)


@pytest.fixture
def booking(make: Any) -> ApiGraph:
    specs = [make.spec(name) for name in ("book", "list_bookings", "pay", "check_in", "cancel", "quote")]
    return ApiGraph(
        specs,
        [
            Edge(producer="book", consumer="check_in", parameter="booking_id", path="id"),
            Edge(producer="list_bookings", consumer="check_in", parameter="booking_id", path="bookings.*.id"),
            Edge(producer="book", consumer="pay", parameter="booking_id"),
            Edge(producer="list_bookings", consumer="pay", parameter="booking_id"),
            Edge(producer="pay", consumer="check_in", evidence=("probed",)),
            Edge(producer="quote", consumer="pay", parameter="amount", kind="offers"),
            Edge(producer="cancel", consumer="check_in", kind="breaks"),
            Edge(producer="cancel", consumer="cancel", parameter="booking_id", kind="breaks"),
        ],
    )


def chains(text: str, arrow: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if f" {arrow}" in line and "%%" not in line]


def test_alternatives_meet_in_one_diamond_that_all_their_consumers_share(booking: ApiGraph) -> None:
    text = to_mermaid(booking)
    assert text.count('{"or"}') == 1
    assert chains(text, "---") == ["tool_book --- or_1", "tool_list_bookings --- or_1"]
    assert set(chains(text, "-->")) == {
        'or_1 -->|"booking_id"| tool_check_in',
        'or_1 -->|"booking_id"| tool_pay',
        'tool_pay -->|"state"| tool_check_in',
    }


def test_offers_are_dotted_and_breaks_are_red_crosses(booking: ApiGraph) -> None:
    text = to_mermaid(booking)
    assert chains(text, "-.->") == ['tool_quote -.->|"amount"| tool_pay']
    assert 'tool_cancel --x|"breaks state"| tool_check_in' in text
    arrows = [line for line in text.splitlines() if re.search(r" (---|-->|-\.->|--x)", line)]
    style = re.search(r"linkStyle ([\d,]+) stroke:#c62828", text)
    assert style is not None
    assert [arrows[int(number)] for number in style[1].split(",")] == [line for line in arrows if " --x" in line]


def test_a_graph_without_breaks_styles_no_arrow(make: Any) -> None:
    graph = ApiGraph([make.spec("a"), make.spec("b")], [Edge(producer="a", consumer="b")])
    assert "linkStyle" not in to_mermaid(graph)


def test_parameters_from_one_tool_share_one_arrow(make: Any) -> None:
    edges = [Edge(producer="zip", consumer="search", parameter=name) for name in ("from_zip", "to_zip")]
    graph = ApiGraph([make.spec("zip"), make.spec("search")], edges)
    assert chains(to_mermaid(graph), "-->") == ['tool_zip -->|"from_zip, to_zip"| tool_search']
    assert '"zip" -> "search" [label="from_zip\\nto_zip"];' in to_dot(graph)


def test_groups_hold_their_tools_and_the_diamonds_between_them_stand_outside(booking: ApiGraph) -> None:
    groups = {"Desk": ["book", "pay", "check_in", "no_such_tool"], "Lists": ["list_bookings", "book"], "Empty": []}
    mermaid, dot = to_mermaid(booking, groups), to_dot(booking, groups)
    inside = re.findall(r"subgraph.*?end", mermaid, re.DOTALL)
    assert ["tool_book[" in part for part in inside] == [True, False]
    assert not any("or_1" in part for part in inside)
    assert "no_such_tool" not in mermaid + dot
    assert "Empty" not in mermaid + dot
    assert dot.count("subgraph cluster_") == 2
    for name in booking.specs:
        assert len(re.findall(rf"^\s*tool_{name}\[", mermaid, re.MULTILINE)) == 1
        assert len(re.findall(rf'^\s*"{name}" \[fill', dot, re.MULTILINE)) == 1


def test_dot_tells_the_kinds_of_edges_apart(booking: ApiGraph) -> None:
    lines = to_dot(booking).splitlines()
    (offer,) = [line for line in lines if '"quote" -> "pay"' in line]
    (broken,) = [line for line in lines if '"cancel" -> "check_in"' in line]
    assert "style=dotted" in offer
    assert "arrowhead=tee" in broken
    assert sum("arrowhead=none" in line for line in lines) == 2


@given(names=st.lists(texts, min_size=2, max_size=6, unique=True), parameter=texts, group=texts)
@example(names=["give", "take"], parameter="\r", group="shop")
@settings(max_examples=60, deadline=None)
def test_any_name_makes_a_valid_flowchart(make: Any, names: list[str], parameter: str, group: str) -> None:
    edges = [Edge(producer=name, consumer=names[0], parameter=parameter) for name in names[1:]]
    text = to_mermaid(ApiGraph([make.spec(name) for name in names], edges), {group: names[:2]})
    for line in text.rstrip("\n").split("\n"):
        assert MERMAID_LINE.fullmatch(line), line
    nodes = re.findall(r"^\s*(tool_\w*)\[", text, re.MULTILINE)
    assert len(set(nodes)) == len(names)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_every_name(make: Any) -> None:
    names = ["end", 'say "hi"', "back\\slash\\", "a\nb", "\\N", "<b>", "node", "ünïcode", "or"]
    edges = [Edge(producer=name, consumer=names[0], parameter="x") for name in names]
    breaks = [Edge(producer=name, consumer=name, kind="breaks") for name in names]
    graph = ApiGraph([make.spec(name) for name in names], [*edges, *breaks])
    text = to_dot(graph, {'"g"': names[:4]})
    done = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    nodes = [line for line in done.stdout.splitlines() if line.startswith("node ")]
    assert len(nodes) == len(names) + 1


def test_an_empty_graph_is_drawn_too() -> None:
    graph = ApiGraph([], [])
    assert to_mermaid(graph).startswith("flowchart LR\n")
    assert to_dot(graph).rstrip().endswith("}")
