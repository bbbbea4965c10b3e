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
from graphs.records.job import TurnPlan
from graphs.roles import RoleFailure, Roles
from graphs.sampler import build_sampler, recursion_limit
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from graphs.synthesis import build_synthesis, initial_state
from tools.base import JsonObject, canonical_json, derive_seed
from tools.call import ToolCall
from tools.origin import ArgumentOrigin
from tools.paths import resolve
from tools.pools import is_opaque
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


class EventFound(TypedDict):
    event_id: str
    hall: str
    ticket_price: int


class Seat(TypedDict):
    seat_id: str
    seat_price: int


class Seats(TypedDict):
    seats: list[Seat]


class Booked(TypedDict):
    booking_id: str


class BookingShown(TypedDict):
    gate: str
    queue_length: int


class Done(TypedDict):
    done: bool


class EventsEnvironment(ToolkitEnvironment):
    """Events in halls: look-ups, a chain of ids, a value that a user may know as well, and a state to establish."""

    name: ClassVar[str] = "events"

    @tool(effect="read")
    def find_event(self, event_name: str) -> EventFound:
        """Find an event by its name.

        Args:
            event_name: Name of the event.
        """
        for event_id, event in self.data["events"].items():
            if event["name"] == event_name:
                return {"event_id": event_id, "hall": event["hall"], "ticket_price": event["price"]}
        raise self.fail(f"There is no event {event_name!r}.", "not_found")

    @tool(effect="read", sources={"event_id": "find_event:event_id"})
    def list_seats(self, event_id: str) -> Seats:
        """List the free seats of an event.

        Args:
            event_id: ID of the event.
        """
        price = self._event(event_id)["price"]
        return {"seats": [{"seat_id": f"S{event_id[-1]}{row}", "seat_price": price * row} for row in (1, 2, 3)]}

    @tool(effect="write", sources={"event_id": "find_event:event_id"})
    def book_ticket(self, event_id: str, guest_name: str) -> Booked:
        """Book a ticket for a guest.

        Args:
            event_id: ID of the event.
            guest_name: Name of the guest.
        """
        self._event(event_id)
        booking_id = self.new_id("BK")
        self.data["bookings"][booking_id] = {"event": event_id, "guest": guest_name}
        return {"booking_id": booking_id}

    @tool(effect="read", sources={"booking_id": "book_ticket:booking_id"})
    def show_booking(self, booking_id: str) -> BookingShown:
        """Show where a booking is let in.

        Args:
            booking_id: ID of the booking.
        """
        place = list(self._booking(booking_id))
        return {"gate": f"Gate {len(place)}{booking_id[-1]}", "queue_length": 40 + int(booking_id[-1])}

    @tool(effect="write", sources={"booking_id": "book_ticket:booking_id"})
    def cancel_booking(self, booking_id: str) -> Done:
        """Cancel a booking.

        Args:
            booking_id: ID of the booking.
        """
        self._booking(booking_id)
        del self.data["bookings"][booking_id]
        return {"done": True}

    @tool(effect="write", offers={"hall": "find_event:hall"})
    def light_hall(self, hall: str, level: int) -> Done:
        """Set the light of a hall.

        Args:
            hall: The hall.
            level: Level of the light.
        """
        self._hall(hall)["light"] = level
        return {"done": True}

    @tool(effect="write")
    def unlock_house(self) -> Done:
        """Unlock the house."""
        if self.data["unlocked"]:
            raise self.fail("It is unlocked.")
        self.data["unlocked"] = True
        return {"done": True}

    @tool(effect="write", needs=[["unlock_house"]], offers={"hall": "find_event:hall"})
    def heat_hall(self, hall: str) -> Done:
        """Heat a hall.

        Args:
            hall: The hall.
        """
        if not self.data["unlocked"]:
            raise self.fail("The house is locked.")
        self._hall(hall)["warm"] = True
        return {"done": True}

    def known_values(self) -> tuple[KnownValue, ...]:
        said = {
            "event_name": tuple(event["name"] for event in self.data["events"].values()),
            "hall": tuple(self.data["halls"]),
            "guest_name": ("Ana", "Bela", "Cleo"),
            "level": (3, 5, 8),
        }
        return tuple(KnownValue(parameter=name, value=value) for name, values in said.items() for value in values)

    def _event(self, event_id: str) -> JsonObject:
        return self._known("events", event_id)

    def _booking(self, booking_id: str) -> JsonObject:
        return self._known("bookings", booking_id)

    def _hall(self, hall: str) -> JsonObject:
        return self._known("halls", hall)

    def _known(self, table: str, key: str) -> JsonObject:
        if key not in self.data[table]:
            raise self.fail(f"There is no {key!r} among the {table}.", "not_found")
        found: JsonObject = self.data[table][key]
        return found


class BoardEnvironment(ToolkitEnvironment):
    """A board for messages."""

    name: ClassVar[str] = "board"

    @tool(effect="write")
    def post_message(self, message: str) -> Done:
        """Post a message on the board.

        Args:
            message: Text of the message.
        """
        self.data["messages"].append(message)
        return {"done": True}


TOWN_STATE = {
    "events": {
        "events": {
            "EV-71": {"name": "Winter Ball", "hall": "Blue Hall", "price": 30},
            "EV-82": {"name": "Jazz Night", "hall": "Red Hall", "price": 45},
            "EV-93": {"name": "Chess Cup", "hall": "Oak Hall", "price": 12},
        },
        "halls": {"Blue Hall": {}, "Red Hall": {}, "Oak Hall": {}},
        "bookings": {},
        "unlocked": False,
        "_id_seed": 3,
    },
    "board": {"messages": []},
}


class TownDomain:
    """Worlds of two environments, all in the same initial state."""

    name = "town"
    version = "1"

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        return {"events": EventsEnvironment().specs(), "board": BoardEnvironment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        return WorldSpec(
            name=self.name,
            version=self.version,
            seed=seed % 1000,
            environments=("events", "board"),
            initial_state=TOWN_STATE,
        )

    def open(self, spec: WorldSpec) -> World:
        world = World(spec, [EventsEnvironment(), BoardEnvironment()])
        world.reset()
        return world


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
    """A context with worlds of its own: ``make_context(domain, roles, calls_per_turn=3, max_drafts=2, ...)``."""

    def make(domain: Domain | None = None, roles: Roles | None = None, **settings: Any) -> RunContext:
        def taken(section: type[Any]) -> Any:
            return section(**{name: settings[name] for name in section.model_fields if name in settings})

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
    """Initial states are shared by all worlds and must come out of every test as they were."""
    before = repr((SHOP_STATE, TOWN_STATE))
    yield
    assert repr((SHOP_STATE, TOWN_STATE)) == before
