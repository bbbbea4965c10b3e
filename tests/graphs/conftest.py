"""Worlds, contexts and scripted roles for the tests of the state machines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from typing_extensions import TypedDict

from envs.domain import Domain
from envs.environment import KnownValue, WorldSpec
from envs.pool import WorldPool
from envs.toolkit import ToolkitEnvironment, tool
from envs.travel import TravelDomain
from envs.world import World
from fr_agents.wiring import offline_roles
from graphs.context import RunContext
from graphs.execution import Recorder
from graphs.records import Job
from graphs.roles import RoleFailure, Roles
from graphs.sampler import build_sampler, recursion_limit
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from graphs.synthesis import build_synthesis, initial_state
from tools.base import JsonObject, derive_seed
from tools.call import ToolCall
from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.trace import Step, Trace

ROLE_NAMES = ("tooling", "querying", "reasoning", "critiquing")


class Item(TypedDict):
    item_id: str
    item_name: str


class Found(TypedDict):
    item_id: str


class Customer(TypedDict):
    customer_id: str


class Items(TypedDict):
    items: list[Item]


class Stock(TypedDict):
    in_stock: int


class Order(TypedDict):
    order_id: str


class Price(TypedDict):
    price: int


class Token(TypedDict):
    gate_token: str


class Opened(TypedDict):
    room: str


class ShopEnvironment(ToolkitEnvironment):
    """A shop with two ways to learn an item's ID; each leaves a trace in the hidden state."""

    name: ClassVar[str] = "shop"

    @tool(effect="read")
    def find_item(self, item_name: str) -> Found:
        """Find an item by its name.

        Args:
            item_name: Name of the item.
        """
        self.data["_log"].append(f"find {item_name}")
        return {"item_id": self._known(self.data["items"], item_name)}

    @tool(effect="read")
    def list_items(self) -> Items:
        """List the items of the shop."""
        self.data["_log"].append("list")
        return {"items": [{"item_id": key, "item_name": name} for name, key in self.data["items"].items()]}

    @tool(effect="read")
    def find_customer(self, customer_name: str) -> Customer:
        """Find a customer by name.

        Args:
            customer_name: Name of the customer.
        """
        return {"customer_id": self._known(self.data["customers"], customer_name)}

    @tool(effect="read")
    def check_stock(self, item_id: str) -> Stock:
        """Check how many pieces of an item are in stock.

        Args:
            item_id: ID of the item.
        """
        return {"in_stock": len(item_id)}

    @tool(effect="write")
    def place_order(self, item_id: str, customer_id: str) -> Order:
        """Place an order for a customer.

        Args:
            item_id: ID of the item.
            customer_id: ID of the customer.
        """
        if item_id not in self.data["items"].values() or customer_id not in self.data["customers"].values():
            raise self.fail("There is no such item or customer.", "not_found")
        order_id = self.new_id("OR")
        self.data["orders"][order_id] = {"item": item_id, "customer": customer_id}
        return {"order_id": order_id}

    @tool(effect="write")
    def set_price(self, price: int) -> Price:
        """Set the price of everything in the shop.

        Args:
            price: Price of everything.
        """
        self.data["price"] = price
        return {"price": price}

    @tool(effect="write")
    def raise_price(self, percentage: int) -> Price:
        """Raise the price of everything by a percentage.

        Args:
            percentage: Percentage of the raise.
        """
        self.data["price"] = self.data["price"] * (100 + percentage) // 100
        return {"price": self.data["price"]}

    def known_values(self) -> tuple[KnownValue, ...]:
        said = {
            "item_name": tuple(self.data["items"]),
            "customer_name": tuple(self.data["customers"]),
            "price": (200, 300),
            "percentage": (10, 20),
        }
        return tuple(KnownValue(parameter=name, value=value) for name, values in said.items() for value in values)

    def _known(self, table: Mapping[str, str], name: str) -> str:
        if name not in table:
            raise self.fail(f"There is nothing named {name!r}.", "not_found")
        return table[name]


class SulkingEnvironment(ToolkitEnvironment):
    """Its only tool always fails."""

    name: ClassVar[str] = "sulking"

    @tool(effect="read")
    def ask(self) -> Found:
        """Ask for anything at all."""
        raise self.fail("Not today.")


class GateEnvironment(ToolkitEnvironment):
    """Two tokens of which a visitor may take one, and only the blue one opens the gate."""

    name: ClassVar[str] = "gate"

    @tool(effect="write")
    def take_red(self) -> Token:
        """Take the red token of the gate."""
        return self._take("red")

    @tool(effect="write")
    def take_blue(self) -> Token:
        """Take the blue token of the gate."""
        return self._take("blue")

    @tool(effect="write")
    def open_gate(self, gate_token: str) -> Opened:
        """Open the gate with a token.

        Args:
            gate_token: Gate token.
        """
        if gate_token != "T-blue" or self.data["open"]:
            raise self.fail("The gate stays shut.")
        self.data["open"] = True
        return {"room": "garden"}

    def _take(self, colour: str) -> Token:
        if self.data["taken"]:
            raise self.fail("One token for each visitor.")
        self.data["taken"] = colour
        return {"gate_token": f"T-{colour}"}


