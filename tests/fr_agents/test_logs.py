"""The log of a run: JSON lines of its own, whole after every end, quiet, and without a word that anybody said."""

from __future__ import annotations

import json
import logging
import re
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.world import ToolDefectError
from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.calling import calling
from fr_agents.backends.faults import BackendFault
from fr_agents.backends.mending import MendingBackend
from fr_agents.backends.mixing import FallbackBackend
from fr_agents.backends.pacing.endpoint import Endpoint
from fr_agents.backends.pacing.timing import Timing
from fr_agents.backends.retrying import RetryingBackend
from fr_agents.config import ConfigError, RunConfig, configuration_hash
from fr_agents.config.relimited import limit_changes, relimited
from fr_agents.errors import InfrastructureError
from fr_agents.logs import LogLevel, about_job, open_log
from fr_agents.logs_errors import told_of
from fr_agents.logs_file import LogFile, line_of
from fr_agents.logs_jobs import job_log
from graphs.usage import metered
from tools.call import ToolCall

ROOT = Path(__file__).resolve().parents[2]
OURS = ("fr_agents", "graphs", "envs")
REQUEST = Request(messages=({"role": "user", "content": "a secret wish"},))
_LOG = logging.getLogger("fr_agents.of_tests")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def events(path: Path) -> list[str]:
    return [line["event"] for line in lines(path)]


def record(event: str, **fields: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"levelname": "INFO", "msg": event, "args": fields})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


