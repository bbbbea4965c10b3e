"""What the workspace's tools declare of each other is what execution shows: no more, and no less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from envs.workspace import WorkspaceDomain
from tools.base import Json
from tools.call import ToolCall
from tools.graph import ApiGraph
from tools.provenance import observed_values, property_names
from tools.wording import labels, request_phrase

DOMAIN = WorkspaceDomain()
SESSION = "open_ticket_session"
FREE = ("find_contact", "get_room_code", "list_events", "search_files", "create_file", "sign_in_mail", SESSION)


class Tour:
    """A world in which every tool can be called by its name: what a call needs by value is looked up for it."""

    def __init__(self, seed: int) -> None:
        self.world = DOMAIN.open(DOMAIN.draw(seed))
        self.specs = {spec.name: spec for spec in self.world.specs()}
        self.made: list[tuple[ToolCall, Json]] = []
        state = self.world.spec.initial_state["workspace"]
        self.ids = {
            "contact_id": next(iter(state["contacts"])),
            "event_id": next(iter(state["events"])),
            "file_id": next(iter(state["files"])),
            "message_id": next(iter(state["messages"])),
            "ticket_id": next(iter(state["tickets"])),
            "room_code": next(iter(state["rooms"].values()))["room_code"],
            "employee_number": next(iter(state["contacts"].values()))["employee_number"],
        }
        uninvited = state["contacts"].keys() - state["events"][self.ids["event_id"]]["attendees"].keys()
        self.ids["contact_ids"] = [min(uninvited)]

    def succeeds(self, name: str, /, **given: Any) -> bool:
        """Whether a call with suitable arguments does what it is for."""
        arguments = {parameter: self._value(name, parameter) for parameter in self.specs[name].required} | given
        call = ToolCall(id=f"call_{len(self.made)}", name=name, arguments=arguments)
        observation = self.world.execute(call)
        if observation.failed:
            return False
        if name == SESSION:
            self.ids["session_token"] = observation.content["session_token"]
        self.made.append((call, observation.content))
        return True

    def _value(self, tool: str, parameter: str) -> Json:
        if parameter in self.ids or parameter == "session_token":
            return self.ids.get(parameter, "TS-00000000")
        known = {item.parameter: item.value for item in self.world.known_values()}
        return known.get(f"{tool}.{parameter}", known.get(parameter))


@pytest.fixture(params=[1, 2, 3])
def tour(request: pytest.FixtureRequest) -> Tour:
    return Tour(request.param)


@pytest.fixture(scope="module")
def graph() -> ApiGraph:
    world = DOMAIN.open(DOMAIN.draw(0))
    return ApiGraph.from_specs(world.specs(), world.declared_edges())


# --- state needs ---

SIGNED_IN = ("sign_in_mail",)
OPENED = ("share_file", "publish_file")
NEEDS = {
    "sign_out_mail": (SIGNED_IN,),
    "list_messages": (SIGNED_IN,),
    "read_message": (SIGNED_IN,),
    "send_message": (SIGNED_IN,),
    "lock_file": (OPENED,),
    "send_file_link": (SIGNED_IN, OPENED),
    "start_work": (("assign_ticket",), ("set_estimate",)),
}
BREAKING = {"sign_out_mail", "lock_file", "close_ticket_session"}


def test_these_state_needs_are_declared_and_no_others(graph: ApiGraph) -> None:
    assert {name: graph.state_needs(name) for name in graph.specs if graph.state_needs(name)} == NEEDS


@pytest.mark.parametrize("name", NEEDS)
def test_each_declared_need_is_needed_and_all_of_them_are_enough(tour: Tour, name: str) -> None:
    needs = NEEDS[name]
    for left_out in needs:
        other = Tour(tour.world.spec.seed)
        other.succeeds(SESSION)
        assert all(other.succeeds(need[0]) for need in needs if need != left_out)
        assert not other.succeeds(name)
    tour.succeeds(SESSION)
    assert all(tour.succeeds(need[0]) for need in needs)
    assert tour.succeeds(name)


@pytest.mark.parametrize("name", NEEDS)
def test_every_alternative_of_a_need_is_one(name: str) -> None:
    needs = NEEDS[name]
    for index, need in enumerate(needs):
        for alternative in need:
            tour = Tour(5)
            tour.succeeds(SESSION)
            chosen = [*(other[0] for other in needs[:index]), alternative, *(other[0] for other in needs[index + 1 :])]
            assert all(tour.succeeds(step) for step in chosen)
            assert tour.succeeds(name)


@pytest.mark.parametrize(("name", "need"), [(name, need) for name, needs in NEEDS.items() for need in needs])
def test_no_other_tool_establishes_what_is_needed(name: str, need: tuple[str, ...]) -> None:
    tour = Tour(6)
    tour.succeeds(SESSION)
    assert all(tour.succeeds(other[0]) for other in NEEDS[name] if other != need)
    for stranger in tour.specs.keys() - {*need, *BREAKING}:
        tour.succeeds(stranger)
        assert not tour.succeeds(name), stranger


@pytest.mark.parametrize("name", ["create_event", "invite_to_event", "share_file", "assign_ticket", *FREE])
def test_a_tool_without_state_needs_succeeds_as_soon_as_its_values_are_there(tour: Tour, name: str) -> None:
    tour.succeeds(SESSION)
    assert tour.succeeds(name)


@pytest.mark.parametrize(
    ("needed", "breaking", "name"),
    [
        ("sign_in_mail", "sign_out_mail", "list_messages"),
        ("share_file", "lock_file", "send_file_link"),
        ("publish_file", "lock_file", "send_file_link"),
        (SESSION, "close_ticket_session", "list_tickets"),
    ],
)
def test_what_breaks_a_need_breaks_it(tour: Tour, needed: str, breaking: str, name: str) -> None:
    tour.succeeds("sign_in_mail")
    assert tour.succeeds(needed)
    assert tour.succeeds(name)
    assert tour.succeeds(breaking)
    assert not tour.succeeds(name)


# --- sources ---


def _called_everything(seed: int) -> Tour:
    """A tour that has called every tool, and read every message and the guests of every event."""
    tour = Tour(seed)
    order = ["sign_in_mail", SESSION, "share_file", "assign_ticket", "set_estimate", "create_event", "create_ticket"]
    last = ["lock_file", "sign_out_mail", "close_ticket_session"]
    assert all(tour.succeeds(name) for name in (*order, *(set(tour.specs) - {*order, *last})))
    state = tour.world.spec.initial_state["workspace"]
    assert all(tour.succeeds("read_message", message_id=key) for key in state["messages"])
    assert all(tour.succeeds("list_attendees", event_id=key) for key in state["events"])
    assert all(tour.succeeds(name) for name in last)
    return tour


def _shown(tour: Tour, prefixes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each tool with each kind of value that its answers told beyond what it was called with."""
    state = tour.world.spec.initial_state["workspace"]
    codes = {row["room_code"]: "room_code" for row in state["rooms"].values()}
    numbers = {row["employee_number"]: "employee_number" for row in state["contacts"].values()}
    for call, content in tour.made:
        given = {str(value) for _, value in observed_values(call.arguments)}
        for _, value in observed_values(content, property_names(tour.specs[call.name].returns)):
            kind = codes.get(value) or numbers.get(value) or prefixes.get(str(value).partition("-")[0])
            if kind and str(value) not in given:
                yield call.name, kind


