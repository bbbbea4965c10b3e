"""Plausible things to say that belong together: people with their accounts and cards, tickets with their descriptions.

Written for this project; nothing is taken from BFCL's questions or ground truths.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Traveller(NamedTuple):
    """A person who signs in to the travel service."""

    first_name: str
    last_name: str
    client_id: str
    client_secret: str
    refresh_token: str
    date_of_birth: str
    passport_number: str


class Card(NamedTuple):
    """A credit card that is yet to be registered."""

    number: str
    expires: str
    verification: int


ACCOUNTS: Final = {
    "nora.lindqvist": "Lantern-48-moss",
    "t.okafor": "blueKettle!92",
    "maya_rivers": "orbit_Pine7",
    "jonas.weber": "Saffron#205",
}
TRAVELLERS: Final = (
    Traveller("Nora", "Lindqvist", "client-7301", "secret-amber-61", "refresh-4410", "1987-03-14", "US4820175"),
    Traveller("Tobias", "Okafor", "client-2288", "secret-cobalt-17", "refresh-8127", "1992-11-02", "US7713406"),
    Traveller("Maya", "Rivers", "client-5140", "secret-fern-90", "refresh-3096", "1975-06-28", "US2095581"),
)
CARDS: Final = (
    Card("4012888888881881", "08/2028", 314),
    Card("5555555555554444", "11/2027", 827),
    Card("4000056655665556", "03/2029", 505),
    Card("2223003122003222", "05/2028", 168),
)
CONTACTS: Final = ("Priya", "Leonard", "Mateo", "Ingrid", "Samira")
USERS: Final = ("harbor_lights", "marta_codes", "trail_notes", "quietkitchen", "sunday_cyclist")
FILES: Final = ("agenda.md", "todo_list.txt", "inventory.csv", "meeting_minutes.txt", "ideas.md")
FOLDERS: Final = ("drafts", "backup_2025", "receipts", "shared_assets", "old_versions")

# Tweets with the tags that suit each; the last ones suit any.
TWEETS: Final = {
    "First ripe tomatoes on the balcony this year": ("#gardening", "#balcony"),
    "Finished the ridge trail before sunrise and it was worth every step": ("#hiking", "#morning"),
    "Our reading group starts a new novel on Monday": ("#books",),
    "Six months of learning the cello and the neighbours still greet me": ("#music", "#patience"),
    "The new tram line cuts my commute in half": ("#citylife",),
}
TAGS: Final = (("#smallthings",), ("#goodday", "#gratitude"), ("#thisweek",))

# Ticket titles, each with a description that goes with it alone; the last ones go with any.
TICKETS: Final = {
    "Projector in room 12 does not start": "The lamp blinks twice and goes out again.",
    "Cannot reset my badge PIN": "The page says that the old PIN is wrong, although it opens the door.",
    "Printer on floor 3 jams on every page": "The paper is new, and cleaning the tray did not help.",
    "Request for a second monitor": "I compare two reports all day, and the small screen slows me down.",
    "Shared calendar shows wrong time zone": "All meetings appear one hour late since Monday.",
}
DESCRIPTIONS: Final = (
    "Several colleagues on my floor have asked for the same.",
    "Please call me before somebody comes by.",
    "It would help to have this settled by Friday.",
)
