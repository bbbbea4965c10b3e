"""Measures what a real model makes of the method: what is lost at each stage, and whether hints help.

    python -m benchmarks.real_model [--config FILE] [--set KEY=VALUE] [--output FILE] [--jobs N] [--pairs N] [--hints K]
                                    [--concurrency N] [--roles offline] [--write]

Each job has one turn, which the model samples, asks and solves blind. Where that attempt fails, the turn is continued
twice from there: with K hinted attempts, and with K more blind ones. It ends at ``--pairs`` of those, or at ``--jobs``.

The output file gets a line for each job as soon as it is done; a benchmark that was stopped or killed goes on where it
was, with the same command. ``--roles offline`` puts rules in all roles and takes seconds: its figures mean nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

import anyio
import openai

import fr_agents
from benchmarks.graph import DOCUMENT
from benchmarks.real_model_figures import pairs
from benchmarks.real_model_file import Lines, opened
from benchmarks.real_model_job import Arms, Keep, compared
from benchmarks.real_model_tables import MARKS, tables
from benchmarks.sampling_tables import write
from fr_agents.backends.preflight import preflight
from fr_agents.backends.secrets import find_key
from fr_agents.config import RunConfig, configuration_hash, load_config
from fr_agents.config.models import OFFLINE, ROLE_NAMES, ModelSettings
from fr_agents.discovery.for_run import graph_for
from fr_agents.entry import planner
from fr_agents.errors import FrAgentsError
from fr_agents.failures import infrastructure_errors
from fr_agents.jobs import RecordMaker
from fr_agents.wiring import domain_of, open_context
from graphs.records import Job
from tools.base import JsonObject

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "configs" / "real_model.yaml"
OUTPUT = Path("runs/real_model.jsonl")
_MISTAKES = 0.6
_SECONDS = 10.0


async def measure(
    lines: Lines, plan: Callable[[int], Job], arms: Arms, jobs: int, wanted: int, workers: int, keep: Keep
) -> None:
    """Run the jobs that the file does not hold yet, until it holds ``wanted`` pairs or all of the first ``jobs``. Jobs
    that are under way then are finished: to drop the slow ones would change the figures."""
    done = {row["job"] for row in lines.rows}
    open_numbers = iter([number for number in range(jobs) if number not in done])

    async def work() -> None:
        while len(pairs(lines.rows)) < wanted and (number := next(open_numbers, None)) is not None:
            row = await compared(plan(number), arms, keep)
            lines.add(row)
            _note(row, len(pairs(lines.rows)), wanted)

    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(work)


async def run(config: RunConfig, given: argparse.Namespace) -> Lines:
    """Measure, or go on with it, and return what the output file holds.

    Raises:
        FrAgentsError: a model or the world cannot be used, or failed for good; what was done by then is in the file.
    """
    with infrastructure_errors():
        await preflight(config.models.for_role(role) for role in ROLE_NAMES)
        with opened(given.output, await _header(config, given.hints)) as lines:
            async with _arms(config, given.hints) as (plan, arms):
                keep = keeper(config, arms, given.output.with_suffix(".trajectories.jsonl"))
                await measure(lines, plan, arms, given.jobs, given.pairs, given.concurrency, keep)
        return lines


@asynccontextmanager
async def _arms(config: RunConfig, hints: int) -> AsyncIterator[tuple[Callable[[int], Job], Arms]]:
    domain = domain_of(config)
    graph = await graph_for(config, domain)
    async with open_context(config, domain, graph.graph, graph.unusable) as context:
        yield planner(config, domain, graph), Arms.of(context, hints)


def keeper(config: RunConfig, arms: Arms, path: Path) -> Keep:
    """Appends the record of each accepted job to a file, for a person to read and for ``fr-agents verify``. A job that
    both arms solved is there twice."""
    records = RecordMaker(config, arms.blind.roles.models())

    def keep(job: Job, state: Any) -> None:
        record = records.outcome(job, state, arms.blind.world_of(job), arms.blind.tools(job))
        with path.open("a", encoding="utf-8") as file:
            file.write(record.model_dump_json() + "\n")

    return keep


async def _header(config: RunConfig, hints: int) -> JsonObject:
    """What was measured, when, with which model."""
    settings = config.models.for_role("reasoning")
    return {
        "benchmark": "real_model",
        "date": datetime.now(UTC).date().isoformat(),
        "model": await served_name(settings),
        "roles": config.models.described(),
        "asked": _asked(settings),
        "world": config.world.name,
        "tools_shown": config.tools_shown,
        "calls_per_turn": config.sampler.calls_per_turn,
        "hints": hints,
        "version": fr_agents.__version__,
        "configuration": configuration_hash(config),
    }


async def served_name(settings: ModelSettings) -> str:
    """The name that the server itself gives the model: of a path its last part; the configured one where it tells
    none, or several others."""
    configured = settings.model.partition("/")[2] or settings.model
    if settings.offline:
        return "rules"
    key = find_key(settings).get_secret_value()
    async with openai.AsyncOpenAI(base_url=settings.base_url, api_key=key, max_retries=0, timeout=_SECONDS) as client:
        try:
            names = [model.id async for model in client.models.list()]
        except openai.OpenAIError:
            names = []
    return PurePath(names[0]).name if len(names) == 1 else configured


def configured(given: argparse.Namespace) -> RunConfig:
    """The configuration of the benchmark: that of the file, with one turn in a job.

    Raises:
        ConfigError: the file is no configuration. SystemExit: the comparison would mean nothing with it.
    """
    changes = [*given.changes, "turns=1"]
    if given.roles == OFFLINE:
        changes += [f'models={{"default": "{OFFLINE}"}}', f"offline.mistakes={_MISTAKES}"]
    config = load_config(given.config, changes)
    if config.models.for_role("reasoning").temperature == 0:
        raise SystemExit(
            f"{given.config}: the reasoning model's temperature is 0, so that a blind retry would say the same again. "
            "Set it above 0."
        )
    return config


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, give the tables, and keep them where it is asked for."""
    given = _parser().parse_args(arguments)
    try:
        lines = anyio.run(run, configured(given), given)
    except FrAgentsError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    text = tables(lines.header, sorted(lines.rows, key=lambda row: row["job"]))
    sys.stdout.write(f"{text}\n")
    if given.write:
        write(text, DOCUMENT, MARKS)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure hints against blind retries with a real model.")
    parser.add_argument("--config", type=Path, default=CONFIG, metavar="FILE", help="the run's configuration")
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE", help="a change to it, repeatable"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("runs/real_model.jsonl"), metavar="FILE", help="%(default)s"
    )
    parser.add_argument("--jobs", type=int, default=400, metavar="N", help="jobs at most (%(default)s)")
    parser.add_argument("--pairs", type=int, default=30, metavar="N", help="turns to compare (%(default)s)")
    parser.add_argument("--hints", type=int, default=3, metavar="K", help="attempts in each arm (%(default)s)")
    parser.add_argument("--concurrency", type=int, default=2, metavar="N", help="jobs at a time (%(default)s)")
    parser.add_argument("--roles", choices=[OFFLINE], help="rules in all roles, to see that it works")
    parser.add_argument("--write", action="store_true", help=f"bring {DOCUMENT.name} up to date")
    return parser


def _asked(settings: ModelSettings) -> str:
    """How the model is asked, in a few words."""
    if settings.offline:
        return "rules in all roles"
    temperature = "the server's temperature" if settings.temperature is None else f"temperature {settings.temperature}"
    return f"tools `{settings.tools}`, {temperature}"


def _note(row: JsonObject, found: int, wanted: int) -> None:
    """Tell on stderr what a job came to."""
    ends = {name: row[name] for name in ("blind", "hints", "retries") if name in row}
    told = {name: "accepted" if end["accepted"] else f"{end['stage']}: {end['reason']}" for name, end in ends.items()}
    sys.stderr.write(f"{json.dumps({'job': row['job'], **told})} pairs {found}/{wanted}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