@pytest.mark.parametrize("seed", [1, 4])
def test_sources_are_all_the_tools_that_tell_a_value_and_no_others(graph: ApiGraph, seed: int) -> None:
    prefixes = {
        "CT": "contact_id",
        "EV": "event_id",
        "FILE": "file_id",
        "MSG": "message_id",
        "TCK": "ticket_id",
        "TS": "session_token",
    }
    told: dict[str, set[str]] = {}
    for tool, kind in _shown(_called_everything(seed), prefixes):
        told.setdefault(kind, set()).add(tool)
    for name, spec in graph.specs.items():
        for parameter in spec.properties:
            kind = "contact_id" if parameter == "contact_ids" else parameter
            edges = graph.sources(name, parameter)
            declared = {edge.producer for edge in edges if edge.evidence == ("declared",)}
            assert declared == told.get(kind, set()), (name, parameter)


def test_only_the_suggested_estimate_is_offered_without_being_declared(graph: ApiGraph) -> None:
    guessed = [(edge.producer, edge.consumer, edge.parameter) for edge in graph.edges if edge.evidence == ("schema",)]
    assert guessed == [("suggest_estimate", "set_estimate", "hours")]


def test_every_required_value_is_told_by_a_tool_or_known_to_the_user(graph: ApiGraph) -> None:
    known = {item.parameter for item in DOMAIN.open(DOMAIN.draw(0)).known_values()}
    for name, spec in graph.specs.items():
        for parameter in spec.required:
            assert bool({parameter, f"{name}.{parameter}"} & known) != any(
                edge.evidence == ("declared",) for edge in graph.sources(name, parameter)
            ), (name, parameter)


# --- what tools say of themselves ---


def test_most_tools_need_something_first(graph: ApiGraph) -> None:
    free = [name for name in graph.specs if not graph.state_needs(name) and not graph.provided(name)]
    assert free == [name for name in graph.specs if name in FREE]
    assert 22 <= len(graph.specs) <= 26
    assert len(free) / len(graph.specs) <= 0.3


def test_every_tool_is_within_reach_and_work_begins_at_the_end_of_a_long_chain(graph: ApiGraph) -> None:
    reached: set[str] = set()
    rounds = 0
    while fresh := {name for name in graph.specs if graph.legal(name, reached, graph.provided(name))} - reached:
        reached |= fresh
        rounds += 1
    assert reached == set(graph.specs)
    assert rounds == 5  # open_ticket_session, create_ticket, suggest_estimate, set_estimate, start_work


def test_tools_read_as_different_requests_with_different_slots(graph: ApiGraph) -> None:
    specs = list(graph.specs.values())
    assert len({request_phrase(spec) for spec in specs}) == len(specs)
    for spec in specs:
        slots = labels(spec)
        assert len(set(slots.values())) == len(slots)
        assert all(0 < len(slot.split()) <= 6 for slot in slots.values()), slots
