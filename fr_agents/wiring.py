"""Puts a run together: the domain, the roles with their backends, and the context that the state machines run in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from envs.domain import Domain, load_domain
from envs.pool import WorldPool
from fr_agents.backends.metering import MeteredBackend
from fr_agents.config import RunConfig
from fr_agents.config.models import ROLE_NAMES, RoleName
from fr_agents.roles.chat.critiquing import CritiquingRole
from fr_agents.roles.chat.judging import JudgingRole
from fr_agents.roles.chat.querying import QueryingRole
from fr_agents.roles.chat.reasoning import ReasoningRole
from fr_agents.roles.chat.rewriting import RewritingRole
from fr_agents.roles.chat.sampling import SamplingRole
from fr_agents.roles.chat.tooling import ToolingRole
from fr_agents.roles.offline import OfflineCritiquing, OfflineQuerying, OfflineReasoning, OfflineTooling
from fr_agents.roles.offline.rewriting import OfflineRewriting
from fr_agents.run_models import Books, RunModels, open_models
from graphs.aside import WorldThreads
from graphs.context import RunContext
from graphs.roles import Roles
from tools.graph import ApiGraph, Edge

CHAT_ROLES = {
    "sampling": SamplingRole,
    "tooling": ToolingRole,
    "querying": QueryingRole,
    "judging": JudgingRole,
    "reasoning": ReasoningRole,
    "critiquing": CritiquingRole,
    "rewriting": RewritingRole,
}


def domain_of(config: RunConfig) -> Domain:
    """The domain that a configuration names. Raises UnknownWorldError."""
    return load_domain(config.world.name, config.world.options)


def described(domain: Domain) -> dict[str, int]:
    """Numbers of environments and tools that worlds of the domain can have."""
    catalogue = domain.catalogue()
    return {"environments": len(catalogue), "tools": sum(len(tools) for tools in catalogue.values())}


@asynccontextmanager
async def open_context(
    config: RunConfig,
    domain: Domain,
    graph: ApiGraph | None = None,
    left_out: Sequence[str] = (),
    books: Books | None = None,
) -> AsyncIterator[RunContext]:
    """The context of a run on ``graph``, in which the tools ``left_out`` are never called; its models stay open until
    the context manager ends. What they answer is kept in ``books``, if there are any.

    Where the graph is the declared one, or none is given, each world's follows from its own tools: worlds may name
    tools otherwise than the catalogue does, and nothing was tried out that would be lost.
    """
    edges = graph.edges if graph is not None and config.sampler.graph == "discovered" else None
    async with AsyncExitStack() as stack:
        models = None if config.models.offline else await stack.enter_async_context(open_models(config, books))
        found = {role: await _role(role, config, graph, models) for role in ROLE_NAMES}
        yield RunContext(
            roles=Roles(**found),
            worlds=WorldPool(domain, capacity=8 * config.limits.concurrency, edges=edges),
            sampler=config.sampler,
            author=config.author,
            refiner=config.refiner,
            left_out=frozenset(left_out),
            threads=WorldThreads(config.limits.tool_seconds),
        )


def offline_roles(seed: int = 0, mistakes: float = 0.0, edges: Sequence[Edge] = ()) -> Roles:
    """The roles by rules, of which the one that reasons knows ``edges`` of the tools. There is none that samples, since
    the rules for that are the sampler's own, and none that judges, since it is asked what no rule decides."""
    return Roles(
        tooling=OfflineTooling(),
        querying=OfflineQuerying(),
        reasoning=OfflineReasoning(seed, mistakes, edges),
        critiquing=OfflineCritiquing(),
        rewriting=OfflineRewriting(),
    )


async def _role(role: RoleName, config: RunConfig, graph: ApiGraph | None, models: RunModels | None) -> Any:
    """A role by rules, or one that asks a model. None for an optional role that no model plays."""
    settings = config.models.for_role(role)
    if settings.offline or models is None:
        edges = graph.edges if graph is not None else ()
        return getattr(offline_roles(config.offline.seed, config.offline.mistakes, edges), role)
    return CHAT_ROLES[role](MeteredBackend(await models.of(settings), role))
