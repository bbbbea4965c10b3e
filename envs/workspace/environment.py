"""The workspace environment: all of its tools, and what its user knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from envs.environment import KnownValue
from envs.policy import Rule
from envs.profile import ProfileEntry
from envs.workspace.calendar import CalendarTools
from envs.workspace.catalogue import (
    NEW_EVENT_TITLES,
    NEW_FILE_NAMES,
    NEW_FILE_TEXTS,
    NEW_SUBJECTS,
    NEW_TEXTS,
    NEW_TICKET_TITLES,
)
from envs.workspace.contacts import ContactTools
from envs.workspace.files import FileTools
from envs.workspace.mail import MailTools
from envs.workspace.rules import rules_of
from envs.workspace.tickets import TicketTools
from tools.base import Json

_START_TIMES = ("08:30", "09:30", "11:00", "13:30", "14:00", "16:30")
_HOURS = (3, 5, 8, 12, 20)


class WorkspaceEnvironment(ContactTools, CalendarTools, FileTools, MailTools, TicketTools):
    """An office worker's accounts, in JSON state of a few kilobytes."""

    name: ClassVar[str] = "workspace"

    def profile(self) -> tuple[ProfileEntry, ...]:
        """The own account, with the secrets that open it."""
        return (
            ProfileEntry(
                label="user name of the account",
                value=self.data["profile"]["user_name"],
                parameters=("sign_in_mail.user_name", "open_ticket_session.user_name"),
            ),
            ProfileEntry(
                label="password of the mailbox", value=self.data["_password"], parameters=("sign_in_mail.password",)
            ),
            ProfileEntry(
                label="PIN of the ticket system", value=self.data["_pin"], parameters=("open_ticket_session.pin",)
            ),
        )

    def policy(self) -> tuple[Rule, ...]:
        return rules_of(self)

    def known_values(self) -> tuple[KnownValue, ...]:
        """Names, dates, texts and the own account with its secrets, of which the user could speak now.

        Ids, tokens, room codes and employee numbers are not among them: all of them come from tools.
        """
        return tuple(KnownValue(parameter=name, value=value) for name, value in self._known())

    def _known(self) -> Iterator[tuple[str, Json]]:
        yield "today", self.data["today"]
        yield "user_name", self.data["profile"]["user_name"]
        yield "password", self.data["_password"]
        yield "pin", self.data["_pin"]
        yield from (("find_contact.name", name) for name in sorted(row["name"] for row in self._rows("contacts")))
        yield from (("room_name", name) for name in sorted(self.data["rooms"]))
        yield from (("list_events.date", date) for date in sorted({row["date"] for row in self._rows("events")}))
        yield from (("create_event.date", date) for date in self.days)
        yield from (("start_time", time) for time in _START_TIMES)
        yield from (("create_event.title", title) for title in self._fresh("events", "title", NEW_EVENT_TITLES))
        yield from (("create_ticket.title", title) for title in self._fresh("tickets", "title", NEW_TICKET_TITLES))
        yield from (("hours", hours) for hours in _HOURS)
        yield from self._files()
        yield from (("subject", subject) for subject in NEW_SUBJECTS)
        yield from (("send_message.text", text) for text in NEW_TEXTS)

    def _files(self) -> Iterator[tuple[str, Json]]:
        names = sorted(row["name"] for row in self._rows("files"))
        yield from (("keyword", keyword) for keyword in dict.fromkeys(name.split()[0] for name in names))
        yield from (("create_file.name", name) for name in self._fresh("files", "name", NEW_FILE_NAMES))
        yield from (("create_file.text", text) for text in NEW_FILE_TEXTS)

    def _fresh(self, table: str, key: str, values: tuple[str, ...]) -> list[str]:
        """Those of ``values`` that no entry of a table has."""
        taken = {row[key] for row in self._rows(table)}
        return [value for value in values if value not in taken]

    def _rows(self, table: str) -> list[dict[str, Json]]:
        return list(self.data[table].values())
