"""Which code a domain is written in: what makes its cached graph old when it changes, and what does not."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tools.graph
from envs.domain import Domain, load_domain
from envs.travel import TravelDomain
from fr_agents.discovery.sources import probing_sources, sources

PACKAGE = {
    "harbour/__init__.py": "",
    "harbour/domain.py": """
import json
import networkx
from harbour.berths import ships
from . import tides
import harbour_prices as prices
from envs.travel import TravelDomain

class HarbourDomain(TravelDomain):
    name = "harbour.domain:HarbourDomain"

    def open(self, spec):
        from harbour.late import opened
        return opened(super().open(spec))
""",
    "harbour/berths/__init__.py": "",
    "harbour/berths/ships.py": "from ..tides import NOW\nfrom ....beyond import nothing\n",
    "harbour/tides.py": "NOW = 1\n",
    "harbour/late.py": "import harbour.missing\nthis is no Python\n",
    "harbour/unused.py": "",
    "harbour_prices.py": "import harbour_taxes\n",
    "harbour_taxes.py": "",
}
USED = {
    "harbour": "harbour/__init__.py",
    "harbour.berths": "harbour/berths/__init__.py",
    "harbour.berths.ships": "harbour/berths/ships.py",
    "harbour.domain": "harbour/domain.py",
    "harbour.late": "harbour/late.py",
    "harbour.tides": "harbour/tides.py",
    "harbour_prices": "harbour_prices.py",
    "harbour_taxes": "harbour_taxes.py",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of one's own on the import path. One of its modules cannot be imported, and none has to be."""
    for name, text in PACKAGE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    ships = tmp_path / "harbour/berths/ships.py"
    ships.write_text("")  # what reaches beyond the top is no reason to fail, but does not import
    importlib.invalidate_caches()
    load_domain("harbour.domain:HarbourDomain")
    ships.write_text(PACKAGE["harbour/berths/ships.py"])
    yield tmp_path
    for module in [name for name in sys.modules if name.startswith("harbour")]:
        del sys.modules[module]


@pytest.fixture
def domain(folder: Path) -> Domain:
    return load_domain("harbour.domain:HarbourDomain")


def test_all_own_modules_are_found_that_are_imported_anywhere(domain: Domain) -> None:
    assert sources(domain) == {module: PACKAGE[path] for module, path in USED.items()}
    assert "harbour.late" not in sys.modules


@pytest.mark.parametrize("path", sorted(USED.values()))
def test_a_change_to_any_of_them_shows(domain: Domain, folder: Path, path: str) -> None:
    before = sources(domain)
    (folder / path).write_text(PACKAGE[path] + "\n# changed\n")
    assert sources(domain) != before


def test_a_change_to_another_module_does_not_show(domain: Domain, folder: Path) -> None:
    before = sources(domain)
    (folder / "harbour/unused.py").write_text("changed = True\n")
    assert sources(domain) == before


def test_a_file_that_is_gone_is_no_reason_to_fail(domain: Domain, folder: Path) -> None:
    (folder / "harbour/tides.py").unlink()
    assert sources(domain)["harbour.tides"] == ""


def test_a_namespace_inside_of_one_that_is_not_imported_is_no_reason_to_fail(domain: Domain, folder: Path) -> None:
    (folder / "bay" / "quay").mkdir(parents=True)
    (folder / "bay" / "quay" / "tugs.py").write_text("")
    (folder / "harbour/tides.py").write_text("import bay.quay.tugs\n")
    importlib.invalidate_caches()
    assert [*sources(domain)] == sorted(USED)


def test_a_package_that_is_installed_counts_where_it_is_the_domains_own(
    domain: Domain, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("site.getusersitepackages", lambda: str(folder))
    assert list(sources(domain)) == [name for name in USED if name.partition(".")[0] == "harbour"]


def test_the_worlds_that_come_along_have_none_of_their_own() -> None:
    assert sources(TravelDomain()) == {}


def test_of_ours_what_probes_counts_and_what_a_world_is_made_of_and_nothing_else(domain: Domain) -> None:
    travel = probing_sources(TravelDomain())
    assert {"envs.discovery.discover", "envs.travel.environment", "envs.toolkit", "envs.world", "tools.graph"} <= {
        *travel
    }
    assert not {"envs.bfcl", "envs.workspace", "envs.pool", "tools.walk"} & {*travel}
    assert {name.partition(".")[0] for name in travel} == {"envs", "tools"}
    assert travel["tools.graph"] == Path(tools.graph.__file__).read_text(encoding="utf-8")
    assert "envs.travel.environment" in probing_sources(domain)  # a harbour imports it
    assert not {*USED} & {*probing_sources(domain)}
