"""The process in which a world is probed: what its tools print, hang or break stays there.

It reads lines of JSON from stdin, first the job, then what is asked: ``groups``, or to ``probe`` one of them. It writes
lines of JSON to stdout: ``groups``; or ``progress`` as often as there is any, and ``discovery``; or ``broke`` where the
world raised what nobody foresaw. It ends when its stdin does, so that it hardly outlives the process that started it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import select
import sys
import threading
import traceback
from io import FileIO
from pathlib import Path
from types import TracebackType

from envs.discovery import DiscoverySettings, Progress, discover, group_names
from envs.domain import load_domain
from fr_agents.discovery.call_note import CallNote
from fr_agents.discovery.watched import watched
from tools.base import Json

_PARENT_IS_GONE = 1
_RENEWED_EVERY = 1000  # milliseconds
_LONGEST_STANDSTILL = 60.0


def main() -> None:
    """Do what is asked. It runs in the main thread, where alone a call that hangs is interrupted."""
    job_pipe, result_pipe = _private_pipes()
    job = json.loads(job_pipe.readline())
    settings = DiscoverySettings.model_validate(job["settings"])
    longest = _LONGEST_STANDSTILL + 10 * settings.call_seconds
    threading.Thread(target=_end_with, args=(job_pipe.fileno(), longest), daemon=True).start()

    def send(kind: str, content: Json) -> None:
        _write_all(result_pipe, json.dumps({kind: content}).encode() + b"\n")

    def progress(told: Progress) -> None:
        send("progress", told.plain())

    def broke(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        send("broke", {"error": "".join(traceback.format_exception_only(error)).strip(), "place": _place(trace)})

    sys.excepthook = broke
    domain = watched(load_domain(job["world"], job["options"]), CallNote(job["note"]))
    while line := job_pipe.readline():
        asked = json.loads(line)
        if "probe" in asked:
            limited = settings.model_copy(update={"leave_out": tuple(asked["leave_out"])})
            send("discovery", discover(domain, limited, progress, groups=(asked["probe"],)).plain())
        else:
            send("groups", dict(group_names(domain, settings)))


def _private_pipes() -> tuple[FileIO, FileIO]:
    """The pipes to the parent, under numbers that nothing else knows: what a tool writes to stdout or stderr, also from
    C code or a process of its own, goes nowhere, and stdin is empty for it."""
    pipes = FileIO(os.dup(0), "r"), FileIO(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return pipes


def _end_with(parent: int, longest: float) -> None:
    """End this process as soon as the parent is gone, which closes its end of the pipe. Where a tool blocks this thread
    too, a timer that is not made of Python ends it."""
    end = select.poll()
    end.register(parent, 0)  # of the pipe's end it tells in any case, and lines are not for this thread
    while not end.poll(_RENEWED_EVERY):
        faulthandler.dump_traceback_later(longest, exit=True, file=2)
    os._exit(_PARENT_IS_GONE)


def _write_all(pipe: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]


def _place(trace: TracebackType | None) -> str:
    """Where the exception was raised, as a person looks for it."""
    frames = traceback.extract_tb(trace)
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}, in {frames[-1].name}" if frames else ""
