"""What ``run --forecast`` says once the first trajectories are made."""

from __future__ import annotations

from pathlib import Path

from fr_agents.cli.common import say
from fr_agents.config import RunConfig
from fr_agents.folder import RunFolder
from fr_agents.forecast import forecast
from fr_agents.forecast_prices import prices_by_role
from fr_agents.forecast_shown import forecast_lines
from fr_agents.funnel import RunSummary, counted
from fr_agents.funnel_shown import funnel_line, model_part
from fr_agents.job_file import read_jobs


def say_forecast(config: RunConfig, folder: Path, summary: RunSummary, seconds: float) -> None:
    """Say what the rest of a run takes that has made its first trajectories in ``seconds``, and how to go on."""
    done = list({job.job: job for job in read_jobs(RunFolder.look(folder))}.values())
    if config.checkpoint == "memory":  # jobs beyond the first ones are made anew
        done = [job for job in done if job.job < summary.jobs]
    left = config.count - sum(job.accepted for job in done)
    prices = prices_by_role(config.models)
    say(funnel_line(summary))
    if cost := model_part(summary):
        say(f"so far: {cost}")
    if len(done) > summary.jobs:
        say(f"{counted(len(done) - summary.jobs, 'further job')} ended meanwhile: the run goes on with what they gave.")
    if left > 0:
        told = forecast(done, seconds, left, prices, config.limits.concurrency, config.seed)
        for line in forecast_lines(told, priced=bool(prices)):
            say(line)
    say(f"Go on: fr-agents resume {folder}")
