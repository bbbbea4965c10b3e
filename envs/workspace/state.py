"""The state of a workspace and the steps that several tools share."""

from __future__ import annotations

import datetime
from typing import Literal, cast

from envs.toolkit import ToolkitEnvironment
from envs.workspace.catalogue import HORIZON_DAYS, Access
from tools.base import Json, JsonObject

CONTACT_SOURCES = "find_contact:contact_id list_attendees:attendees"


def working_days(today: str, ahead: int) -> tuple[str, ...]:
    """The days from Monday to Friday among the ``ahead`` days after ``today``, in order."""
    first = datetime.date.fromisoformat(today)
    days = (first + datetime.timedelta(days=number) for number in range(1, ahead + 1))
    return tuple(day.isoformat() for day in days if day.weekday() < 5)


class WorkspaceState(ToolkitEnvironment):
    """Access to the state: tables of objects by id, of which every look-up fails in words.

    No result depends on the order of a table's entries, which JSON does not keep for certain.
    """

    name = "workspace"
    constant = frozenset({"contacts", "rooms", "profile", "today"})

    @property
    def seed(self) -> int:
        """What suggestions are computed from."""
        return int(self.data["_seed"])

    @property
    def days(self) -> tuple[str, ...]:
        """The days on which events can be created."""
        return working_days(self.data["today"], HORIZON_DAYS)

    def public_state(self) -> Json:
        """What a user could observe and a call could change: colleagues, rooms and today's date are left out."""
        return {key: value for key, value in self.data.items() if not key.startswith("_") and key not in self.constant}

    def contact(self, contact_id: str) -> JsonObject:
        """A contact by its id. Raises ToolFailure where there is none."""
        return self._find("contacts", contact_id, "contact")

    def event(self, event_id: str) -> JsonObject:
        """An event by its id. Raises ToolFailure where there is none."""
        return self._find("events", event_id, "event")

    def file(self, file_id: str) -> JsonObject:
        """A file by its id. Raises ToolFailure where there is none."""
        return self._find("files", file_id, "file")

    def message(self, message_id: str) -> JsonObject:
        """A message by its id. Raises ToolFailure where there is none."""
        return self._find("messages", message_id, "message")

    def ticket(self, ticket_id: str) -> JsonObject:
        """A ticket by its id. Raises ToolFailure where there is none."""
        return self._find("tickets", ticket_id, "ticket")

    def room_at(self, room_code: str) -> str:
        """The name of the room with a code."""
        for name, room in self.data["rooms"].items():
            if room["room_code"] == room_code:
                return str(name)
        raise self.fail(f"No meeting room has the code {room_code!r}.", "not_found")

    def check_account(self, user_name: str, secret: str, kind: Literal["password", "PIN"]) -> None:
        """Refuse whoever does not know the user name and the secret, which is hidden in the state."""
        if user_name != self.data["profile"]["user_name"] or secret != self.data[f"_{kind.lower()}"]:
            raise self.fail(f"The user name or the {kind} is wrong.", "denied")

    def require_mail(self) -> None:
        """Refuse as long as nobody is signed in to the mailbox."""
        if not self.data["mail_signed_in"]:
            raise self.fail("You are not signed in to the mailbox.", "not_signed_in")

    def require_session(self, session_token: str) -> None:
        """Refuse a token that is not the one of the open ticket session."""
        if self.data["ticket_session"] is None or session_token != self.data["ticket_session"]:
            raise self.fail("This session token is not valid: its ticket session is not open.", "no_session")

    def open_file(self, file_id: str) -> JsonObject:
        """A file that others than its owner can open."""
        file = self.file(file_id)
        if access_of(file) == "private":
            raise self.fail(f"The file {file['name']!r} is private: it is neither shared nor published.", "wrong_state")
        return file

    def send(self, contact_id: str, subject: str, text: str, file_ids: list[str]) -> str:
        """Put a message to a colleague among the sent ones and return its id."""
        message_id = self.new_id("MSG")
        self.data["messages"][message_id] = {
            "folder": "sent",
            "contact_id": contact_id,
            "subject": subject,
            "text": text,
            "sent_on": self.data["today"],
            "file_ids": file_ids,
        }
        return message_id

    def _find(self, table: str, key: str, thing: str) -> JsonObject:
        found: JsonObject | None = self.data[table].get(key)
        if found is None:
            raise self.fail(f"There is no {thing} {key!r}.", "not_found")
        return found


def access_of(file: JsonObject) -> Access:
    """Who can open a file: the widest circle that it was opened to."""
    widest = "company" if file["published"] else "team" if file["shared"] else "private"
    return cast(Access, widest)
