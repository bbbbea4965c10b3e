"""Graphs for LangGraph's own tools (``langgraph dev``, Studio): a built-in world with offline roles.

A server injects its own checkpointer and passes a context that a person may edit, so it is plain JSON here; each node
gets the real run context, which is made from it. The API graph is the declared one: a server that is started to look at
graphs should not probe a world first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from inspect import signature
from typing import Any, cast

from langgraph.graph import StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from envs.domain import load_domain
from envs.pool import WorldPool
from fr_agents.wiring import offline_roles
from graphs.author import build_author
from graphs.context import RunContext
from graphs.records import Job
from graphs.refiner import build_refiner
from graphs.sampler import build_sampler
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from graphs.synthesis import SynthesisState, build_synthesis, initial_state


class StudioContext(TypedDict, total=False):
    """What can be set in Studio: the world's name, and the share of requests in which the offline reasoner errs."""

    world: str
    mistakes: float


@lru_cache(maxsize=8)
def run_context(world: str, mistakes: float) -> RunContext:
    """A run context with offline roles and default settings."""
    return RunContext(
        roles=offline_roles(mistakes=mistakes),
        worlds=WorldPool(load_domain(world)),
        sampler=SamplerSettings(),
        author=AuthorSettings(),
        refiner=RefinerSettings(),
    )


def bound(builder: StateGraph[Any, RunContext, Any, Any]) -> StateGraph[Any, Any, Any, Any]:
    """The same state machine with a context that is plain JSON."""
    plain: StateGraph[Any, Any, Any, Any] = StateGraph(builder.state_schema, context_schema=StudioContext)
    for name, node in builder.nodes.items():
        plain.add_node(name, cast(Any, _binding(node.runnable)))
    for start, end in sorted(builder.edges):
        plain.add_edge(start, end)
    for name, branches in builder.branches.items():
        for branch in branches.values():
            plain.add_conditional_edges(name, _binding(branch.path), cast(Any, branch.ends))
    return plain


def _binding(runnable: Any) -> Callable[[Any, Runtime[Any]], Awaitable[Any]]:
    """A node or a route that is called with the real context in place of the plain one."""
    function = runnable.afunc
    takes_runtime = "runtime" in signature(function).parameters

    async def call(state: Any, runtime: Runtime[Any]) -> Any:
        if not takes_runtime:
            return await function(state)
        given = runtime.context or {}
        context = run_context(given.get("world", "travel"), given.get("mistakes", 0.15))
        return await function(state, runtime.override(context=context))

    return call


def sampler() -> Any:
    """Phase I."""
    return bound(build_sampler()).compile()


def author() -> Any:
    """Phase II."""
    return bound(build_author()).compile()


def refiner() -> Any:
    """Phase III."""
    return bound(build_refiner()).compile()


def input_of(job: Job, world: str = "travel") -> SynthesisState:
    """What to give ``synthesis`` for a job in a built-in world."""
    return initial_state(job, run_context(world, 0.0).system_message(job))


def synthesis() -> Any:
    """All three phases for one job."""
    return bound(build_synthesis()).compile()
