"""Draws the initial state of a workspace: a pure function of the seed."""

from __future__ import annotations

import datetime
from random import Random

from envs.workspace.catalogue import (
    ANSWERS,
    BUILDINGS,
    DEPARTMENTS,
    EVENT_TITLES,
    FILE_NAMES,
    HORIZON_DAYS,
    JOB_TITLES,
    LABELS,
    MAILS,
    PEOPLE,
    PRIORITIES,
    ROOMS,
    SECRET_ADJECTIVES,
    SECRET_NOUNS,
    SLOTS,
    TICKET_TITLES,
    Mail,
)
from envs.workspace.state import working_days
from tools.base import JsonObject, generator

_COLLEAGUES = 6
_ROOMS = 5
_FILES = 5
_EVENTS = 3
_TICKETS = 4
_MAILS = 4
_FIRST_DAY = datetime.date(2026, 1, 5)


def draw_state(seed: int) -> JsonObject:
    """An account with its secrets, colleagues, rooms, files, events, messages and tickets.

    All files are private, and no ticket is assigned, estimated or begun; nobody is signed in anywhere.
    """
    rng = generator("workspace", seed)
    today = (_FIRST_DAY + datetime.timedelta(days=rng.randrange(330))).isoformat()
    own, *others = rng.sample(PEOPLE, _COLLEAGUES + 1)
    contacts, rooms, files = _contacts(rng, others), _rooms(rng), _files(rng, others)
    return {
        "today": today,
        "profile": {"name": own, "user_name": _dotted(own), "email": _email(own)},
        "contacts": contacts,
        "rooms": rooms,
        "files": files,
        "events": _events(rng, today, list(rooms), list(contacts)),
        "messages": _messages(rng, today, list(contacts), list(files)),
        "tickets": _tickets(rng),
        "mail_signed_in": False,
        "ticket_session": None,
        "_password": f"{rng.choice(SECRET_ADJECTIVES)}-{rng.choice(SECRET_NOUNS)}-{rng.randrange(10, 100)}",
        "_pin": str(rng.randrange(100_000, 1_000_000)),
        "_seed": rng.randrange(2**31),
        "_id_seed": rng.randrange(2**31),
    }


def _contacts(rng: Random, names: list[str]) -> JsonObject:
    employee_numbers = rng.sample(range(10_000, 100_000), len(names))
    return {
        contact_id: {
            "name": name,
            "email": _email(name),
            "department": rng.choice(DEPARTMENTS),
            "job_title": rng.choice(JOB_TITLES),
            "building": rng.choice(BUILDINGS),
            "floor": rng.randint(1, 6),
            "employee_number": str(employee_number),
        }
        for contact_id, name, employee_number in zip(_ids(rng, "CT", len(names)), names, employee_numbers, strict=True)
    }


def _rooms(rng: Random) -> JsonObject:
    numbers = rng.sample(range(100, 700), _ROOMS)
    return {
        name: {"room_code": f"{rng.choice('ABCD')}{number}", "seats": rng.randrange(4, 30, 2)}
        for name, number in zip(rng.sample(ROOMS, _ROOMS), numbers, strict=True)
    }


def _files(rng: Random, owners: list[str]) -> JsonObject:
    sizes = rng.sample(range(20, 4_000), _FILES)
    names = rng.sample(FILE_NAMES, _FILES)
    return {
        file_id: {
            "name": name,
            "owner": rng.choice(owners),
            "size_kb": size,
            "text": f"{name.rpartition('.')[0]}, as of last month.",
            "shared": None,
            "published": False,
        }
        for file_id, name, size in zip(_ids(rng, "FILE", _FILES), names, sizes, strict=True)
    }


def _events(rng: Random, today: str, rooms: list[str], contacts: list[str]) -> JsonObject:
    days = rng.sample(working_days(today, HORIZON_DAYS), _EVENTS)
    titles = rng.sample(EVENT_TITLES, _EVENTS)
    return {
        event_id: {
            "title": title,
            "date": day,
            "start_time": rng.choice(SLOTS),
            "room": rng.choice(rooms),
            "attendees": {contact_id: rng.choice(ANSWERS) for contact_id in rng.sample(contacts, rng.randint(1, 3))},
        }
        for event_id, title, day in zip(_ids(rng, "EV", _EVENTS), titles, days, strict=True)
    }


def _messages(rng: Random, today: str, contacts: list[str], files: list[str]) -> JsonObject:
    """One message with a file and others, each from somebody else and on another day."""
    chosen = _mails(rng)
    senders = rng.sample(contacts, len(chosen))
    ages = rng.sample(range(1, 15), len(chosen))
    carried = rng.sample(files, len(chosen))
    last = datetime.date.fromisoformat(today)
    return {
        message_id: {
            "folder": "inbox",
            "contact_id": sender,
            "subject": mail.subject,
            "text": mail.text,
            "sent_on": (last - datetime.timedelta(days=age)).isoformat(),
            "file_ids": [file_id] if mail.attached else [],
        }
        for message_id, mail, sender, age, file_id in zip(
            _ids(rng, "MSG", len(chosen)), chosen, senders, ages, carried, strict=True
        )
    }


def _mails(rng: Random) -> list[Mail]:
    first = rng.choice([mail for mail in MAILS if mail.attached])
    return [first, *rng.sample([mail for mail in MAILS if mail != first], _MAILS - 1)]


def _tickets(rng: Random) -> JsonObject:
    titles = rng.sample(TICKET_TITLES, _TICKETS)
    return {
        ticket_id: {
            "title": title,
            "priority": rng.choice(PRIORITIES),
            "labels": rng.sample(LABELS, rng.randint(1, 2)),
            "assignee": None,
            "hours": None,
            "started": False,
        }
        for ticket_id, title in zip(_ids(rng, "TCK", _TICKETS), titles, strict=True)
    }


def _ids(rng: Random, prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number}" for number in rng.sample(range(1_000, 10_000), count)]


def _email(name: str) -> str:
    return f"{_dotted(name)}@example.com"


def _dotted(name: str) -> str:
    return name.lower().replace(" ", ".")
