"""Tools about tickets. Opening a session yields a token that the others take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from envs.workspace.catalogue import HOURS_A_DAY, MOST_HOURS, Priority
from envs.workspace.results import (
    Assigned,
    Estimate,
    EstimateSet,
    NewTicket,
    Session,
    SessionClosed,
    TicketEntry,
    Tickets,
    WorkStarted,
)
from envs.workspace.state import WorkspaceState, working_days
from tools.base import generator

_SESSION = {"session_token": "open_ticket_session:session_token"}
_TICKET = {**_SESSION, "ticket_id": "create_ticket:ticket_id list_tickets:tickets.*.ticket_id"}


class TicketTools(WorkspaceState):
    """The ticket system, in which a ticket is assigned, estimated, and then worked on."""

    @tool(effect="write")
    def open_ticket_session(self, user_name: str, pin: str) -> Session:
        """Open a session in the ticket system. A session that is open already is used on.

        Args:
            user_name: User name of the account.
            pin: PIN of the ticket system.
        """
        self.check_account(user_name, pin, "PIN")
        if self.data["ticket_session"] is None:
            self.data["ticket_session"] = self.new_id("TS", digits=8)
        return {"session_token": self.data["ticket_session"]}

    @tool(effect="write", sources=_SESSION)
    def close_ticket_session(self, session_token: str) -> SessionClosed:
        """Close the session in the ticket system. Its token is not valid any more.

        Args:
            session_token: Token of the ticket session.
        """
        self.require_session(session_token)
        self.data["ticket_session"] = None
        return {"session_closed": True}

    @tool(effect="read", sources=_SESSION)
    def list_tickets(self, session_token: str, priority: Priority | None = None) -> Tickets:
        """List the tickets of the team. Without a priority, tickets of all priorities are listed.

        Args:
            session_token: Token of the ticket session.
            priority: Priority of the tickets.
        """
        self.require_session(session_token)
        entries = [
            TicketEntry(
                ticket_id=ticket_id,
                title=row["title"],
                priority=row["priority"],
                status="in progress" if row["started"] else "open",
                labels=list(row["labels"]),
            )
            for ticket_id, row in self.data["tickets"].items()
            if priority in (None, row["priority"])
        ]
        return {"tickets": sorted(entries, key=lambda entry: (entry["title"], entry["ticket_id"]))}

    @tool(effect="write", sources=_SESSION)
    def create_ticket(
        self,
        session_token: str,
        title: Annotated[str, Field(min_length=1, max_length=120)],
        priority: Priority = "normal",
    ) -> NewTicket:
        """Create a ticket. It belongs to nobody at first, and has no estimate.

        Args:
            session_token: Token of the ticket session.
            title: Title of the ticket.
            priority: Priority of the ticket.
        """
        self.require_session(session_token)
        ticket_id = self.new_id("TCK")
        self.data["tickets"][ticket_id] = {
            "title": title,
            "priority": priority,
            "labels": [],
            "assignee": None,
            "hours": None,
            "started": False,
        }
        return {"ticket_id": ticket_id}

    @tool(effect="write", sources={**_TICKET, "employee_number": "get_contact:employment.employee_number"})
    def assign_ticket(self, session_token: str, ticket_id: str, employee_number: str) -> Assigned:
        """Assign a ticket to a colleague. One that belongs to somebody else changes hands.

        Args:
            session_token: Token of the ticket session.
            ticket_id: ID of the ticket.
            employee_number: Employee number of the colleague.
        """
        self.require_session(session_token)
        ticket = self.ticket(ticket_id)
        if all(row["employee_number"] != employee_number for row in self.data["contacts"].values()):
            raise self.fail(f"No colleague has the employee number {employee_number!r}.", "not_found")
        ticket["assignee"] = employee_number
        own = [row for row in self.data["tickets"].values() if row["assignee"] == employee_number]
        return {"open_tickets": len(own)}

    @tool(effect="read", sources=_TICKET)
    def suggest_estimate(self, session_token: str, ticket_id: str) -> Estimate:
        """Suggest an estimate for a ticket. It goes by the hours that similar tickets took.

        Args:
            session_token: Token of the ticket session.
            ticket_id: ID of the ticket.
        """
        self.require_session(session_token)
        title = self.ticket(ticket_id)["title"]
        return {"hours": generator("estimate", self.seed, title).randint(2, MOST_HOURS // 2)}

    @tool(effect="write", sources=_TICKET)
    def set_estimate(
        self, session_token: str, ticket_id: str, hours: Annotated[int, Field(ge=1, le=MOST_HOURS)]
    ) -> EstimateSet:
        """Set the estimate of a ticket. At most 80 hours can be set, and a new estimate takes the place of the old.

        Args:
            session_token: Token of the ticket session.
            ticket_id: ID of the ticket.
            hours: Hours of work.
        """
        self.require_session(session_token)
        self.ticket(ticket_id)["hours"] = hours
        return {"working_days": _days_for(hours)}

    @tool(effect="write", needs=[["assign_ticket"], ["set_estimate"]], sources=_TICKET)
    def start_work(self, session_token: str, ticket_id: str) -> WorkStarted:
        """Start the work on a ticket. The ticket must be assigned to somebody and have an estimate, and work on it can
        be started only once.

        Args:
            session_token: Token of the ticket session.
            ticket_id: ID of the ticket.
        """
        self.require_session(session_token)
        ticket = self.ticket(ticket_id)
        for key, fault in (("assignee", "is not assigned to anybody"), ("hours", "has no estimate")):
            if ticket[key] is None:
                raise self.fail(f"The ticket {ticket['title']!r} {fault}.", "wrong_state")
        if ticket["started"]:
            raise self.fail(f"Work on the ticket {ticket['title']!r} has started already.", "wrong_state")
        ticket["started"] = True
        days = _days_for(ticket["hours"])
        return {"due_date": working_days(self.data["today"], 3 * days + 4)[days - 1]}


def _days_for(hours: int) -> int:
    """The working days that so many hours take, begun ones included."""
    return -(-hours // HOURS_A_DAY)
