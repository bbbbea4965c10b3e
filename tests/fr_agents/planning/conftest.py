"""A domain of three environments whose worlds have one or two of them, and its API graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envs.domain import Domain, load_domain
from fr_agents.config import RunConfig
from tools.graph import ApiGraph, Edge

TOWN = '''
from envs.environment import WorldSpec
from tools.base import generator
from tools.spec import ToolSpec

TOOLS = {
    "bank": {"sign_in": [], "list_cards": [], "pay": ["card_id"], "refund": ["payment_id"]},
    "mail": {"find_contact": ["name"], "send_mail": ["contact_id"]},
    "shop": {
        "search": ["word"],
        "order": ["product_id", "card_id"],
        "gift": ["contact_id", "card_id"],
        "open_vault": ["key"],
        "find_key": ["vault_id"],
    },
}


WRITES = ("sign_in", "pay", "refund", "send_mail", "order", "gift", "open_vault")


def spec(name, parameters):
    properties = {parameter: {"type": "string"} for parameter in parameters}
    schema = {"type": "object", "properties": properties, "required": parameters}
    effect = "write" if name in WRITES else "read"
    return ToolSpec(
        name=name, description=f"The tool {name}.", parameters=schema, returns={"type": "object"}, effect=effect
    )


class Town:
    """Worlds of one or two environments out of three."""

    name = "town_of_tests:Town"
    version = "1"

    def catalogue(self):
        return {name: [spec(*tool) for tool in tools.items()] for name, tools in TOOLS.items()}

    def draw(self, seed):
        rng = generator(seed, "town")
        chosen = rng.sample(sorted(TOOLS), rng.randint(1, 2))
        names = tuple(name for name in TOOLS if name in chosen)
        return WorldSpec(
            name=self.name, version="1", seed=seed, environments=names, initial_state={name: {} for name in names}
        )
'''


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Domain:
    """The domain, importable as ``town_of_tests:Town``."""
    folder = tmp_path_factory.mktemp("town")
    (folder / "town_of_tests.py").write_text(TOWN)
    monkeypatch.syspath_prepend(str(folder))
    return load_domain("town_of_tests:Town")


def _value(producer: str, consumer: str, parameter: str, path: str = "", **more: Any) -> Edge:
    return Edge(producer=producer, consumer=consumer, parameter=parameter, path=path or parameter, **more)


@pytest.fixture
def graph(town: Domain) -> ApiGraph:
    """What its tools need. ``gift`` needs all three environments; ``open_vault`` and ``find_key`` need each other."""
    specs = [spec for tools in town.catalogue().values() for spec in tools]
    return ApiGraph(
        specs,
        [
            _value("list_cards", "pay", "card_id", "*.card_id"),
            Edge(producer="sign_in", consumer="pay"),
            _value("pay", "refund", "payment_id"),
            _value("find_contact", "send_mail", "contact_id"),
            _value("search", "order", "product_id", "*.product_id"),
            _value("list_cards", "order", "card_id", "*.card_id"),
            _value("list_cards", "gift", "card_id", "*.card_id"),
            _value("find_contact", "gift", "contact_id"),
            _value("find_key", "open_vault", "key"),
            _value("open_vault", "find_key", "vault_id"),
            _value("order", "search", "word", "name", kind="offers"),
            Edge(producer="refund", consumer="pay", kind="breaks"),
        ],
    )


@pytest.fixture
def town_config() -> Callable[..., RunConfig]:
    """Makes a configuration of a run in the town."""

    def make(**changes: Any) -> RunConfig:
        base = {"name": "demo", "count": 40, "world": "town_of_tests:Town", "turns": {"min": 1, "max": 3}}
        return RunConfig.model_validate({**base, **changes})

    return make
