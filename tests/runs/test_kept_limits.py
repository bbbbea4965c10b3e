"""Limits that were changed on a resume hold for every later one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

import fr_agents
from fr_agents.config import RunConfig
from fr_agents.entry import execute
from fr_agents.folder import RunFolder


async def test_limits_that_were_changed_are_kept(small: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "run"
    config = RunConfig.model_validate(small(limits={"concurrency": 2, "window": 4, "max_calls": 5}))
    await execute(config, path, resume=False, only=1)
    begun = yaml.safe_load((path / "run.yaml").read_text())
    limited = RunFolder.look(path).config.model_copy(
        update={"limits": config.limits.model_copy(update={"max_calls": 9, "window": 8})}
    )
    await execute(limited, path, resume=True, only=2)
    assert yaml.safe_load((path / "run.yaml").read_text()) == begun | {
        "limits": begun["limits"] | {"max_calls": 9, "window": 8}
    }
    summary = await fr_agents.resume(path, {"max_calls": None})
    assert summary.complete
    kept = RunFolder.look(path).config.limits
    assert (kept.max_calls, kept.window, kept.concurrency) == (None, 8, 2)
    await fr_agents.synthesize(config, tmp_path / "undisturbed")
    assert (path / "trajectories.jsonl").read_bytes() == (tmp_path / "undisturbed" / "trajectories.jsonl").read_bytes()
