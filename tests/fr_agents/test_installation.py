"""Importing fr_agents: its own tools, envs and graphs or none, and nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import fr_agents
from fr_agents.installation import check_installation

ROOT = Path(fr_agents.__file__).resolve().parent.parent


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code with ``folder`` first on the import path, as ``python -c`` has it, and our packages after it."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("shadow", ["tools/__init__.py", "envs.py"])
def test_a_shadowing_folder_or_file_is_named(tmp_path: Path, shadow: str) -> None:
    file = tmp_path / shadow
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    shadowing = file.parent if file.name == "__init__.py" else file
    result = python("import fr_agents", tmp_path)
    assert result.returncode == 1
    assert f"ImportError: {shadowing.resolve()} shadows fr-agents' own package" in result.stderr


def test_a_users_tools_shadow_nothing_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise RuntimeError('the wrong tools')")
    # As an installed script starts: its own folder is first on the path, and not the working directory.
    code = (
        "import sys; sys.path.remove(''); from fr_agents.cli import main; sys.argv = ['fr-agents', '--version']; main()"
    )
    result = python(code, tmp_path)
    assert result.stdout == f"fr-agents {fr_agents.__version__}\n", result.stderr


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    for name in [name for name in sys.modules if name.partition(".")[0] == "graphs"]:
        monkeypatch.delitem(sys.modules, name)
    sys.path_importer_cache.clear()
    with pytest.raises(ImportError, match="lacks its package 'graphs'"):
        check_installation(ROOT)


def test_importing_is_cheap_and_unknown_names_are_errors(tmp_path: Path) -> None:
    code = "import sys, fr_agents; print(sorted({'langgraph', 'openai', 'pydantic', 'rich'} & set(sys.modules)))"
    assert python(code, tmp_path).stdout == "[]\n"
    with pytest.raises(AttributeError, match="no attribute 'synthesise'"):
        _ = fr_agents.synthesise
    assert fr_agents.RunConfig.__name__ == "RunConfig"
    assert {"synthesize", "resume", "stream"} <= set(dir(fr_agents))
