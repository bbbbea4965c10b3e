"""The async entry points ``synthesize`` and ``resume``, and what the command line calls.

They run in the caller's event loop, hold nothing after they return, and end cleanly when they are cancelled: what was
decided by then is stored, what was under way is checkpointed, and ``resume`` goes on from there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio

from envs.domain import Domain
from fr_agents.backends.preflight import preflight
from fr_agents.backends.tracing import untraced
from fr_agents.checkpointing import open_checkpointer
from fr_agents.config import RunConfig, check_world, load_config
from fr_agents.config.models import ROLE_NAMES
from fr_agents.config.relimited import relimited
from fr_agents.discovery import RunGraph
from fr_agents.discovery.for_run import graph_for
from fr_agents.discovery.process import OnProgress
from fr_agents.draining import Drain, Drained
from fr_agents.engine import Bounds, LocalEngine
from fr_agents.failures import infrastructure_errors
from fr_agents.folder import RunFolder, refuse_existing
from fr_agents.funnel import RunSummary, summarise
from fr_agents.jobs import plan_job
from fr_agents.journal.affordable import check_prices
from fr_agents.logs_run import run_log
from fr_agents.planning import check_plan
from fr_agents.progress import Observer
from fr_agents.prompts.prompt import overriding
from fr_agents.run_models import Books
from fr_agents.running import Decider, Keeping
from fr_agents.store import JsonLinesStore, Outcome, Position, open_store
from fr_agents.wiring import described, domain_of, open_context
from graphs.context import RunContext
from graphs.records import Job, Trajectory
from graphs.roles import Roles

Source = str | Path | Mapping[str, Any] | RunConfig
_PREVIEW_JOBS = 10


async def synthesize(config: Source, output: str | Path | None = None) -> RunSummary:
    """Make trajectories until ``count`` are accepted, or ``max_jobs`` jobs are decided.

    Args:
        config: A path to a YAML file, a mapping, or a ``RunConfig``.
        output: The run folder; ``runs/NAME`` unless given. It must not exist.

    Raises:
        ConfigError: the configuration is wrong, or the world may not be probed. RunExistsError: something is in the
            folder. PreflightError: a model cannot be used. Nothing was written.
        InfrastructureError: a server, a disk or a tool of the world failed for good; the run can be resumed, if it has
            begun: before that, the world is probed.
    """
    loaded = load_config(config)
    return await execute(loaded, folder_of(loaded, output), resume=False)


async def resume(run_dir: str | Path, limits: Mapping[str, Any] | None = None) -> RunSummary:
    """Go on with a run that was stopped or killed; a run that is complete is only summed up, and needs no model.

    Args:
        run_dir: The run's folder.
        limits: Other ones than the run was begun with, from here on: a higher ``budget_usd``, say; or another ``log``.

    Raises:
        ConfigError: its world is not there any more, or a limit cannot be changed.
        RunFolderError: the folder is no run, or was begun with another version of fr-agents or of the world.
        RunInUseError: a live process uses it; also this one, by a ``stream`` that was left without being closed.
        PreflightError and InfrastructureError: as ``synthesize``.
    """
    folder = RunFolder.look(run_dir)
    check_world(folder.config.world)
    return await execute(relimited(folder.config, limits or {}), Path(run_dir), resume=True)


async def preview(
    config: RunConfig,
    probing: AbstractContextManager[OnProgress] | None = None,
    watch: Callable[[Roles], Roles] | None = None,
) -> Outcome:
    """The first trajectory that a run with this configuration would keep, or the last of ten rejections.

    Nothing is written, except that the graph goes to the cache; ``probing`` is open while that is discovered, and gives
    who is told how far it is. ``watch`` puts others in the place of the roles, which see what they are asked. Raises as
    ``synthesize`` does.
    """
    with infrastructure_errors():
        domain = domain_of(config)
        await _try_models(config)
        with probing or nullcontext() as on_progress:
            graph = await graph_for(config, domain, on_progress)
        plan = planner(config, domain, graph)
        async with _context(config, domain, graph) as context:
            if watch is not None:
                context = replace(context, roles=watch(context.roles))
            decider = Decider(config, context, None)
            for number in range(_PREVIEW_JOBS):
                outcome = await decider.decide(plan(number))
                if isinstance(outcome, Trajectory):
                    break
        return outcome


async def execute(
    config: RunConfig,
    folder: Path,
    *,
    resume: bool,
    observer: Observer | None = None,
    only: int | None = None,
    drain: Drain | None = None,
) -> RunSummary:
    """Run or resume a configuration in ``folder`` and sum it up; ``observer`` is told how it goes on. With ``only`` it
    stops at so many trajectories, and can be resumed.

    Raises:
        Drained: ``drain`` was requested, and the run has more to do. What else it raises, ``synthesize`` does.
    """
    with infrastructure_errors(), untraced():
        domain = domain_of(config)
        with (
            RunFolder.open(folder) if resume else await _begin(config, domain, folder, observer) as opened,
            run_log(opened, config, resumed=resume) as log,
        ):
            async with open_store(opened) as store:
                graph = None
                if not _ended(config, store.position):
                    check_prices(config)
                    if resume:
                        opened.refuse_other_versions(domain.version)
                        await _try_models(config)
                        opened.keep_limits(config)
                    graph = opened.run_graph()
                if observer is not None:
                    observer.started(config, described(domain), graph)
                if graph is not None:
                    log.begun(store)
                    await _run(config, domain, graph, opened, store, observer, only, drain)
            return await anyio.to_thread.run_sync(summarise, opened)


async def _begin(config: RunConfig, domain: Domain, folder: Path, observer: Observer | None) -> RunFolder:
    """The folder of a new run, which is made last: all that can be wrong is found before."""
    refuse_existing(folder)
    check_prices(config)
    await _try_models(config)
    graph = await graph_for(config, domain, None if observer is None else observer.discovering)
    check_plan(config, graph.graph, domain, graph.unusable)
    return RunFolder.create(folder, config, domain.version, graph)


def _ended(config: RunConfig, position: Position) -> bool:
    """Whether there is nothing left to do."""
    return position.accepted >= config.count or position.jobs >= config.max_jobs


async def _try_models(config: RunConfig) -> None:
    await preflight(config.models.for_role(role) for role in ROLE_NAMES)


def planner(config: RunConfig, domain: Domain, graph: RunGraph) -> Callable[[int], Job]:
    """What makes a job of its number, in all runs and previews of a configuration.

    Raises:
        ConfigError: what the configuration asks for cannot be had.
    """
    schedule = check_plan(config, graph.graph, domain, graph.unusable)
    return lambda number: plan_job(config, number, schedule)


async def _run(
    config: RunConfig,
    domain: Domain,
    graph: RunGraph,
    folder: RunFolder,
    store: JsonLinesStore,
    observer: Observer | None,
    only: int | None,
    drain: Drain | None,
) -> None:
    bounds = Bounds(
        count=config.count if only is None else min(only, config.count),
        max_jobs=config.max_jobs,
        concurrency=config.limits.concurrency,
        window=config.limits.window,
    )
    asking = None if observer is None else observer.asking
    books = Books(folder.journal, folder.id, folder.path, asking)
    async with (
        open_checkpointer(config.checkpoint, folder.checkpoints) as saver,
        _context(config, domain, graph, books) as context,
    ):
        decider = Decider(config, context, saver, drain)
        keeping = Keeping(decider, store)
        await keeping.forget_last()
        ending = await LocalEngine().run(
            planner(config, domain, graph),
            decider.decide,
            bounds=bounds,
            emit=keeping.emit,
            # A run that goes on has no surplus: the checkpoints of what lies beyond give it once more.
            set_aside=None if bounds.count < config.count else keeping.set_aside,
            start=store.position,
            on_decided=None if observer is None else observer.decided,
            drain=drain,
        )
    if ending.reason == "drained":
        raise Drained(f"{folder.path} has more to do")


@asynccontextmanager
async def _context(
    config: RunConfig, domain: Domain, graph: RunGraph, books: Books | None = None
) -> AsyncIterator[RunContext]:
    """The context of a run, whose roles ask with the run's own prompts."""
    async with AsyncExitStack() as stack:
        with overriding(config.prompts):
            opened = open_context(config, domain, graph.graph, graph.unusable, books)
            context = await stack.enter_async_context(opened)
        yield context


def folder_of(config: RunConfig, output: str | Path | None) -> Path:
    """Where a run is kept: ``output``, or ``runs/NAME``."""
    return Path(output) if output is not None else Path("runs") / config.name
