"""What docs/models.md says of models is true: its examples are valid, and its table has every key with its default."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from fr_agents.config import load_config
from fr_agents.config.model_names import model_kind
from fr_agents.config.models import ModelSettings
from fr_agents.config.run import LimitsSettings
from fr_agents.journal.affordable import check_prices

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
KEYS = TEXT.partition("\n## Keys\n")[2].partition("\n## ")[0]
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_are_valid_and_their_budgets_can_be_kept(example: str) -> None:
    quickstart = yaml.safe_load((ROOT / "configs" / "quickstart.yaml").read_text(encoding="utf-8"))
    config = load_config({**quickstart, **yaml.safe_load(example)})
    assert not config.models.offline
    check_prices(config)


def test_every_key_of_a_model_is_explained() -> None:
    cells = re.findall(r"^\| (`.*?) \|", KEYS, re.MULTILINE)
    told = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(told) == sorted(set(ModelSettings.model_fields) - {"model"})


def test_defaults_are_those_that_the_table_names() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", KEYS, re.MULTILINE))
    assert len(rows) == 5
    assert {key: yaml.safe_load(value) for key, value in rows.items()} == {
        key: getattr(ModelSettings(), key) for key in rows
    }


def test_every_kind_of_name_is_in_the_table() -> None:
    names = re.findall(r"^\| `([\w./:]+)` \|", TEXT.partition("\n## Names\n")[2].partition("\n## ")[0], re.MULTILINE)
    assert {model_kind(name.replace(":NAME", ":name")) for name in names if name != "model"} == {
        "offline",
        "openai",
        "provider",
        "class",
        "scripted",
        "mix",
    }


def test_every_cap_is_named() -> None:
    caps = [name for name in LimitsSettings.model_fields if name.startswith(("budget", "max_")) and name != "max_jobs"]
    assert [cap for cap in caps if f"{cap}:" not in TEXT] == []
