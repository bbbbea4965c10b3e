"""Makes trial calls: in forks, within bounds, and whatever the tool does."""

from __future__ import annotations

import io
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import FrameType

from envs.discovery.outcome import Outcome, outcome_of
from envs.discovery.settings import DiscoverySettings, Reason, ToolWarning
from envs.world import ToolDefectError, World
from tools.base import JsonObject
from tools.call import Observation, ToolCall, ToolError

_SHOWN = 120


class OutOfBoundsError(Exception):
    """The calls or the seconds of a start are used up."""


class HangError(BaseException):
    """A call took too long. No Exception, so that no tool catches it."""


class Prober:
    """Makes calls and keeps count. A tool that hangs, prints or breaks down is warned of once, and is not called again
    if it hangs."""

    def __init__(self, settings: DiscoverySettings) -> None:
        self.settings = settings
        self.calls = 0
        self.warnings: dict[tuple[str, Reason], ToolWarning] = {}
        self.hanging: set[str] = set(settings.leave_out)
        self.cut_short = False
        self._calls_left = 0
        self._deadline = 0.0

    def begin(self) -> None:
        """Start counting anew: another initial state."""
        self._calls_left = self.settings.max_calls
        self._deadline = time.monotonic() + self.settings.max_seconds

    def run(self, world: World, tool: str, arguments: JsonObject) -> Observation:
        """Call a tool in ``world`` itself. Raises OutOfBoundsError."""
        if self._calls_left <= 0 or time.monotonic() > self._deadline:
            self.cut_short = True
            raise OutOfBoundsError
        self._calls_left -= 1
        self.calls += 1
        call = ToolCall(id="probe", name=tool, arguments=arguments)
        if tool in self.hanging:
            return _failed("hangs", "the tool hangs")
        printed = io.StringIO()
        try:
            with _time_limit(self.settings.call_seconds), redirect_stdout(printed):
                observation = world.execute(call)
        except HangError:
            self.hanging.add(tool)
            self.warn(tool, "hangs", f"did not answer within {self.settings.call_seconds:g} s")
            return _failed("hangs", "the tool hangs")
        except (ToolDefectError, SystemExit) as error:
            raised = error.__cause__ or error
            self.warn(tool, "breaks_down", f"broke instead of refusing: {raised!r}")
            return _failed("breaks_down", type(raised).__name__)
        if printed.getvalue():
            self.warn(tool, "prints", f"prints: {printed.getvalue().strip()[:_SHOWN]!r}")
        return observation

    def trial(self, world: World, tool: str, arguments: JsonObject) -> Observation:
        """Call a tool in a fork of ``world``."""
        return self.run(world.fork(), tool, arguments)

    def outcome(self, world: World, tool: str, arguments: JsonObject) -> Outcome:
        """What a call in a fork of ``world`` comes to."""
        return outcome_of(self.trial(world, tool, arguments), arguments)

    def warn(self, tool: str, reason: Reason, text: str) -> None:
        """Note what is wrong with a tool, once for each reason."""
        self.warnings.setdefault((tool, reason), ToolWarning(tool=tool, reason=reason, text=f"{tool} {text}"))

    def left_out(self) -> set[str]:
        """Tools that are no targets."""
        return self.hanging | {tool for tool, reason in self.warnings if reason == "random"}


def _failed(kind: str, message: str) -> Observation:
    return Observation(call_id="probe", error=ToolError(kind=kind, message=message))


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise HangError in the code within after ``seconds``; only in the main thread, where signals arrive. Once more
    after as long again: what is raised in a callback of the interpreter's own is lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(signum: int, frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
