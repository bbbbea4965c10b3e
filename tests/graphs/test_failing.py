"""Error turns: a realistic call that fails, what it answers, and the way on from it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import TypedDict

from envs.environment import KnownValue, WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from graphs.execution import Recorder, grouped, rerun
from graphs.failing import with_failure
from graphs.validation.needed import drop_unneeded, outcome_hash
from graphs.validation.purpose import proves_itself, requested_calls
from graphs.validation.query import hidden_values
from tools.advanced import signature
from tools.base import JsonObject, canonical_json
from tools.call import ToolCall
from tools.graph import ApiGraph
from tools.origin import ArgumentOrigin, Selector
from tools.pools import Pools
from tools.provenance import said_in
from tools.trace import Step, Trace, succeeded

SAID = ArgumentOrigin(kind="query")


class Shelf(TypedDict):
    shelf_name: str
    room: str


class Shelves(TypedDict):
    shelves: list[Shelf]


class Found(TypedDict):
    shelf_id: str


class Crate(TypedDict):
    crate_id: str


class Depot(TypedDict):
    is_open: bool


class DepotEnvironment(ToolkitEnvironment):
    """A depot whose shelves have names, and which has to be unlocked before anything is stored in it."""

    name: ClassVar[str] = "depot"

    @tool(effect="read")
    def list_shelves(self) -> Shelves:
        """List the shelves of the depot."""
        return {"shelves": [{"shelf_name": name, "room": room} for name, (_, room) in self.data["shelves"].items()]}

    @tool(effect="read", offers={"shelf_name": "list_shelves:shelves.*.shelf_name"})
    def find_shelf(self, shelf_name: str) -> Found:
        """Find a shelf by its name.

        Args:
            shelf_name: Name of the shelf.
        """
        if shelf_name not in self.data["shelves"]:
            hint = f" Did you mean {next(iter(self.data['shelves']))}?" if self.data["helpful"] else ""
            raise self.fail(f"There is no shelf named {shelf_name!r}.{hint}", "not_found")
        return {"shelf_id": self.data["shelves"][shelf_name][0]}

    @tool(effect="write")
    def unlock_depot(self, password: str) -> Depot:
        """Unlock the depot.

        Args:
            password: Password of the depot.
        """
        self.data["is_open"] = True
        return {"is_open": True}

    @tool(effect="write")
    def store_crate(self, shelf_id: str, label: str) -> Crate:
        """Store a crate on a shelf.

        Args:
            shelf_id: ID of the shelf.
            label: Label of the crate.
        """
        if not self.data["is_open"]:
            raise self.fail("The depot is locked.", "not_ready")
        crate_id = self.new_id("CR")
        self.data["crates"][crate_id] = [shelf_id, label]
        return {"crate_id": crate_id}

    def known_values(self) -> tuple[KnownValue, ...]:
        return tuple(KnownValue(parameter="shelf_name", value=name) for name in self.data["shelves"])


SHELVES = {"Ironwood": ["SH-1207", "north"], "Maplecrest": ["SH-3418", "south"], "Juniper": ["SH-5529", "south"]}


def depot(**changes: Any) -> World:
    state: JsonObject = {"shelves": SHELVES, "is_open": False, "helpful": False, "crates": {}, "_id_seed": 3}
    spec = WorldSpec(
        name="depot", version="1", seed=1, environments=("depot",), initial_state={"depot": {**state, **changes}}
    )
    world = World(spec, [DepotEnvironment()])
    world.reset()
    return world


def executed(world: World, *calls: tuple[str, JsonObject, dict[str, ArgumentOrigin]]) -> Trace:
    """A turn of calls whose last one is its goal; ids as the sampler gives them."""
    recorder = Recorder(world.fork())
    steps = grouped(
        [
            recorder.run(ToolCall(id=f"g0_{number}", name=name, arguments=arguments), origins)
            for number, (name, arguments, origins) in enumerate(calls)
        ]
    )
    goal = steps[-1].call.id
    return Trace(target_tool=steps[-1].call.name, steps=steps, goals=(goal,), requested=(goal,))


def observed(source: str, path: str, selector: Selector | None = None) -> ArgumentOrigin:
    return ArgumentOrigin(kind="observation", source=source, path=path, selector=selector)


def storing(world: World, label: str = "winter coats") -> Trace:
    """A crate is stored on the shelf Ironwood, after the depot was unlocked."""
    return executed(
        world,
        ("find_shelf", {"shelf_name": "Ironwood"}, {"shelf_name": SAID}),
        ("unlock_depot", {"password": "copper-lantern-7"}, {"password": SAID}),
        (
            "store_crate",
            {"shelf_id": "SH-1207", "label": label},
            {"shelf_id": observed("g0_0", "shelf_id"), "label": SAID},
        ),
    )


def failing(world: World, trace: Trace, seed: int, history: tuple[Step, ...] = (), system: str = "") -> Trace | None:
    graph = ApiGraph.from_specs(world.specs(), world.declared_edges())
    told = f"{system}\n{told_by(history)}"
    return with_failure(world, trace, graph, Pools(world.known_values()), told, random.Random(seed))


def told_by(history: Sequence[Step]) -> str:
    """The text of the calls of earlier turns."""
    return "\n".join(f"{canonical_json(step.call.arguments)}\n{step.observation.text()}" for step in history)


def is_early(trace: Trace) -> bool:
    """Whether a call was made too early, rather than with a name that is wrong."""
    failed = next(step for step in trace.steps if step.observation.failed)
    return failed.call.signature in {step.call.signature for step in succeeded(trace.steps)}


@pytest.fixture(scope="module")
def made() -> dict[bool, Trace]:
    """One error turn of each kind."""
    world = depot()
    found = [failing(world, storing(world), seed) for seed in range(20)]
    return {is_early(trace): trace for trace in found if trace is not None}


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_an_error_turn_fails_once_without_harm_and_comes_to_the_same(seed: int) -> None:
    world = depot()
    before = world.replay_hash()
    good = storing(world)
    trace = failing(world, good, seed)
    assert trace is not None
    assert world.replay_hash() == before
    (failed,) = [step for step in trace.steps if step.observation.failed]
    place = trace.steps.index(failed)
    assert failed.replay_hash == (trace.steps[place - 1].replay_hash if place else before)
    assert [step.call.id for step in trace.steps if step is not failed and step.call.id != "g0_0r"] == [
        step.call.id for step in good.steps
    ]
    assert len({step.call.id for step in trace.steps}) == len(trace.steps)
    assert sum(step.group == failed.group for step in trace.steps) == 1
    assert outcome_hash(world, trace.steps, trace.requested) == outcome_hash(world, good.steps, good.requested)
    assert (trace.goals, trace.requested, trace.target_tool) == (good.goals, good.requested, good.target_tool)
    assert requested_calls(trace.goals, trace.steps) == trace.requested
    assert proves_itself(world, trace.steps, trace.requested, "")
    assert grouped(rerun(world.fork(), trace.steps)) == trace.steps
    assert drop_unneeded(world, trace.steps, trace.requested) == trace.steps
    assert failing(world, good, seed) == trace


def test_both_kinds_come_up(made: dict[bool, Trace]) -> None:
    assert set(made) == {True, False}


def test_a_wrong_name_is_said_looked_for_and_mended(made: dict[bool, Trace]) -> None:
    trace = made[False]
    wrong, listing, right, *_ = trace.steps
    slip = wrong.call.arguments["shelf_name"]
    assert slip not in SHELVES
    assert wrong.origins == {"shelf_name": SAID}
    assert (wrong.call.id, listing.call.id, right.call.id) == ("g0_0e", "g0_0r", "g0_0")
    assert wrong.observation.text() == f'{{"error":"There is no shelf named \'{slip}\'."}}'
    assert (listing.call.name, listing.call.arguments) == ("list_shelves", {})
    choice = Selector(kind="nearest", field="shelf_name", value=slip)
    assert right.origins == {"shelf_name": observed("g0_0r", "shelves.*.shelf_name", choice)}
    assert right.call.arguments == {"shelf_name": "Ironwood"}
    assert (wrong.group, listing.group, right.group) == (0, 1, 2)
    assert trace.depth() == 3


def test_the_query_says_the_slip_and_hides_the_name(made: dict[bool, Trace]) -> None:
    specs = {spec.name: spec for spec in depot().specs()}
    for early, trace in made.items():
        slip = trace.steps[0].call.arguments["shelf_name"]
        advanced = signature(trace, specs)
        assert {item.name: item.value for item in advanced.inputs} == {
            "shelf_name": slip,
            "password": "copper-lantern-7",
            "label": "winter coats",
        }
        assert all(item.verbatim for item in advanced.inputs)
        assert advanced.covered == tuple(step.call.name for step in succeeded(trace.steps))
        assert [sink.tool for sink in advanced.sinks] == ["unlock_depot", "store_crate"]
        assert ("Ironwood" in hidden_values(trace.looked_up(), advanced)) is not early


def test_a_call_that_is_made_too_early_is_made_again_after_what_it_needs(made: dict[bool, Trace]) -> None:
    trace = made[True]
    assert [step.call.name for step in trace.steps] == ["find_shelf", "store_crate", "unlock_depot", "store_crate"]
    early, unlocking, again = trace.steps[1:]
    assert early.call.arguments == again.call.arguments
    assert early.origins == again.origins
    assert (early.call.id, again.call.id) == ("g0_2e", "g0_2")
    assert early.observation.text() == '{"error":"The depot is locked."}'
    assert early.group < unlocking.group <= again.group
    assert trace.depth() == storing(depot()).depth() == 2


def looking_up(world: World, origin: ArgumentOrigin = SAID) -> Trace:
    return executed(world, ("find_shelf", {"shelf_name": "Ironwood"}, {"shelf_name": origin}))


def test_all_calls_that_need_the_name_take_the_right_one() -> None:
    world = depot()
    twice = executed(
        world,
        ("find_shelf", {"shelf_name": "Ironwood"}, {"shelf_name": SAID}),
        ("unlock_depot", {"password": "copper-lantern-7"}, {"password": SAID}),
        (
            "store_crate",
            {"shelf_id": "SH-1207", "label": "Ironwood"},
            {"shelf_id": observed("g0_0", "shelf_id"), "label": SAID},
        ),
    )
    found = [trace for seed in range(12) if (trace := failing(world, twice, seed)) and not is_early(trace)]
    assert found
    for trace in found:
        assert trace.steps[-1].call.arguments["label"] == "Ironwood"
        assert trace.steps[-1].origins["label"] == trace.steps[2].origins["shelf_name"]


def known_already(world: World) -> tuple[Trace, tuple[Step, ...]]:
    return looking_up(world), executed(world, ("list_shelves", {}, {})).steps


def listed_before(world: World) -> tuple[Trace, tuple[Step, ...]]:
    choice = Selector(kind="equals", field="room", value="north")
    listing: tuple[str, JsonObject, dict[str, ArgumentOrigin]] = ("list_shelves", {}, {})
    first = ("find_shelf", {"shelf_name": "Ironwood"}, {"shelf_name": observed("g0_0", "shelves.*.shelf_name", choice)})
    return executed(world, listing, first), ()


def said_elsewhere(world: World) -> tuple[Trace, tuple[Step, ...]]:
    unlocked = depot(is_open=True)
    label = {"shelf_id": observed("g0_0", "shelf_id"), "label": SAID}
    return (
        executed(
            unlocked,
            ("find_shelf", {"shelf_name": "Ironwood"}, {"shelf_name": SAID}),
            ("store_crate", {"shelf_id": "SH-1207", "label": "for the Ironwood shelf"}, label),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("world", "turn"),
    [
        (depot(), known_already),
        (depot(), listed_before),
        (depot(is_open=True), said_elsewhere),
        (depot(helpful=True), lambda world: (looking_up(world), ())),
        (depot(shelves={"Oak": ["SH-1", "north"]}), lambda world: (oak(world), ())),
    ],
    ids=["an earlier turn listed it", "it was not said", "it is said in a label", "the error tells", "too short"],
)
def test_where_nobody_would_get_a_name_wrong_or_look_for_it_there_is_no_error_turn(
    world: World, turn: Callable[[World], tuple[Trace, tuple[Step, ...]]]
) -> None:
    trace, history = turn(world)
    assert [failing(world, trace, seed, history) for seed in range(6)] == [None] * 6


def oak(world: World) -> Trace:
    return executed(world, ("find_shelf", {"shelf_name": "Oak"}, {"shelf_name": SAID}))


def test_a_call_that_names_what_another_one_makes_is_not_tried_before() -> None:
    """Nobody who asks for both asks in that order: it is a password here that both say."""
    world = depot(shelves={"Oak": ["SH-1207", "north"]})
    trace = executed(
        world,
        ("find_shelf", {"shelf_name": "Oak"}, {"shelf_name": SAID}),
        ("unlock_depot", {"password": "spring"}, {"password": SAID}),
        (
            "store_crate",
            {"shelf_id": "SH-1207", "label": "spring"},
            {"shelf_id": observed("g0_0", "shelf_id"), "label": SAID},
        ),
    )
    assert failing(world, trace, 1) is None


def test_nothing_is_learnt_from_an_error_that_a_later_call_could_not_have(made: dict[bool, Trace]) -> None:
    """The values that a query hides never stand in what the failed call answered."""
    for trace in made.values():
        failed = next(step for step in trace.steps if step.observation.failed)
        for value in trace.looked_up():
            assert not said_in(value, failed.observation.text())


def test_nobody_looks_for_a_name_that_the_system_message_tells() -> None:
    world = depot()
    made = [failing(world, storing(world), seed, system="Your shelf is Ironwood.") for seed in range(20)]
    assert all(trace is None or is_early(trace) for trace in made)
    assert any(made)
