"""A key that a run uses stands in none of its files and none of its messages."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

KEY = "sk-secret-4f1d9a7c2b"


def test_the_key_stands_nowhere(
    finished: Callable[..., subprocess.CompletedProcess[str]],
    config_file: Callable[..., Path],
    tmp_path: Path,
    echoing_server: str,
) -> None:
    model = {"model": "openai/echo", "base_url": echoing_server, "output": "text", "retries": 0}
    model["api_key_env"] = "OPENAI_API_KEY"
    config = config_file(count=1, turns=1, models={"default": "offline", "reasoning": model}, limits={"max_jobs": 2})
    run = finished("run", config, "--output", "run", OPENAI_API_KEY=KEY)
    status = finished("status", "run")
    assert run.returncode in (0, 1), run.stderr
    assert (tmp_path / "run" / "rejections.jsonl").stat().st_size > 0
    texts = [run.stdout, run.stderr, status.stdout]
    texts += [path.read_bytes().decode("utf-8", "replace") for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert not any(KEY in text for text in texts)
