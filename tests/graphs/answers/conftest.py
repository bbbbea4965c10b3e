"""Tickets between two cities, bought in a real world: what a solver saw, and what it may say and think."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from envs.pool import WorldPool
from envs.travel import TravelDomain
from fr_agents.wiring import offline_roles
from graphs.context import RunContext
from graphs.execution import Recorder
from graphs.messages import assistant_message, tool_message
from graphs.records import Attempt, Job
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from tools.base import JsonObject
from tools.call import ToolCall
from tools.origin import ArgumentOrigin
from tools.provenance import Told
from tools.spec import ToolSpec
from tools.trace import Step, Trace

QUERY = (
    "I am off to Stonebrook. Could you buy me train tickets from Rivermist, and tell me what the weather there will be?"
)
SEED = 5


@dataclass(frozen=True)
class Tickets:
    """The executed calls: both zip codes in one message, then the tickets and the weather."""

    job: Job
    tools: tuple[ToolSpec, ...]
    steps: tuple[Step, ...]
    day: str

    @property
    def query(self) -> str:
        return f"{QUERY} I mean {self.day}."

    @property
    def known(self) -> Told:
        return Told(query=self.query, messages=({"role": "system", "content": "You are kind."},))

    @property
    def weather(self) -> Step:
        return self.steps[-1]

    @property
    def zip_codes(self) -> tuple[str, str]:
        first, second = (step.observation.content["zip_code"] for step in self.steps[:2])
        return first, second

    @property
    def reply(self) -> str:
        tickets, weather = (step.observation.content for step in self.steps[2:])
        return f"You have ticket {tickets['ticket_id']}. In Stonebrook it will be {weather['conditions']}."

    def messages(self, thoughts: Sequence[str]) -> tuple[JsonObject, ...]:
        """An attempt with these thoughts: before the look-ups, before the tickets, and before the reply."""
        found: list[JsonObject] = []
        for thought, steps in zip(thoughts, (self.steps[:2], self.steps[2:], ()), strict=True):
            found.append(assistant_message(thought, "" if steps else self.reply, [step.call for step in steps]))
            found += [tool_message(step.observation) for step in steps]
        return tuple(found)

    def attempt(self, thoughts: Sequence[str], hints: int = 0) -> Attempt:
        """An accepted attempt."""
        return Attempt(
            index=1,
            hints=hints,
            steps=self.steps,
            messages=self.messages(thoughts),
            reply=self.reply,
            public_hash="p",
            verdicts=(),
        )

    def state(self, attempt: Attempt, hints: Sequence[str] = ()) -> JsonObject:
        """The state of a graph in which the attempt was accepted."""
        trace = Trace(target_tool="buy_tickets", steps=self.steps, requested=(self.weather.call.id,))
        return {
            "job": self.job.plain(),
            "turn": 0,
            "history": [],
            "messages": list(self.known.messages),
            "trace": trace.plain(),
            "query": {"text": self.query},
            "attempts": [attempt.plain()],
            "hints": list(hints),
        }


def _step(recorder: Recorder, number: int, name: str, group: int, /, **arguments: Any) -> Step:
    sources = {"departure_zip": "call_0", "arrival_zip": "call_1"}
    origins = {
        key: ArgumentOrigin(kind="observation", source=sources[key], path="zip_code")
        if key in sources
        else ArgumentOrigin(kind="query")
        for key in arguments
    }
    return recorder.run(ToolCall(id=f"call_{number}", name=name, arguments=arguments), origins, group)


@pytest.fixture(scope="session")
def tickets() -> Tickets:
    worlds = WorldPool(TravelDomain())
    job = Job(number=0, seed=SEED, turns=1)
    with worlds.branch(worlds.drawn(SEED), ()) as lease:
        recorder = Recorder(lease.world)
        day = next(str(item.value) for item in lease.world.known_values() if item.parameter == "travel_date")
        zips = [
            _step(recorder, number, "get_zip_code", 0, city=city)
            for number, city in enumerate(("Rivermist", "Stonebrook"))
        ]
        one, other = (step.observation.content["zip_code"] for step in zips)
        bought = _step(recorder, 2, "buy_tickets", 1, departure_zip=one, arrival_zip=other)
        weather = _step(recorder, 3, "get_weather", 1, city="Stonebrook", travel_date=day)
        steps = (*zips, bought, weather)
        assert not any(step.observation.failed for step in steps)
        return Tickets(job=job, tools=lease.world.specs(), steps=steps, day=day)


@pytest.fixture
def context() -> RunContext:
    """The roles by rules in the world of the tickets."""
    return RunContext(
        roles=offline_roles(),
        worlds=WorldPool(TravelDomain()),
        sampler=SamplerSettings(),
        author=AuthorSettings(),
        refiner=RefinerSettings(),
    )


@pytest.fixture
def honest() -> tuple[str, str, str]:
    """Thoughts that give nothing away."""
    return (
        "To buy the tickets I need the zip codes of Rivermist and Stonebrook, so I look up both.",
        "Now I have both zip codes and can buy the tickets, and check the weather as well.",
        "The tickets are bought and the weather is known: I tell the user.",
    )
