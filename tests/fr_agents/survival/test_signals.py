"""A run that is asked to end, wherever it is, goes on by the command that it prints."""

from __future__ import annotations

import re
import shlex
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

INTERRUPTED = 130


@pytest.mark.parametrize("at_call", [1, 40])
def test_a_run_that_is_terminated_goes_on_and_asks_nothing_twice(
    start: Callable[..., Any], scripted: Any, notes: Callable[[], Any], tmp_path: Path, at_call: int
) -> None:
    folder = tmp_path / "run"
    told = {"SURVIVAL_SIGNAL": f"{int(signal.SIGTERM)} at {at_call}"}
    with start(folder, "run", scripted.config, "--output", folder, told=told) as running:
        code, _, err = running.end()
    assert code == INTERRUPTED, err
    assert "Traceback" not in err
    command = re.search(r"^stopped at \d of 6\. Resume: fr-agents (.+)$", err, re.MULTILINE)
    assert command is not None, err
    with start(folder, *shlex.split(command[1])) as resumed:
        code, _, err = resumed.end()
    assert code == scripted.code, err
    scripted.assert_same(folder)
    scripted.assert_paid_once(folder)
    assert notes().counted() == scripted.calls.counted()
