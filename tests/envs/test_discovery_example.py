"""The example's observatory: discovery finds every prerequisite of its tools and names none that is wrong."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import fr_agents
from envs.discovery import Discovery, discover
from envs.domain import load_domain
from examples.observatory import ObservatoryDomain
from examples.observatory.drawing import README, drawn
from examples.observatory.environment import ObservatoryEnvironment
from fr_agents.cli import app
from fr_agents.config import load_config
from fr_agents.verification import verify_file
from tools.graph import ApiGraph

EXAMPLE = README.parent
NEEDS: dict[str, dict[str, Any]] = json.loads((EXAMPLE / "needs.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found() -> Discovery:
    return discover(ObservatoryDomain())


@pytest.fixture(scope="module")
def graph(found: Discovery) -> ApiGraph:
    return found.graph()


def test_the_example_declares_nothing() -> None:
    assert ObservatoryEnvironment().declared_edges() == ()
    source = "".join(path.read_text(encoding="utf-8") for path in EXAMPLE.glob("*.py"))
    assert "needs=" not in source
    assert "sources=" not in source


def test_the_table_of_true_needs_speaks_of_tools_and_parameters_that_there_are(graph: ApiGraph) -> None:
    for name, row in NEEDS.items():
        assert set(row.get("params", {})) <= set(graph.specs[name].properties)
        named = [*(tool for need in row.get("state", ()) for tool in need)]
        named += [tool for tools in row.get("params", {}).values() for tool in tools]
        assert set(named) <= set(graph.specs)


@pytest.mark.parametrize("name", [spec.name for spec in ObservatoryEnvironment().specs()])
def test_the_state_that_a_tool_needs_is_found_exactly(graph: ApiGraph, name: str) -> None:
    assert {frozenset(need) for need in graph.state_needs(name)} == {
        frozenset(need) for need in NEEDS.get(name, {}).get("state", ())
    }


@pytest.mark.parametrize("name", [spec.name for spec in ObservatoryEnvironment().specs()])
def test_the_tools_that_a_tool_takes_values_from_are_found_exactly(graph: ApiGraph, name: str) -> None:
    sources = {
        parameter: {edge.producer for edge in graph.required_sources(name, parameter)}
        for parameter in graph.specs[name].properties
    }
    expected = {parameter: set(tools) for parameter, tools in NEEDS.get(name, {}).get("params", {}).items()}
    assert {parameter: tools for parameter, tools in sources.items() if tools} == expected


def test_ids_are_opaque_and_a_designation_is_not(graph: ApiGraph) -> None:
    opaque = {name for tool, spec in graph.specs.items() for name in spec.properties if graph.opaque(tool, name)}
    assert opaque == {"programme_id", "exposure_id", "flat_id", "image_id"}


def test_what_undoes_a_need_is_found(graph: ApiGraph) -> None:
    assert set(graph.breakers("point_telescope")) == {"close_dome", "park_telescope"}
    assert set(graph.breakers("take_exposure")) == {"sign_out", "close_dome", "park_telescope", "cool_camera"}
    assert set(graph.breakers("list_programmes")) == {"sign_out"}


def test_nothing_else_undoes_anything(graph: ApiGraph) -> None:
    breakers = {(edge.producer, edge.consumer) for edge in graph.edges if edge.kind == "breaks"}
    assert {producer for producer, _ in breakers} == {"close_dome", "cool_camera", "park_telescope", "sign_out"}
    assert not [pair for pair in breakers if pair[1] in ("reduce_exposure", "estimate_exposure", "find_object")]


def test_an_estimate_is_offered(graph: ApiGraph) -> None:
    assert {(edge.producer, edge.kind) for edge in graph.sources("take_exposure", "exposure_seconds")} == {
        ("estimate_exposure", "offers")
    }


def test_no_tool_is_warned_of(found: Discovery) -> None:
    assert found.warnings == ()


def test_the_graph_leads_from_the_initial_state_to_every_tool(graph: ApiGraph) -> None:
    assert {name for name, cost in graph.costs(()).items() if cost == float("inf")} == set()
    plan = graph.relaxed_plan("release_image")
    assert plan is not None
    assert plan.index("cool_camera") < plan.index("take_flat_field") < plan.index("reduce_exposure")


def test_another_process_finds_the_same() -> None:
    script = (
        "from envs.discovery import DiscoverySettings, discover\n"
        "from examples.observatory import ObservatoryDomain\n"
        "found = discover(ObservatoryDomain(), DiscoverySettings(starts=1, max_calls=2000))\n"
        "print(found.calls, *found.edges, sep='\\n')"
    )
    results = {
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            text=True,
            cwd=EXAMPLE.parent.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(results) == 1
    assert len(results.pop().splitlines()) > 1


def test_the_readme_shows_the_graph_as_it_is_found(found: Discovery) -> None:
    text = README.read_text(encoding="utf-8")
    assert drawn(text, found) == text, "run: python -m examples.observatory.drawing"


def test_the_readme_names_every_file_of_the_example() -> None:
    text = README.read_text(encoding="utf-8")
    files = {path.name for path in EXAMPLE.iterdir() if path.is_file()} - {"README.md", "__init__.py"}
    assert {name for name in files if f"`{name}`" not in text} == set()


def test_the_commands_of_the_readme_parse_and_its_configuration_loads() -> None:
    commands = get_command(app).commands
    lines = re.findall(r"^fr-agents (.+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    for words in map(shlex.split, lines):
        commands[words[0]].make_context(words[0], words[1:])
    assert load_config(EXAMPLE / "run.yaml").count == 5


def test_every_tool_is_documented_for_a_reader() -> None:
    for spec in ObservatoryEnvironment().specs():
        assert spec.description.endswith(".")
        assert all(schema["description"].endswith(".") for schema in spec.properties.values())


def test_a_world_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    domain = ObservatoryDomain()
    assert domain.draw(3) == domain.draw(3)
    assert domain.draw(3) != domain.draw(4)
    with pytest.raises(ValueError, match="version 1"):
        domain.open(domain.draw(3).model_copy(update={"version": "0"}))


def test_the_name_is_what_the_class_is_found_by() -> None:
    assert isinstance(load_domain(ObservatoryDomain.name), ObservatoryDomain)


async def test_its_run_makes_five_verified_trajectories(tmp_path: Path) -> None:
    summary = await fr_agents.synthesize(EXAMPLE / "run.yaml", tmp_path / "run")
    assert (summary.accepted, summary.complete) == (5, True)
    assert all(not problems for _, _, problems in verify_file(tmp_path / "run" / "trajectories.jsonl"))
