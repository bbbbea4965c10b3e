"""A file of checkpoints that was made to do harm: nothing in it is ever run."""

from __future__ import annotations

import json
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import ormsgpack
import pytest

from fr_agents.errors import InfrastructureError

from .one_checkpoint import ADVICE, changing, found, put

RAN: list[str] = []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.sqlite"


def record(what: str) -> None:
    RAN.append(what)


class Evil:
    """Calls ``record`` when it is made anew of what pickle kept."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return record, ("pickle",)


def extension(code: int) -> bytes:
    """What makes LangGraph's default serializer import a module and call something in it."""
    inner = ormsgpack.packb([__name__, "record", ["msgpack"] if code else "msgpack"])
    return ormsgpack.packb({"name": "job-0", "evil": ormsgpack.Ext(code, inner)})


LC = {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"], "kwargs": {"content": "x"}}
CRAFTED = {
    "msgpack of one argument": extension(0),
    "msgpack of arguments": extension(1),
    "json of langchain": json.dumps(LC).encode(),
    "pickle": pickle.dumps(Evil()),
    "bytes": ormsgpack.packb(b"x"),
    "nothing": b"",
}


def craft(path: Path, table: str, data: bytes) -> None:
    """Put data into the one row of a table, sealed as that row has to be: whoever can write the file can do that."""
    with changing(path) as connection:
        ((*key, _),) = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
        seal = zlib.crc32(data, zlib.crc32("\0".join(map(str, key)).encode())).to_bytes(4, "big")
        connection.execute(f"UPDATE {table} SET data = ?", (data + seal,))  # noqa: S608


@pytest.mark.parametrize("table", ["checkpoints", "channel_values", "writes"])
@pytest.mark.parametrize("data", CRAFTED.values(), ids=CRAFTED.keys())
async def test_nothing_in_a_crafted_file_is_ever_run(path: Path, table: str, data: bytes) -> None:
    await put(path)
    craft(path, table, ormsgpack.packb({"name": "crafted"}) if table != "checkpoints" else data)
    if table != "checkpoints":
        assert "crafted" in str(await found(path)), "else this says nothing of what else is put there"
        craft(path, table, data)
    RAN.clear()
    with pytest.raises(InfrastructureError, match=r"damaged, or was changed: .*never writes.*" + ADVICE):
        await found(path)
    assert RAN == []