def test_a_line_tells_when_how_grave_what_where_and_its_fields(path: Path) -> None:
    with open_log(path), about_job(12):
        _LOG.warning("try failed", {"fault": "timeout", "wait": 1.5})
    (line,) = lines(path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {"level": "warning", "event": "try failed", "job": 12, "fault": "timeout", "wait": 1.5}


async def test_inside_of_a_node_the_line_tells_the_place_without_being_told(path: Path) -> None:
    async def solve(state: dict[str, Any]) -> dict[str, Any]:
        with calling("reasoning"):
            _LOG.info("something")
        return {}

    with open_log(path, "debug"):
        await metered(solve)({"job": {"number": 3}, "turn": 1, "attempts": [{}, {}]})
    inside, node = lines(path)
    place = {"job": 3, "turn": 2, "node": "solve", "attempt": 2}
    assert inside.items() >= {**place, "role": "reasoning"}.items()
    assert node.items() >= {**place, "event": "node done", "level": "debug"}.items()
    assert node["seconds"] >= 0


async def test_a_node_that_fails_is_told_with_the_class_of_what_it_raised(path: Path) -> None:
    async def write(state: dict[str, Any]) -> dict[str, Any]:
        raise LookupError("a secret wish")

    with open_log(path, "debug"), pytest.raises(LookupError):
        await metered(write)({"job": {"number": 3}, "turn": 0})
    (line,) = lines(path)
    assert (line["event"], line["error"], line["node"]) == ("node failed", "LookupError", "write")
    assert "secret" not in str(line)


@pytest.mark.parametrize(
    ("level", "expected"), [("debug", ["fine", "plain", "grave"]), ("info", ["plain", "grave"]), ("warning", ["grave"])]
)
def test_what_is_less_grave_than_the_level_is_left_out(path: Path, level: LogLevel, expected: list[str]) -> None:
    with open_log(path, level):
        _LOG.debug("fine")
        logging.getLogger("graphs.of_tests").info("plain")
        logging.getLogger("envs.of_tests").error("grave")
    assert events(path) == expected


async def test_logs_that_are_open_at_the_same_time_get_their_own_lines_alone(tmp_path: Path) -> None:
    both_open = anyio.Event()

    async def first() -> None:
        with open_log(tmp_path / "first", "debug"):
            await both_open.wait()
            _LOG.debug("of the first")
            await anyio.to_thread.run_sync(_LOG.info, "from a thread of the first")

    async def second() -> None:
        with open_log(tmp_path / "second", "warning"):
            both_open.set()
            _LOG.info("too fine for the second")
            _LOG.warning("of the second")

    async with anyio.create_task_group() as group:
        group.start_soon(first)
        group.start_soon(second)
    _LOG.warning("of nobody")
    assert events(tmp_path / "first") == ["of the first", "from a thread of the first"]
    assert events(tmp_path / "second") == ["of the second"]


def test_a_log_is_gone_on_with_after_the_line_that_a_kill_has_torn(path: Path) -> None:
    path.write_bytes(b'{"event": "whole"}\n{"event": "to')
    for event in ("again", "and again"):
        with open_log(path):
            _LOG.info(event)
    assert events(path) == ["whole", "torn line repaired", "again", "and again"]
    assert lines(path)[1]["bytes"] == len(b'{"event": "to')


@pytest.mark.parametrize("place", ["no/such/folder", "folder", "full"])
def test_a_log_that_cannot_be_written_is_done_without(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "full").symlink_to("/dev/full")
    with open_log(tmp_path / place):
        _LOG.error("something", {"odd": object()})
        _LOG.error("more of it")
    assert capsys.readouterr() == ("", "")


def test_lines_that_were_lost_are_counted_and_told(path: Path) -> None:
    file = LogFile(path, more=lambda: False)
    file.emit(record("before"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, hard))
    try:
        for _ in range(3):
            file.emit(record("lost"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    file.emit(record("odd", field=object()))
    file.emit(record("after"))
    file.close()
    assert events(path) == ["before", "lines lost", "after"]
    assert lines(path)[1]["lines"] == 4


def test_what_waits_is_written_in_one_go_and_at_the_end_in_any_case(path: Path) -> None:
    file = LogFile(path, more=lambda: True)
    for number in range(300):
        file.emit(record("one", number=number))
    early = len(lines(path))
    assert 0 < early < 300
    file.close()
    assert [line["number"] for line in lines(path)] == list(range(300))


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@settings(max_examples=50)
@given(event=st.text(), fields=st.dictionaries(st.text(min_size=1), PLAIN | st.lists(PLAIN, max_size=3), max_size=4))
def test_whatever_is_told_is_one_line_of_json(event: str, fields: dict[str, Any]) -> None:
    line = line_of(record(event, **{f"field {name}": value for name, value in fields.items()}))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    read = json.loads(line)
    assert read["event"] == event
    assert {name: read[f"field {name}"] for name in fields} == fields


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What a handler of the program itself hears, which was set up for everything."""
    told: list[str] = []

    class Hearing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(str(record.msg))

    handler = Hearing()
    logging.getLogger().addHandler(handler)
    yield told
    logging.getLogger().removeHandler(handler)


def test_the_programs_own_handlers_hear_what_they_would_hear_without_a_log(path: Path, heard: list[str]) -> None:
    with open_log(path, "debug"):
        _LOG.debug("fine")
        _LOG.info("plain")
        _LOG.warning("grave")
    assert events(path) == ["fine", "plain", "grave"]
    assert heard == ["grave"]


def test_loggers_are_left_as_they_were_found(tmp_path: Path) -> None:
    def state() -> list[Any]:
        loggers = map(logging.getLogger, OURS)
        return [(one.level, one.propagate, list(one.handlers)) for one in loggers]

    before = state()
    opened = [open_log(tmp_path / name, "debug") for name in "ab"]
    # Each in a thread of its own, so that the first may end before the second does.
    steps = [threading.Event() for _ in range(3)]

    def first() -> None:
        with opened[0]:
            steps[0].set()
            steps[1].wait()
        steps[2].set()

    thread = threading.Thread(target=first)
    thread.start()
    steps[0].wait()
    with opened[1]:
        steps[1].set()
        steps[2].wait()
        assert state() != before
    thread.join()
    assert state() == before


LIBRARY = """
import logging, sys, warnings
from pathlib import Path
from fr_agents.logs import open_log
from fr_agents.logs_libraries import quiet_libraries

quiet_libraries()
warnings.warn("a secret wish")
with open_log(Path(sys.argv[1])):
    logging.getLogger("some.library").warning("a secret wish of %s", "somebody")
    logging.getLogger("some.library").info("not worth a line")
    try:
        raise LookupError("a secret wish")
    except LookupError:
        logging.exception("a secret wish")
    warnings.warn("a secret wish", DeprecationWarning)
    logging.getLogger("fr_agents").warning("of our own")
logging.getLogger("some.library").error("a secret wish")
logging.getLogger("fr_agents").error("after the end")
"""


def test_what_libraries_tell_is_noted_without_their_words_and_never_printed(path: Path) -> None:
    command = [sys.executable, "-c", LIBRARY, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("", "")
    told = [{key: line[key] for key in line if key not in ("time", "event")} for line in lines(path)]
    assert told == [
        {"level": "warning", "library": "some.library", "at": "<string>:10"},
        {"level": "error", "library": "root", "at": "<string>:15", "error": "LookupError"},
        {"level": "warning", "library": "py.warnings", "at": "<string>:16", "warning": "DeprecationWarning"},
        {"level": "warning"},
    ]
    assert set(events(path)) == {"library message", "of our own"}


def test_the_words_of_servers_and_tools_are_not_told() -> None:
    try:
        raise LookupError("a secret wish")
    except LookupError as error:
        unforeseen = told_of(error)
        broken = ToolDefectError(ToolCall(id="1", name="pay", arguments={"to": "a secret wish"}), error)
        broken.__cause__ = error
    fault = BackendFault("server", "m at http://localhost", "failed (500): a secret wish")
    group = ExceptionGroup("several", [fault, broken])
    assert unforeseen == {"error": "LookupError", "at": ""}
    assert told_of(broken) == {"error": "ToolDefectError", "tool": "pay", "cause": "LookupError"}
    assert told_of(fault) == {"error": "BackendFault", "fault": "server", "server": "m at http://localhost"}
    assert told_of(group) == {"error": "ExceptionGroup", "errors": [told_of(fault), told_of(broken)]}


def test_our_own_words_and_the_place_of_a_defect_are_told() -> None:
    assert told_of(InfrastructureError("The disk is full.")) == {
        "error": "InfrastructureError",
        "text": "The disk is full.",
    }
    with pytest.raises(TypeError) as inside:
        line_of(record("odd", field=object()))
    assert re.fullmatch(r"fr_agents\.logs_file:\d+", told_of(inside.value)["at"])


def test_a_job_that_fails_is_told_with_its_number(path: Path) -> None:
    with open_log(path), pytest.raises(InfrastructureError), job_log(7):
        raise InfrastructureError("The disk is full.")
    (line,) = lines(path)
    assert (line["job"], line["level"], line["event"]) == (7, "error", "job failed")


class Flaky:
    """Raises faults, one for each request, and then answers with its texts."""

    name = "flaky"

    def __init__(self, *outcomes: BackendFault | str) -> None:
        self._outcomes = iter(outcomes)

    async def complete(self, request: Request) -> Answer:
        outcome = next(self._outcomes)
        if isinstance(outcome, BackendFault):
            raise outcome
        return Answer(text=outcome)


def fault(kind: Any, retry_after: float | None = None) -> BackendFault:
    return BackendFault(kind, "m at http://localhost", "a secret wish", retry_after)


class Time:
    """Passes where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def timing(self) -> Timing:
        return Timing(lambda: self.now, self.sleep)


async def test_what_is_tried_again_is_told_with_its_fault_and_its_wait(path: Path) -> None:
    endpoint = Endpoint(patience=0.0, timing=Time().timing())
    backend = RetryingBackend(Flaky(fault("timeout"), fault("rate_limit", 3.0), "yes"), 4, endpoint)
    with open_log(path, "warning"), calling("querying"):
        await backend.complete(REQUEST)
    first, cut, second = lines(path)
    assert first.items() >= {"event": "try failed", "fault": "timeout", "tries": 1, "role": "querying"}.items()
    assert 0 <= first["wait"] <= 1
    assert cut.items() >= {"event": "concurrency cut", "limit": 6, "server": "m at http://localhost"}.items()
    assert second.items() >= {"event": "try failed", "fault": "rate_limit", "tries": 2, "retry_after": 3.0}.items()
    assert "secret" not in str(lines(path))


async def test_an_outage_is_told_when_it_begins_and_when_it_ends(path: Path) -> None:
    time = Time()
    backend = RetryingBackend(Flaky(*[fault("refused")] * 6, "yes"), 4, Endpoint(patience=60.0, timing=time.timing()))
    with open_log(path):
        await backend.complete(REQUEST)
    outage = [line for line in lines(path) if line["event"].startswith("outage")]
    assert [line["event"] for line in outage] == ["outage begun", "outage ended"]
    assert outage[0]["fault"] == "refused"
    assert outage[1]["seconds"] == pytest.approx(time.now, abs=1.1)


async def test_an_answer_of_no_use_and_a_fallback_are_told(path: Path) -> None:
    backend = FallbackBackend([Flaky(fault("quota")), MendingBackend(Flaky("", "yes"))])
    with open_log(path):
        await backend.complete(REQUEST)
    fallback, empty = lines(path)
    assert fallback.items() >= {"event": "fallback taken", "fault": "quota", "instead": "flaky"}.items()
    assert empty.items() >= {"event": "asked again", "problem": "empty"}.items()


def test_the_level_is_a_key_that_decides_no_record_and_may_be_changed(make_config: Callable[..., RunConfig]) -> None:
    config = make_config()
    changed = relimited(config, limit_changes(["log=debug", "limits.concurrency=4"]))
    assert (config.log, changed.log, changed.limits.concurrency) == ("info", "debug", 4)
    assert configuration_hash(changed) == configuration_hash(config)
    with pytest.raises(ConfigError, match=r"log: 'loud' is not allowed\. \(allowed: debug, info, warning\)"):
        relimited(config, {"log": "loud"})


def test_every_event_is_explained() -> None:
    told = re.compile(r"_(?:LOG|LOGGER)\.(?:debug|info|warning|error|log)\(\s*(?:level, )?(.*?)[,)]", re.DOTALL)
    source = "\n".join(path.read_text() for folder in OURS for path in (ROOT / folder).rglob("*.py"))
    named = {event for found in told.findall(source) for event in re.findall(r'"([^"]+)"', found)}
    named |= {"library message", "lines lost"}
    explained = re.findall(
        r"^\| `([^`]+)` \| (?:debug|info|warning|error)", (ROOT / "docs" / "logs.md").read_text(), re.MULTILINE
    )
    assert len(named) > 15
    assert set(explained) == named
