"""Comparison of recorded values with those that were found again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from envs.world import World
from graphs.execution import Recorder
from tools.base import Json, Record, canonical_json
from tools.trace import Step, executed


def same(one: Json | Record, other: Json | Record) -> bool:
    """Whether both are the same JSON: 1, 1.0 and true are three values, though Python holds them to be equal."""
    return canonical_json(_plain(one)) == canonical_json(_plain(other))


def _plain(value: Json | Record) -> Json:
    if isinstance(value, Record):
        return value.plain()
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def replayed(which: str, start: World, steps: Sequence[Step]) -> Iterator[str]:
    """Makes the calls again in a fork of ``start`` and compares what they return, change and leave. Calls that were
    refused were never made."""
    recorder = Recorder(start.fork())
    for step in executed(steps):
        again = recorder.run(step.call)
        if not same(again.observation, step.observation):
            yield f"{which} call {step.call.name} returns something else: {again.observation.text()[:120]}"
        elif again.replay_hash != step.replay_hash:
            yield f"{which} call {step.call.name} leaves another state"
        elif again.changed_state != step.changed_state:
            yield f"{which} call {step.call.name} {'changes' if again.changed_state else 'does not change'} the state"
