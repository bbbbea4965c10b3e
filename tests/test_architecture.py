"""Rules of the whole project: layers, small documented modules, clean files, graphs that LangGraph's tools can load."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fr_agents.studio import input_of
from graphs.records import Job

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("tools", "envs", "graphs", "fr_agents")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
GRAPHS = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))["graphs"]
LONGEST_MODULE = 400

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|opt|mnt|Users)/\w")
DOWNLOAD = re.compile(
    r"\b(?:https?|ftp|file)://\S*(?:\.whl|\.tar\.gz|\.zip|\.gguf|/simple)\b|files\.pythonhosted|--(?:extra-)?index-url",
    re.IGNORECASE,
)


def files_of_the_project() -> list[Path]:
    """The files that git tracks, or would track."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and path != Path(__file__).resolve()]


def test_imports_keep_to_the_layers() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
@pytest.mark.parametrize("pattern", [MACHINE_PATH, DOWNLOAD], ids=["machine path", "download address"])
def test_no_file_holds_a_machine_path_or_a_download_address(pattern: re.Pattern[str]) -> None:
    found = []
    for path in files_of_the_project():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []


def test_machine_paths_and_download_addresses_would_be_found() -> None:
    assert MACHINE_PATH.search('open("/home/someone/data")')
    assert not MACHINE_PATH.search("runs/home/x, example.org/home/x")
    wheel = "/example.org/package-1.0.whl"
    assert DOWNLOAD.search(f"package @ https:/{wheel}")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_say_what_they_are_for_and_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "a module begins with a docstring"
    assert len(text.splitlines()) <= LONGEST_MODULE


def test_every_pin_is_plain_and_every_dependency_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=!~\[ ]", item)[0].lower().replace("_", "-") for item in wanted}
    assert names - {pin.partition("==")[0].lower().replace("_", "-") for pin in pins} == set()


def factory(name: str) -> Any:
    """What ``langgraph.json`` names, as LangGraph's server finds it."""
    file, _, attribute = GRAPHS[name].partition(":")
    module = ".".join(Path(file).with_suffix("").parts)
    return getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_for_langgraphs_tools_have_json_schemas(name: str) -> None:
    graph = factory(name)()
    assert set(graph.get_context_jsonschema()["properties"]) == {"world", "mistakes"}
    assert "job" in graph.get_input_jsonschema()["properties"]
    assert "job" in graph.get_output_jsonschema()["properties"]
    assert "__start__" in graph.get_graph().nodes


async def test_a_graph_for_langgraphs_tools_runs_with_a_context_of_plain_json() -> None:
    given = json.loads(json.dumps(input_of(Job(number=0, seed=7, turns=1))))
    context = {"world": "travel", "mistakes": 0.0}
    state = await factory("synthesis")().ainvoke(given, {"recursion_limit": 200}, context=context)
    assert state["status"] == "accepted"
    assert [turn["kind"] for turn in state["turns"]] == ["task"]
    json.dumps(state)
