"""The page of a graph: what it says of each tool, that it stands alone, and that its drawing has no overlaps."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.drawing import to_html
from tools.graph import ApiGraph, Edge


class Page(HTMLParser):
    """Elements with their attributes, and the text inside each element that has an id."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(source)
        self.source = source

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)

    @property
    def data(self) -> Any:
        return json.loads(self.scripts[0])

    @property
    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.elements if "id" in attributes]

    def card(self, tool: str) -> str:
        """The text of a tool's card, without markup."""
        match = re.search(rf'<article class="card" id="card-{tool}".*?</article>', self.source, re.DOTALL)
        assert match is not None
        inline = re.sub(r"</?(?:a|b|code|span)\b[^>]*>", "", match[0])
        return " ".join(re.sub(r"<[^>]+>", " ", inline).split())


@pytest.fixture
def graph(make: Any) -> ApiGraph:
    text = {"type": "string", "description": "What to write."}
    names = ["log_in", "log_out", "list_files", "make_file", "write_file", "suggest"]
    specs = [make.spec(name, {"file_id": text, "content": text} if name == "write_file" else None) for name in names]
    return ApiGraph(
        specs,
        [
            Edge(producer="log_in", consumer="write_file", need=0, evidence=("probed",)),
            Edge(producer="make_file", consumer="write_file", parameter="file_id", path="id", opaque=True),
            Edge(producer="list_files", consumer="write_file", parameter="file_id", path="files.*.id", score=0.5),
            Edge(producer="suggest", consumer="write_file", parameter="content", path="text", kind="offers"),
            Edge(producer="log_out", consumer="write_file", need=0, kind="breaks", evidence=("probed",)),
        ],
    )


def test_a_card_says_what_a_tool_needs_takes_and_what_breaks_it(graph: ApiGraph) -> None:
    text = Page(to_html(graph, "files")).card("write_file")
    assert "All of these: A state that must have been reached, from: log_in probed" in text
    assert "file_id (made by the system: nobody could guess it), from any one of: make_file (its id) declared" in text
    assert "list_files (its files[].id)" in text
    assert text.index("make_file") < text.index("list_files")
    assert "content string. What to write. Some tool offers it as well: suggest (its text) declared" in text
    assert "The state that it needs is undone by: log_out probed" in text


def test_a_card_says_what_a_tool_is_for(graph: ApiGraph) -> None:
    page = Page(to_html(graph, "files"))
    assert "Nothing from other tools: it can be called first." in page.card("log_in")
    assert "What it enables a state for write_file probed" in page.card("log_in")
    assert "What it enables file_id for write_file declared" in page.card("make_file")
    assert "What it offers content for write_file" in page.card("suggest")
    assert "What it breaks a state needed by write_file probed" in page.card("log_out")


def test_the_page_counts_what_it_shows(graph: ApiGraph) -> None:
    page = to_html(graph, "files", {"Disk": ["list_files", "make_file"], "Session": ["log_in", "log_out"]})
    assert "6 tools in 3 environments; 3 edges that enable, 1 edge that offers and 1 edge that breaks" in page
    assert [group["name"] for group in Page(page).data["groups"]] == ["Disk", "Session", "Other tools"]


def test_tools_of_no_environment_are_shown_whatever_the_environments_are_called(graph: ApiGraph) -> None:
    groups = Page(to_html(graph, "files", {"Other tools": ["log_in"], "": ["log_out"]})).data["groups"]
    assert [len(group["tools"]) for group in groups] == [1, 5]


def test_warnings_are_shown_and_mark_the_tools_that_they_begin_with_or_quote(graph: ApiGraph) -> None:
    warnings = ["log_in: answers at random", "A cycle: 'make_file' needs itself", "suggestions never succeed <b>"]
    page = Page(to_html(graph, "files", warnings=warnings))
    assert "answers at random" in page.card("log_in")
    assert "A cycle" in page.card("make_file")
    assert "never succeed" not in page.card("suggest")
    assert "3 warnings" in page.source
    assert "succeed &lt;b&gt;" in page.source
    assert page.source.count('class="badge warn"') == 2


