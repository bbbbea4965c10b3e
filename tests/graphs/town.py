"""A town with events: a world of two environments in which a turn can go on in each way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from typing_extensions import TypedDict

from envs.environment import KnownValue, WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from tools.base import JsonObject
from tools.spec import ToolSpec


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
