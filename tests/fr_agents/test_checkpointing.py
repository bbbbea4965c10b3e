"""Checkpoints in a file: what is put is there, for as long as it is needed, and takes no more room than that."""

from __future__ import annotations

import operator
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from fr_agents.checkpointing import open_checkpointer

Saver = BaseCheckpointSaver[Any]


class Counted(TypedDict, total=False):
    number: int
    notes: Annotated[list[str], operator.add]
    ballast: str


def thread(name: object = 0, **more: Any) -> Any:
    return {"configurable": {"thread_id": f"job-{name}", "checkpoint_ns": "", **more}, "recursion_limit": 100}


def counting(saver: Saver, steps: int, *, dies_at: int = 0) -> Any:
    """A graph that counts, one step for each number; it raises instead of saying ``dies_at``."""

    async def count(state: Counted) -> Counted:
        number = state["number"] + 1
        if number == dies_at:
            raise RuntimeError("dead")
        return {"number": number, "notes": [f"step {number}"]}

    graph = StateGraph(Counted)
    graph.add_node("count", count)
    graph.add_edge(START, "count")
    graph.add_conditional_edges("count", lambda state: END if state["number"] >= steps else "count")
    return graph.compile(checkpointer=saver)


async def run(saver: Saver, name: object = 0, steps: int = 3, ballast: str = "") -> Any:
    begun = {"number": 0, "ballast": ballast}
    return await counting(saver, steps).ainvoke(begun, thread(name), durability="sync")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.sqlite"


def counts(path: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("checkpoints", "channel_values", "writes")
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608


def stored_bytes(path: Path) -> int:
    """The bytes of all values in the file, without SQLite's own."""
    with closing(sqlite3.connect(path)) as connection:
        tables = ("checkpoints", "channel_values", "writes")
        return sum(connection.execute(f"SELECT total(length(data)) FROM {name}").fetchone()[0] for name in tables)  # noqa: S608


@pytest.mark.parametrize("history", [False, True])
async def test_a_graph_that_dies_goes_on_in_another_process_where_it_was(path: Path, history: bool) -> None:
    async with open_checkpointer("sqlite", path, history=history) as saver:
        with pytest.raises(RuntimeError, match="dead"):
            await counting(saver, 5, dies_at=4).ainvoke({"number": 0, "ballast": "b"}, thread(), durability="sync")
    async with open_checkpointer("sqlite", path, history=history) as saver:
        graph = counting(saver, 5)
        assert (await graph.aget_state(thread())).values["number"] == 3
        state = await graph.ainvoke(None, thread(), durability="sync")
    assert state == {"number": 5, "notes": [f"step {number}" for number in range(1, 6)], "ballast": "b"}


async def test_a_thread_keeps_its_last_checkpoint_alone_and_a_finished_one_nothing(path: Path) -> None:
    async with open_checkpointer("sqlite", path) as saver:
        for name in range(3):
            await run(saver, name)
        assert len([item async for item in saver.alist(None)]) == 3
        assert counts(path) == {"checkpoints": 3, "channel_values": 9, "writes": 0}
        for name in range(3):
            await saver.adelete_thread(f"job-{name}")
        assert counts(path) == {"checkpoints": 0, "channel_values": 0, "writes": 0}


async def test_with_history_all_are_kept_and_each_has_its_own_values(path: Path) -> None:
    async with open_checkpointer("sqlite", path, history=True) as saver:
        await run(saver, steps=3)
        graph = counting(saver, 3)
        numbers = [item.values.get("number") async for item in graph.aget_state_history(thread())]
    assert numbers == [3, 2, 1, 0, None]


async def test_branches_of_a_thread_keep_their_own_values(path: Path) -> None:
    """Both go on from the same checkpoint, and so from the same versions."""
    async with open_checkpointer("sqlite", path, history=True) as saver:
        await run(saver, steps=2)
        graph = counting(saver, 2)
        start = [item.config async for item in graph.aget_state_history(thread())][-2]
        branches = {
            text: await graph.aupdate_state(start, {"ballast": text}, as_node="count") for text in ("one", "two")
        }
        for text, config in branches.items():
            assert (await graph.aget_state(config)).values["ballast"] == text


async def test_a_step_writes_what_changed_and_not_the_whole_state(path: Path) -> None:
    ballast = "b" * 100_000
    async with open_checkpointer("sqlite", path, history=True) as saver:
        await run(saver, steps=10, ballast=ballast)
    # As the input, as what the start wrote, and as the value of its channel.
    assert stored_bytes(path) < 3.1 * len(ballast)
    async with open_checkpointer("sqlite", path) as saver:
        await run(saver, steps=10, ballast=ballast)
    assert len(ballast) < stored_bytes(path) < 1.1 * len(ballast)


async def test_a_clock_that_is_set_back_brings_no_old_state_back(path: Path) -> None:
    """Identifiers begin with the time, so that a later checkpoint may have a lower one."""
    early, late = "1ee00000-0000-6000-8000-000000000000", "1ef00000-0000-6000-8000-000000000000"
    async with open_checkpointer("sqlite", path) as saver:
        config = thread()
        for version, identifier in enumerate([late, early], start=1):
            config = await saver.aput(
                config, checkpoint(identifier, {"number": version}, version), {}, {"number": version}
            )
            await saver.aput_writes(config, [("number", version)], "task")
    async with open_checkpointer("sqlite", path) as saver:
        found = await saver.aget_tuple(thread())
    assert found is not None
    assert found.checkpoint["channel_values"] == {"number": 2}
    assert found.pending_writes == [("task", "number", 2)]


def checkpoint(identifier: str, values: dict[str, Any], version: int = 1) -> Any:
    versions = dict.fromkeys(values, version)
    return {
        "v": 4,
        "id": identifier,
        "ts": "2024-05-01T00:00:00+00:00",
        "channel_values": values,
        "channel_versions": versions,
        "versions_seen": {},
        "updated_channels": None,
    }


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["put", "writes", "delete", "late writes"]), st.integers(0, 1), st.integers(0, 2)),
    max_size=14,
)


