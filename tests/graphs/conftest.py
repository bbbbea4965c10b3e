"""Worlds, contexts and scripted roles for the tests of the state machines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from envs.domain import Domain
from envs.pool import WorldPool
from envs.travel import TravelDomain
from envs.world import World
from fr_agents.wiring import offline_roles
from graphs.context import RunContext
from graphs.execution import Recorder
from graphs.records import Job
from graphs.records.job import TurnPlan
from graphs.roles import RoleFailure, Roles
from graphs.sampler import build_sampler, recursion_limit
from graphs.settings import AuthorSettings, NoiseSettings, RefinerSettings, SamplerSettings
from graphs.synthesis import build_synthesis, initial_state
from tools.base import JsonObject, canonical_json, derive_seed
from tools.call import ToolCall
from tools.origin import ArgumentOrigin
from tools.paths import resolve
from tools.pools import is_opaque
from tools.trace import Step, Trace

from .scripted_roles import Killed, Scripted, Watched
from .shop import SHOP_STATE, ShopEnvironment
from .small_worlds import GateEnvironment, LampEnvironment, SmallDomain, SulkingEnvironment
from .town import TOWN_STATE, TownDomain

PLAIN = {name: 0.0 for name in NoiseSettings.model_fields if name != "languages"}


@pytest.fixture(scope="session")
def travel() -> Domain:
    return TravelDomain()


@pytest.fixture(scope="session")
def shop() -> Domain:
    return SmallDomain(ShopEnvironment, SHOP_STATE)


@pytest.fixture(scope="session")
def town() -> Domain:
    """A world of two environments in which a turn can go on in each way."""
    return TownDomain()


@pytest.fixture(scope="session")
def sulking() -> Domain:
    """A world in which nothing can be reached."""
    return SmallDomain(SulkingEnvironment, {})


@pytest.fixture(scope="session")
def gate() -> Domain:
    """A world with a dead end."""
    return SmallDomain(GateEnvironment, {"taken": "", "open": False})


@pytest.fixture(scope="session")
def lamp() -> Domain:
    """A world in which each call can be undone."""
    return SmallDomain(LampEnvironment, {"is_lit": False})


@pytest.fixture(scope="session")
def scripted() -> type[Scripted]:
    return Scripted


@pytest.fixture(scope="session")
def watched() -> type[Watched]:
    return Watched


@pytest.fixture(scope="session")
def killed() -> type[Killed]:
    return Killed


@pytest.fixture(scope="session")
def unusable() -> RoleFailure:
    return RoleFailure("nothing that could be read")


@pytest.fixture(scope="session")
def make_context(travel: Domain) -> Callable[..., RunContext]:
    """A context with worlds of its own: ``make_context(domain, roles, calls_per_turn=3, max_drafts=2, ...)``. Requests
    are in plain words and there is one blind attempt, ``probe``, unless the settings say otherwise."""

    def make(domain: Domain | None = None, roles: Roles | None = None, **settings: Any) -> RunContext:
        given = {"noise": PLAIN, **settings, "probe": {"attempts": settings.get("probe", 1)}}

        def taken(section: type[Any]) -> Any:
            return section(**{name: given[name] for name in section.model_fields if name in given})

        return RunContext(
            roles=roles or offline_roles(settings.get("seed", 0), settings.get("mistakes", 0.0)),
            worlds=WorldPool(domain or travel, edges=settings.get("edges")),
            sampler=taken(SamplerSettings),
            author=taken(AuthorSettings),
            refiner=taken(RefinerSettings),
        )

    return make


@pytest.fixture(scope="session")
def in_town(town: Domain, make_context: Callable[..., RunContext]) -> Callable[..., RunContext]:
    """A context in the town with the graph that probing it would find: ids are known to be made by the system. A turn
    stops at its target unless the settings say how it goes on: ``in_town(go_on={"use": 1.0})``."""
    declared = town.open(town.draw(0)).declared_edges()
    edges = [edge.model_copy(update={"opaque": is_opaque(edge.parameter or "")}) for edge in declared]

    def make(go_on: Mapping[str, float] | None = None, **settings: Any) -> RunContext:
        shares = {"use": 0.0, "second": 0.0, "elsewhere": 0.0, **(go_on or {})}
        return make_context(town, edges=edges, go_on=shares, **settings)

    return make


@pytest.fixture(scope="session")
def with_roles() -> Callable[..., Roles]:
    """Offline roles, some of them replaced: ``with_roles(reasoning=...)``."""

    def make(mistakes: float = 0.0, **replaced: Any) -> Roles:
        return replace(offline_roles(0, mistakes), **replaced)

    return make


@pytest.fixture(scope="session")
def make_job() -> Callable[..., Job]:
    """Job ``number`` with a seed as long as real ones are: ``make_job(3, turns=1, tool="book_ticket")`` plans the turn
    after the given number of unplanned ones."""

    def make(number: int, turns: int = 2, after: int = 0, **plan: Any) -> Job:
        plans = (*(TurnPlan() for _ in range(after)), TurnPlan(**plan)) if plan else ()
        return Job(number=number, seed=derive_seed("tests", number), turns=turns, plans=plans)

    return make


@pytest.fixture(scope="session")
def sample() -> Callable[..., Any]:
    """Samples one turn and returns the sampler's final state."""
    graph = build_sampler().compile()

    async def run(context: RunContext, job: Job, turn: int = 0, history: Sequence[Step] = (), **more: Any) -> Any:
        given = {
            "job": job.plain(),
            "turn": turn,
            "history": [step.plain() for step in history],
            "messages": [],
            "past_targets": [],
            **more,
        }
        return await graph.ainvoke(given, {"recursion_limit": recursion_limit(context.sampler)}, context=context)

    return run


