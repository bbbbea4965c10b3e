"""The benchmark of sampling measures what it says: made-up catalogues, shortest plans, needed calls, walks, tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.sampling import main
from benchmarks.sampling_calls import Situation, any_arguments, legal_arguments, values_at
from benchmarks.sampling_catalogues import made_up
from benchmarks.sampling_needed import TurnCalls
from benchmarks.sampling_policies import coverable, walked
from benchmarks.sampling_reach import Reached, any_walk, legal_walk, summary
from benchmarks.sampling_shortest import Shortest, ShortestPlan, ancestors
from benchmarks.sampling_sizes import steps_toward
from benchmarks.sampling_tables import BEGIN, END, deep_targets, not_reached, tables, write
from envs.environment import KnownValue
from envs.toolkit import ToolkitEnvironment, tool
from envs.toolkit_domain import ToolkitDomain
from envs.world import World
from graphs.execution import Recorder
from tools.base import JsonObject, generator
from tools.call import ToolCall
from tools.graph import ApiGraph, Edge
from tools.origin import ArgumentOrigin
from tools.pools import Pools
from tools.trace import Step


class Shed(ToolkitEnvironment):
    name = "shed"

    def known_values(self) -> tuple[KnownValue, ...]:
        return (
            KnownValue(parameter="read_sign.place", value="door"),
            KnownValue(parameter="read_sign.place", value="gate"),
            KnownValue(parameter="go_to.place", value="attic"),
            KnownValue(parameter="leave_note.text", value="back soon"),
        )

    @tool(effect="write")
    def unlock(self) -> str:
        """Unlock the shed."""
        self.data["open"] = True
        return "open"

    @tool(effect="read", needs=[["unlock"]])
    def list_saws(self) -> list[str]:
        """List the ids of the saws."""
        if not self.data.get("open"):
            raise self.fail("The shed is locked.")
        return ["S-17", "S-23"]

    @tool(effect="write", sources={"saw_id": "list_saws:*"})
    def borrow(self, saw_id: str) -> dict[str, str]:
        """Borrow a saw.

        Args:
            saw_id: ID of the saw.
        """
        if saw_id not in ("S-17", "S-23"):
            raise self.fail("There is no such saw.")
        self.data.setdefault("borrowed", []).append(saw_id)
        return {"loan": f"loan of {saw_id}"}

    @tool(effect="read")
    def read_sign(self, place: str) -> str:
        """Read a sign.

        Args:
            place: Where the sign is.
        """
        return f"a sign at the {place}"

    @tool(effect="write")
    def go_to(self, place: str) -> str:
        """Go somewhere.

        Args:
            place: Where to go.
        """
        self.data["_place"] = place
        return place

    @tool(effect="write")
    def leave_note(self, text: str) -> None:
        """Leave a note where one is.

        Args:
            text: What it says.
        """
        self.data.setdefault("notes", {})[self.data.get("_place", "yard")] = text

    @tool(effect="write")
    def saw_off_branch(self) -> str:
        """Saw off a branch, which nobody allows."""
        raise self.fail("Not allowed.")


class ShedDomain(ToolkitDomain):
    name = "shed"
    environment = Shed

    def draw_state(self, seed: int) -> JsonObject:
        return {}


EDGES = (
    Edge(producer="unlock", consumer="list_saws", need=1),
    Edge(producer="list_saws", consumer="borrow", path="*", parameter="saw_id", opaque=True),
    Edge(producer="borrow", consumer="read_sign", path="loan", parameter="place", kind="offers"),
    Edge(producer="go_to", consumer="saw_off_branch", need=1),
)
Ran = Callable[..., TurnCalls]


@pytest.fixture
def world() -> World:
    domain = ShedDomain()
    return domain.open(domain.draw(0))


@pytest.fixture
def graph(world: World) -> ApiGraph:
    return ApiGraph(world.specs(), EDGES)


@pytest.fixture
def ran(world: World, graph: ApiGraph) -> Ran:
    """Runs calls (tool, arguments, and the number of the call that gave each argument that came from one)."""

    def run(target: str, *calls: tuple[str, JsonObject, dict[str, int]]) -> TurnCalls:
        recorder = Recorder(world.fork())
        steps: list[Step] = []
        for number, (name, arguments, sources) in enumerate(calls):
            origins = {
                parameter: ArgumentOrigin(kind="observation", source=f"c{sources[parameter]}", path="")
                if parameter in sources
                else ArgumentOrigin(kind="query")
                for parameter in arguments
            }
            steps.append(recorder.run(ToolCall(id=f"c{number}", name=name, arguments=arguments), origins))
        return TurnCalls.of(world, steps, target, graph.specs)

    return run


UNLOCK: Any = ("unlock", {}, {})
LIST: Any = ("list_saws", {}, {})
SIGN: Any = ("read_sign", {"place": "door"}, {})


def borrow(source: int, saw: str = "S-17") -> Any:
    return ("borrow", {"saw_id": saw}, {"saw_id": source})


@given(count=st.integers(1, 120), seed=st.integers(0, 5))
@settings(max_examples=15, deadline=None)
def test_a_made_up_catalogue_has_as_many_tools_as_asked_for_and_is_always_the_same(count: int, seed: int) -> None:
    catalogue = made_up(count, seed)
    assert len(catalogue.graph().specs) == count
    assert len(catalogue.graph().edges) == len(catalogue.edges)
    assert made_up(count, seed) == catalogue


def test_made_up_tools_have_about_ten_edges_and_can_all_be_reached() -> None:
    graph = made_up(600).graph()
    assert 8 <= len(graph.edges) / 600 <= 11
    assert {edge.kind for edge in graph.edges} == {"enables", "offers", "breaks"}
    assert max(graph.costs_from_scratch.values()) < 1000
    assert any(len(needs) > 1 and max(map(len, needs)) > 1 for needs in map(graph.prerequisites, graph.specs))


def test_plans_in_a_made_up_catalogue_are_legal_in_their_order_and_no_longer_than_their_cost() -> None:
    graph = made_up(300).graph()
    assert graph.costs_from_scratch == graph.costs(())
    names = list(graph.specs)
    for number, target in enumerate(names[::15]):
        called = frozenset(generator("called", number).sample(names, number))
        plan = graph.relaxed_plan(target, called)
        assert plan is not None
        assert all(graph.legal(tool, called.union(plan[:at])) for at, tool in enumerate(plan))
        assert target in called or len(plan) <= graph.costs(called)[target]


def test_a_walk_in_a_made_up_catalogue_ends_at_its_target() -> None:
    catalogue = made_up(60)
    graph = catalogue.graph()
    for target in list(graph.specs)[::12]:
        names = [name for name, _ in steps_toward(graph, Pools(catalogue.known), target)]
        assert names[-1] == target


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("", [{"rows": [{"id": 1}, {"id": 2}], "by": {"a": {"id": 3}}}]),
        ("rows.*.id", [1, 2]),
        ("rows.1.id", [2]),
        ("by.*.id", [3]),
        ("by.@key", ["a"]),
        ("rows.*.name", []),
        ("rows.7", []),
    ],
)
def test_all_values_at_a_path(path: str, values: list[Any]) -> None:
    content = {"rows": [{"id": 1}, {"id": 2}], "by": {"a": {"id": 3}}}
    assert list(values_at(content, path)) == values


def test_legal_arguments_are_what_was_seen_where_a_system_made_it_and_else_what_the_user_knows_or_saw(
    world: World, graph: ApiGraph
) -> None:
    def legal(tool: str, *seen: tuple[str, Any]) -> list[str]:
        found = legal_arguments(graph, Situation(world, seen), tool, generator(1))
        return sorted(str(value) for arguments in found for value in arguments.values())

    assert legal("borrow") == []
    assert legal("borrow", ("list_saws", ["S-17", "S-23"])) == ["S-17", "S-23"]
    assert legal("read_sign", ("borrow", {"loan": "L-1"})) == ["L-1", "door", "gate"]


def test_whoever_calls_anything_makes_up_what_he_does_not_know(world: World, graph: ApiGraph) -> None:
    made = {str(any_arguments(graph, Situation(world), "borrow", generator(n))["saw_id"]) for n in range(20)}
    assert made
    assert made.isdisjoint({"S-17", "S-23"})


def test_the_shortest_plan_is_found_by_execution(world: World, graph: ApiGraph) -> None:
    def search(target: str, most_calls: int = 100, **more: Any) -> Shortest:
        return ShortestPlan(graph, target, most_calls=most_calls, deepest=5, **more).search(Situation(world))

    assert ancestors(graph, "borrow") == ("unlock", "list_saws")
    assert search("borrow") == Shortest(length=3, at_least=3, executed=search("borrow").executed)
    assert search("unlock").length == 1
    assert (search("borrow", 2).length, search("borrow", 2).at_least) == (None, 3)
    assert search("borrow", among=["list_saws"]).length is None
    assert search("saw_off_branch").length is None
    assert world.replay_hash() == ShedDomain().open(world.spec).replay_hash()


def test_random_walks_tell_after_how_many_calls_they_arrive(world: World, graph: ApiGraph) -> None:
    start = Situation(world)
    for number in range(5):
        rng = generator("walk", number)
        length = legal_walk(graph, start, "borrow", 200, rng)
        assert length is not None
        assert length >= 3
        assert legal_walk(graph, start, "borrow", 2, rng) is None
        assert any_walk(graph, start, "saw_off_branch", 20, rng) is None
        assert any_walk(graph, start, "unlock", 200, rng) is not None


def test_a_call_that_nothing_uses_is_not_needed(ran: Ran) -> None:
    turn = ran("borrow", SIGN, UNLOCK, LIST, borrow(2))
    assert turn.needed == {1, 2, 3}
    assert turn.longest_path == 3


def test_a_call_after_the_target_is_needed_where_it_goes_on_from_it(ran: Ran) -> None:
    uses = ran("borrow", UNLOCK, LIST, borrow(1), ("read_sign", {"place": "loan of S-17"}, {"place": 2}))
    second = ran("borrow", UNLOCK, LIST, borrow(1), borrow(1, "S-23"))
    elsewhere = ran("read_sign", SIGN, ("go_to", {"place": "door"}, {}))
    padded = ran("read_sign", SIGN, UNLOCK, LIST)
    assert [len(turn.needed) for turn in (uses, second, elsewhere, padded)] == [4, 4, 2, 1]


def test_a_call_that_decides_what_a_later_one_changes_is_needed(ran: Ran) -> None:
    note: Any = ("leave_note", {"text": "back soon"}, {})
    there = ran("leave_note", ("go_to", {"place": "attic"}, {}), note)
    overwritten = ran("leave_note", ("leave_note", {"text": "gone"}, {}), note)
    assert there.needed == {0, 1}
    assert (there.longest_path, overwritten.longest_path) == (2, 1)


def test_calls_that_fail_are_not_counted(ran: Ran) -> None:
    turn = ran("unlock", LIST, UNLOCK)
    assert [step.call.name for step in turn.steps] == ["unlock"]
    assert turn.needed == {0}


def test_edges_are_walked_by_values_taken_and_by_states_established_before(ran: Ran, graph: ApiGraph) -> None:
    steps = ran("borrow", UNLOCK, LIST, borrow(1)).steps
    state, value = ("unlock", "list_saws", "", None), ("list_saws", "borrow", "", "saw_id")
    assert set(walked(steps, (), graph)) == {state, value}
    assert set(walked(steps[1:], steps[:1], graph)) == {state, value}
    assert set(walked(steps[1:], (), graph)) == {value}
    assert len(coverable(graph, ())) == 4
    assert state in coverable(graph, ())
    assert state not in coverable(graph, ["unlock"])


def reached(tool: str, directed: int | None, shortest: Shortest, *shares: float) -> Reached:
    return Reached(tool, directed, directed is not None, shortest, (*shares,), (*shares,))


def test_what_is_reached_is_compared_with_the_shortest_plan() -> None:
    rows = [
        reached("near", 2, Shortest(2, 2, 9), 0.5, 1, 1),
        reached("far", 5, Shortest(None, 4, 9), 0.1, 0.2, 0.4),
        reached("long", 4, Shortest(2, 2, 9), 0.5, 0.5, 0.5),
        reached("missed", None, Shortest(4, 4, 9), 0.1, 0.2, 0.4),
        reached("nowhere", None, Shortest(None, 3, 9)),
    ]
    row = summary("w", rows)
    assert {key: row[key] for key in ("targets", "reachable", "reached", "within_one", "deep", "deep_reached")} == {
        "targets": 5, "reachable": 4, "reached": 3, "within_one": 2, "deep": 2, "deep_reached": 1,
    }  # fmt: skip
    assert (row["longer"], row["not_reached"], row["unreachable"]) == (["long 4 for 2"], ["missed"], ["nowhere"])
    assert row["legal"] == [0.3, 0.475, 0.575]
    assert "(2 in all), `directed` reaches 50.0%" in deep_targets([row])
    assert "5 times as often" in deep_targets([row])
    assert "long 4 for 2 (`w`)" in not_reached([row])
    assert deep_targets([summary("w", rows[:1])]) == ""


def test_the_small_form_measures_all_parts_and_keeps_what_it_did_not_measure(tmp_path: Path, capsys: Any) -> None:
    kept = tmp_path / "old.json"
    output = tmp_path / "new.json"
    kept.write_text(json.dumps({"reach": []}), encoding="utf-8")
    main(["sizes", "policies", "--small", "--add-to", str(kept), "--output", str(output)])
    found = json.loads(output.read_text(encoding="utf-8"))
    assert set(found) == {"sizes", "reach", "policies"}
    assert [row["policy"] for row in found["policies"]] == ["paper", "random", "directed", "purposeful"]
    assert all(row["turns"] == 4 and 0 < row["needed"] <= 1 for row in found["policies"])
    assert found["sizes"][0]["reached"] == found["sizes"][0]["targets"] == 5
    assert tables(found) in capsys.readouterr().err


def test_the_small_form_reaches_targets(tmp_path: Path) -> None:
    output = tmp_path / "reach.json"
    main(["reach", "--small", "--output", str(output)])
    (row,) = json.loads(output.read_text(encoding="utf-8"))["reach"]
    assert row["reached"] == row["reachable"] == row["targets"]


def test_an_unknown_part_is_refused_before_anything_is_measured(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "there is no such part. Parts: sizes, reach, policies" in capsys.readouterr().err


def test_tables_replace_what_stands_between_their_marks(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write("new", document)
    assert document.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    document.write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit, match="lacks its marks"):
        write("new", document)
