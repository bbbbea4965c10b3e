"""Where a process's CPU time goes, by layer and by step: a sampling profiler.

A timer that runs as the process uses CPU interrupts its main thread every few milliseconds. What a thread used since
then counts for the layer of its innermost frame that belongs to one, so that a library counts for whoever
calls it; and for the step of the state machine that it is in. Each thread's own CPU time is the weight, so that nothing
depends on when the interrupts come through. The profiler's own time is left out.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import defaultdict
from functools import cache
from os import sysconf
from pathlib import Path
from types import FrameType
from typing import Any, Self

from benchmarks.graph import ROOT
from graphs.author import abstract, write
from graphs.cleaning import clean
from graphs.refiner import critique, solve
from graphs.sampler import aim, backtrack, trim, walk
from graphs.synthesis import close, sample
from tools.base import JsonObject

LANGGRAPH, CHECKPOINTS, WORLDS, TOOLS = "LangGraph", "checkpoints", "worlds", "tools"
VALIDATION, ROLES, NODES, REST = "validation", "roles", "nodes", "rest"
LAYERS = (LANGGRAPH, CHECKPOINTS, WORLDS, TOOLS, VALIDATION, ROLES, NODES, REST)
ELSEWHERE = "elsewhere"
STEPS = {node.__code__: node.__name__ for node in (sample, abstract, write, solve, critique, clean, close)}
# A graph of its own inside the first step, whose nodes run in tasks of their own.
_NODES = STEPS | {node.__code__: sample.__name__ for node in (aim, walk, backtrack, trim)}

_INTERVAL = 0.004
_TICKS = sysconf("SC_CLK_TCK")
_THREADS = Path("/proc/self/task")
_PACKAGES = {
    "/aiosqlite/": CHECKPOINTS,
    "/langgraph/checkpoint/": CHECKPOINTS,
    "/langgraph/": LANGGRAPH,
    "/langchain_core/": LANGGRAPH,
    "/langsmith/": LANGGRAPH,
    "/bfcl_eval/": WORLDS,
}
_OURS = {
    "fr_agents/checkpointing": CHECKPOINTS,
    "fr_agents/grouped.py": CHECKPOINTS,
    "fr_agents/sqlite_file.py": CHECKPOINTS,
    "fr_agents/roles/": ROLES,
    "fr_agents/": REST,
    "graphs/validation/": VALIDATION,
    "graphs/": NODES,
    "envs/": WORLDS,
    "tools/": TOOLS,
}


@cache
def layer_of(file: str) -> str | None:
    """The layer that a file of code belongs to; none for libraries that anybody may call."""
    if "/site-packages/" in file:
        inside = file.rpartition("/site-packages")[2]
        return next((layer for start, layer in _PACKAGES.items() if inside.startswith(start)), None)
    if file.startswith(f"{ROOT}/"):
        inside = file.removeprefix(f"{ROOT}/")
        return next((layer for start, layer in _OURS.items() if inside.startswith(start)), None)
    return None


class CpuByLayer:
    """Counts from ``start`` to ``stop``, in seconds of CPU; only in the main thread, and only one at a time.

    Attributes:
        layers: Seconds by layer.
        steps: Seconds by step of the state machine, ``elsewhere`` for what is in none.
        modules: Seconds by the module of ours, or of LangGraph's, that counts for the layer.
    """

    def __init__(self) -> None:
        self.layers: defaultdict[str, float] = defaultdict(float)
        self.steps: defaultdict[str, float] = defaultdict(float)
        self.modules: defaultdict[str, float] = defaultdict(float)
        self._own = 0.0
        self._others: dict[int, float] = {}
        self._before: Any = None

    def start(self) -> None:
        self._others = dict(_used_by_others())
        self._own = time.thread_time()
        self._before = signal.signal(signal.SIGPROF, self._interrupted)
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)

    def stop(self) -> None:
        """Stop counting; a second time does nothing."""
        if self._before is not None:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before)
            self._before = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def figures(self, most_modules: int = 25) -> JsonObject:
        """The shares of layers and steps, and of the modules that take most."""
        whole = sum(self.layers.values()) or 1.0
        layers = {name: self.layers[name] / whole for name in LAYERS}
        steps = {name: self.steps[name] / whole for name in (*STEPS.values(), ELSEWHERE)}
        most = sorted(self.modules.items(), key=lambda item: -item[1])[:most_modules]
        modules = {name: seconds / whole for name, seconds in most}
        return {"layers": layers, "steps": steps, "modules": modules}

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self._count(frame, time.thread_time() - self._own)
        frames = sys._current_frames()
        identities = {thread.native_id: thread.ident for thread in threading.enumerate()}
        for native, used in _used_by_others():
            if (seconds := used - self._others.get(native, 0.0)) > 0:
                self._count(frames.get(identities.get(native) or 0), seconds)
                self._others[native] = used
        self._own = time.thread_time()

    def _count(self, frame: FrameType | None, seconds: float) -> None:
        layer, module, step = _place(frame)
        self.layers[layer] += seconds
        self.modules[module] += seconds
        self.steps[step] += seconds


def _place(frame: FrameType | None) -> tuple[str, str, str]:
    """The layer, the module and the step of whatever is in a frame."""
    layer, module = None, REST
    while frame is not None:
        file = frame.f_code.co_filename
        if layer is None and (layer := layer_of(file)) is not None:
            module = file.rpartition("/site-packages/")[2].removeprefix(f"{ROOT}/")
        if (step := _NODES.get(frame.f_code)) is not None:
            return layer or REST, module, step
        frame = frame.f_back
    return layer or REST, module, ELSEWHERE


def _used_by_others() -> list[tuple[int, float]]:
    """The CPU seconds of each other thread of this process, as far as the system counts them."""
    main = threading.main_thread().native_id
    found = []
    for path in _THREADS.iterdir():
        if path.name == str(main):
            continue
        try:
            told = (path / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
        found.append((int(path.name), (int(told[11]) + int(told[12])) / _TICKS))
    return found
