"""What must hold of a whole record: its id, its world, its tools, its turns one after the other, its conversation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest

from envs.domain import Domain, load_domain
from envs.world import World
from fr_agents.verification.before import Before
from fr_agents.verification.comparing import same
from fr_agents.verification.turn import verify_turn
from graphs.messages import system_message_of, user_message
from graphs.records import SCHEMA_VERSION, Trajectory
from graphs.records.flags import flags_of
from tools.base import JsonObject
from tools.trace import Step


def verify_record(record: Trajectory) -> Iterator[str]:
    """What does not hold of a record; nothing for a good one.

    A record whose parts do not fit together may end it with whatever error its content brings about (a LookupError
    where a call names a tool that is not there, for one).
    """
    if record.id != record.content_id():
        yield "the id is not that of the content: the record was changed"
    if record.schema_version != SCHEMA_VERSION:
        yield f"schema_version is {record.schema_version}; this version reads {SCHEMA_VERSION}"
        return
    try:
        world = _domain(record.world.name).open(record.world)
    except (ValueError, LookupError, TypeError, ImportError, SyntaxError) as error:
        yield f"the world cannot be opened: {error}"
        return
    expected = flags_of(record.turns)
    if record.flags != expected:
        yield f"flags are {_listed(record.flags)}, and the accepted calls give {_listed(expected)}"
    yield from _tools(record, world)
    yield from _turns(record, world)


def _listed(flags: tuple[str, ...]) -> str:
    return ", ".join(flags) or "none"


@lru_cache(maxsize=8)
def _domain(name: str) -> Domain:
    return load_domain(name)


def _tools(record: Trajectory, world: World) -> Iterator[str]:
    """Whether the record shows the world's tools, by the first that differs."""
    listed = list(record.tools)
    for shown, spec in zip_longest(listed, world.specs()):
        expected = None if spec is None else spec.openai()
        if not same(shown, expected):
            name = spec.name if spec is not None else str(shown.get("function", {}).get("name"))
            yield f"tools are not those of the world; the first that differs is {name}"
            return


def _turns(record: Trajectory, world: World) -> Iterator[str]:
    """Checks the turns in order, each in the world that the accepted calls of those before it left."""
    messages: list[JsonObject] = [system_message_of(world)]
    history: list[Step] = []
    specs = {spec.name: spec for spec in world.specs()}
    for number, turn in enumerate(record.turns, start=1):
        before = Before(start=world.fork(), history=tuple(history), messages=tuple(messages), specs=specs)
        yield from (f"turn {number}: {problem}" for problem in verify_turn(turn, before))
        world.replay(step.call for step in turn.steps)
        if world.replay_hash() != turn.replay_hash:
            yield f"turn {number}: the accepted calls end in another state"
        history += turn.steps
        messages += [user_message(turn.query), *turn.attempts[-1].messages]
    if not same(list(record.messages), messages):
        yield "messages are not those of the accepted attempts"
