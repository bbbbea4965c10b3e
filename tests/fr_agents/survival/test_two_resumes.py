"""Two processes that resume a run at once: one works, the other is told who does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 300.0
WRONG_INPUT = 2


def test_one_works_and_the_other_is_told_the_process_that_does(
    start: Callable[..., Any], scripted: Any, killed: Path, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    told = {"SURVIVAL_GATE": str(gate)}
    with start(killed, "resume", killed, told=told) as one, start(killed, "resume", killed, told=told) as other:
        give_up = time.monotonic() + PATIENCE
        while one.process.poll() is None and other.process.poll() is None:
            assert time.monotonic() < give_up, "both work, or none ends"
            time.sleep(0.01)
        refused, works = (other, one) if one.process.poll() is None else (one, other)
        code, _, err = refused.end()
        assert code == WRONG_INPUT, err
        assert f"{killed} is in use by process {works.process.pid} since " in err
        gate.touch()
        code, _, err = works.end()
    assert code == scripted.code, err
    scripted.assert_same(killed)
    scripted.assert_paid_once(killed)
