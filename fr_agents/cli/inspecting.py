"""The commands that only look: ``status``, ``validate``, ``verify`` and ``show``."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import typer

from fr_agents.cli.common import (
    UNFINISHED,
    WRONG_INPUT,
    fail,
    output_console,
    readable_errors,
    refuse_unwritable,
    say,
    tell,
    write_output,
)
from fr_agents.cli.options import (
    ConfigPath,
    CoverageOption,
    HtmlOption,
    JsonOption,
    NumberArgument,
    RecordsPath,
    RunPath,
    SeedOption,
    SetOption,
    WatchOption,
    overrides,
)
from fr_agents.config import load_config
from fr_agents.errors import RunFolderError
from fr_agents.files import whole_lines
from fr_agents.folder import RunFolder
from fr_agents.funnel import counted, status_json
from fr_agents.progress import header_line
from fr_agents.show import render_trajectory
from fr_agents.status import RunStatus
from graphs.records import Trajectory


def status(
    run_dir: RunPath, whole: CoverageOption = False, as_json: JsonOption = False, watch: WatchOption = None
) -> None:
    """Tell what a run has come to, also while it is under way."""
    if watch is not None and (whole or as_json):
        fail("--watch tells the status for people: leave --json and --coverage out.", WRONG_INPUT)
    with readable_errors():
        found = RunStatus(RunFolder.look(run_dir), needed=whole)
        if watch is not None:
            _watch(found, watch)
            return
        found.update()
        if found.problem:
            tell(found.problem)
        _say_status(found, whole=whole, as_json=as_json)


def _watch(found: RunStatus, seconds: float) -> None:
    """Ends with the exit code that the run would, unless the watch is ended first."""
    from fr_agents.cli import watching  # noqa: PLC0415 - others do without

    try:
        complete = watching.watch(found, seconds, output_console())
    except KeyboardInterrupt:
        return
    if not complete:
        raise typer.Exit(UNFINISHED)


def _say_status(found: RunStatus, *, whole: bool, as_json: bool) -> None:
    from fr_agents.cli.watching import whole_status  # noqa: PLC0415 - others do without
    from fr_agents.coverage_shown import coverage_table  # noqa: PLC0415 - others do without

    coverage = found.coverage()
    if as_json:
        document = status_json(found.summary()) | {"coverage": coverage and coverage.plain()}
        say(json.dumps(document, ensure_ascii=False, indent=2))
    elif whole and coverage is not None:
        output_console().print(coverage_table(coverage))
    else:
        for line in whole_status(found, found.summary()):
            say(line)


def validate(config: ConfigPath, seed: SeedOption = None, set_: SetOption = None) -> None:
    """Check a configuration without running it."""
    from fr_agents.wiring import described, domain_of  # noqa: PLC0415 - loads LangGraph, which others do without

    with readable_errors():
        loaded = load_config(config, overrides(set_, seed=seed))
        header = header_line(loaded, described(domain_of(loaded)), f"runs/{loaded.name}")
        turns = loaded.turns
        span = counted(turns.min, "turn") if turns.min == turns.max else f"{turns.min} to {turns.max} turns"
        say(f"{config} is valid: {loaded.count} accepted trajectories of {span}")
        say(header)


def verify(file: RecordsPath) -> None:
    """Replay every record from the file alone; one line for each that does not hold."""
    from fr_agents.verification import purpose_of_file, verify_file  # noqa: PLC0415 - loads worlds, others do without

    with readable_errors():
        path = _records(file)
        records = bad = 0
        try:
            for line, identity, problems in verify_file(path):
                records += 1
                if problems:
                    bad += 1
                    say(f"line {line} {identity}: {'; '.join(problems)}")
            if not records:
                fail(f"{path} holds no records: there is nothing to verify.", UNFINISHED)
            if bad:
                fail(f"{path}: {bad} of {counted(records, 'record')} do not hold.", UNFINISHED)
            purpose = purpose_of_file(path, records)
        except OSError as error:
            raise RunFolderError(f"{path} cannot be read: {error.strerror}.") from error
        say(f"{path}: {counted(records, 'record')} verified, none bad · {purpose.told()}")


def show(file: RecordsPath, number: NumberArgument = 1, html: HtmlOption = None) -> None:
    """Show one trajectory readably, here or as a page for a browser."""
    with readable_errors():
        if html is not None:
            refuse_unwritable(html, "--html")
        trajectory = _trajectory(_records(file), number)
        if html is None:
            output_console().print(render_trajectory(trajectory))
            return
        from fr_agents.show_html import page_of  # noqa: PLC0415 - others do without

        write_output(html, page_of(trajectory))
        say(f"written to {html}")


def _trajectory(path: Path, number: int) -> Trajectory:
    """The trajectory on line ``number``."""
    line = next(islice(whole_lines(path), number - 1, None), None)
    if line is None:
        held = sum(1 for _ in whole_lines(path))
        fail(f"{path} holds {counted(held, 'record')}; there is no number {number}.", WRONG_INPUT)
    try:
        return Trajectory.model_validate_json(line[1])
    except ValueError:
        fail(f"{path}, line {number}: is no trajectory of this version.", WRONG_INPUT)


def _records(file: Path) -> Path:
    """The file of records that is meant: a run's folder stands for its trajectories."""
    if file.is_dir():
        return RunFolder.look(file).trajectories
    if not file.is_file():
        raise RunFolderError(f"{file}: there is no such file.")
    return file
