"""A child process that probes a world, as its parent sees it: asked, listened to, and ended whatever a tool does."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from envs.discovery import Discovery, DiscoverySettings, Progress, ToolWarning
from fr_agents.discovery.call_note import CallNote, shared_note
from fr_agents.errors import InfrastructureError
from tools.base import Json, JsonObject

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


class StoppedByToolError(InfrastructureError):
    """A tool hangs where nothing interrupts it, or ended its process. ``warning`` says the same of the tool alone."""

    def __init__(self, text: str, warning: ToolWarning) -> None:
        super().__init__(text)
        self.warning = warning


@dataclass(frozen=True)
class Job:
    """The world that is probed, and how."""

    world: str
    options: Mapping[str, Json]
    settings: DiscoverySettings


@asynccontextmanager
async def probing_process(job: Job) -> AsyncIterator[ProbingProcess]:
    """A child for a job. It is in a session of its own: Ctrl-C comes to its parent alone, and one signal ends all that
    its tools started. Its hashes are fixed, so that sets have the same order in every run."""
    with shared_note() as (note, handle), TemporaryFile() as errors:
        process = await anyio.open_process(
            [sys.executable, "-P", "-c", _START, json.dumps(_import_path())],
            stderr=errors.fileno(),
            pass_fds=(handle,),
            start_new_session=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        try:
            child = ProbingProcess(process, note, errors, job)
            settings = job.settings.plain()
            await child.send({"world": job.world, "options": dict(job.options), "settings": settings, "note": handle})
            yield child
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            await process.aclose()


class ProbingProcess:
    """Asks the child, hears what it says, and looks at its note when it says nothing."""

    def __init__(self, process: Process, note: CallNote, errors: IO[bytes], job: Job) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("the process needs pipes for stdin and stdout")
        self._process = process
        self._requests = process.stdin
        self._lines = BufferedByteReceiveStream(process.stdout)
        self._note = note
        self._errors = errors
        self._world = job.world
        self._call_seconds = job.settings.call_seconds
        self._on_progress: OnProgress | None = None
        self._latest: Progress | None = None
        self._changes = 0
        self._since = anyio.current_time()

    async def groups(self) -> dict[str, int]:
        """The groups of environments in their order, with their numbers of tools. Raises InfrastructureError."""
        sizes: dict[str, int] = await self._answer({"groups": True})
        return sizes

    async def probe(self, group: str, leave_out: Sequence[str], on_progress: OnProgress | None) -> Discovery:
        """What the tools of a group need.

        Raises:
            StoppedByToolError: a tool hangs for good, or ended the process.
            InfrastructureError: the world's own code broke, or came to a stop.
        """
        self._on_progress = on_progress
        return Discovery.model_validate(await self._answer({"probe": group, "leave_out": list(leave_out)}))

    async def send(self, message: JsonObject) -> None:
        """Give the child a line. Where it is dead already, what it leaves behind tells more: see the next answer."""
        self._since = anyio.current_time()
        with suppress(anyio.BrokenResourceError):
            await self._requests.send(json.dumps(message).encode() + b"\n")

    async def _answer(self, request: JsonObject) -> Any:
        await self.send(request)
        try:
            return await self._listen()
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):  # also where a line breaks off
            await self._process.wait()
            raise self._ended() from None

    async def _listen(self) -> Any:
        """The answer, after whatever the child tells on the way to it."""
        while True:
            line = b""
            with anyio.move_on_after(_LOOK_EVERY):
                line = await self._lines.receive_until(b"\n", _LONGEST_MESSAGE)
            if not line:
                self._look()
                continue
            self._since = anyio.current_time()
            ((kind, content),) = json.loads(line).items()
            if kind == "broke":
                text = f"World {self._world!r} broke while it was probed: {content['error']} ({content['place']})."
                raise InfrastructureError(text)
            if kind != "progress":
                return content
            self._latest = Progress.model_validate(content)
            self._tell(self._latest.calls)

    def _look(self) -> None:
        """Tell of calls made since; give up where nothing moves any more."""
        seen = self._note.read()
        now = anyio.current_time()
        if seen.changes != self._changes:
            self._changes, self._since = seen.changes, now
            self._tell(seen.calls)
        elif seen.tool is not None and now - self._since > PATIENCE * self._call_seconds:
            raise self._hanging(seen.tool)
        elif now - self._since > LONGEST_SILENCE:
            raise InfrastructureError(
                f"Probing world {self._world!r} came to a stop outside of its tools, so its process was ended after "
                f"{LONGEST_SILENCE:.0f} s. Do its open, fork or state methods wait for something?"
            )

    def _tell(self, calls: int) -> None:
        if self._on_progress is not None and self._latest is not None:
            self._latest = self._latest.model_copy(update={"calls": max(calls, self._latest.calls)})
            self._on_progress(self._latest)

    def _hanging(self, tool: str) -> StoppedByToolError:
        how = f"did not answer within {PATIENCE * self._call_seconds:g} s and cannot be interrupted"
        return StoppedByToolError(
            f"The tool {tool!r} of world {self._world!r} {how}, so its process was ended. Give it a time limit, or "
            "take it out of the world.",
            ToolWarning(tool=tool, reason="hangs", text=f"{tool} {how}"),
        )

    def _ended(self) -> InfrastructureError:
        code = self._process.returncode or 0
        how = f"with exit code {code}"
        if code < 0:
            how = f"by a signal ({signal.strsignal(-code) or -code})"
        text = f"The process in which world {self._world!r} was probed was ended {how}"
        tool = self._note.read().tool
        if tool is not None:
            return StoppedByToolError(
                f"{text} while its tool {tool!r} ran. Mend that tool, or take it out of the world.",
                ToolWarning(tool=tool, reason="breaks_down", text=f"{tool} ended its process {how}"),
            )
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip()[-_SHOWN:]
        return InfrastructureError(f"{text}: {said}" if said else f"{text}.")


def _import_path() -> list[str]:
    """This process's import path as another one can use it, with the working directory written out."""
    return [path or os.getcwd() for path in sys.path]  # noqa: PTH109 - a string is wanted
