"""The API graph as a JSON document, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.base import Record
from tools.graph import ApiGraph, Edge
from tools.graph_json import graph_json, load_graph

NAMES = ("b", "c", "a", "d")
TEXT = {"type": "string"}
edge_lists = st.lists(
    st.builds(
        Edge,
        producer=st.sampled_from(NAMES),
        consumer=st.sampled_from(NAMES),
        path=st.text(max_size=5),
        parameter=st.sampled_from([None, "x", "y"]),
        need=st.integers(0, 3),
        kind=st.sampled_from(["enables", "offers", "breaks"]),
        opaque=st.booleans(),
        evidence=st.sets(st.sampled_from(["declared", "schema", "observed", "probed"]), min_size=1).map(sorted),
        score=st.floats(0, 1),
    ),
    max_size=16,
)


class Trouble(Record):
    tool: str
    text: str


@pytest.fixture(scope="session")
def specs(make: Any) -> list[Any]:
    return [make.spec(name, {"x": TEXT, "y": TEXT}, make.result(z=TEXT), f"Does {name}.", ["x"]) for name in NAMES]


@pytest.fixture
def document(make: Any) -> dict[str, Any]:
    """The document of a small graph with edges of all kinds."""
    specs = [
        make.spec("log_in", {}, make.result(token=TEXT)),
        make.spec("log_out"),
        make.spec("start"),
        make.spec("book", {"token": TEXT, "city": TEXT}).model_copy(update={"effect": "write"}),
    ]
    edges = [
        Edge(producer="log_in", consumer="book", path="token", parameter="token", opaque=True, evidence=("probed",)),
        Edge(producer="log_in", consumer="book", path="city", parameter="city", kind="offers", score=0.7),
        Edge(producer="log_out", consumer="book", parameter="token", kind="breaks"),
        Edge(producer="start", consumer="book", need=1),
    ]
    graph = ApiGraph(specs, edges)
    return graph_json(graph, world="travel", version="3", warnings=[Trouble(tool="log_out", text="It hangs.")])


@given(edges=edge_lists)
@settings(max_examples=60, deadline=None)
def test_a_graph_comes_back_as_it_was(specs: list[Any], edges: list[Edge]) -> None:
    graph = ApiGraph(specs, edges)
    text = json.dumps(graph_json(graph, world="w", version="1"))
    loaded = load_graph(json.loads(text))
    assert list(loaded.specs.items()) == list(graph.specs.items())
    assert loaded.edges == graph.edges
    assert json.dumps(graph_json(loaded, world="w", version="1")) == text
    for name in NAMES:
        assert loaded.sources(name, "x") == graph.sources(name, "x")
        assert loaded.prerequisites(name) == graph.prerequisites(name)
        assert loaded.relaxed_plan(name) == graph.relaxed_plan(name)


@given(edges=edge_lists)
@settings(max_examples=60, deadline=None)
def test_tools_tell_what_the_enabling_edges_tell(specs: list[Any], edges: list[Edge]) -> None:
    tools = graph_json(ApiGraph(specs, edges), world="w", version="1")["tools"]
    assert list(tools) == list(NAMES)
    for name in NAMES:
        enabling = [edge for edge in edges if edge.consumer == name and edge.kind == "enables"]
        given_by = {
            parameter: {edge.producer for edge in enabling if edge.parameter == parameter} for parameter in ("x", "y")
        }
        params = tools[name]["params"]
        assert {key: set(value["sources"]) for key, value in params.items()} == {k: v for k, v in given_by.items() if v}
        state = [edge for edge in enabling if edge.parameter is None]
        needs = [{edge.producer for edge in state if edge.need == number} for number in range(4)]
        assert [set(need) for need in tools[name]["state"]] == [need for need in needs if need]


def test_the_document_has_the_agreed_form(document: dict[str, Any]) -> None:
    assert list(document) == ["schema_version", "world", "version", "tools", "edges", "warnings", "specs"]
    assert (document["world"], document["version"]) == ("travel", "3")
    assert document["tools"]["book"] == {
        "state": [["start"]],
        "params": {"token": {"sources": ["log_in"], "opaque": True}},
        "effect": "write",
    }
    assert document["tools"]["start"] == {"state": [], "params": {}, "effect": "read"}
    assert document["edges"][0] == {
        "producer": "log_in",
        "consumer": "book",
        "path": "token",
        "parameter": "token",
        "need": 0,
        "kind": "enables",
        "opaque": True,
        "evidence": ["probed"],
        "score": 1.0,
    }
    assert [edge["kind"] for edge in document["edges"]] == ["enables", "offers", "breaks", "enables"]
    assert document["warnings"] == [{"tool": "log_out", "text": "It hangs."}]
    assert [spec["name"] for spec in document["specs"]] == ["log_in", "log_out", "start", "book"]


@pytest.mark.parametrize("other", [None, [], "graph", 3, {}, {"tools": {}}])
def test_something_else_is_refused(other: Any) -> None:
    with pytest.raises(ValueError, match="this is no API graph"):
        load_graph(other)


def _break(path: list[Any], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_break(["schema_version"], 0), "schema version 0, but version 1 is needed: discover it again"),
        (_break(["schema_version"], "1"), "schema version '1'"),
        (_break(["edges"], None), "no list of edges"),
        (_break(["specs"], {}), "no list of specs"),
        (_break(["specs", 0, "name"], 5), r"specs\[0\]\.name: Input should be a valid string"),
        (_break(["edges", 1, "kind"], "helps"), r"edges\[1\]\.kind: Input should be 'enables', 'offers' or 'breaks'"),
        (_break(["edges", 1, "weight"], 2), r"edges\[1\]\.weight: Extra inputs are not permitted"),
        (_break(["edges", 2], "log_out"), r"edges\[2\]: Input should be"),
        (_break(["edges", 3, "producer"], "stop"), r"edges\[3\] names the tool 'stop', which is not among its specs"),
        (_break(["specs", 1, "name"], "log_in"), "describes the tool 'log_in' twice"),
        (_break(["tools", "book", "state"], []), "says of 'book' under tools does not follow from its edges"),
        (_break(["tools", "fly"], {}), "says of 'fly' under tools"),
        (_break(["tools"], []), "says of 'log_in' under tools"),
    ],
)
def test_a_damaged_document_is_refused_with_the_place(
    document: dict[str, Any], change: Callable[[dict[str, Any]], None], message: str
) -> None:
    load_graph(document)
    change(document)
    with pytest.raises(ValueError, match=message):
        load_graph(document)
