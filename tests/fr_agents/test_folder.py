"""Run folders: never overwritten, never shared, and refused where they do not fit."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import fr_agents
from envs.discovery import ToolWarning
from fr_agents.config import RunConfig
from fr_agents.config.relimited import relimited
from fr_agents.discovery import RunGraph
from fr_agents.errors import RunExistsError, RunFolderError, RunInUseError
from fr_agents.folder import RunFolder
from fr_agents.lock import holder
from tools.graph import ApiGraph, Edge
from tools.graph_json import graph_json
from tools.spec import ToolSpec

MakeConfig = Callable[..., RunConfig]


@pytest.fixture
def graph() -> RunGraph:
    """Paying needs a look first, and does not always work."""
    schema = {"type": "object", "properties": {}}
    specs = [
        ToolSpec(name=name, description="Does it.", parameters=schema, returns={}, effect="write")
        for name in ("look", "pay")
    ]
    found = ApiGraph(specs, [Edge(producer="look", consumer="pay", evidence=("probed",), score=0.25)])
    warning = ToolWarning(tool="pay", reason="random", text="pay answers by chance: 'ü'")
    return RunGraph(graph_json(found, world="tiny", version="1", warnings=[warning]), "discovered now")


def test_a_run_opens_with_the_configuration_that_it_was_begun_with(tmp_path: Path, make_config: MakeConfig) -> None:
    config = make_config(models={"reasoning": "openai/x"}, sampler={"policy": "random"})
    with RunFolder.create(tmp_path / "runs" / "a", config, "1") as folder:
        path = folder.path
    with RunFolder.open(path) as again:
        assert again.config == config
    written = yaml.safe_load((path / "run.yaml").read_text())
    assert written["schema"] == 5
    assert written["sampler"]["policy"] == "random"
    assert sorted(entry.name for entry in path.iterdir()) == ["run.lock", "run.yaml"]


def test_nothing_is_ever_overwritten(tmp_path: Path, make_config: MakeConfig) -> None:
    path = tmp_path / "a"
    RunFolder.create(path, make_config(), "1").close()
    before = (path / "run.yaml").read_bytes()
    with pytest.raises(RunExistsError, match=f"{path} exists. Go on with: fr-agents resume {path}, or choose another"):
        RunFolder.create(path, make_config(seed=99), "1")
    assert (path / "run.yaml").read_bytes() == before

    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("x")
    with pytest.raises(RunExistsError, match="exists and is no run"):
        RunFolder.create(foreign, make_config(), "1")
    assert [entry.name for entry in foreign.iterdir()] == ["thesis.txt"]

    drawn = tmp_path / "drawn"
    drawn.mkdir()
    (drawn / "graph.json").write_text("by fr-agents graph --json")
    with pytest.raises(RunExistsError, match="exists and is no run"):
        RunFolder.create(drawn, make_config(), "1")
    with pytest.raises(RunExistsError, match="is a file"):
        RunFolder.create(foreign / "thesis.txt", make_config(), "1")


def test_an_empty_folder_and_one_that_was_killed_at_once_will_do(tmp_path: Path, make_config: MakeConfig) -> None:
    (tmp_path / "empty").mkdir()
    RunFolder.create(tmp_path / "empty", make_config(), "1").close()
    killed = tmp_path / "killed"
    killed.mkdir()
    (killed / "run.lock").write_text("process 1 since 2020-01-01T00:00:00+00:00")
    (killed / "run.yaml.tmp").write_text("schema:")
    (killed / "graph.json").write_text("{")
    RunFolder.create(killed, make_config(), "1").close()
    assert all((tmp_path / name / "run.yaml").exists() for name in ("empty", "killed"))


def test_a_folder_is_for_one_process_and_says_whose_it_is(tmp_path: Path, make_config: MakeConfig) -> None:
    path = tmp_path / "a"
    with RunFolder.create(path, make_config(), "1"):
        with pytest.raises(RunInUseError, match=rf"{path} is in use by process \d+ since \d\d:\d\d\.$"):
            RunFolder.open(path)
        assert RunFolder.look(path).config.name == "demo"
    RunFolder.open(path).close()


HOLD = """
import sys
from fr_agents.folder import RunFolder
folder = RunFolder.open(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_the_lock_of_a_killed_process_is_gone(tmp_path: Path, make_config: MakeConfig) -> None:
    path = tmp_path / "a"
    RunFolder.create(path, make_config(), "1").close()
    command = [sys.executable, "-c", HOLD, str(path)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunInUseError, match=f"process {holder.pid} since"):
            RunFolder.open(path)
        holder.kill()
        holder.wait()
        RunFolder.open(path).close()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"is no run: it has no run\.yaml"):
        RunFolder.open(tmp_path)
    with pytest.raises(RunFolderError, match="is no run folder"):
        RunFolder.open(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_a_run_of_another_schema_or_a_changed_configuration_is_refused(tmp_path: Path, make_config: MakeConfig) -> None:
    path = tmp_path / "a"
    RunFolder.create(path, make_config(), "1").close()
    file = path / "run.yaml"
    written = yaml.safe_load(file.read_text())

    for older in (1, 4):
        file.write_text(yaml.safe_dump(written | {"schema": older}))
        with pytest.raises(RunFolderError, match=rf"in another form .* schema {older}; this is .* schema 5"):
            RunFolder.open(path)
    file.write_text(yaml.safe_dump(written | {"seed": 8}))
    with pytest.raises(RunFolderError, match="was changed after the run began"):
        RunFolder.open(path)
    file.write_text(yaml.safe_dump(written | {"sead": 8}))
    with pytest.raises(RunFolderError, match="is damaged: sead is not a key"):
        RunFolder.open(path)
    file.write_text("schema: [")
    with pytest.raises(RunFolderError, match="cannot be read"):
        RunFolder.open(path)


def test_a_run_of_other_versions_can_be_looked_at_and_not_gone_on_with(
    tmp_path: Path, make_config: MakeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    RunFolder.create(path, make_config(), "1-abc").close()
    RunFolder.look(path).refuse_other_versions("1-abc")
    with pytest.raises(RunFolderError) as caught:
        RunFolder.look(path).refuse_other_versions("2-def")
    assert str(caught.value) == (
        f"{path} was begun with the world tiny 1-abc, and this is 2-def: its next records would not fit those that are "
        "there. Go on with the version that it was begun with, or begin a new run."
    )
    before = fr_agents.__version__
    monkeypatch.setattr(fr_agents, "__version__", "9.9.9")
    with pytest.raises(RunFolderError, match=rf"begun with fr-agents {before}, and this is 9\.9\.9: its"):
        RunFolder.look(path).refuse_other_versions("1-abc")


def test_a_run_that_does_not_say_its_versions_is_not_gone_on_with(tmp_path: Path, make_config: MakeConfig) -> None:
    path = tmp_path / "a"
    RunFolder.create(path, make_config(), "1").close()
    written = yaml.safe_load((path / "run.yaml").read_text())
    del written["world_version"]
    (path / "run.yaml").write_text(yaml.safe_dump(written))
    with pytest.raises(RunFolderError, match="the world tiny unknown, and this is 1"):
        RunFolder.look(path).refuse_other_versions("1")


def test_more_trajectories_may_be_wanted_later(tmp_path: Path, make_config: MakeConfig) -> None:
    path = tmp_path / "a"
    RunFolder.create(path, make_config(count=3), "1").close()
    text = (path / "run.yaml").read_text()
    (path / "run.yaml").write_text(text.replace("count: 3", "count: 5"))
    with RunFolder.open(path) as folder:
        assert folder.config.count == 5


def test_changed_limits_are_kept_and_nothing_else_is_changed(
    tmp_path: Path, make_config: MakeConfig, graph: RunGraph
) -> None:
    path = tmp_path / "a"
    RunFolder.create(path, make_config(limits={"max_calls": 5}), "1", graph).close()
    before = yaml.safe_load((path / "run.yaml").read_text())
    with RunFolder.open(path) as folder:
        identity = folder.id
        folder.keep_limits(relimited(folder.config, {"max_calls": 9}))
        assert folder.config.limits.max_calls == 9
    written = yaml.safe_load((path / "run.yaml").read_text())
    assert written == before | {"limits": before["limits"] | {"max_calls": 9}}
    with RunFolder.open(path) as again:
        assert (again.config.limits.max_calls, again.id) == (9, identity)
        assert again.graph().edges == graph.graph.edges
        again.keep_limits(again.config.model_copy(update={"seed": 99}))
        assert again.config.seed == 7
    assert yaml.safe_load((path / "run.yaml").read_text()) == written


@pytest.mark.parametrize("left", ["", "process 1 sin", "process 999999999999999999999 since 2020-01-01T00:00:00+00:00"])
def test_who_works_on_a_run_can_be_asked(tmp_path: Path, make_config: MakeConfig, left: str) -> None:
    path = tmp_path / "a"
    assert holder(path) is None
    with RunFolder.create(path, make_config(), "1"):
        assert re.fullmatch(rf"process {os.getpid()} since \d\d:\d\d", holder(path) or "")
    assert holder(path) is None
    (path / "run.lock").write_text(left)
    assert holder(path) is None


def test_a_run_goes_on_with_the_graph_that_it_was_begun_on(
    tmp_path: Path, make_config: MakeConfig, graph: RunGraph
) -> None:
    path = tmp_path / "a"
    with RunFolder.create(path, make_config(), "1", graph) as folder:
        assert folder.run_graph() is graph
    with RunFolder.open(path) as again:
        assert again.graph().edges == graph.graph.edges
        assert again.graph().specs == graph.graph.specs
        assert again.unusable() == ("pay",)
        assert again.run_graph().warnings == graph.warnings
        assert again.run_graph().origin == "from the run's folder"
    assert sorted(entry.name for entry in path.iterdir()) == ["graph.json", "run.lock", "run.yaml"]


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (lambda file: file.unlink(), "is missing"),
        (lambda file: file.write_text(file.read_text()[:200]), "is damaged"),
        (lambda file: file.write_text("[]"), "is damaged"),
        (lambda file: file.write_bytes(b"\xff\xfe\x00"), "is damaged"),
        (lambda file: file.write_text(file.read_text().replace("random", "prints")), "was changed after the run began"),
        (lambda file: file.write_text(file.read_text().replace('"tool": "pay"', '"tool": 1')), "is damaged"),
    ],
    ids=["missing", "torn", "something else", "no text", "changed", "another form"],
)
def test_a_graph_that_is_not_the_run_s_any_more_is_told_and_the_rest_can_be_looked_at(
    tmp_path: Path, make_config: MakeConfig, graph: RunGraph, damage: Callable[[Path], None], text: str
) -> None:
    RunFolder.create(tmp_path / "a", make_config(), "1", graph).close()
    damage(tmp_path / "a" / "graph.json")
    folder = RunFolder.look(tmp_path / "a")
    assert folder.config == make_config()
    with pytest.raises(RunFolderError, match=rf"graph\.json {text}: .* or begin a new run\.$"):
        folder.graph()


def test_a_folder_that_was_begun_without_a_graph_is_not_gone_on_with(tmp_path: Path, make_config: MakeConfig) -> None:
    RunFolder.create(tmp_path / "a", make_config(), "1").close()
    with pytest.raises(RunFolderError, match="was begun without a graph of its tools"):
        RunFolder.look(tmp_path / "a").graph()
