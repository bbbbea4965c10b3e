"""Checks records from the file alone: every call is made again, every verdict found again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from envs.domain import Domain, UnknownWorldError, load_domain
from envs.world import World
from fr_agents.files import whole_lines
from graphs.execution import Recorder
from graphs.messages import assistant_message, system_message, tool_message, user_message
from graphs.records import SCHEMA_VERSION, RecordedCall, Trajectory, Turn
from graphs.roles import QueryDraft
from graphs.validation.attempts import Goal, validate
from graphs.validation.query import check_draft
from tools.base import JsonObject
from tools.spec import ToolSpec
from tools.trace import Step


def verify_file(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """For each line of a file of trajectories its number, the record's id, and what does not hold.

    Raises OSError where the file cannot be read; a line that is no record is a problem of that line.
    """
    for number, text in whole_lines(path):
        try:
            record = Trajectory.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(key) for key in first["loc"])
            yield number, "?", [f"is no trajectory of schema {SCHEMA_VERSION}: {where}: {first['msg']}"]
            continue
        yield number, record.id, list(verify_record(record))


def verify_record(record: Trajectory) -> Iterator[str]:
    """What does not hold of a record; nothing for a good one."""
    if record.id != record.content_id():
        yield "the id is not that of the content: the record was changed"
    if record.schema_version != SCHEMA_VERSION:
        yield f"schema_version is {record.schema_version}; this version reads {SCHEMA_VERSION}"
        return
    try:
        world = _domain(record.world.name).open(record.world)
    except (UnknownWorldError, ValueError, KeyError) as error:
        yield f"the world cannot be opened: {error}"
        return
    if record.tools != tuple(spec.openai() for spec in world.specs()):
        yield "tools are not those of the world"
    messages: list[JsonObject] = [system_message()]
    for number, turn in enumerate(record.turns, start=1):
        yield from (f"turn {number}: {problem}" for problem in _verify_turn(world, turn, messages))
        messages += [user_message(turn.query), *turn.attempts[-1].messages]
    if list(record.messages) != messages:
        yield "messages are not those of the accepted attempts"


@lru_cache(maxsize=8)
def _domain(name: str) -> Domain:
    return load_domain(name)


def _verify_turn(world: World, turn: Turn, before: Sequence[JsonObject]) -> Iterator[str]:
    """Checks one turn and leaves ``world`` as its accepted calls left it."""
    specs = {spec.name: spec for spec in world.specs()}
    start = world.fork()
    yield from _as_recorded("gold", turn.gold_calls, turn.gold_steps)
    yield from _as_recorded("accepted", turn.calls, turn.steps)
    yield from _replayed("gold", start.fork(), turn.gold_steps)
    yield from _replayed("accepted", world, turn.steps)
    if world.replay_hash() != turn.replay_hash:
        yield "the accepted calls end in another state"
    yield from _proved(turn, start, before, specs)
    yield from _said(turn, specs)
    yield from _told(turn)


def _as_recorded(which: str, calls: Sequence[RecordedCall], steps: tuple[Step, ...]) -> Iterator[str]:
    if tuple(calls) != RecordedCall.of(steps):
        yield f"{which} calls are not those that were executed"


def _replayed(which: str, world: World, steps: Sequence[Step]) -> Iterator[str]:
    """Make the calls again in ``world`` and compare what they return and leave."""
    recorder = Recorder(world)
    for step in steps:
        again = recorder.run(step.call)
        if again.observation != step.observation:
            yield f"{which} call {step.call.name} returns something else: {again.observation.text()[:120]}"
        elif again.replay_hash != step.replay_hash:
            yield f"{which} call {step.call.name} leaves another state"
        if step.observation.failed:
            yield f"{which} call {step.call.name} fails"


def _proved(turn: Turn, start: World, before: Sequence[JsonObject], specs: dict[str, ToolSpec]) -> Iterator[str]:
    """The verdicts once more, on the accepted calls and on gold itself."""
    known = "\n".join([*(str(message.get("content") or "") for message in before), turn.query])
    goal = Goal(start=start, gold=turn.gold_steps, requested=turn.requested)
    if validate(goal, turn.steps, known, specs) != turn.verdicts or turn.verdicts != turn.attempts[-1].verdicts:
        yield "the verdicts are not those that validation gives"
    if not any(verdict.passed for verdict in turn.verdicts):
        yield "no validation holds"
    for verdict in validate(goal, turn.gold_steps, known, {}):
        if not verdict.passed:
            yield f"the gold calls fail their own validation: {verdict.reason}"
            return


def _said(turn: Turn, specs: dict[str, ToolSpec]) -> Iterator[str]:
    """The query's proof once more."""
    draft = QueryDraft(text=turn.query, mentions=turn.hard_query.mentions, sinks=turn.hard_query.sinks)
    if turn.hard_query.text != turn.query:
        yield "the query is not the one that was proved"
    yield from check_draft(draft, turn.advanced_tool, turn.hard_query.hidden, specs)


def _told(turn: Turn) -> Iterator[str]:
    """The accepted attempt's messages are its calls and observations, and end in a reply."""
    accepted = turn.attempts[-1]
    if accepted.steps != turn.steps:
        yield "the accepted attempt is not the one that the turn records"
    if not accepted.reply.strip():
        yield "the turn ends without a reply"
    found = [message for message in accepted.messages if message["role"] == "tool"]
    if found != [tool_message(step.observation) for step in turn.steps]:
        yield "the tool messages are not the observations"
    called = [call for message in accepted.messages for call in message.get("tool_calls", ())]
    expected = assistant_message("", "", [step.call for step in turn.steps]).get("tool_calls", [])
    if called != expected:
        yield "the messages' tool calls are not those that were executed"
