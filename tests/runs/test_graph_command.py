"""``fr-agents graph`` as a person and a program use it: real processes, a small world of one's own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from envs.discovery import ToolWarning
from tools.graph import Edge, EdgeKind, Evidence
from tools.graph_json import load_graph

Finished = Callable[..., "subprocess.CompletedProcess[str]"]

WORLD = '''
import time
from pathlib import Path

from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World

print("this world greets whoever loads it")


class Pump(ToolkitEnvironment):
    name = "pump"

    @tool(effect="write")
    def prime(self) -> None:
        """Prime the pump."""
        self.data["primed"] = True

    @tool(effect="write")
    def start(self) -> None:
        """Start the pump."""
        if not self.data.get("primed"):
            raise self.fail("The pump is not primed.")
        print("rattle")
        if self.data["waits"]:
            Path("begun").touch()
            while True:
                time.sleep(0.001)


class PumpDomain:
    name = "pump_world:PumpDomain"
    version = "1"

    def __init__(self, waits: bool = False) -> None:
        self.waits = waits

    def catalogue(self):
        return {"pump": Pump().specs()}

    def draw(self, seed):
        state = {"pump": {"waits": self.waits}}
        return WorldSpec(
            name=self.name, version=self.version, seed=seed, environments=("pump",), initial_state=state
        )

    def open(self, spec):
        world = World(spec, [Pump()])
        world.reset()
        return world


class OutsideDomain(PumpDomain):
    name = "pump_world:OutsideDomain"
    outside_effects = True
'''
PUMP = "pump_world:PumpDomain"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The worlds in the working directory, and an empty cache."""
    (tmp_path / "pump_world.py").write_text(WORLD)
    monkeypatch.setenv("FR_AGENTS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_person_reads_what_tools_need_and_the_second_time_at_once(finished: Finished) -> None:
    first = finished("graph", PUMP)
    assert first.returncode == 0, first.stderr
    lines = first.stdout.splitlines()
    assert lines[0].startswith(f"{PUMP} 1 · 2 tools · 1 edge (1 probed) · ")
    assert "pump · 1 of 2 tools needs something first" in lines
    assert "  Before start, prime must have been called." in lines
    assert "  The other needs nothing first." in lines
    assert lines[-2:] == ["1 warning", "  start prints: 'rattle'"]
    assert "\x1b" not in first.stdout + first.stderr
    second = finished("graph", PUMP)
    header, _, rest = second.stdout.partition("\n\n")
    assert "from the cache" in " ".join(header.split())
    assert rest == first.stdout.partition("\n\n")[2]


def test_programs_get_json_and_drawings_and_nothing_else_on_stdout(finished: Finished, tmp_path: Path) -> None:
    document = json.loads(finished("graph", PUMP, "--json").stdout)
    assert document["tools"] == {
        "prime": {"state": [], "params": {}, "effect": "write"},
        "start": {"state": [["prime"]], "params": {}, "effect": "write"},
    }
    assert [(edge["producer"], edge["kind"], edge["evidence"]) for edge in document["edges"]] == [
        ("prime", "enables", ["probed"])
    ]
    assert document["warnings"] == [{"tool": "start", "reason": "prints", "text": "start prints: 'rattle'"}]
    assert load_graph(document).legal("start", ["prime"])
    assert finished("graph", PUMP, "--format", "mermaid").stdout.startswith("flowchart LR\n")
    assert finished("graph", PUMP, "--format", "dot").stdout.splitlines()[-1] == "}"
    written = finished("graph", PUMP, "--format", "html", "--output", "graph.html")
    assert (written.returncode, written.stdout) == (0, "")
    assert written.stderr.splitlines()[-1] == "written to graph.html"
    page = (tmp_path / "graph.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "rattle" in page


def test_refresh_discovers_again_what_is_kept(finished: Finished, cache: Path) -> None:
    finished("graph", PUMP, "--json")
    (kept,) = (cache / "graphs").iterdir()
    content = json.loads(kept.read_text(encoding="utf-8"))
    content["discovery"]["edges"] = []
    kept.write_text(json.dumps(content), encoding="utf-8")
    assert json.loads(finished("graph", PUMP, "--json").stdout)["edges"] == []
    assert len(json.loads(finished("graph", PUMP, "--json", "--refresh").stdout)["edges"]) == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["libary"], "world 'libary' not found. Installed: "),
        ([PUMP, "--json", "--format", "dot"], "--json and --format dot ask for two different things"),
        ([PUMP, "--output", "x.json"], "--output needs to know what to write"),
        ([PUMP, "--json", "--output", "no/such/x.json"], "there is no folder no/such"),
        ([PUMP, "--json", "--output", "."], ". is a folder"),
        (["missing.yaml"], "missing.yaml: there is no such file."),
        (["pump_world:OutsideDomain"], "allow it: with --allow-outside-effects"),
    ],
)
def test_wrong_input_ends_with_a_sentence(finished: Finished, tmp_path: Path, arguments: list[str], text: str) -> None:
    done = finished("graph", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("world", "options"),
    [
        ({"name": "pump_world:OutsideDomain"}, ["--allow-outside-effects"]),
        ({"name": "pump_world:OutsideDomain", "allow_outside_effects": True}, []),
    ],
    ids=["option", "key"],
)
def test_effects_outside_are_allowed_by_an_option_or_the_configuration(
    finished: Finished, config_file: Callable[..., Path], world: dict[str, Any], options: list[str]
) -> None:
    done = finished("graph", config_file(world=world), "--json", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tools"]["start"]["state"] == [["prime"]]


def test_the_guide_explains_all_that_the_document_holds(finished: Finished) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "graph.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    document = json.loads(finished("graph", PUMP, "--json").stdout)
    kinds = [*get_args(EdgeKind), *get_args(Evidence), *get_args(ToolWarning.model_fields["reason"].annotation)]
    assert rows == [*document, *Edge.model_fields, *kinds]


def test_ctrl_c_ends_it_at_once(
    command: Callable[..., subprocess.Popen[str]], config_file: Callable[..., Path], tmp_path: Path
) -> None:
    process = command("graph", config_file(world={"name": PUMP, "options": {"waits": True}}))
    while not (tmp_path / "begun").exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "stopped. Nothing was kept."
    assert "Traceback" not in err
