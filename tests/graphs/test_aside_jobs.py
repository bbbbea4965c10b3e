"""Jobs in a world whose tools may take long: none stalls another, and all come out as they would in the event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import anyio
import pytest
from typing_extensions import TypedDict

from envs.environment import KnownValue
from envs.pool import WorldPool
from envs.toolkit import ToolkitEnvironment, tool
from envs.toolkit_domain import ToolkitDomain
from fr_agents.wiring import offline_roles
from graphs.aside import TOO_SLOW, WorldThreads
from graphs.context import RunContext
from graphs.records import Job
from tools.base import JsonObject, canonical_json

HELD_SEED = 1


class Gate:
    """Holds the calls of one world, once it is shut."""

    def __init__(self) -> None:
        self.shut = False
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.threads: set[threading.Thread] = set()

    def pass_through(self, held: bool) -> None:
        self.threads.add(threading.current_thread())
        if held and self.shut:
            self.reached.set()
            assert self.opened.wait(60), "nobody opens the gate"


class Samples(TypedDict):
    sample_ids: list[str]


class Analysis(TypedDict):
    analysis_id: str


class Lab(ToolkitEnvironment):
    """A laboratory whose analyses may take their time."""

    name: ClassVar[str] = "lab"
    gate: ClassVar[Gate]

    @tool(effect="read")
    def list_samples(self, patient_name: str) -> Samples:
        """List the samples of a patient.

        Args:
            patient_name: Name of the patient.
        """
        self.gate.pass_through(self.data["_held"])
        return {"sample_ids": [self.data["samples"][patient_name]]}

    @tool(effect="write", sources={"sample_id": "list_samples:sample_ids.*"})
    def analyse(self, sample_id: str) -> Analysis:
        """Analyse a sample.

        Args:
            sample_id: ID of the sample.
        """
        self.gate.pass_through(self.data["_held"])
        if sample_id not in self.data["samples"].values():
            raise self.fail("There is no such sample.", "not_found")
        analysis_id = self.new_id("AN")
        self.data["analyses"][analysis_id] = sample_id
        return {"analysis_id": analysis_id}

    def known_values(self) -> tuple[KnownValue, ...]:
        return tuple(KnownValue(parameter="patient_name", value=name) for name in self.data["samples"])


class LabDomain(ToolkitDomain):
    """Laboratories; only one of them may be held up."""

    name = "lab"
    environment = Lab

    def __init__(self, gate: Gate, quick: bool) -> None:
        self.quick = quick
        self.environment = type("GatedLab", (Lab,), {"gate": gate, "__doc__": Lab.__doc__})

    def draw_state(self, seed: int) -> JsonObject:
        samples = {name: f"SA-{1000 + (seed + index * 37) % 9000}" for index, name in enumerate(["Ana", "Bela", "Cem"])}
        return {"samples": samples, "analyses": {}, "_held": seed == HELD_SEED, "_id_seed": seed}


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()
    for thread in made.threads - {threading.main_thread()}:
        thread.join(60)


@pytest.fixture
def in_lab(make_context: Any, gate: Gate) -> Callable[..., RunContext]:
    """A context in the laboratory: ``in_lab(tool_seconds=0.05, capacity=0, roles=...)``."""

    def make(*, quick: bool = False, tool_seconds: float = 60.0, capacity: int = 64, roles: Any = None) -> RunContext:
        pool = WorldPool(LabDomain(gate, quick), capacity)
        context: RunContext = make_context(pool.domain, roles, mistakes=0.5, probe=2)
        return replace(context, worlds=pool, threads=WorldThreads(tool_seconds))

    return make


def job(number: int, turns: int = 2) -> Job:
    """A job of its own world; number 0 is in the one that may be held up."""
    return Job(number=number, seed=HELD_SEED + number, turns=turns)


async def together(synthesise: Any, context: RunContext, count: int) -> list[Any]:
    """The final states of several jobs that run at the same time."""
    states: dict[int, Any] = {}

    async def run(number: int) -> None:
        states[number] = await synthesise(context, job(number))

    async with anyio.create_task_group() as group:
        for number in range(count):
            group.start_soon(run, number)
    return [states[number] for number in range(count)]


async def test_records_are_the_same_aside_as_in_the_event_loop(synthesise: Any, in_lab: Any, gate: Gate) -> None:
    inline = await together(synthesise, in_lab(quick=True), 6)
    assert gate.threads == {threading.current_thread()}
    gate.threads.clear()
    aside = await together(synthesise, in_lab(), 6)
    assert threading.current_thread() not in gate.threads
    assert [canonical_json(state) for state in aside] == [canonical_json(state) for state in inline]
    assert {state["status"] for state in aside} == {"accepted"}


async def test_a_job_whose_tool_computes_stalls_no_other(synthesise: Any, in_lab: Any, gate: Gate) -> None:
    context, ended = in_lab(), []
    gate.shut = True

    async def run(number: int) -> None:
        state = await synthesise(context, job(number))
        ended.append((number, state["status"]))

    async with anyio.create_task_group() as group:
        group.start_soon(run, 0)
        assert await anyio.to_thread.run_sync(gate.reached.wait, 60, abandon_on_cancel=True)
        await run(1)
        assert ended == [(1, "accepted")]
        gate.opened.set()
    assert ended == [(1, "accepted"), (0, "accepted")]


class Shutting:
    """A role that shuts the gate before it answers for the second turn."""

    makes_model_calls = False

    def __init__(self, inner: Any, gate: Gate) -> None:
        self.model = inner.model
        self._inner = inner
        self._gate = gate

    async def __call__(self, view: Any) -> Any:
        messages = getattr(view, "messages", None) or view.earlier_messages
        asked = sum(message["role"] == "user" for message in messages)
        self._gate.shut = self._gate.shut or asked >= (2 if hasattr(view, "messages") else 1)
        return await self._inner(view)


@pytest.mark.parametrize(("shutting", "stage"), [(None, "sampler"), ("querying", "author"), ("reasoning", "refiner")])
async def test_a_tool_over_its_limit_rejects_its_job_and_no_other(
    synthesise: Any, in_lab: Any, gate: Gate, shutting: str | None, stage: str
) -> None:
    """No world is kept between the sections, so that each of them makes all calls anew."""
    roles = offline_roles()
    if shutting is None:
        gate.shut = True
    else:
        roles = replace(roles, **{shutting: Shutting(getattr(roles, shutting), gate)})
    lost, *others = await together(synthesise, in_lab(tool_seconds=0.1, capacity=0, roles=roles), 3)
    assert lost["status"] == "rejected"
    assert len(lost["turns"]) == (shutting is not None)
    assert (lost["rejection"]["stage"], lost["rejection"]["reason"]) == (stage, TOO_SLOW)
    assert "limits.tool_seconds (0.1 s)" in lost["rejection"]["detail"]
    assert "'list_samples'" in lost["rejection"]["detail"] or "'analyse'" in lost["rejection"]["detail"]
    assert [state["status"] for state in others] == ["accepted", "accepted"]


async def test_a_cancelled_job_leaves_a_pool_that_its_world_comes_out_of_again(
    synthesise: Any, in_lab: Any, gate: Gate
) -> None:
    wanted = await synthesise(in_lab(quick=True), job(0))
    context = in_lab()
    gate.shut = True
    async with anyio.create_task_group() as group:
        group.start_soon(synthesise, context, job(0))
        assert await anyio.to_thread.run_sync(gate.reached.wait, 60, abandon_on_cancel=True)
        group.cancel_scope.cancel()
    gate.shut = False
    assert canonical_json(await synthesise(context, job(0))) == canonical_json(wanted)
    gate.opened.set()
    assert canonical_json(await synthesise(context, job(0))) == canonical_json(wanted)