@pytest.fixture(scope="session")
def turn(sample: Callable[..., Any]) -> Callable[..., Any]:
    """Samples a turn as a Trace, or None where there is none."""

    async def run(*given: Any, **more: Any) -> Trace | None:
        state = await sample(*given, **more)
        return Trace.model_validate(state["trace"]) if state["status"] == "done" else None

    return run


def _read(origin: ArgumentOrigin, contents: Mapping[str, Any]) -> Any:
    """The value that an origin points to (LookupError where its call is not there)."""
    if origin.kind == "composed":
        return [_read(part, contents) for part in origin.parts]
    return resolve(contents[str(origin.source)], origin.path or "", origin.selector)


@pytest.fixture(scope="session")
def read_origin() -> Callable[[ArgumentOrigin, Mapping[str, Any]], Any]:
    return _read


@pytest.fixture(scope="session")
def replay_without() -> Callable[..., Any]:
    """What a turn comes to without one call, arguments read anew from what the calls return; None where it breaks."""

    def run(world: World, steps: Sequence[Step], requested: Sequence[str], left_out: str = "") -> Any:
        before = world.made_ids()
        own = {step.call.id for step in steps}
        contents: dict[str, Any] = {}
        for step in (step for step in steps if step.call.id != left_out):
            mine = {name: origin for name, origin in step.origins.items() if own & {*_sources(origin)}}
            try:
                values = {**step.call.arguments, **{name: _read(origin, contents) for name, origin in mine.items()}}
            except LookupError:
                return None
            observation = world.execute(ToolCall(id=step.call.id, name=step.call.name, arguments=values))
            if observation.failed:
                return None
            contents[step.call.id] = observation.content
        outputs = [canonical_json(contents[call_id]) for call_id in requested if call_id in contents]
        return world.public_hash(before), outputs

    return run


def _sources(origin: ArgumentOrigin) -> list[str]:
    return [str(part.source) for part in origin.observed]


@pytest.fixture(scope="session")
def synthesise() -> Callable[..., Any]:
    """Runs a whole job without a checkpointer and returns the final state."""
    graph = build_synthesis().compile()

    async def run(context: RunContext, job: Job) -> Any:
        given = initial_state(job, context.system_message(job))
        return await graph.ainvoke(given, {"recursion_limit": 1000}, context=context)

    return run


@pytest.fixture(scope="session")
def travelled(make_context: Any, make_job: Any, synthesise: Any, watched: Any) -> Any:
    """The final states of some travel jobs solved with mistakes, and all views that the roles were shown, by job."""

    async def run() -> list[tuple[Job, Any, list[tuple[str, Any]]]]:
        found = []
        pool = make_context().worlds
        for number in range(10):
            watch = watched(offline_roles(0, 0.4))
            context = replace(make_context(roles=watch.roles), worlds=pool)
            job = make_job(number, turns=3)
            found.append((job, await synthesise(context, job), watch.calls))
        return found

    return asyncio.run(run())


@pytest.fixture
def shop_world(shop: Domain) -> World:
    return shop.open(shop.draw(0))


def _steps(world: World, *calls: tuple[str, JsonObject, int], prefix: str = "g0") -> tuple[Step, ...]:
    """Executes calls in the world, each given as name, arguments and group."""
    recorder = Recorder(world)
    return tuple(
        recorder.run(ToolCall(id=f"{prefix}_{index}", name=name, arguments=arguments), group=group)
        for index, (name, arguments, group) in enumerate(calls)
    )


@pytest.fixture(scope="session")
def run_steps() -> Callable[..., tuple[Step, ...]]:
    return _steps


@pytest.fixture
def gold(shop_world: World) -> Trace:
    """An order that takes two look-ups: the item lamp for the customer Ana."""
    found = _steps(
        shop_world.fork(),
        ("find_item", {"item_name": "lamp"}, 0),
        ("find_customer", {"customer_name": "Ana"}, 0),
        ("place_order", {"item_id": "IT-4711", "customer_id": "CU-1207"}, 1),
    )
    said = ArgumentOrigin(kind="query")
    origins = (
        {"item_name": said},
        {"customer_name": said},
        {
            "item_id": ArgumentOrigin(kind="observation", source="g0_0", path="item_id"),
            "customer_id": ArgumentOrigin(kind="observation", source="g0_1", path="customer_id"),
        },
    )
    steps = tuple(step.model_copy(update={"origins": part}) for step, part in zip(found, origins, strict=True))
    return Trace(target_tool="place_order", steps=steps, requested=("g0_2",))


@pytest.fixture(autouse=True)
def _no_shared_state() -> Iterator[None]:
    """Initial states are shared by all worlds and must come out of every test as they were."""
    before = repr((SHOP_STATE, TOWN_STATE))
    yield
    assert repr((SHOP_STATE, TOWN_STATE)) == before
