"""The journal: an answer that was kept is found, by every run and after every end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import Answer, AnswerCall
from fr_agents.backends.faults import UnanswerableRequest
from fr_agents.errors import FrAgentsError, InfrastructureError, RunFolderError
from fr_agents.journal.answers import open_journal
from fr_agents.journal.entry import Cost, Entry, Kept
from fr_agents.journal.ledger import read_ledger, spent_before

texts = st.text(st.characters(codec=None), max_size=8)
answers = st.builds(
    Answer,
    text=texts,
    reasoning=texts,
    tool_calls=st.lists(st.builds(AnswerCall.parse, texts, texts | st.just('{"a": [1.0, null]}')), max_size=2).map(
        tuple
    ),
    prompt_tokens=st.integers(0, 2**40),
)


def entry(key: str | None, text: str = "hi", refusal: str | None = None, **changes: Any) -> Entry:
    kept = Kept(answer=Answer(text=text)) if refusal is None else Kept(refusal=refusal)
    cost = Cost(calls=1, prompt_tokens=5, completion_tokens=2, money=0.25, charged_tokens=7, charged_usd=0.25)
    fields: dict[str, Any] = {"kept": kept, "cost": cost, "tries": 1, "seconds": 2.0}
    return Entry(key, 1, "reasoning", "attempt", 0, "openai/a", "openai/a", **fields | changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def test_what_was_kept_is_found_by_the_next_process(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        assert await journal.find("k") is None
        await journal.keep(entry("k"))
        assert await journal.find("k") == Kept(answer=Answer(text="hi"))
    async with open_journal(path, "two") as journal:
        found = await journal.find("k")
        assert found is not None
        assert found.result() == Answer(text="hi")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=answers)
def test_an_answer_comes_back_as_it_was_whatever_a_model_wrote(answer: Answer) -> None:
    assert Kept.parse(*Kept(answer=answer).texts()) == Kept(answer=answer)


async def test_the_first_answer_wins_and_both_are_paid(path: Path) -> None:
    async with open_journal(path, "one") as one, open_journal(path, "two") as two:
        assert await one.keep(entry("k", "first")) == Kept(answer=Answer(text="first"))
        assert await two.keep(entry("k", "second")) == Kept(answer=Answer(text="first"))
        assert await two.find("k") == Kept(answer=Answer(text="first"))
    assert read_ledger(path, "one").total.calls == read_ledger(path, "two").total.calls == 1


async def test_a_refusal_is_repeated_to_the_run_that_got_it_alone(path: Path) -> None:
    async with open_journal(path, "one") as one, open_journal(path, "two") as two:
        await one.keep(entry("k", refusal="It is too long."))
        found = await one.find("k")
        assert found is not None
        with pytest.raises(UnanswerableRequest, match=r"^It is too long\.$"):
            found.result()
        assert await two.find("k") is None
        await two.keep(entry("k", "now it fits"))
        assert await two.find("k") == Kept(answer=Answer(text="now it fits"))


async def test_many_at_once_are_each_kept(path: Path) -> None:
    async with open_journal(path, "one") as journal, anyio.create_task_group() as tasks:
        for number in range(300):
            tasks.start_soon(journal.keep, entry(f"k{number}", str(number)))
    async with open_journal(path, "one") as journal:
        for number in (0, 150, 299):
            assert await journal.find(f"k{number}") == Kept(answer=Answer(text=str(number)))
    assert read_ledger(path, "one").total.calls == 300


async def test_what_was_handed_over_is_written_although_its_caller_was_cancelled(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await journal.keep(entry("k"))
        assert scope.cancelled_caught
    async with open_journal(path, "one") as journal:
        assert await journal.find("k") is not None


async def test_what_is_raised_inside_comes_out_as_it_is(path: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"^gone$") as caught:
        async with open_journal(path, "one"):
            raise InfrastructureError("gone")
    assert type(caught.value) is InfrastructureError


async def test_a_closed_journal_takes_nothing(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await journal.keep(entry("k"))


async def opened(path: Path) -> None:
    async with open_journal(path, "one"):
        pass


async def complaint(path: Path) -> str:
    """What a person is told who opens the file for a run; it names the file."""
    with pytest.raises(RunFolderError) as caught:
        await opened(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def contents(path: Path) -> bytes:
    return path.read_bytes()


def overwrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)


async def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(path: Path) -> None:
    overwrite(path, b"my notes, " * 500)
    assert "move it away" in await complaint(path)
    assert contents(path) == b"my notes, " * 500
    with pytest.raises(RunFolderError, match="move it away"):
        read_ledger(path, "one")


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


async def test_a_database_of_somebody_else_is_refused_and_stays_as_it_is(path: Path) -> None:
    with changing(path) as connection:
        connection.execute("CREATE TABLE mine (a)")
    before = contents(path)
    assert "some other SQLite file" in await complaint(path)
    assert contents(path) == before


async def test_a_journal_of_another_version_is_refused(path: Path) -> None:
    await opened(path)
    with changing(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "schema 99" in await complaint(path)
    with pytest.raises(RunFolderError, match="schema 99"):
        spent_before(path, "one")


async def test_a_folder_that_is_not_there_and_a_folder_in_its_place_are_told(path: Path) -> None:
    assert "Is its folder there" in await complaint(path / "deeper" / "journal.sqlite")
    assert "Is its folder there" in await complaint(path.parent)


async def test_a_file_with_damage_inside_ends_the_run_with_advice(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        for number in range(100):
            await journal.keep(entry(f"k{number}", "x" * 500))
    overwrite(path, contents(path)[:4096].ljust(len(contents(path)), b"\xff"))
    with pytest.raises(FrAgentsError, match="damaged: restore it from a copy") as caught:
        async with open_journal(path, "one") as journal:
            await journal.find("k50")
    assert str(path) in str(caught.value)


async def test_an_answer_that_was_changed_by_hand_is_told_with_its_key(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        await journal.keep(entry("k"))
    with changing(path) as connection:
        connection.execute("""UPDATE calls SET answer = '{"txet": 1}'""")
    async with open_journal(path, "one") as journal:
        with pytest.raises(InfrastructureError, match="no answer, under k:"):
            await journal.find("k")


async def test_a_journal_that_a_killed_process_left_empty_is_begun_anew(path: Path) -> None:
    overwrite(path, b"")
    assert read_ledger(path, "one").total.calls == 0
    async with open_journal(path, "one") as journal:
        await journal.keep(entry("k"))
        assert read_ledger(path, "one").total.calls == 1
