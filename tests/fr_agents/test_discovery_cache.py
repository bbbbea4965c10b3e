"""Discovered graphs on the disk: found again for the same world, options and settings, and never trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from envs.discovery import Discovery, DiscoverySettings, ToolWarning
from envs.domain import Domain
from envs.travel import TravelDomain
from fr_agents.discovery.cache import GraphCache, cache_folder
from tools.base import Json
from tools.graph import Edge
from tools.spec import ToolSpec


class Shop(TravelDomain):
    """A domain of a version that can be chosen; nothing else of it matters here."""

    def __init__(self, name: str = "shop", version: str = "1") -> None:
        self._named = name, version

    @property
    def name(self) -> str:  # type: ignore[override]
        return self._named[0]

    @property
    def version(self) -> str:
        return self._named[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FR_AGENTS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def found() -> Discovery:
    schema: dict[str, Json] = {"type": "object", "properties": {}}
    spec = ToolSpec(name="sell", description="Sells.", parameters=schema, returns={}, effect="write")
    return Discovery(
        world="shop",
        version="1",
        specs=(spec,),
        groups={"shop": ("sell",)},
        edges=(Edge(producer="sell", consumer="sell", kind="breaks", evidence=("probed",), score=0.5),),
        warnings=(ToolWarning(tool="sell", reason="prints", text="sell prints: 'ü'"),),
        calls=7,
        seconds=1.25,
    )


def place(
    domain: Domain | None = None, options: dict[str, Json] | None = None, settings: DiscoverySettings | None = None
) -> GraphCache:
    return GraphCache(domain or Shop(), options or {}, settings or DiscoverySettings())


def test_a_graph_comes_back_as_it_was(found: Discovery, folder: Path) -> None:
    assert place().load() is None
    assert not folder.exists()
    place().store(found)
    assert place().load() == found
    assert [path.name.split("-")[0] for path in (folder / "graphs").iterdir()] == ["shop"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[" * 100_000,
        lambda text: "[]",
        lambda text: text.replace('"schema_version": 1', '"schema_version": 0'),
        lambda text: text.replace('"discovery": {', '"discovery": {"more": 1, '),
        lambda text: text.replace('"discovery"', '"found"'),
    ],
    ids=["torn", "too deep", "something else", "another schema", "another form", "no graph"],
)
def test_a_damaged_or_older_file_is_none_and_is_replaced(found: Discovery, damage: Callable[[str], str]) -> None:
    place().store(found)
    whole = place().path.read_text(encoding="utf-8")
    place().path.write_text(damage(whole), encoding="utf-8")
    assert place().load() is None
    place().store(found)
    assert place().load() == found


def test_bytes_that_are_no_text_are_none(found: Discovery) -> None:
    place().store(found)
    place().path.write_bytes(b"\xff\xfe\x00")
    assert place().load() is None


def test_another_version_takes_the_place_of_the_older_one(found: Discovery) -> None:
    newer = place(Shop(version="2"))
    place().store(found)
    assert newer.path == place().path
    assert newer.load() is None
    newer.store(found.model_copy(update={"version": "2"}))
    assert place().load() is None
    assert len(list(newer.path.parent.iterdir())) == 1


def test_options_settings_and_worlds_have_places_of_their_own(found: Discovery) -> None:
    places = [
        place(),
        place(options={"size": 1}),
        place(settings=DiscoverySettings(seed=1)),
        place(settings=DiscoverySettings(outside_effects=True)),
        place(Shop("shop:Other")),
    ]
    assert len({cache.path for cache in places}) == len(places)
    places[0].store(found)
    assert [cache.load() for cache in places[1:]] == [None] * 4
    assert all(cache.path.name == Path(cache.path.name).name for cache in places)


def test_options_are_not_written_to_the_disk(found: Discovery) -> None:
    cache = place(options={"login": "hunter2"})
    cache.store(found)
    assert cache.load() == found
    assert "hunter2" not in cache.path.name + cache.path.read_text(encoding="utf-8")


def test_a_world_is_no_way_out_of_the_folder(found: Discovery, folder: Path) -> None:
    cache = place(Shop("../../" + "x" * 300 + ":Name"))
    cache.store(found)
    assert cache.path.parent == folder / "graphs"
    assert json.loads(cache.path.read_text(encoding="utf-8"))["identity"]["world"].startswith("../../")


def test_the_folder_follows_the_variables_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FR_AGENTS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "fr-agents"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert cache_folder() == tmp_path / "me" / ".cache" / "fr-agents"
    monkeypatch.setenv("FR_AGENTS_CACHE", "~/graphs")
    assert cache_folder() == tmp_path / "me" / "graphs"
