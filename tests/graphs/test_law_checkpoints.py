"""Graph state is plain data, the same live as resumed, and a job that died goes on where it was (laws 3 and 5)."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from langgraph.types import StateSnapshot

from fr_agents.checkpointing import PlainSerializer, open_checkpointer
from fr_agents.wiring import offline_roles
from graphs.context import RunContext
from graphs.records import Job
from graphs.roles import Move
from graphs.synthesis import build_synthesis, initial_state

THREAD = {"configurable": {"thread_id": "job-000000"}, "recursion_limit": 1000}


def assert_plain(value: Any, where: str = "state") -> None:
    """Only what JSON holds, exactly: no tuple, no subclass, no record, no world."""
    if type(value) is dict:
        for key, item in value.items():
            assert type(key) is str, where
            assert_plain(item, f"{where}.{key}")
    elif type(value) is list:
        for index, item in enumerate(value):
            assert_plain(item, f"{where}.{index}")
    else:
        assert value is None or type(value) in (str, int, float, bool), f"{where} holds {type(value)}"


async def begin(path: Path, context: RunContext, job: Job) -> Any:
    async with open_checkpointer("sqlite", path) as saver:
        graph = build_synthesis().compile(checkpointer=saver)
        given = initial_state(job, context.system_message(job))
        return await graph.ainvoke(given, THREAD, context=context, durability="sync")


async def go_on(path: Path, context: RunContext) -> Any:
    async with open_checkpointer("sqlite", path) as saver:
        graph = build_synthesis().compile(checkpointer=saver)
        return await graph.ainvoke(None, THREAD, context=context, durability="sync")


def refuse(code: int, data: bytes) -> Any:
    raise AssertionError(f"a checkpoint holds an object of Python (extension {code}): {data[:80]!r}")


def assert_plain_rows(path: Path) -> int:
    """Every stored value is msgpack of plain data, without extensions, and a seal. Returns how many there are."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("checkpoints", "channel_values", "writes")
        rows = [row for table in tables for row in connection.execute(f"select data from {table}")]  # noqa: S608
    for (data,) in rows:
        ormsgpack.unpackb(data[:-4], ext_hook=refuse)
    return len(rows)


@pytest.fixture
def job(make_job: Any) -> Job:
    return make_job(3, turns=3)


async def test_each_state_is_plain_and_the_same_live_as_resumed(tmp_path: Path, make_context: Any, job: Job) -> None:
    path = tmp_path / "checkpoints.sqlite"
    live: list[Any] = []
    async with open_checkpointer("sqlite", path, history=True) as saver:
        graph = build_synthesis().compile(checkpointer=saver)
        context = make_context(mistakes=1.0)
        given = initial_state(job, context.system_message(job))
        stream = graph.astream(given, THREAD, context=context, durability="sync", stream_mode="values")
        async for state in stream:
            assert_plain(state)
            live.append(state)
    async with open_checkpointer("sqlite", path, history=True) as saver:
        graph = build_synthesis().compile(checkpointer=saver)
        history: list[StateSnapshot] = [item async for item in graph.aget_state_history(THREAD)]
    # Before the input there is nothing but what the reducers begin with.
    resumed = [snapshot.values for snapshot in reversed(history) if (snapshot.metadata or {})["source"] != "input"]
    assert len(live) > 15
    assert resumed == live
    for state in resumed:
        assert_plain(state)
    assert assert_plain_rows(path) > len(live)


async def test_a_job_stopped_after_every_step_ends_as_one_that_never_was(
    tmp_path: Path, make_context: Any, synthesise: Any, job: Job
) -> None:
    """Each step runs with a checkpointer that was opened anew, and with a context that has no worlds yet."""
    settings = {"mistakes": 1.0}
    whole = await synthesise(make_context(**settings), job)
    given: Any = initial_state(job, make_context().system_message(job))
    steps = 0
    while True:
        async with open_checkpointer("sqlite", tmp_path / "checkpoints.sqlite") as saver:
            graph = build_synthesis().compile(checkpointer=saver, interrupt_after="*")
            state = await graph.ainvoke(given, THREAD, context=make_context(**settings), durability="sync")
            if not (await graph.aget_state(THREAD)).next:
                break
        given, steps = None, steps + 1
    assert whole["status"] == "accepted"
    assert state == whole
    assert steps >= 15


