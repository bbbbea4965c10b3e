"""Which parameters are looked up, and which the user says."""

from __future__ import annotations

from typing import Any

import pytest

from tools.graph import ApiGraph, Edge
from tools.intent import Constraints, WantedEdge
from tools.needs import Needs
from tools.pools import KnownValue, Pools

TEXT = {"type": "string"}
KNOWN = tuple(
    KnownValue(parameter=name, value=value)
    for name, value in (("city", "Rome"), ("zip", "1"), ("to_zip", "2"), ("seat", "2A"), ("text", "Hello"))
)


@pytest.fixture(scope="session")
def graph(make: Any) -> ApiGraph:
    specs = [
        make.spec("get_zip", {"city": TEXT}),
        make.spec("tickets", {"zip": TEXT, "to_zip": TEXT, "seat": TEXT}, required=["zip", "to_zip"], effect="write"),
        make.spec("pay", {"ticket_id": TEXT}, effect="write"),
        make.spec("cancel_ticket", {"ticket_id": TEXT}, effect="write"),
        make.spec("show_ticket", {"ticket_id": TEXT}),
        make.spec("login", {"ticket_id": TEXT, "password": TEXT}, effect="write"),
        make.spec("say", {"text": TEXT}, effect="write"),
        make.spec("wonder", {"gizmo": TEXT}),
    ]
    edges = [
        Edge(producer="get_zip", consumer="tickets", parameter="zip", path="zip"),
        Edge(producer="get_zip", consumer="tickets", parameter="to_zip", path="zip"),
        Edge(producer="tickets", consumer="say", parameter="text", path="text", kind="offers"),
    ]
    takers = ("pay", "cancel_ticket", "show_ticket", "login")
    edges += [Edge(producer="tickets", consumer=name, parameter="ticket_id", path="id", opaque=True) for name in takers]
    return ApiGraph(specs, edges)


def needs(graph: ApiGraph, implicit: float = 0.0, optional: float = 0.0, seed: int = 0, **limits: Any) -> Needs:
    return Needs(graph, Pools(KNOWN), (seed,), implicit=implicit, optional=optional, constraints=Constraints(**limits))


def test_what_a_user_can_say_is_looked_up_in_the_share_implicit(graph: ApiGraph) -> None:
    for seed in range(10):
        said = needs(graph, 0.0, seed=seed).of("tickets")
        assert (said.produced, said.given) == (frozenset(), {"zip", "to_zip"})
        looked_up = needs(graph, 1.0, seed=seed).of("tickets")
        assert (looked_up.produced, looked_up.given) == ({"zip", "to_zip"}, frozenset())
    share = sum(bool(needs(graph, 0.6, seed=seed).of("tickets").produced) for seed in range(200)) / 200
    assert 0.45 < share < 0.75


def test_nobody_says_one_zip_code_and_has_the_other_looked_up(graph: ApiGraph) -> None:
    for seed in range(40):
        assert len(needs(graph, 0.5, seed=seed).of("tickets").produced) in (0, 2)


def test_what_is_opaque_is_looked_up_whatever_the_share(graph: ApiGraph) -> None:
    assert needs(graph).of("pay").produced == {"ticket_id"}


def test_optional_parameters_are_given_as_often_as_asked_or_where_the_turn_is_about_them(graph: ApiGraph) -> None:
    assert "seat" not in needs(graph, optional=0.0).of("tickets").given
    assert "seat" in needs(graph, optional=1.0).of("tickets").given
    assert "seat" in needs(graph, said={("tickets", "seat"): "9F"}).of("tickets").given


def test_what_nobody_knows_is_still_asked_of_the_user(graph: ApiGraph) -> None:
    """A binding will find no value for it, so that the call is not made."""
    found = needs(graph, 1.0).of("wonder")
    assert (found.given, found.produced, found.sayable) == ({"gizmo"}, frozenset(), frozenset())


def test_constraints_decide_before_shares(graph: ApiGraph) -> None:
    edge = WantedEdge(producer="get_zip", path="zip", parameter="zip")
    assert "zip" in needs(graph, 0.0, edges={("tickets", "zip"): edge}).of("tickets").produced
    assert "zip" in needs(graph, 0.0, earlier=frozenset({("tickets", "zip")})).of("tickets").produced
    assert "zip" in needs(graph, 0.0, sources={("tickets", "zip"): "g0_0"}).of("tickets").produced
    assert "zip" in needs(graph, 1.0, said={("tickets", "zip"): "5"}).of("tickets").given


def test_a_draw_depends_on_its_tool_alone(graph: ApiGraph) -> None:
    for seed in range(10):
        first, second = needs(graph, 0.5, 0.5, seed), needs(graph, 0.5, 0.5, seed)
        names = list(graph.specs)
        assert [first.of(name) for name in names] == [second.of(name) for name in reversed(names)][::-1]
        assert first.of("tickets") == first.of("tickets")


def test_what_is_out_of_reach_is_left_to_a_user_who_can_say_it(graph: ApiGraph) -> None:
    found = needs(graph, 1.0)
    assert found.relent("tickets", "zip")
    assert (found.of("tickets").produced, found.of("tickets").given) == ({"to_zip"}, {"zip"})
    assert not found.relent("pay", "ticket_id")
    assert found.of("pay").produced == {"ticket_id"}


def test_what_was_asked_for_is_never_relented(graph: ApiGraph) -> None:
    found = needs(graph, earlier=frozenset({("tickets", "zip")}))
    assert not found.relent("tickets", "zip")
    assert "zip" in found.of("tickets").produced


def test_a_thing_is_made_to_go_on_with_it_but_not_to_read_it_back_to_undo_it_or_to_sign_in(graph: ApiGraph) -> None:
    found = needs(graph)
    assert [edge.producer for edge in found.edges("pay", "ticket_id")] == ["tickets"]
    for tool in ("cancel_ticket", "show_ticket", "login"):
        assert found.edges(tool, "ticket_id") == ()


def test_nothing_is_done_to_learn_what_a_user_can_say(graph: ApiGraph) -> None:
    assert needs(graph, 1.0).edges("say", "text") == ()
    assert needs(graph, 1.0).of("say").given == {"text"}


@pytest.mark.parametrize("tool", ["cancel_ticket", "show_ticket", "login"])
def test_what_an_earlier_turn_or_a_goal_before_has_made_is_no_such_thing(graph: ApiGraph, tool: str) -> None:
    slot = (tool, "ticket_id")
    assert needs(graph, earlier=frozenset({slot})).edges(*slot)
    assert needs(graph, sources={slot: "g0_1"}).edges(*slot)


def test_an_edge_that_is_asked_for_is_the_only_one(graph: ApiGraph) -> None:
    slot = ("show_ticket", "ticket_id")
    wanted = WantedEdge(producer="tickets", path="id", parameter="ticket_id")
    assert len(needs(graph, edges={slot: wanted}).edges(*slot)) == 1
    assert needs(graph, edges={slot: wanted.model_copy(update={"path": "other"})}).edges(*slot) == ()


def test_tools_that_only_feed_each_other_are_said_by_the_user(make: Any) -> None:
    specs = [make.spec(name, {"code": TEXT}) for name in ("a", "b")]
    edges = [Edge(producer=left, consumer=right, parameter="code", path="code") for left, right in ("ab", "ba")]
    pools = Pools([KnownValue(parameter="code", value="1")])
    found = Needs(ApiGraph(specs, edges), pools, (0,), implicit=1.0, optional=0.0)
    assert [found.of(name).given for name in ("a", "b")] == [{"code"}, {"code"}]
