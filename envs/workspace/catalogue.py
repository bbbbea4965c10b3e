"""What worlds are drawn from: people, rooms, papers, and the rules of the house that no seed changes."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Access = Literal["private", "team", "company"]
Right = Literal["view", "comment", "edit"]
Folder = Literal["inbox", "sent"]
Priority = Literal["low", "normal", "high", "urgent"]
TicketStatus = Literal["open", "in progress"]
Answer = Literal["accepted", "declined", "no answer yet"]

PRIORITIES: Final[tuple[Priority, ...]] = ("low", "normal", "high", "urgent")
ANSWERS: Final[tuple[Answer, ...]] = ("accepted", "declined", "no answer yet")

HORIZON_DAYS: Final = 21
"""Events can be created from the day after ``today`` for this many days."""

TEAM_SIZE: Final = 9
COMPANY_SIZE: Final = 140
HOURS_A_DAY: Final = 6
MOST_HOURS: Final = 80
SLOTS: Final = tuple(f"{hour:02d}:{minute:02d}" for hour in range(8, 18) for minute in (0, 30))
"""When events can begin."""


class Mail(NamedTuple):
    """A message that a colleague wrote; ``attached`` says whether a file came with it."""

    subject: str
    text: str
    attached: bool


PEOPLE: Final = (
    "Nora Feldman",
    "Samuel Adeyemi",
    "Ingrid Solberg",
    "Marcus Chen",
    "Leila Haddad",
    "Pavel Novak",
    "Grace Whitmore",
    "Diego Fuentes",
    "Yuki Arakawa",
    "Hannah Brandt",
    "Owen Gallagher",
    "Priya Raman",
)
DEPARTMENTS: Final = ("Finance", "Marketing", "Product", "Support", "Operations", "Design", "Legal")
JOB_TITLES: Final = ("analyst", "manager", "coordinator", "specialist", "team lead")
BUILDINGS: Final = ("North House", "Mill Court", "River Wing")
ROOMS: Final = ("Birch", "Juniper", "Harbor", "Lighthouse", "Meadow", "Quarry", "Orchard", "Compass")

FILE_NAMES: Final = (
    "Quarterly budget.xlsx",
    "Onboarding guide.docx",
    "Brand manual.pdf",
    "Supplier contract.pdf",
    "Roadmap draft.docx",
    "Survey results.xlsx",
    "Travel policy.pdf",
    "Launch checklist.docx",
    "Salary bands.xlsx",
)
NEW_FILE_NAMES: Final = ("Meeting notes.docx", "Holiday plan.xlsx", "Press release.docx", "Interview questions.docx")
NEW_FILE_TEXTS: Final = (
    "First version, to be completed by Friday.",
    "Only the headings so far; please add what is missing.",
    "Collected from last year, still to be checked.",
)

EVENT_TITLES: Final = (
    "Budget review",
    "Design critique",
    "Weekly stand-up",
    "Customer panel",
    "Hiring round",
    "Safety training",
)
NEW_EVENT_TITLES: Final = ("Project kick-off", "Retrospective", "Contract talks", "Planning session", "Team lunch")

TICKET_TITLES: Final = (
    "Login page is slow",
    "Invoice shows the wrong tax",
    "Search ignores umlauts",
    "Export stops after 500 rows",
    "Printer on the third floor jams",
    "Newsletter goes out twice",
)
NEW_TICKET_TITLES: Final = (
    "Dark mode hides the buttons",
    "Badge reader does not react",
    "Report lacks the last month",
    "Password mail never arrives",
)
LABELS: Final = ("website", "billing", "hardware", "mobile", "data", "accessibility")

MAILS: Final = (
    Mail("Numbers for Thursday", "Please look the attached figures over before we talk to the board.", True),
    Mail("Draft for your review", "I have put my comments into the attached draft. What do you think?", True),
    Mail("Lunch next week", "The new place by the river is open. Shall we try it?", False),
    Mail("Desk move", "Our desks move to the second floor at the end of the month.", False),
    Mail("Thanks for your help", "The customer was delighted. Thank you for stepping in so fast.", False),
)
NEW_SUBJECTS: Final = ("A short update", "Before I forget", "For your information", "News from my desk")
NEW_TEXTS: Final = (
    "I am out of the office on Friday.",
    "The customer has accepted our offer.",
    "We start half an hour later than planned.",
    "The new badges have arrived at the front desk.",
)

SECRET_ADJECTIVES: Final = ("copper", "quiet", "amber", "winter", "velvet", "northern")
SECRET_NOUNS: Final = ("lantern", "harvest", "compass", "sparrow", "bridge", "meadow")