class Reluctant:
    """Does nothing in the last turn before it has had two hints, so that the critic is asked too."""

    model = "reluctant"
    makes_model_calls = False

    def __init__(self, inner: Any, last: int) -> None:
        self._inner = inner
        self._last = last

    async def __call__(self, view: Any) -> Move:
        turn = sum(message["role"] == "user" for message in view.messages)
        if turn == self._last and len(view.hints) < 2:
            return Move(thought="I do not see how.", reply="I cannot.")
        return await self._inner(view)


@pytest.mark.parametrize(("paid", "turns"), [(False, 2), (True, 3)], ids=["rules", "a paid model"])
async def test_a_job_that_dies_in_any_call_of_a_role_ends_as_one_that_never_did(
    tmp_path: Path, shop: Any, make_context: Any, make_job: Any, watched: Any, killed: Any, paid: bool, turns: int
) -> None:
    """And no role is asked again for a turn that was finished; where messages are paid for, none that was answered."""

    def roles(die_at: int = 0) -> Any:
        offline = offline_roles()
        return watched(replace(offline, reasoning=Reluctant(offline.reasoning, turns)), paid=paid, die_at=die_at)

    job = make_job(19, turns=turns)
    uninterrupted = roles()
    whole = await begin(tmp_path / "whole.sqlite", make_context(shop, uninterrupted.roles), job)
    expected = uninterrupted.calls
    assert whole["status"] == "accepted"
    assert {name for name, _ in expected} == {"tooling", "querying", "reasoning", "critiquing", "rewriting"}
    starts = [index for index, (name, _) in enumerate(expected) if name == "tooling"]
    assert len(starts) == turns
    for die_at in range(1, len(expected) + 1):
        path = tmp_path / f"{die_at}.sqlite"
        dying, resuming = roles(die_at), roles()
        with pytest.raises(killed):
            await begin(path, make_context(shop, dying.roles), job)
        state = await go_on(path, make_context(shop, resuming.roles))
        assert state == whole
        assert_plain_rows(path)
        assert dying.calls == expected[:die_at]
        again = len(resuming.calls)
        assert resuming.calls == expected[len(expected) - again :]
        if paid:
            assert again == len(expected) - die_at + 1
        else:
            assert again <= len(expected) - max(start for start in starts if start < die_at)


@pytest.mark.parametrize("kind", ["json", "pickle", "bytes", "other", ""])
def test_only_plain_kinds_of_data_are_read(kind: str) -> None:
    with pytest.raises(ValueError, match="never writes"):
        PlainSerializer().loads_typed((kind, b"{}"))


def test_plain_data_comes_back_as_it_was() -> None:
    serializer = PlainSerializer()
    for value in ({"a": [1, 2.5, None, True, "é"], "b": {}}, [], None):
        assert serializer.loads_typed(serializer.dumps_typed(value)) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"trace": {"steps": [1, (2, 3)]}}, "trace.steps.1 is a builtins.tuple"),
        ({"job": Job(number=1, seed=1, turns=1)}, "job is a graphs.records.job.Job"),
        ({"made": {1: "x"}}, "a key of made is a builtins.int"),
        ([Path("x")], "0 is a pathlib."),
        ({"raw": b"x"}, "raw is a builtins.bytes"),
        ({1, 2}, "the whole is a builtins.set"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_anything_else_is_never_written(value: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        PlainSerializer().dumps_typed(value)


def test_what_a_node_raised_is_noted_as_a_text() -> None:
    serializer = PlainSerializer()
    assert serializer.loads_typed(serializer.dumps_typed(OSError("gone"))) == "OSError('gone')"


def test_a_crafted_checkpoint_runs_no_code(tmp_path: Path) -> None:
    """LangGraph's extension types name a module and a function to call; its own serializer runs eight of these."""
    target = tmp_path / "made-by-a-checkpoint"
    command = f"touch {target}"
    forms = (
        ("os", "system", command),
        ("os", "system", [command]),
        ("os", "system", {"command": command}),
        ("os", "system", {"command": command}, "__call__"),
    )
    for code in range(8):
        for form in forms:
            data = ormsgpack.packb({"trace": ormsgpack.Ext(code, ormsgpack.packb(form))})
            with suppress(Exception):  # refusing the data is as good as reading it without its object
                PlainSerializer().loads_typed(("msgpack", data))
            assert not target.exists(), (code, form)