async def written(path: Path, operations: list[tuple[str, int, int]], *, together: bool) -> list[Any]:
    """What the file holds after some operations: one after the other, or handed over at once."""
    async with open_checkpointer("sqlite", path) as saver, anyio.create_task_group() as tasks:
        for step, (kind, name, channel) in enumerate(operations, start=1):
            at = f"{step - (kind == 'late writes'):04}"
            if kind == "put":
                values = {f"channel {channel}": step, "always": step}
                arguments: Any = (
                    saver.aput,
                    thread(name),
                    checkpoint(at, values, step),
                    {},
                    dict.fromkeys(values, step),
                )
            elif kind == "delete":
                arguments = (saver.adelete_thread, f"job-{name}")
            else:
                config = thread(name, checkpoint_id=at)
                arguments = (saver.aput_writes, config, [(f"channel {channel}", step)], "task")
            if together:
                tasks.start_soon(*arguments)
            else:
                await arguments[0](*arguments[1:])
    with closing(sqlite3.connect(path)) as connection:
        tables = ("checkpoints", "channel_values", "writes")
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4").fetchall() for table in tables]  # noqa: S608


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=OPERATIONS)
def test_one_transaction_for_many_leaves_the_same_as_one_for_each(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, int, int]]
) -> None:
    async def compared() -> None:
        folder = tmp_path_factory.mktemp("checkpoints")
        together = await written(folder / "together.sqlite", operations, together=True)
        assert together == await written(folder / "alone.sqlite", operations, together=False)

    anyio.run(compared)


async def test_a_filter_is_compared_and_never_part_of_a_statement(path: Path) -> None:
    async with open_checkpointer("sqlite", path, history=True) as saver:
        await run(saver, steps=2)
        hostile = {"step') OR 1=1 --": 1}
        assert [item async for item in saver.alist(thread(), filter=hostile)] == []
        assert [item.metadata["step"] async for item in saver.alist(thread(), filter={"step": 1})] == [1]
        assert [item async for item in saver.alist(thread("' OR 1=1 --"))] == []


async def test_what_is_not_plain_is_refused_with_the_place_where_it_is(path: Path) -> None:
    async with open_checkpointer("sqlite", path) as saver:
        with pytest.raises(TypeError, match=r"calls\.1 is a builtins\.tuple: nodes return plain data"):
            await saver.aput(thread(), checkpoint("1", {"state": {"calls": [1, (2,)]}}), {}, {"state": 1})
        with pytest.raises(TypeError, match=r"is a builtins\.set"):
            await saver.aput_writes(thread(checkpoint_id="1"), [("state", {1})], "task")
        assert counts(path) == {"checkpoints": 0, "channel_values": 0, "writes": 0}


async def test_the_methods_of_other_threads_say_what_to_use_instead(path: Path) -> None:
    async with open_checkpointer("sqlite", path) as saver:
        with pytest.raises(NotImplementedError, match=r"await graph\.ainvoke"):
            counting(saver, 1).invoke({"number": 0}, thread())


async def test_an_unknown_strategy_for_pruning_is_refused(path: Path) -> None:
    async with open_checkpointer("sqlite", path) as saver:
        with pytest.raises(ValueError, match="'keep_latest' or 'delete'"):
            await saver.aprune(["job-0"], strategy="keep_some")


async def test_checkpoints_in_memory_refuse_the_same_and_need_no_file(path: Path) -> None:
    async with open_checkpointer("memory", path) as saver:
        assert (await run(saver))["number"] == 3
        with pytest.raises(TypeError, match="nodes return plain data"):
            await saver.aput(thread(), checkpoint("1", {"state": {1}}), {}, {"state": 1})
    assert list(path.parent.iterdir()) == []
