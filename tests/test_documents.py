"""What the documents say is true: commands exist, snippets run, diagrams are current, keys are explained."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml
from typer.main import get_command

from fr_agents.cli import app, common
from fr_agents.config import load_config
from graphs.records import Rejection, Trajectory, Turn
from graphs.settings import SamplerSettings
from tools.relation import takes_back
from tools.spec import ToolSpec
from tools.trace import Relation

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
COMMANDS = get_command(app).commands
MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language in a document."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(document), re.MULTILINE | re.DOTALL)


def command_lines(*documents: str) -> Iterator[list[str]]:
    """The words of each command in the documents' shell blocks."""
    for document in documents:
        for block in blocks(document, "bash"):
            for line in block.splitlines():
                if words := shlex.split(line, comments=True):
                    yield words


FR_AGENTS = [words[1:] for words in command_lines(*DOCUMENTS) if words[0] == "fr-agents"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    folder = (ROOT / document).parent
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text_of(document)) if "://" not in link]
    assert [link for link in links if not (folder / link).exists()] == []


def test_shell_commands_are_of_known_kinds_and_make_targets_exist() -> None:
    known = {"make", "fr-agents", "source", "pytest"}
    lines = list(command_lines(*DOCUMENTS))
    assert [words for words in lines if words[0] not in known] == []
    assert [words for words in lines if words[0] == "make" and words[1] not in MAKE_TARGETS] == []


@pytest.mark.parametrize("words", FR_AGENTS, ids=" ".join)
def test_commands_parse_as_they_are_written(words: list[str]) -> None:
    command = COMMANDS[words[0]]
    given = command.make_context(words[0], words[1:]).params
    config = given.get("config")
    if config is not None and str(config).startswith("configs/"):
        load_config(ROOT / config, given.get("set_") or [])


def test_every_command_is_told_in_the_readme() -> None:
    told = {words[1] for words in command_lines("README.md") if words[0] == "fr-agents"}
    assert told == set(COMMANDS)


def test_every_shipped_configuration_is_named_in_the_readme() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("configs/*.yaml")}
    assert {name for name in names if name not in text_of("README.md")} == set()


def test_every_exit_code_is_told_in_the_readme() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", text_of("README.md"), re.MULTILINE)}
    ends = {common.UNFINISHED, common.WRONG_INPUT, common.INFRASTRUCTURE, common.LIMIT_REACHED, common.INTERRUPTED}
    assert told == {0} | ends


CHANGES = [
    block for document in ("README.md", "docs/quotas.md", "docs/sampling.md") for block in blocks(document, "yaml")
]


@pytest.mark.parametrize("block", CHANGES)
def test_changed_lines_of_the_documents_give_a_valid_configuration(block: str) -> None:
    change = yaml.safe_load(block)
    config = load_config({**yaml.safe_load(text_of("configs/quickstart.yaml")), **change})
    before = load_config(ROOT / "configs" / "quickstart.yaml")
    assert config != before


def test_imports_of_the_readme_exist_and_its_snippets_compile() -> None:
    for block in blocks("README.md", "python"):
        tree = ast.parse(block)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_the_program_of_the_readme_runs(tmp_path: Path) -> None:
    program = next(block for block in blocks("README.md", "python") if "asyncio.run" in block)
    quickstart = yaml.safe_load(text_of("configs/quickstart.yaml")) | {"count": 2, "turns": 1}
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "quickstart.yaml").write_text(yaml.safe_dump(quickstart), encoding="utf-8")
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    done = subprocess.run([sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 {")
    assert len(done.stdout.splitlines()) == 3


def test_the_world_of_the_guide_makes_records_that_verify(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text(blocks("docs/worlds.md", "python")[0], encoding="utf-8")
    (tmp_path / "library.yaml").write_text(blocks("docs/worlds.md", "yaml")[0], encoding="utf-8")
    fr_agents = Path(sys.executable).parent / "fr-agents"
    for words in (["run", "library.yaml", "--count", "3"], ["verify", "runs/library"]):
        done = subprocess.run([fr_agents, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert "3 records verified" in done.stdout


def test_every_key_of_a_record_is_explained() -> None:
    text = text_of("docs/records.md")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert rows == [*Trajectory.model_fields, *Turn.model_fields]
    about_rejections = text.partition("## A rejection")[2]
    assert [name for name in Rejection.model_fields if f"`{name}`" not in about_rejections] == []


def test_every_key_of_the_sampler_is_explained_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(.*?)` \|", text_of("docs/sampling.md"), re.MULTILINE)
    told = {key: yaml.safe_load(default) for key, default in rows}
    assert told == SamplerSettings().model_dump()


def test_every_policy_and_relation_is_explained() -> None:
    text = text_of("docs/sampling.md")
    policies = get_args(SamplerSettings.model_fields["policy"].annotation)
    assert [policy for policy in policies if f"\n| `{policy}` |" not in text] == []
    weights = dict(re.findall(r"^\| `(\w+)` \| .* \| ([\d.]+) \|$", text, re.MULTILINE))
    assert set(weights) == set(get_args(Relation))
    assert {name: float(weight) for name, weight in weights.items()} == SamplerSettings().relations.model_dump()


def test_the_verbs_that_take_back_are_those_that_the_guide_names() -> None:
    row = next(line for line in text_of("docs/worlds.md").splitlines() if line.startswith("| A tool takes back"))
    verbs = re.findall(r"`(\w+)`", row)
    assert len(verbs) > 10
    specs = [
        ToolSpec(name=f"{verb}_thing", description="Does it.", parameters={}, returns={}, effect="write")
        for verb in verbs
    ]
    assert [spec.name for spec in specs if not takes_back(spec)] == []


SOURCE_PATH = re.compile(r"`((?:tools|envs|graphs|fr_agents|docs|configs)/[\w./]*)`")


def test_paths_named_in_the_documents_exist() -> None:
    named = [path for document in DOCUMENTS for path in SOURCE_PATH.findall(text_of(document))]
    assert len(named) > 10
    assert [path for path in named if "NAME" not in path and not (ROOT / path).exists()] == []


def test_the_state_machines_are_drawn_as_they_are() -> None:
    drawing = subprocess.run([sys.executable, ROOT / "docs" / "diagrams.py", "--check"], check=False)
    assert drawing.returncode == 0, "ARCHITECTURE.md shows older state machines: run `make diagrams`"
