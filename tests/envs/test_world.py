"""A world dispatches calls to its environments; what goes wrong in a call is an observation."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from envs.domain import load_domain
from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import ToolDefectError, World
from tools.call import ToolCall


class Counter(ToolkitEnvironment):
    name = "counter"

    @tool(effect="write")
    def add(self, number: int, note: str = "") -> dict[str, int]:
        """Add a number.

        Args:
            number: Number to add.
            note: Note about it.
        """
        if number < 0:
            raise self.fail("Only what is positive can be added.", "negative")
        self.data["total"] += number
        self.data["_calls"] = self.data.get("_calls", 0) + 1
        return {"total": self.data["total"]}


class Desk(ToolkitEnvironment):
    name = "desk"

    @tool(effect="write")
    def open_ticket(self, topic: str) -> dict[str, str]:
        """Open a ticket.

        Args:
            topic: Topic of the ticket.
        """
        ticket = self.new_id("T")
        self.data["tickets"][ticket] = topic
        return {"ticket_id": ticket}

    @tool(effect="write")
    def close_ticket(self, ticket_id: str) -> dict[str, str]:
        """Close a ticket.

        Args:
            ticket_id: ID of the ticket.
        """
        if ticket_id not in self.data["tickets"]:
            raise self.fail(f"There is no ticket {ticket_id!r}.", "not_found")
        return {"topic": self.data["tickets"].pop(ticket_id)}


def call(name: str, arguments: dict[str, Any]) -> ToolCall:
    return ToolCall(id="call_1", name=name, arguments=arguments)


@pytest.fixture
def world() -> World:
    spec = WorldSpec(
        name="office",
        version="1",
        seed=1,
        environments=("counter", "desk"),
        initial_state={"counter": {"total": 1}, "desk": {"tickets": {}, "_id_seed": 1}},
    )
    made = World(spec, [Counter(), Desk()])
    made.reset()
    return made


def test_each_call_goes_to_its_environment(world: World) -> None:
    assert [spec.name for spec in world.specs()] == ["add", "open_ticket", "close_ticket"]
    assert world.execute(call("add", {"number": 2})).content == {"total": 3}
    ticket = world.execute(call("open_ticket", {"topic": "chair"})).content["ticket_id"]
    assert world.execute(call("close_ticket", {"ticket_id": ticket})).content == {"topic": "chair"}


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "words"),
    [
        ("subtract", {}, "unknown_tool", "There is no tool named 'subtract'."),
        ("reset", {"initial_state": {}}, "unknown_tool", "There is no tool named 'reset'."),
        ("add", {}, "invalid_arguments", "'number' is a required property"),
        ("add", {"number": "two"}, "invalid_arguments", "number: 'two' is not of type 'integer'"),
        ("add", {"number": True}, "invalid_arguments", "number: True is not of type 'integer'"),
        ("add", {"number": 1, "times": 2}, "invalid_arguments", "('times' was unexpected)"),
        ("add", {"number": -1}, "negative", "Only what is positive can be added."),
    ],
)
def test_what_goes_wrong_is_an_observation(
    world: World, name: str, arguments: dict[str, Any], kind: str, words: str
) -> None:
    before = world.replay_hash()
    observation = world.execute(call(name, arguments))
    assert observation.error is not None
    assert observation.error.kind == kind
    assert words in observation.error.message
    assert words in observation.text().replace('\\"', '"')
    assert (observation.call_id, observation.content) == ("call_1", None)
    assert world.replay_hash() == before


def test_a_defect_of_a_tool_is_raised(world: World) -> None:
    world.restore(({}, {}))
    with pytest.raises(ToolDefectError) as caught:
        world.execute(call("add", {"number": 1, "note": "n" * 1000}))
    assert isinstance(caught.value.__cause__, KeyError)
    text = str(caught.value)
    assert text.startswith('the tool \'add\' broke on the arguments {"note":"nnn')
    assert text.endswith(
        "nnn...: KeyError: 'total'. A tool that refuses must raise ToolFailure; anything else is a defect in its code."
    )
    assert len(text) < 400


async def test_a_cancellation_inside_a_tool_is_no_defect(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled(self: Counter, number: int, note: str = "") -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(Counter, "add", cancelled)
    with pytest.raises(asyncio.CancelledError):
        world.execute(call("add", {"number": 1}))


def test_tools_of_the_same_name_are_refused(world: World) -> None:
    class OtherCounter(Counter):
        name = "abacus"

    with pytest.raises(ValueError, match="'counter' and 'abacus' both have a tool 'add'"):
        World(world.spec, [Counter(), OtherCounter()])


def test_environments_of_the_same_name_are_refused(world: World) -> None:
    class OtherDesk(ToolkitEnvironment):
        name = "desk"

    with pytest.raises(ValueError, match="two environments are named 'desk'"):
        World(world.spec, [Desk(), OtherDesk()])


def test_the_initial_state_stays_as_it_was(world: World) -> None:
    before = world.replay_hash()
    world.replay([call("add", {"number": 5}), call("open_ticket", {"topic": "lamp"})])
    assert world.replay_hash() != before
    world.reset()
    assert world.replay_hash() == before
    assert world.spec.initial_state["desk"]["tickets"] == {}


def test_a_fork_goes_its_own_way(world: World) -> None:
    twin = world.fork()
    twin.execute(call("add", {"number": 5}))
    world.execute(call("open_ticket", {"topic": "lamp"}))
    assert world.execute(call("add", {"number": 1})).content == {"total": 2}
    assert twin.execute(call("add", {"number": 1})).content == {"total": 7}
    assert twin.made_ids() == frozenset()


def test_a_snapshot_can_be_restored_more_than_once(world: World) -> None:
    snapshot, before = world.snapshot(), world.replay_hash()
    for number in (1, 2):
        world.execute(call("add", {"number": number}))
        world.restore(snapshot)
        assert world.replay_hash() == before


def test_hidden_state_shows_in_the_replay_hash_alone(world: World) -> None:
    public, replay = world.public_hash(), world.replay_hash()
    world.execute(call("add", {"number": 0}))
    assert world.public_hash() == public
    assert world.replay_hash() != replay


def test_ids_made_since_are_compared_up_to_renaming_and_older_ones_as_they_are(world: World) -> None:
    tickets = [call("open_ticket", {"topic": topic}) for topic in ("lamp", "chair")]
    swapped = world.fork()
    world.replay(tickets)
    swapped.replay(reversed(tickets))
    assert world.public_hash() == swapped.public_hash()
    assert world.public_hash(world.made_ids()) != swapped.public_hash(swapped.made_ids())


def test_what_was_opened_and_closed_is_as_if_it_had_never_been(world: World) -> None:
    before = world.public_hash()
    ticket = world.execute(call("open_ticket", {"topic": "lamp"})).content["ticket_id"]
    assert world.public_hash() != before
    world.execute(call("close_ticket", {"ticket_id": ticket}))
    assert world.public_hash() == before


def test_a_world_can_show_a_part_of_its_tools(world: World) -> None:
    few = World(world.spec.showing(("open_ticket", "add")), [Counter(), Desk()])
    few.reset()
    assert [spec.name for spec in few.specs()] == ["add", "open_ticket"]
    assert few.execute(call("open_ticket", {"topic": "chair"})).error is None
    before = few.replay_hash()
    refused = few.execute(call("close_ticket", {"ticket_id": "T1"}))
    assert refused.error is not None
    assert (refused.error.kind, refused.error.message) == ("unknown_tool", "There is no tool named 'close_ticket'.")
    assert few.replay_hash() == before


def test_a_fork_shows_the_same_tools_and_goes_its_own_way(world: World) -> None:
    few = World(world.spec.showing(("add",)), [Counter(), Desk()])
    few.reset()
    twin = few.fork()
    assert twin.specs() == few.specs()
    twin.execute(call("add", {"number": 5}))
    assert few.execute(call("add", {"number": 1})).content == {"total": 2}
    assert twin.execute(call("open_ticket", {"topic": "lamp"})).error is not None


def test_declared_dependencies_are_those_between_shown_tools() -> None:
    travel = load_domain("travel")
    spec = travel.draw(1)
    declared = travel.open(spec).declared_edges()
    kept = {declared[0].producer, declared[0].consumer}
    few = travel.open(spec.showing(tuple(sorted(kept))))
    assert declared[0] in few.declared_edges()
    assert few.declared_edges() == tuple(edge for edge in declared if {edge.producer, edge.consumer} <= kept)
    assert few.known_values() == travel.open(spec).known_values()


def test_a_world_cannot_show_a_tool_that_it_lacks(world: World) -> None:
    with pytest.raises(ValueError, match="is to show the tool 'subtract', which it lacks"):
        World(world.spec.showing(("add", "subtract")), [Counter(), Desk()])


def test_showing_all_tools_leaves_a_specification_as_it_is(world: World) -> None:
    assert world.spec.showing(()) == world.spec
    assert world.spec.showing(("add",)).showing(()) == world.spec
    assert WorldSpec.model_validate(world.spec.showing(("add",)).plain()).tools == ("add",)
