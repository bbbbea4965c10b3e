"""Noise operators: what is drawn, what they take out of a turn, and that the turn stays the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from typing_extensions import TypedDict

from envs.environment import KnownValue, WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from fr_agents.verification.before import Before
from fr_agents.verification.needed import verify_needed
from graphs.execution import grouped, rerun
from graphs.noise import OPERATORS, drawn, varied, worded
from graphs.noise.describing import describe
from graphs.noise.referring import refer_back
from graphs.noise.sampled import SampledTurn
from graphs.records import Job
from graphs.sampling import sample_turn
from graphs.settings import NoiseSettings
from graphs.taking import said_values
from graphs.validation.needed import outcome_hash
from tools.advanced import signature
from tools.base import JsonObject, derive_seed
from tools.call import ToolCall
from tools.graph import ApiGraph, Edge
from tools.origin import ArgumentOrigin
from tools.paths import resolve
from tools.relation import possible_relations
from tools.trace import Relation, Step, Trace

SAID = ArgumentOrigin(kind="query")
NEVER = dict.fromkeys(OPERATORS, 0.0)
ALWAYS = dict.fromkeys(OPERATORS, 1.0)


class Shelf(TypedDict):
    shelf_code: str
    colour: str
    load: int


class Shelves(TypedDict):
    shelves: list[Shelf]


class Code(TypedDict):
    shelf_code: str


class Box(TypedDict):
    box_id: str


class DepotEnvironment(ToolkitEnvironment):
    """Shelves that boxes are put on; each has a keeper, whom no list tells."""

    name: ClassVar[str] = "depot"

    @tool(effect="read")
    def list_shelves(self) -> Shelves:
        """List the shelves."""
        return {"shelves": [{name: row[name] for name in Shelf.__annotations__} for row in self.data["shelves"]]}  # type: ignore[misc]

    @tool(effect="read")
    def find_shelf(self, keeper_name: str) -> Code:
        """Find the shelf of a keeper.

        Args:
            keeper_name: Name of the keeper.
        """
        for row in self.data["shelves"]:
            if row["keeper"] == keeper_name:
                return {"shelf_code": row["shelf_code"]}
        raise self.fail("There is no such keeper.", "not_found")

    @tool(effect="write")
    def store_box(self, shelf_code: str, content: str) -> Box:
        """Store a box on a shelf.

        Args:
            shelf_code: Code of the shelf.
            content: What is in the box.
        """
        box_id = self.new_id("BX")
        self.data["boxes"][box_id] = {"shelf": shelf_code, "content": content}
        return {"box_id": box_id}

    @tool(effect="write")
    def move_box(self, box_id: str, shelf_code: str) -> Box:
        """Move a box to a shelf.

        Args:
            box_id: ID of the box.
            shelf_code: Code of the shelf.
        """
        if box_id not in self.data["boxes"]:
            raise self.fail("There is no such box.", "not_found")
        self.data["boxes"][box_id] = {**self.data["boxes"][box_id], "shelf": shelf_code}
        return {"box_id": box_id}

    def known_values(self) -> tuple[KnownValue, ...]:
        return tuple(KnownValue(parameter="keeper_name", value=row["keeper"]) for row in self.data["shelves"])


def shelf(code: str, colour: str, load: int, keeper: str) -> JsonObject:
    return {"shelf_code": code, "colour": colour, "load": load, "keeper": keeper}


SHELVES = [shelf("SH-1", "red", 5, "Ann"), shelf("SH-2", "blue", 9, "Bo"), shelf("SH-3", "green", 7, "Cy")]
LISTED = [
    Edge(producer="list_shelves", consumer=name, path="shelves.*.shelf_code", parameter="shelf_code", kind="offers")
    for name in ("store_box", "move_box")
]
FOUND = Edge(producer="find_shelf", consumer="store_box", path="shelf_code", parameter="shelf_code", kind="offers")
BOX = Edge(producer="store_box", consumer="move_box", path="box_id", parameter="box_id", opaque=True)
Call = tuple[str, JsonObject, Mapping[str, ArgumentOrigin]]


def depot(shelves: Sequence[JsonObject] = SHELVES) -> World:
    state: JsonObject = {"depot": {"shelves": list(shelves), "boxes": {}}}
    spec = WorldSpec(name="depot", version="1", seed=1, environments=("depot",), initial_state=state)
    world = World(spec, [DepotEnvironment()])
    world.reset()
    return world


def made(world: World, *calls: Call, turn: int = 1) -> tuple[Step, ...]:
    """Executed calls, whose arguments the user says but for those with another origin."""
    steps = []
    for number, (name, arguments, origins) in enumerate(calls):
        call = ToolCall(id=f"g{turn}_{number}", name=name, arguments=arguments)
        seen = world.fork().execute(call)
        steps.append(Step(call=call, observation=seen, origins={**dict.fromkeys(arguments, SAID), **origins}))
    return grouped(rerun(world, steps))


def turn_of(
    start: World, steps: tuple[Step, ...], edges: Sequence[Edge], relation: Relation = "new_topic", **changes: Any
) -> SampledTurn:
    trace = Trace(
        target_tool=steps[-1].call.name, steps=steps, goals=(steps[-1].call.id,), requested=(), relation=relation
    )
    given: dict[str, Any] = {"history": (), "told": "", "longest": 8, **changes}
    return SampledTurn(start=start, trace=trace, graph=ApiGraph(start.specs(), edges), **given)


def storing(
    code: str,
    edges: Sequence[Edge] = LISTED,
    shelves: Sequence[JsonObject] = SHELVES,
    content: str = "tea",
    **more: Any,
) -> SampledTurn:
    """A turn in which the user has a box stored on a shelf whose code he says."""
    start = depot(shelves)
    steps = made(start.fork(), ("store_box", {"shelf_code": code, "content": content}, {}))
    return turn_of(start, steps, edges, **more)


def seeds() -> list[random.Random]:
    return [random.Random(seed) for seed in range(8)]


class TestDescribe:
    def test_a_name_is_described_and_the_read_that_shows_it_comes_first(self) -> None:
        turn = storing("SH-2")
        ways = set()
        for rng in seeds():
            change = describe(turn, rng)
            assert change is not None
            trace, noise = change
            assert noise.operator == "describe"
            assert noise.detail == "code of the shelf"
            assert [step.call.name for step in trace.steps] == ["list_shelves", "store_box"]
            assert [step.group for step in trace.steps] == [0, 1]
            assert trace.steps[1].call.arguments == {"shelf_code": "SH-2", "content": "tea"}
            origin = trace.steps[1].origins["shelf_code"]
            assert origin.kind == "state"
            assert origin.source == trace.steps[0].call.id
            assert origin.selector is not None
            content = turn.start.fork().execute(trace.steps[0].call).content
            assert resolve(content, origin.path or "", origin.selector) == "SH-2"
            ways.add((origin.selector.kind, origin.selector.field, origin.selector.value))
        assert ways == {("equals", "colour", "blue"), ("max", "load", None)}

    def test_what_the_turn_comes_to_stays_and_the_description_is_what_the_user_says(self) -> None:
        turn = storing("SH-2")
        change = describe(turn, random.Random(1))
        assert change is not None
        trace, _ = change
        assert outcome_hash(turn.start, trace.steps, ()) == outcome_hash(turn.start, turn.trace.steps, ())
        inputs = signature(trace, turn.graph.specs).inputs
        assert {item.name for item in inputs} in ({"colour", "content"}, {"load", "content"})
        assert "SH-2" not in [item.value for item in inputs]

    def test_an_input_of_the_read_that_the_user_can_say_describes_it_too(self) -> None:
        change = describe(storing("SH-3", edges=[FOUND]), random.Random(0))
        assert change is not None
        read, store = change[0].steps
        assert (read.call.name, read.call.arguments) == ("find_shelf", {"keeper_name": "Cy"})
        assert read.origins == {"keeper_name": SAID}
        assert store.origins["shelf_code"] == ArgumentOrigin(kind="state", source=read.call.id, path="shelf_code")

    @pytest.mark.parametrize(
        ("why", "turn"),
        [
            ("no other field tells the shelves apart", storing("SH-1", shelves=[shelf("SH-1", "red", 5, "A")] * 2)),
            ("it is neither the only one that the user can mean", storing("SH-1", shelves=SHELVES[:1])),
            (
                "the middle one of its colour",
                storing("SH-2", shelves=[*SHELVES, *(shelf(f"S{n}", "blue", n, "D") for n in (2, 12))]),
            ),
            ("it is said elsewhere in the turn", storing("SH-2", content="tea for SH-2")),
            (
                "its colour gives it away",
                storing("SH-2", shelves=[SHELVES[0], shelf("SH-2", "SH-2 blue", 6, "B"), SHELVES[2]]),
            ),
            ("it was told before, and needs no look-up", storing("SH-2", told="The shelf is SH-2.")),
            ("the turn is full", storing("SH-2", longest=1)),
            ("the read misbehaves", storing("SH-2", avoided=frozenset({"list_shelves"}))),
            ("no tool shows it", storing("SH-2", edges=[])),
        ],
    )
    def test_what_cannot_be_described_stays(self, why: str, turn: SampledTurn) -> None:
        assert [describe(turn, rng) for rng in seeds()] == [None] * 8, why

    def test_an_error_turn_stays(self) -> None:
        start = depot()
        call: Call = ("move_box", {"box_id": "BX-0", "shelf_code": "SH-2"}, {})
        assert describe(turn_of(start, made(start.fork(), call), LISTED), random.Random(0)) is None


class TestReferBack:
    def turn(self, relation: Relation, *before: Call, code: str = "SH-2") -> SampledTurn:
        """A second turn that moves the box of the first one, after more calls in the first."""
        world = depot()
        history = made(world, ("store_box", {"shelf_code": "SH-1", "content": "tea"}, {}), *before, turn=0)
        box = ArgumentOrigin(kind="earlier_turn", source="g0_0", path="box_id")
        arguments = {"box_id": history[0].observation.content["box_id"], "shelf_code": code}
        steps = made(world.fork(), ("move_box", arguments, {"box_id": box}))
        return turn_of(world, steps, [*LISTED, BOX], relation, history=history)

    def test_what_an_earlier_turn_showed_is_not_said_again(self) -> None:
        turn = self.turn("follow_up", ("list_shelves", {}, {}))
        change = refer_back(turn, random.Random(0))
        assert change is not None
        trace, noise = change
        assert (noise.operator, noise.detail) == ("refer_back", "code of the shelf")
        origin = trace.steps[0].origins["shelf_code"]
        assert (origin.kind, origin.source) == ("earlier_turn", "g0_1")
        assert resolve(turn.history[1].observation.content, origin.path or "", origin.selector) == "SH-2"
        assert [step.call for step in trace.steps] == [step.call for step in turn.trace.steps]
        assert trace.relation in possible_relations(trace.steps, turn.history, turn.graph.specs)

    def test_a_thing_that_is_not_the_only_one_of_its_kind_is_said(self) -> None:
        edges = [edge.model_copy(update={"producer": "find_shelf", "path": "shelf_code"}) for edge in LISTED]
        for keepers, refers in ((("Bo",), True), (("Ann", "Bo"), False)):
            turn = self.turn("follow_up", *(("find_shelf", {"keeper_name": keeper}, {}) for keeper in keepers))
            graph = ApiGraph(turn.start.specs(), [*edges, BOX])
            change = refer_back(SampledTurn(**{**turn.__dict__, "graph": graph}), random.Random(0))
            assert (change is not None) is refers

    def test_what_no_earlier_turn_showed_is_said(self) -> None:
        assert refer_back(self.turn("follow_up"), random.Random(0)) is None

    def test_a_turn_keeps_its_relation_to_earlier_ones(self) -> None:
        world = depot()
        history = made(world, ("list_shelves", {}, {}), turn=0)
        steps = made(world.fork(), ("store_box", {"shelf_code": "SH-2", "content": "tea"}, {}))
        assert refer_back(turn_of(world, steps, LISTED, "new_topic", history=history), random.Random(0)) is None
        assert refer_back(turn_of(world, steps, LISTED, "follow_up", history=history), random.Random(0)) is not None


class TestDrawing:
    def test_every_operator_has_a_share(self) -> None:
        assert set(OPERATORS) == set(NoiseSettings.model_fields) - {"languages"}

    def test_each_operator_comes_in_its_share_of_turns_whatever_the_others_are(self) -> None:
        settings = NoiseSettings(**{**NEVER, "persona": 0.25, "fuse": 1.0})
        turns = [drawn(settings, seed, turn) for seed in range(200) for turn in range(2)]
        assert all("fuse" in operators for operators in turns)
        assert 70 < sum("persona" in operators for operators in turns) < 130
        alone = NoiseSettings(**{**NEVER, "persona": 0.25})
        assert [drawn(alone, seed, turn) for seed in range(200) for turn in range(2)] == [
            tuple(name for name in operators if name == "persona") for operators in turns
        ]

    def test_nothing_is_drawn_where_all_shares_are_0_and_all_where_they_are_1(self) -> None:
        assert drawn(NoiseSettings(**NEVER), 3, 0) == ()
        assert drawn(NoiseSettings(**ALWAYS), 3, 0) == OPERATORS


class TestWorded:
    def test_each_operator_tells_what_it_was_given(self) -> None:
        trace = storing("SH-2").trace
        noise = worded(NoiseSettings(**ALWAYS, languages=("German",)), 5, 0, trace)
        assert [item.operator for item in noise] == ["persona", "style", "language", "indirect", "distractor"]
        assert {item.operator: item.detail for item in noise}["language"] == "German"
        assert noise == worded(NoiseSettings(**ALWAYS, languages=("German",)), 5, 0, trace)

    def test_only_several_tasks_are_fused(self) -> None:
        start = depot()
        stored: list[Call] = [("store_box", {"shelf_code": code, "content": "tea"}, {}) for code in ("SH-1", "SH-2")]
        settings = NoiseSettings(**{**NEVER, "fuse": 1.0})
        one, two = (turn_of(start, made(start.fork(), *stored[:count]), LISTED).trace for count in (1, 2))
        assert worded(settings, 1, 0, one) == ()
        assert [item.operator for item in worded(settings, 1, 0, two)] == ["fuse"]

    def test_rules_speak_one_language(self) -> None:
        settings = NoiseSettings(**{**NEVER, "language": 1.0})
        trace = storing("SH-2").trace
        assert worded(settings, 1, 0, trace, by_rules=True) == ()
        assert worded(NoiseSettings(**{**NEVER, "language": 1.0}, languages=()), 1, 0, trace) == ()
        assert [item.detail in settings.languages for item in worded(settings, 1, 0, trace)] == [True]

    def test_what_is_said_besides_says_no_value_of_the_turn(self) -> None:
        trace = storing("SH-2", content="coffee").trace
        settings = NoiseSettings(**{**NEVER, "distractor": 1.0})
        told = {item.detail for seed in range(150) for item in worded(settings, seed, 0, trace)}
        assert len(told) > 8
        assert not [text for text in told if "coffee" in text]


@pytest.fixture(scope="module")
def sampled(make_context: Callable[..., Any]) -> list[Any]:
    """A context, and travel turns with their varied traces."""
    context = make_context(noise=NoiseSettings(**ALWAYS), implicit=0.2)

    async def run() -> list[Any]:
        found = []
        for number in range(24):
            job = Job(number=number, seed=derive_seed("varied", number), turns=1)
            messages = [context.system_message(job)]
            trace = await sample_turn(context, job, 0, (), messages)
            if trace is not None:
                found.append((job, messages, trace, varied(context, job, 0, (), messages, trace)))
        return found

    return [context, *asyncio.run(run())]


class TestVaried:
    def test_traces_change_and_turns_stay(self, sampled: list[Any]) -> None:
        context, *turns = sampled
        changed = 0
        for job, messages, plain, (trace, noise) in turns:
            assert bool(noise) == (trace != plain)
            assert varied(context, job, 0, (), messages, plain) == (trace, noise)
            changed += bool(noise)
            with context.worlds.branch(context.world_of(job), ()) as lease:
                assert outcome_hash(lease.world, trace.steps, trace.requested) == outcome_hash(
                    lease.world, plain.steps, plain.requested
                )
                assert rerun(lease.world.fork(), trace.steps) == trace.steps
                before = Before(start=lease.world, history=(), messages=messages, specs=context.api_graph(job).specs)
                query = " ".join(str(value) for value in said_values(trace.steps))
                turn = SimpleNamespace(gold_steps=trace.steps, requested=trace.requested, query=query)
                assert list(verify_needed(turn, before)) == []  # type: ignore[arg-type]
            assert (trace.goals, trace.requested, trace.relation) == (plain.goals, plain.requested, plain.relation)
            assert trace.depth() >= plain.depth()
        assert changed >= 3

    def test_nothing_is_done_where_nothing_is_drawn(self, sampled: list[Any], make_context: Callable[..., Any]) -> None:
        job, messages, plain, _ = sampled[1]
        context = make_context(noise=NoiseSettings(**NEVER))
        assert varied(context, job, 0, (), messages, plain) == (plain, ())
