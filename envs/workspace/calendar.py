"""Tools about meeting rooms and the events of the calendar."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from envs.workspace.catalogue import SLOTS
from envs.workspace.results import Attendees, EventEntry, Events, Invited, NewEvent, Room
from envs.workspace.state import CONTACT_SOURCES, WorkspaceState
from tools.base import JsonObject

EVENT_SOURCES = "create_event:event_id list_events:events.*.event_id"


class CalendarTools(WorkspaceState):
    """Events, which take place in rooms that are named by their codes, and who is invited to them."""

    @tool(effect="read")
    def get_room_code(self, room_name: str) -> Room:
        """Look up the code of a meeting room.

        Args:
            room_name: Name of the meeting room.
        """
        room = self.data["rooms"].get(room_name)
        if room is None:
            raise self.fail(f"There is no meeting room named {room_name!r}.", "not_found")
        return {"room_code": room["room_code"], "seats": room["seats"]}

    @tool(effect="read")
    def list_events(self, date: str | None = None) -> Events:
        """List the events in the calendar. Without a date, the events of all days are listed.

        Args:
            date: Date in the form YYYY-MM-DD.
        """
        entries = [
            EventEntry(
                event_id=event_id,
                title=row["title"],
                date=row["date"],
                starts_at=row["start_time"],
                room=row["room"],
            )
            for event_id, row in self.data["events"].items()
            if date in (None, row["date"])
        ]
        return {"events": sorted(entries, key=lambda entry: (entry["date"], entry["starts_at"], entry["event_id"]))}

    @tool(effect="write", sources={"room_code": "get_room_code:room_code"})
    def create_event(
        self, title: Annotated[str, Field(min_length=1)], date: str, start_time: str, room_code: str
    ) -> NewEvent:
        """Create an event in the calendar. Events are on working days of the next three weeks, begin at the hour or
        half past from 08:00 to 17:30, and take place in a meeting room that is free at that time.

        Args:
            title: Title of the event.
            date: Date of the event in the form YYYY-MM-DD.
            start_time: Start time in the form HH:MM.
            room_code: Code of the meeting room.
        """
        room = self.room_at(room_code)
        if date not in self.days:
            raise self.fail(f"{date!r} is not a working day of the next three weeks.", "out_of_range")
        if start_time not in SLOTS:
            raise self.fail(f"Events cannot begin at {start_time!r}.", "out_of_range")
        if any(self._takes(row, room, date, start_time) for row in self.data["events"].values()):
            raise self.fail(f"The room {room} is taken on {date} at {start_time}.", "conflict")
        event_id = self.new_id("EV")
        self.data["events"][event_id] = {
            "title": title,
            "date": date,
            "start_time": start_time,
            "room": room,
            "attendees": {},
        }
        return {"event_id": event_id}

    @tool(effect="write", sources={"event_id": EVENT_SOURCES, "contact_ids": CONTACT_SOURCES})
    def invite_to_event(
        self, event_id: str, contact_ids: Annotated[list[str], Field(min_length=1, max_length=10)]
    ) -> Invited:
        """Invite colleagues to an event. A colleague is invited to an event only once.

        Args:
            event_id: ID of the event.
            contact_ids: IDs of the contacts.
        """
        event = self.event(event_id)
        for contact_id in contact_ids:
            name = self.contact(contact_id)["name"]
            if contact_id in event["attendees"] or contact_ids.count(contact_id) > 1:
                raise self.fail(f"{name} would be invited to the event {event['title']!r} twice.", "conflict")
        event["attendees"].update(dict.fromkeys(contact_ids, "no answer yet"))
        return {"invited": len(event["attendees"])}

    @tool(effect="read", sources={"event_id": EVENT_SOURCES})
    def list_attendees(self, event_id: str) -> Attendees:
        """Show who is invited to an event. The answers of colleagues are listed by their contacts.

        Args:
            event_id: ID of the event.
        """
        return {"attendees": dict(sorted(self.event(event_id)["attendees"].items()))}

    @staticmethod
    def _takes(event: JsonObject, room: str, date: str, start_time: str) -> bool:
        return bool((event["room"], event["date"], event["start_time"]) == (room, date, start_time))
