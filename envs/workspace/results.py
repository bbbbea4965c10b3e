"""What the tools of ``workspace`` answer with. The descriptions are what a reader of a result's schema goes by."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

# pydantic needs this TypedDict rather than typing's before Python 3.12.
from typing_extensions import TypedDict

from envs.workspace.catalogue import Access, Answer, Priority, TicketStatus


class ContactFound(TypedDict):
    contact_id: Annotated[str, Field(description="ID of the contact.")]
    department: Annotated[str, Field(description="Department of the colleague.")]


class Desk(TypedDict):
    building: Annotated[str, Field(description="Building in which the colleague sits.")]
    floor: Annotated[int, Field(description="Floor on which the colleague sits.")]


class Employment(TypedDict):
    job_title: Annotated[str, Field(description="Job title of the colleague.")]
    employee_number: Annotated[str, Field(description="Employee number of the colleague.")]


class ContactCard(TypedDict):
    email: Annotated[str, Field(description="Email address of the colleague.")]
    desk: Annotated[Desk, Field(description="Where the colleague sits.")]
    employment: Annotated[Employment, Field(description="What the colleague is employed as.")]


class Room(TypedDict):
    room_code: Annotated[str, Field(description="Code of the meeting room.")]
    seats: Annotated[int, Field(description="Number of seats in the meeting room.")]


class EventEntry(TypedDict):
    event_id: Annotated[str, Field(description="ID of the event.")]
    title: Annotated[str, Field(description="Title of the event.")]
    date: Annotated[str, Field(description="Date of the event.")]
    starts_at: Annotated[str, Field(description="Start time of the event.")]
    room: Annotated[str, Field(description="Meeting room of the event.")]


class Events(TypedDict):
    events: Annotated[list[EventEntry], Field(description="The events found, by date and time.")]


class NewEvent(TypedDict):
    event_id: Annotated[str, Field(description="ID of the event.")]


class Invited(TypedDict):
    invited: Annotated[int, Field(description="Number of colleagues invited.")]


class Attendees(TypedDict):
    attendees: Annotated[
        dict[str, Answer], Field(description="Answers of the colleagues, by the IDs of their contacts.")
    ]


class FileEntry(TypedDict):
    file_id: Annotated[str, Field(description="ID of the file.")]
    name: Annotated[str, Field(description="Name of the file.")]
    owner: Annotated[str, Field(description="Owner of the file.")]
    size_kb: Annotated[int, Field(description="Size of the file in kilobytes.")]
    access: Annotated[Access, Field(description="Who can open the file.")]


class Files(TypedDict):
    files: Annotated[list[FileEntry], Field(description="The files found, by name.")]


class NewFile(TypedDict):
    file_id: Annotated[str, Field(description="ID of the file.")]


class Opened(TypedDict):
    readers: Annotated[int, Field(description="Number of readers of the file.")]


class SignedIn(TypedDict):
    mailbox: Annotated[str, Field(description="Email address of the mailbox.")]
    waiting: Annotated[int, Field(description="Number of messages in the inbox.")]


class SignedOut(TypedDict):
    signed_out: Annotated[bool, Field(description="True once the mailbox is closed.")]


class MessageEntry(TypedDict):
    message_id: Annotated[str, Field(description="ID of the message.")]
    correspondent: Annotated[str, Field(description="Correspondent of the message.")]
    subject_line: Annotated[str, Field(description="Subject line of the message.")]
    sent_on: Annotated[str, Field(description="Date on which the message was sent.")]


class Messages(TypedDict):
    messages: Annotated[list[MessageEntry], Field(description="The messages found, oldest first.")]


class MessageText(TypedDict):
    correspondent: Annotated[str, Field(description="Correspondent of the message.")]
    subject_line: Annotated[str, Field(description="Subject line of the message.")]
    text: Annotated[str, Field(description="Text of the message.")]
    file_ids: Annotated[list[str], Field(description="IDs of the files that the message carries.")]


class NewMessage(TypedDict):
    message_id: Annotated[str, Field(description="ID of the message.")]


class Session(TypedDict):
    session_token: Annotated[str, Field(description="Token of the ticket session.")]


class SessionClosed(TypedDict):
    session_closed: Annotated[bool, Field(description="True once the ticket session is closed.")]


class TicketEntry(TypedDict):
    ticket_id: Annotated[str, Field(description="ID of the ticket.")]
    title: Annotated[str, Field(description="Title of the ticket.")]
    priority: Annotated[Priority, Field(description="Priority of the ticket.")]
    status: Annotated[TicketStatus, Field(description="Status of the ticket.")]
    labels: Annotated[list[str], Field(description="Labels of the ticket.")]


class Tickets(TypedDict):
    tickets: Annotated[list[TicketEntry], Field(description="The tickets found, by title.")]


class NewTicket(TypedDict):
    ticket_id: Annotated[str, Field(description="ID of the ticket.")]


class Assigned(TypedDict):
    open_tickets: Annotated[int, Field(description="Number of tickets of the colleague.")]


class Estimate(TypedDict):
    hours: Annotated[int, Field(description="Hours of work.")]


class EstimateSet(TypedDict):
    working_days: Annotated[int, Field(description="Number of working days.")]


class WorkStarted(TypedDict):
    due_date: Annotated[str, Field(description="Due date of the ticket.")]