def test_the_page_loads_nothing_from_elsewhere(graph: ApiGraph) -> None:
    page = Page(to_html(graph, "files"))
    assert not [tag for tag, attributes in page.elements if "src" in attributes or tag in ("link", "iframe", "img")]
    links = [str(attributes["href"]) for tag, attributes in page.elements if tag == "a"]
    assert links
    assert all(link.startswith("#") for link in links)
    assert "default-src 'none'" in page.source
    assert not re.search(r"@import|url\(|fetch\(|import\(", page.source)


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10) | st.sampled_from(
    ["</script>", "<!--<script>", "a b", "a-b", "a_b", "main", "overview", "group x", "&amp;", "$data", "x\u2028y", '"']
)


@given(tools=st.lists(names, min_size=1, max_size=6, unique=True), group=names)
@settings(max_examples=25, deadline=None)
def test_any_name_is_shown_as_it_is_and_has_an_address_of_its_own(make: Any, tools: list[str], group: str) -> None:
    edges = [Edge(producer=name, consumer=tools[0], parameter=name, path=name) for name in tools]
    page = Page(to_html(ApiGraph([make.spec(name) for name in tools], edges), group, {group: tools[:3]}, tools))
    assert [tool["name"] for tool in page.data["tools"]] == tools
    assert len(page.scripts) == 2
    assert len(set(page.ids)) == len(page.ids)
    addresses = [item["id"] for kind in ("tools", "groups") for item in page.data[kind]]
    assert len(set(addresses)) == len(addresses)
    links = {str(attributes["href"])[1:] for tag, attributes in page.elements if tag == "a"}
    assert links <= {*addresses, "main", "overview"}
    assert {f"card-{tool['id']}" for tool in page.data["tools"]} <= set(page.ids)


def test_the_data_names_every_slot_with_its_ends(graph: ApiGraph) -> None:
    tools = Page(to_html(graph, "files")).data["tools"]
    slots = {slot["label"]: slot for slot in tools[4]["slots"]}
    assert list(slots) == ["state", "file_id", "content"]
    assert slots["file_id"]["enables"] == [[3, "id", ["declared"]], [2, "files.*.id", ["declared"]]]
    assert slots["state"]["breaks"] == [[1, "", ["probed"]]]


def test_the_same_graph_makes_the_same_page(graph: ApiGraph) -> None:
    again = ApiGraph(list(graph.specs.values()), graph.edges)
    assert to_html(graph, "files") == to_html(again, "files")


LAYOUT_CHECK = """
const { nodes, edges, options } = JSON.parse(require("fs").readFileSync(0));
const size = layered(nodes, edges, options);
const drawn = nodes.map(({ key, x, y, layer, width, height }) => ({ key, x, y, layer, width, height }));
const wires = edges.map(({ points, back }) => ({ points, back: Boolean(back) }));
console.log(JSON.stringify({ size, nodes: drawn, edges: wires }));
"""


def laid_out(pairs: list[tuple[int, int, bool]], **options: Any) -> Any:
    nodes = [{"key": f"t{n}", "width": 60 + 9 * n, "height": 24 + 16 * (n % 4)} for n in range(9)]
    edges = [
        {"from": f"t{a}", "to": f"t{b}", "outY": 12, "inY": 20, "weak": weak, "style": "value"} for a, b, weak in pairs
    ]
    code = (files("tools.drawing") / "layout.js").read_text(encoding="utf-8") + LAYOUT_CHECK
    work = json.dumps({"nodes": nodes, "edges": edges, "options": options})
    done = subprocess.run(["node", "-e", code], input=work, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize("late", [False, True])
@given(pairs=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.booleans()), min_size=1, max_size=16))
@settings(max_examples=8, deadline=None)
def test_no_two_nodes_overlap_and_needs_lie_to_the_left(late: bool, pairs: list[tuple[int, int, bool]]) -> None:
    drawn = laid_out(pairs, roots=["t0"], late=late)
    assert drawn == laid_out(pairs, roots=["t0"], late=late)
    nodes = {node["key"]: node for node in drawn["nodes"]}
    for one in nodes.values():
        assert 0 <= one["x"] <= one["x"] + one["width"] <= drawn["size"]["width"]
        assert 0 <= one["y"] <= one["y"] + one["height"] <= drawn["size"]["height"]
        for other in nodes.values():
            beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
            apart = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
            assert one is other or beside or apart
    for (a, b, weak), edge in zip(pairs, drawn["edges"], strict=True):
        if not weak and a != b and not edge["back"]:
            assert nodes[f"t{a}"]["layer"] < nodes[f"t{b}"]["layer"]
