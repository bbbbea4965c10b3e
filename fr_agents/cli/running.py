"""The commands that make trajectories: ``run``, ``resume`` and ``preview``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import typer
from rich.console import Console

from fr_agents.cli.common import (
    INFRASTRUCTURE,
    INTERRUPTED,
    LIMIT_REACHED,
    UNFINISHED,
    fail,
    output_console,
    progress_console,
    readable_errors,
    say,
    tell,
)
from fr_agents.cli.forecasting import say_forecast
from fr_agents.cli.interrupt import Stoppable
from fr_agents.cli.options import (
    ConfigPath,
    CountOption,
    ForecastOption,
    LimitsOption,
    OutputOption,
    PromptsOption,
    RunPath,
    SeedOption,
    SetOption,
    overrides,
)
from fr_agents.config import RunConfig, check_world, load_config
from fr_agents.config.relimited import limit_changes, relimited
from fr_agents.discovery.progress import plain_progress, terminal_progress
from fr_agents.draining import Drain
from fr_agents.errors import InfrastructureError, RunFolderError
from fr_agents.folder import RunFolder, refuse_existing
from fr_agents.funnel import RunSummary, Tally, summarise, tally
from fr_agents.funnel_shown import funnel_line, status_lines
from fr_agents.job_file import JobReader
from fr_agents.journal.budget import BudgetReached
from fr_agents.progress import PlainProgress, Progress, TerminalProgress, done_line, next_line
from fr_agents.requests_seen import RequestLog
from fr_agents.show import render_rejection, render_trajectory
from fr_agents.show_requests import render_requests
from fr_agents.store import Outcome
from graphs.records import Trajectory
from graphs.roles import Roles


def run(
    config: ConfigPath,
    count: CountOption = None,
    seed: SeedOption = None,
    set_: SetOption = None,
    output: OutputOption = None,
    forecast: ForecastOption = None,
) -> None:
    """Make trajectories until as many are accepted as are wanted."""
    with readable_errors():
        loaded = load_config(config, overrides(set_, count=count, seed=seed))
        folder = output or Path("runs") / loaded.name
        refuse_existing(folder)
        _drive(loaded, folder, resume=False, earlier=Tally(), only=forecast)


def resume(run_dir: RunPath, set_: LimitsOption = None) -> None:
    """Go on with a run that was stopped or killed."""
    with readable_errors():
        changes = limit_changes(set_ or ())
        folder = RunFolder.look(run_dir)
        config = relimited(folder.config, changes)
        check_world(config.world)
        jobs = JobReader(folder)
        earlier = tally(jobs.read())
        if jobs.problem:
            tell(jobs.problem)
        _drive(config, run_dir, resume=True, earlier=earlier)


def preview(
    config: ConfigPath, seed: SeedOption = None, set_: SetOption = None, show_prompts: PromptsOption = False
) -> None:
    """Make one trajectory and show it, or what its models were asked; nothing is written."""
    with readable_errors():
        loaded = load_config(config, overrides(set_, seed=seed))
        log = RequestLog(loaded.prompts)
        outcome = _previewed(loaded, log.watch if show_prompts else None)
        if outcome is None:
            fail("stopped.", INTERRUPTED)
        if show_prompts:
            output_console().print(render_requests(log.seen))
        elif isinstance(outcome, Trajectory):
            output_console().print(render_trajectory(outcome))
        if not isinstance(outcome, Trajectory):
            output_console().print(render_rejection(outcome))
            raise typer.Exit(UNFINISHED)


def _previewed(config: RunConfig, watch: Callable[[Roles], Roles] | None) -> Outcome | None:
    """The outcome of a preview; none where it was stopped."""
    from fr_agents import entry  # noqa: PLC0415 - loads LangGraph, which the other commands do without

    console = progress_console()
    probing = terminal_progress(console) if console.is_terminal else plain_progress(tell)
    with Stoppable[Outcome](on_stop=lambda: tell("stopping ...")) as stoppable:
        return stoppable.run(lambda: entry.preview(config, probing, watch))


def _drive(config: RunConfig, folder: Path, *, resume: bool, earlier: Tally, only: int | None = None) -> None:
    """Run or resume, show how it goes, and end with the exit code that tells how it ended. ``only`` so many are made
    for a forecast."""
    console = progress_console()
    write = _writer(console)
    progress = Progress(header=write, place=str(folder), earlier=earlier)
    shown: AbstractContextManager[object] = PlainProgress(progress, tell)
    if console.is_terminal:
        shown = TerminalProgress(progress, console)
    try:
        with shown:
            summary = _execute(config, folder, resume, progress, write, only)
    except BudgetReached as error:
        fail(str(error), LIMIT_REACHED)
    except InfrastructureError as error:
        fail("\n".join([str(error), *_how_to_resume(folder)]), INFRASTRUCTURE)
    if summary is None:
        fail(_stopped(folder), INTERRUPTED)
    if only is not None and only <= summary.accepted < summary.wanted:
        say_forecast(config, folder, summary, progress.seconds)
    else:
        _report(config, folder, summary, progress.seconds)


def _writer(console: Console) -> Callable[[str], None]:
    """Writes a line to stderr; above the bar where there is one."""
    if not console.is_terminal:
        return tell
    return lambda line: console.print(line, markup=False, soft_wrap=True)


def _execute(
    config: RunConfig,
    folder: Path,
    resume: bool,
    progress: Progress,
    write: Callable[[str], None],
    only: int | None,
) -> RunSummary | None:
    """The summary of a run that went to its end; none where it was stopped."""
    from fr_agents import entry  # noqa: PLC0415 - loads LangGraph, which the other commands do without

    drain = Drain()

    def stopping() -> None:
        write(_stopping(drain, checkpointed=config.checkpoint != "memory"))

    with Stoppable[RunSummary](stopping, drain) as stoppable:
        return stoppable.run(
            lambda: entry.execute(config, folder, resume=resume, observer=progress, only=only, drain=drain)
        )


def _stopping(drain: Drain, *, checkpointed: bool) -> str:
    """What becomes of what is under way, and how long that may take."""
    again = "(again Ctrl-C to stop at once) ..."
    if not drain.under_way:
        return f"stopping: what is done stays saved {again}"
    one = drain.under_way == 1
    left = "1 trajectory is" if one else f"{drain.under_way:,} trajectories are"
    saved = f"saved where {'it is' if one else 'they are'}" if checkpointed else "left, to begin anew on resume"
    return f"stopping: {left} {saved}, within {drain.grace:.0f} s {again}"


def _report(config: RunConfig, folder: Path, summary: RunSummary, seconds: float) -> None:
    if summary.complete:
        say(done_line(summary, seconds, config.models.offline))
        say(funnel_line(summary))
        say(next_line(str(folder)))
        return
    for line in status_lines(summary):
        say(line)
    fail(f"ended after {summary.jobs} jobs with {summary.accepted} of {summary.wanted} accepted.", UNFINISHED)


def _stopped(folder: Path) -> str:
    try:
        summary = summarise(RunFolder.look(folder))
    except RunFolderError:
        return "stopped before the first job. Nothing was started."
    return " ".join([f"stopped at {summary.accepted} of {summary.wanted}.", *_how_to_resume(folder)])


def _how_to_resume(folder: Path) -> list[str]:
    """The command, where there is something to resume."""
    return [f"Resume: fr-agents resume {folder}"] if (folder / "run.yaml").exists() else []
