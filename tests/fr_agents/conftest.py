"""Records, configurations and a world for the tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envs.environment import WorldSpec
from fr_agents.config import RunConfig
from graphs.records import (
    AdvancedTool,
    Attempt,
    HardQuery,
    Lineage,
    RecordedCall,
    Rejection,
    Trajectory,
    Turn,
    Verdict,
)
from tools.call import Observation, ToolCall
from tools.origin import ArgumentOrigin, Selector
from tools.trace import Step

TINY_WORLD = '''
class TinyDomain:
    """A domain that is only ever looked up by its name."""

    name = "tiny_world_of_tests:TinyDomain"
    version = "1"

    def __init__(self, size: int = 3) -> None:
        if size < 1:
            raise ValueError("size must be 1 or more")

    def catalogue(self):
        return {"tiny": ["look", "pay"]}


class SizedDomain(TinyDomain):
    """A domain that cannot be made without its option."""

    name = "tiny_world_of_tests:SizedDomain"

    def __init__(self, size: int) -> None:
        super().__init__(size)
'''


@pytest.fixture
def tiny_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a world of one's own, in a module on the import path."""
    folder = tmp_path_factory.mktemp("worlds")
    (folder / "tiny_world_of_tests.py").write_text(TINY_WORLD)
    monkeypatch.syspath_prepend(str(folder))
    return "tiny_world_of_tests:TinyDomain"


@pytest.fixture
def make_config() -> Callable[..., RunConfig]:
    """Makes a configuration; keyword arguments go on top of a small valid one."""

    def make(**changes: Any) -> RunConfig:
        return RunConfig.model_validate({"name": "demo", "count": 3, "world": "tiny", "turns": 2, **changes})

    return make


@pytest.fixture
def config_file(tmp_path: Path, tiny_world: str) -> Callable[..., Path]:
    """Writes a configuration file of the tiny world with the given lines below."""

    def write(*lines: str, world: str = tiny_world) -> Path:
        path = tmp_path / "my.yaml"
        path.write_text("\n".join(["name: demo", "count: 3", f"world: {world!r}", *lines]) + "\n", encoding="utf-8")
        return path

    return write


def _think(thought: str, reply: str = "", calls: tuple[ToolCall, ...] = ()) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": f"<think>\n{thought}\n</think>\n\n{reply}"}
    if calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
            }
            for call in calls
        ]
    return message


def _steps(turn: int) -> tuple[Step, ...]:
    look = ToolCall(id=f"t{turn}c1", name="list_cards", arguments={"owner": "Ana"})
    pay = ToolCall(id=f"t{turn}c2", name="pay", arguments={"card_id": "c-88", "note": "rent [May]"})
    cards = [{"card_id": f"c-{number}", "label": "travel" if number == 88 else "other"} for number in range(60, 100)]
    picked = ArgumentOrigin(
        kind="observation",
        source=look.id,
        path="*.card_id",
        selector=Selector(kind="equals", field="label", value="travel"),
    )
    return (
        Step(call=look, observation=Observation(call_id=look.id, content=cards), origins={"owner": _QUERY}),
        Step(
            call=pay,
            observation=Observation(call_id=pay.id, content={"paid": True}),
            origins={"card_id": picked, "note": _QUERY},
            group=1,
            changed_state=True,
        ),
    )


_QUERY = ArgumentOrigin(kind="query")


def _attempt(index: int, steps: tuple[Step, ...], failed: bool) -> Attempt:
    messages: list[dict[str, Any]] = []
    for step in steps:
        messages.append(_think(f"Now I need {step.call.name}.", calls=(step.call,)))
        messages.append({"role": "tool", "tool_call_id": step.call.id, "content": step.observation.text()})
    messages.append(_think("All is done.", "The rent is paid with your travel card."))
    return Attempt(
        index=index,
        hints=index,
        steps=steps,
        messages=tuple(messages),
        reply="The rent is paid with your travel card.",
        public_hash="00",
        verdicts=(Verdict(validator="equivalent", passed=not failed),),
        error="unseen_value" if failed else None,
    )


def _turn(number: int, attempts: int) -> Turn:
    steps = _steps(number)
    return Turn(
        query=f"Please pay my rent, request {number}.",
        target_tool="pay",
        advanced_tool=AdvancedTool(name="pay_rent", description="Pays.", inputs=(), sinks=(), covered=()),
        hard_query=HardQuery(text="Please pay.", mentions=(), sinks=(), hidden=()),
        gold_calls=RecordedCall.of(steps),
        gold_steps=steps,
        requested=(),
        calls=RecordedCall.of(steps),
        steps=steps,
        attempts=tuple(_attempt(index, steps, failed=index < attempts - 1) for index in range(attempts)),
        hints=tuple(f"Look at the labels ({index})." for index in range(1, attempts)),
        verdicts=(),
        depth=2,
        replay_hash="00",
    )


@pytest.fixture
def make_trajectory() -> Callable[..., Trajectory]:
    """Makes the trajectory of a job; ``attempts`` are those that each of its turns took."""

    def make(job: int, attempts: tuple[int, ...] = (1,)) -> Trajectory:
        lineage = Lineage(
            run="demo", job=job, seed=7, models={"reasoning": "offline"}, configuration="c", package_version="0"
        )
        world = WorldSpec(name="tiny", version="1", seed=3, environments=("bank",), initial_state={"bank": {}})
        turns = tuple(_turn(number, made) for number, made in enumerate(attempts, 1))
        return Trajectory(id="", world=world, tools=(), messages=(), turns=turns, lineage=lineage).identified()

    return make


@pytest.fixture
def make_rejection() -> Callable[..., Rejection]:
    """Makes the rejection of a job."""

    def make(job: int, **changes: Any) -> Rejection:
        fields = {"job": job, "stage": "refiner", "reason": "k_max", "detail": "No attempt passed."}
        return Rejection.model_validate(fields | changes)

    return make
