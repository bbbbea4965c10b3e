"""Plausible things to say where neither the state nor a catalogue tells them, per class; ``people`` has those that
belong together.

A key is a parameter, or ``tool.parameter`` where tools differ. Written for this project; nothing is taken from BFCL's
questions or ground truths.
"""

from __future__ import annotations

from tools.base import Json

_NUMBER_LISTS = (
    [4, 8, 15, 16, 23],
    [72.5, 81, 69.5, 90],
    [120, 95, 143],
    [3.2, 4.1, 2.7, 3.9, 4.4],
    [1500, 2250, 1875],
)
# The day that each class holds for today: what its code compares dates with, or what its clock shows.
TODAY = {"TradingBot": "2024-09-01", "TravelAPI": "2026-01-01"}

LITERALS: dict[str, dict[str, tuple[Json, ...]]] = {
    "GorillaFileSystem": {
        "content": (
            "Draft agenda for the Thursday review",
            "Remember to back up the photos",
            "Version two, checked by Nora",
            "Milk, rice, lemons and coffee",
            "Total hours this week: 37",
        ),
        "a": (True, False),
        "human_readable": (True, False),
        "lines": (1, 2, 3, 5),
    },
    "MathAPI": {
        "a": (128, 45.5, 310, 17, 1024, 63.25),
        "b": (16, 7.5, 12, 4, 250, 0.8),
        "value": (250, 12.5, 98.6, 3.2, 1500, 42),
        "base": (2, 10, 3, 5),
        "exponent": (2, 3, 0.5, 5),
        "precision": (5, 8, 12, 20),
        "number": (144, 20.25, 7.38905, 2500, 0.0625),
        "absolute_value.number": (-17.5, -42, -300, -0.75),
        "round_number.number": (7.38905, 20.25714, 0.06253, 1499.9951),
        "decimal_places": (1, 2, 3),
        "part": (45, 12.5, 360, 18),
        "numbers": _NUMBER_LISTS,
    },
    "MessageAPI": {
        "message": (
            "The workshop has moved to room 4B",
            "Could you send me the signed form by Friday",
            "Thanks for covering my shift yesterday",
            "The invoice for March is attached to the ticket",
            "Lunch at noon near the station?",
        ),
        "keyword": ("meeting", "file", "update", "report"),
    },
    "TwitterAPI": {
        "comment_content": (
            "Great point, thanks for sharing",
            "I had the same experience last week",
            "Looking forward to the next part",
            "Could you post the source as well?",
        ),
        "keyword": ("updates", "data", "project", "weekend"),
    },
    "TicketAPI": {
        "priority": (1, 2, 3, 4, 5),
        "resolution": (
            "Fixed the settings and tested it twice.",
            "Solved on the phone, and the user confirmed it.",
            "Installed the latest update.",
            "Closed as a duplicate after a call with the user.",
        ),
        "updates": (
            {"priority": 4},
            {"status": "In Progress"},
            {"title": "Badge reader at the north door is offline"},
            {"description": "Also happens on the spare laptop.", "priority": 3},
        ),
        "status": ("Open", "Closed", "Resolved"),
    },
    "TradingBot": {
        "amount": (250.0, 1200.0, 75.5, 600.0, 3000.0),
        "place_order.amount": (1, 2, 3, 5, 8, 10),
        "min_price": (50.0, 100.0, 200.0),
        "max_price": (350.0, 500.0, 800.0),
        "threshold": (0.1, 0.15, 0.25),
        "start_date": ("2024-08-01", "2024-08-30", "2024-01-15"),
        "end_date": ("2024-09-15", "2024-12-31", "2024-10-01"),
    },
    "TravelAPI": {
        "travel_date": ("2026-01-17", "2026-02-06", "2026-02-21", "2026-03-14", "2026-03-29", "2026-04-18"),
        "budget_limit": (1500.0, 4000.0, 900.0, 7500.0),
        "insurance_type": ("basic", "medical", "cancellation", "baggage"),
        "message": (
            "I would like an aisle seat on this flight",
            "Please confirm that one checked bag is included",
            "Can the departure be moved to the next morning?",
            "My name is misspelled on the confirmation",
        ),
        "value": (150.0, 480.0, 1250.0, 64.5, 3000.0),
        "lastModifiedAfter": ("2017-05-01T00:00:00", "2018-01-15T09:30:00", "2016-10-20T18:00:00"),
        "includeRemoved": ("true", "false"),
    },
    "VehicleControlAPI": {
        "unlock": (True, False),
        "door": (
            ["driver", "passenger", "rear_left", "rear_right"],
            ["driver"],
            ["driver", "passenger"],
            ["rear_left", "rear_right"],
        ),
        "temperature": (19, 21.5, 23, 25),
        "fanSpeed": (20, 45, 60, 85),
        "pedalPosition": (1.0, 0.5),
        "speed": (45, 55, 65, 80),
        "activate": (True,),
        "adjustClimateControl.unit": ("celsius",),
        "distanceToNextVehicle": (40, 75, 120),
        "messages": (
            ["Oil change due next month"],
            ["Left the garage", "Picked up Mara"],
            ["Windscreen washer low", "Tires rotated in March"],
        ),
        "distance": (60, 140, 310, 550),
        "liter": (20, 38.5, 55),
        "gallon": (6, 9.5, 14),
        "destination": (
            "18 Larkspur Lane, Silverpine, CA",
            "702 Foundry Street, Oakendale, CA",
            "35 Observatory Road, Rivermist, CA",
            "9 Quay Street, Crescent Hollow, CA",
        ),
    },
}