class Lamp(TypedDict):
    is_lit: bool


class LampEnvironment(ToolkitEnvironment):
    """A lamp; switching it off undoes switching it on."""

    name: ClassVar[str] = "lamp"

    @tool(effect="write")
    def switch_on(self) -> Lamp:
        """Switch the lamp on."""
        return self._switch(lit=True)

    @tool(effect="write")
    def switch_off(self) -> Lamp:
        """Switch the lamp off."""
        return self._switch(lit=False)

    def _switch(self, *, lit: bool) -> Lamp:
        if self.data["is_lit"] == lit:
            raise self.fail("It is so already.")
        self.data["is_lit"] = lit
        return {"is_lit": lit}


SHOP_STATE = {
    "items": {"lamp": "IT-4711", "chair": "IT-5822", "desk": "IT-6933"},
    "customers": {"Ana": "CU-1207", "Bela": "CU-3418"},
    "orders": {},
    "price": 100,
    "_log": [],
    "_id_seed": 5,
}


class SmallDomain:
    """Worlds of one small environment, all in the same initial state."""

    version = "1"

    def __init__(self, environment: type[ToolkitEnvironment], state: JsonObject) -> None:
        self.name = environment.name
        self._environment = environment
        self._state = state

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        return {self.name: self._environment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        return WorldSpec(
            name=self.name,
            version=self.version,
            seed=seed % 1000,
            environments=(self.name,),
            initial_state={self.name: self._state},
        )

    def open(self, spec: WorldSpec) -> World:
        world = World(spec, [self._environment()])
        world.reset()
        return world


class Scripted:
    """A role that gives prepared answers in turn, the last one again and again, and keeps the views it was shown.

    An answer may be a function of the view, or an exception to raise.
    """

    model = "scripted"

    def __init__(self, *answers: Any, makes_model_calls: bool = True) -> None:
        self.answers = answers
        self.makes_model_calls = makes_model_calls
        self.views: list[Any] = []

    async def __call__(self, view: Any) -> Any:
        answer = self.answers[min(len(self.views), len(self.answers) - 1)]
        self.views.append(view)
        if isinstance(answer, Exception):
            raise answer
        return answer(view) if callable(answer) else answer


class Killed(Exception):  # noqa: N818 - stands for the end of the process
    """The process died in the middle of a role's call."""


class Watched:
    """Wraps all roles: notes each call with its view, and dies in call number ``die_at`` (counted from 1)."""

    def __init__(self, roles: Roles, *, paid: bool = False, die_at: int = 0) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._die_at = die_at
        self.roles = Roles(**{name: self._wrapped(name, getattr(roles, name), paid) for name in ROLE_NAMES})

    def _wrapped(self, name: str, inner: Any, paid: bool) -> Any:
        async def answer(view: Any) -> Any:
            self.calls.append((name, view))
            if len(self.calls) == self._die_at:
                raise Killed(name)
            return await inner(view)

        class Wrapper:
            model = inner.model
            makes_model_calls = paid

            async def __call__(self, view: Any) -> Any:
                return await answer(view)

        return Wrapper()


@pytest.fixture(scope="session")
def travel() -> Domain:
    return TravelDomain()


@pytest.fixture(scope="session")
def shop() -> Domain:
    return SmallDomain(ShopEnvironment, SHOP_STATE)


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
    """A context with worlds of its own: ``make_context(domain, roles, calls_per_turn=3, max_drafts=2, ...)``."""

    def make(domain: Domain | None = None, roles: Roles | None = None, **settings: Any) -> RunContext:
        def taken(section: type[Any]) -> Any:
            return section(**{name: settings[name] for name in section.model_fields if name in settings})

        return RunContext(
            roles=roles or offline_roles(settings.get("seed", 0), settings.get("mistakes", 0.0)),
            worlds=WorldPool(domain or travel),
            sampler=taken(SamplerSettings),
            author=taken(AuthorSettings),
            refiner=taken(RefinerSettings),
        )

    return make


@pytest.fixture(scope="session")
def with_roles() -> Callable[..., Roles]:
    """Offline roles, some of them replaced: ``with_roles(reasoning=...)``."""

    def make(mistakes: float = 0.0, **replaced: Any) -> Roles:
        return replace(offline_roles(0, mistakes), **replaced)

    return make


@pytest.fixture(scope="session")
def make_job() -> Callable[..., Job]:
    """Job ``number`` with a seed as long as real ones are."""

    def make(number: int, turns: int = 2) -> Job:
        return Job(number=number, seed=derive_seed("tests", number), turns=turns)

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
def synthesise() -> Callable[..., Any]:
    """Runs a whole job without a checkpointer and returns the final state."""
    graph = build_synthesis().compile()

    async def run(context: RunContext, job: Job) -> Any:
        return await graph.ainvoke(initial_state(job), {"recursion_limit": 1000}, context=context)

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
    """The shop's initial state is shared by all worlds and must come out of every test as it was."""
    before = repr(SHOP_STATE)
    yield
    assert repr(SHOP_STATE) == before
