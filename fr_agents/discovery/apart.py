"""Discovery in a process of its own, which can be ended at any moment, whatever a tool does in it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from tempfile import TemporaryFile
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from envs.discovery import Discovery, DiscoverySettings, Progress
from fr_agents.discovery.call_note import CallNote, shared_note
from fr_agents.errors import InfrastructureError
from tools.base import Json

OnProgress = Callable[[Progress], None]

# Importing the main program anew, as multiprocessing does, would run a script that has no guard a second time.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from fr_agents.discovery.child import main; main()"
)
_LONGEST_MESSAGE = 1 << 30
_LOOK_EVERY = 0.25
_SHOWN = 2000

# A call is interrupted after ``call_seconds``. One that goes on for this many times as long cannot be.
PATIENCE = 5.0
# Between two calls only plans are made and states compared.
LONGEST_SILENCE = 180.0


async def discover_apart(
    world: str, options: Mapping[str, Json], settings: DiscoverySettings, on_progress: OnProgress | None = None
) -> Discovery:
    """Probe a world in a child process. Cancelling it kills the child, and whatever its tools started.

    Raises:
        InfrastructureError: a tool hangs where it cannot be interrupted, or ended the process; or the world's own code
            broke. The text names the tool or the place.
    """
    with shared_note() as (note, handle), TemporaryFile() as errors:
        async with _child(handle, errors.fileno()) as process:
            job = {"world": world, "options": dict(options), "settings": settings.plain(), "note": handle}
            listener = _Listener(process, note, world, settings, on_progress)
            with suppress(anyio.BrokenResourceError):  # it died at once; what it leaves behind tells more
                await _send(process, job)
            try:
                return await listener.listen()
            except anyio.EndOfStream:
                await process.wait()
                errors.seek(0)
                said = errors.read().decode("utf-8", "replace").strip()[-_SHOWN:]
                raise InfrastructureError(_ended(world, note, process.returncode or 0, said)) from None


@asynccontextmanager
async def _child(note: int, errors: int) -> AsyncIterator[Process]:
    """The child process, in a session of its own: Ctrl-C comes to its parent alone, and one signal ends all that its
    tools started. Its hashes are fixed, so that sets have the same order in every run."""
    process = await anyio.open_process(
        [sys.executable, "-P", "-c", _START, json.dumps(_import_path())],
        stderr=errors,
        pass_fds=(note,),
        start_new_session=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await process.aclose()


class _Listener:
    """Hears what the child says, and looks at its note when it says nothing."""

    def __init__(
        self,
        process: Process,
        note: CallNote,
        world: str,
        settings: DiscoverySettings,
        on_progress: OnProgress | None,
    ) -> None:
        self._process = process
        self._note = note
        self._world = world
        self._call_seconds = settings.call_seconds
        self._on_progress = on_progress
        self._latest: Progress | None = None
        self._changes = 0
        self._since = anyio.current_time()

    async def listen(self) -> Discovery:
        """What the child found. Raises EndOfStream where it ends without, and InfrastructureError."""
        stdout = self._process.stdout
        if stdout is None:  # it was opened with a pipe
            raise anyio.EndOfStream
        lines = BufferedByteReceiveStream(stdout)
        while True:
            line = b""
            with anyio.move_on_after(_LOOK_EVERY):
                line = await _line(lines)
            if not line:
                self._look()
                continue
            self._since = anyio.current_time()
            found = self._message(json.loads(line))
            if found is not None:
                return found

    def _message(self, message: dict[str, Any]) -> Discovery | None:
        if "discovery" in message:
            return Discovery.model_validate(message["discovery"])
        if "broke" in message:
            error, place = message["broke"]["error"], message["broke"]["place"]
            raise InfrastructureError(f"World {self._world!r} broke while it was probed: {error} ({place}).")
        self._latest = Progress.model_validate(message["progress"])
        self._tell(self._latest.calls)
        return None

    def _look(self) -> None:
        """Tell of calls made since; give up where nothing moves any more."""
        seen = self._note.read()
        now = anyio.current_time()
        if seen.changes != self._changes:
            self._changes, self._since = seen.changes, now
            self._tell(seen.calls)
        elif seen.tool is not None and now - self._since > PATIENCE * self._call_seconds:
            raise InfrastructureError(
                f"The tool {seen.tool!r} of world {self._world!r} did not answer within {now - self._since:.0f} s and "
                "cannot be interrupted, so its process was ended. Give it a time limit, or take it out of the world."
            )
        elif now - self._since > LONGEST_SILENCE:
            raise InfrastructureError(
                f"Probing world {self._world!r} came to a stop outside of its tools, so its process was ended after "
                f"{LONGEST_SILENCE:.0f} s. Do its open, fork or state methods wait for something?"
            )

    def _tell(self, calls: int) -> None:
        if self._on_progress is not None and self._latest is not None:
            self._latest = self._latest.model_copy(update={"calls": max(calls, self._latest.calls)})
            self._on_progress(self._latest)


async def _line(lines: BufferedByteReceiveStream) -> bytes:
    """The next line; EndOfStream also where one breaks off."""
    try:
        return await lines.receive_until(b"\n", _LONGEST_MESSAGE)
    except (anyio.IncompleteRead, anyio.BrokenResourceError):
        raise anyio.EndOfStream from None


async def _send(process: Process, job: Json) -> None:
    if process.stdin is not None:  # it was opened with a pipe
        await process.stdin.send(json.dumps(job).encode() + b"\n")


def _ended(world: str, note: CallNote, code: int, said: str) -> str:
    how = f"ended with exit code {code}"
    if code < 0:
        how = f"was ended by a signal ({signal.strsignal(-code) or -code})"
    tool = note.read().tool
    text = f"The process in which world {world!r} was probed {how}"
    if tool is not None:
        return f"{text} while its tool {tool!r} ran. Mend that tool, or take it out of the world."
    return f"{text}: {said}" if said else f"{text}."


def _import_path() -> list[str]:
    """This process's import path as another one can use it, with the working directory written out."""
    return [path or os.getcwd() for path in sys.path]  # noqa: PTH109 - a string is wanted
