"""Tools that misbehave are named and do not spoil what is found of the others; bounds, permission and determinism."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence

import pytest
from typing_extensions import TypedDict

from envs.discovery import Discovery, DiscoverySettings, OutsideEffectsError, Progress, discover
from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from tools.spec import ToolSpec

SETTINGS = DiscoverySettings(starts=1, call_seconds=0.1)


class Done(TypedDict):
    done: bool


class Ring(TypedDict):
    ring_id: str


class Seal(TypedDict):
    seal_id: str


class Plan(TypedDict):
    """Nothing can be filled in here."""

    shelf: None


class Number(TypedDict):
    number: int


class Workbench(ToolkitEnvironment):
    """Well-behaved tools, to which the worlds below add one that is not."""

    name = "bench"

    @tool(effect="write")
    def switch_on(self) -> Done:
        """Switch the bench on."""
        self.data["on"] = True
        return {"done": True}

    @tool(effect="write")
    def switch_off(self) -> Done:
        """Switch the bench off."""
        self.data["on"] = False
        return {"done": True}

    @tool(effect="write")
    def cut_ring(self) -> Ring:
        """Cut a ring, on the bench that is on."""
        if not self.data["on"]:
            raise self.fail("The bench is off.")
        ring_id = self.new_id("RG")
        self.data["rings"].append(ring_id)
        return {"ring_id": ring_id}

    @tool(effect="write", needs=[["switch_off"]])
    def polish_ring(self, ring_id: str) -> Done:
        """Polish a ring. What this declares is wrong: it needs no more than a ring.

        Args:
            ring_id: ID of the ring.
        """
        if ring_id not in self.data["rings"]:
            raise self.fail(f"There is no ring {ring_id}.")
        return {"done": True}


class BenchDomain:
    """Worlds of one class of environment, all alike."""

    name = "bench"
    version = "1"

    def __init__(self, environment: type[ToolkitEnvironment] = Workbench) -> None:
        self.environment = environment

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        return {"bench": self.environment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        state = {"on": False, "rings": [], "_id_seed": seed}
        return WorldSpec(name="bench", version="1", seed=seed, environments=("bench",), initial_state={"bench": state})

    def open(self, spec: WorldSpec) -> World:
        world = World(spec, [self.environment()])
        world.reset()
        return world


class RemoteBenchDomain(BenchDomain):
    outside_effects = True


class Circular(Workbench):
    """Two tools of which each needs an id that only the other gives."""

    @tool(effect="write")
    def engrave_seal(self, stamp_id: str) -> Seal:
        """Engrave a seal after a stamp.

        Args:
            stamp_id: ID of the stamp.
        """
        raise self.fail(f"There is no stamp {stamp_id}.")

    @tool(effect="write")
    def cast_stamp(self, seal_id: str) -> StampMade:
        """Cast a stamp after a seal.

        Args:
            seal_id: ID of the seal.
        """
        raise self.fail(f"There is no seal {seal_id}.")


class StampMade(TypedDict):
    stamp_id: str


class Stuck(Workbench):
    @tool(effect="write")
    def weld_ring(self) -> Done:
        """Weld a ring."""
        raise self.fail("Nobody has the key.")


class Whimsical(Workbench):
    @tool(effect="read")
    def guess_weight(self) -> Number:
        """Guess the weight of the bench."""
        return {"number": random.SystemRandom().randrange(10**9)}


class Fickle(Workbench):
    """What comes next is no part of the state, so that a fork does not repeat it."""

    tries = itertools.cycle((True, True, False, True, False))

    @tool(effect="write")
    def try_luck(self) -> Done:
        """Try to open the jammed drawer."""
        if not next(self.tries):
            raise self.fail("It did not open.")
        return {"done": True}


class Endless(Workbench):
    @tool(effect="read")
    def wait_for_delivery(self) -> Done:
        """Wait until material is delivered."""
        while True:
            pass


class Stubborn(Workbench):
    @tool(effect="read")
    def wait_for_delivery(self) -> Done:
        """Wait until material is delivered, whatever happens."""
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001, S112 - what the test is about
                continue


class Talkative(Workbench):
    @tool(effect="read")
    def measure(self) -> Number:
        """Measure the bench."""
        print("measuring ...")  # noqa: T201 - what the test is about
        return {"number": 120}


class Broken(Workbench):
    @tool(effect="read")
    def weigh(self, weight_class: str) -> Number:
        """Weigh the bench.

        Args:
            weight_class: Class of the weight.
        """
        return {"number": {"light": 1}[weight_class]}


class Unfillable(Workbench):
    @tool(effect="write")
    def lay_out(self, plan: Plan) -> Done:
        """Lay the bench out.

        Args:
            plan: The plan.
        """
        return {"done": True}


class Quitting(Workbench):
    @tool(effect="read")
    def consult_manual(self) -> Done:
        """Look something up, as a wrapped command-line program does that gives up."""
        raise SystemExit(2)


class Bottomless(Workbench):
    @tool(effect="read")
    def count_down(self) -> Done:
        """Count down without an end."""
        return self.count_down()


class Spoiling(Workbench):
    """What a tool did before it broke is not there for the others."""

    @tool(effect="write")
    def grease(self) -> Done:
        """Grease the bench."""
        self.data["on"] = True
        raise ValueError("no grease left")


def warned(found: Discovery) -> set[tuple[str, str]]:
    return {(warning.tool, warning.reason) for warning in found.warnings}


def needs_of_the_bench(found: Discovery) -> dict[str, object]:
    """What was found about the tools that behave."""
    graph = found.graph()
    names = ("switch_on", "switch_off", "cut_ring", "polish_ring")
    return {
        "state": {name: graph.state_needs(name) for name in names if graph.state_needs(name)},
        "ring": {edge.producer for edge in graph.required_sources("polish_ring", "ring_id")},
        "breakers": graph.breakers("cut_ring"),
    }


FOUND = {"state": {"cut_ring": (("switch_on",),)}, "ring": {"cut_ring"}, "breakers": ("switch_off",)}


def probed(environment: type[ToolkitEnvironment]) -> Discovery:
    return discover(BenchDomain(environment), SETTINGS.model_copy(update={"declared": False}))


# On a busy machine the time of a quick tool may be over too, and in a callback of the interpreter's own at that.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <function Weak:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (Workbench, set()),
        (Circular, {("engrave_seal", "cycle"), ("cast_stamp", "cycle")}),
        (Stuck, {("weld_ring", "never_succeeds")}),
        (Whimsical, {("guess_weight", "random")}),
        (Fickle, {("try_luck", "random")}),
        (Endless, {("wait_for_delivery", "hangs")}),
        (Stubborn, {("wait_for_delivery", "hangs")}),
        (Talkative, {("measure", "prints")}),
        (Broken, {("weigh", "breaks_down")}),
        (Unfillable, {("lay_out", "never_succeeds")}),
        (Quitting, {("consult_manual", "breaks_down")}),
        # hypothesis times the garbage collector by a callback, which has no stack left to run on either.
        pytest.param(
            Bottomless,
            {("count_down", "breaks_down")},
            marks=pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
        ),
        (Spoiling, {("grease", "breaks_down")}),
    ],
)
def test_what_misbehaves_is_named_with_the_reason_and_the_rest_is_found(
    environment: type[ToolkitEnvironment], expected: set[tuple[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = probed(environment)
    assert expected <= warned(found)
    assert {name for name, _ in warned(found)} == {name for name, _ in expected}
    assert needs_of_the_bench(found) == FOUND
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("environment", [Circular, Stuck, Whimsical, Endless, Talkative, Broken])
def test_a_warning_says_which_tool_it_is_about_and_what_is_wrong(environment: type[ToolkitEnvironment]) -> None:
    for warning in probed(environment).warnings:
        assert warning.text.startswith(warning.tool)
        assert len(warning.text.split()) > 3


def test_tools_of_a_cycle_name_each_other() -> None:
    texts = {warning.tool: warning.text for warning in probed(Circular).warnings}
    assert "cast_stamp" in texts["engrave_seal"]
    assert "engrave_seal" in texts["cast_stamp"]


def test_a_tool_that_misbehaves_is_nothing_that_others_need() -> None:
    for environment in (Circular, Stuck, Whimsical, Fickle, Endless, Broken):
        found = probed(environment)
        bad = {name for name, _ in warned(found)}
        assert [edge for edge in found.edges if edge.producer in bad and edge.consumer not in bad] == []


def test_several_at_once_are_all_named() -> None:
    class Chaos(Circular, Stuck, Whimsical, Endless, Talkative, Broken):
        """Everything that can go wrong."""

    found = probed(Chaos)
    assert {
        ("engrave_seal", "cycle"),
        ("cast_stamp", "cycle"),
        ("weld_ring", "never_succeeds"),
        ("guess_weight", "random"),
        ("wait_for_delivery", "hangs"),
        ("measure", "prints"),
        ("weigh", "breaks_down"),
    } <= warned(found)
    assert needs_of_the_bench(found) == FOUND


def test_the_same_settings_find_the_same() -> None:
    assert probed(Circular).edges == probed(Circular).edges


def test_a_bound_on_calls_ends_the_search_and_what_was_found_is_kept() -> None:
    full = probed(Workbench)
    bound = full.calls // 2
    cut = discover(BenchDomain(), SETTINGS.model_copy(update={"declared": False, "max_calls": bound}))
    assert cut.calls <= bound
    assert [spec.name for spec in cut.specs] == [spec.name for spec in full.specs]
    assert {edge for edge in cut.edges if "probed" in edge.evidence} <= set(full.edges)


@pytest.mark.parametrize("max_calls", [0, 1, 7])
def test_hardly_any_calls_are_no_error(max_calls: int) -> None:
    found = discover(BenchDomain(), SETTINGS.model_copy(update={"max_calls": max_calls}))
    assert found.calls <= max_calls
    assert found.cut_short == ("bench",)


def test_a_search_that_was_cut_short_blames_no_tool_for_it() -> None:
    found = discover(BenchDomain(), SETTINGS.model_copy(update={"max_calls": 1}))
    assert warned(found) == set()


def test_a_world_that_acts_outside_is_refused_by_name_unless_it_is_allowed() -> None:
    domain = RemoteBenchDomain()
    with pytest.raises(OutsideEffectsError, match=r"'bench'.*outside_effects"):
        discover(domain, SETTINGS)
    allowed = discover(domain, SETTINGS.model_copy(update={"outside_effects": True, "declared": False}))
    assert needs_of_the_bench(allowed) == FOUND


def test_declarations_are_part_of_the_graph_unless_they_are_to_be_left_out() -> None:
    declared = {edge for edge in discover(BenchDomain(), SETTINGS).edges if "declared" in edge.evidence}
    assert {(edge.producer, edge.consumer) for edge in declared} == {("switch_off", "polish_ring")}
    assert {evidence for edge in probed(Workbench).edges for evidence in edge.evidence} <= {
        "schema",
        "observed",
        "probed",
    }


def test_progress_tells_the_stages_and_counts_up() -> None:
    told: list[Progress] = []
    found = discover(BenchDomain(), SETTINGS, told.append)
    assert told
    assert {progress.environment for progress in told} == {"bench"}
    assert all(0 <= progress.done <= progress.total for progress in told)
    calls = [progress.calls for progress in told]
    assert calls == sorted(calls)
    assert calls[-1] <= found.calls
