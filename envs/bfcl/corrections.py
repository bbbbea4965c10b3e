"""Where BFCL's documents differ from what its classes do, as seen by running them.

Each table names a tool, what to change in its documented result or parameters, and why.
"""

from __future__ import annotations

from tools.base import JsonObject

# Always answers with an error (it stands for a network service).
LEFT_OUT = frozenset({"get_outside_temperature_from_weather_com"})

# The result is this one documented field itself: a bare list, or its properties without the wrapping object.
LIFTED = {
    "check_tire_pressure": "tirePressure",
    "displayCarStatus": "status",
    "get_tweet_comments": "comments",
    "get_user_tweets": "user_tweets",
    "list_all_airports": "airports",
    "search_tweets": "matching_tweets",
}

# The documented object is one entry of the list that is returned.
LISTED = frozenset({"get_user_tickets"})

# The documented object is one entry of a mapping whose keys are ids.
KEYED = {"get_all_credit_cards": "credit_card_list", "get_booking_history": "booking_history"}

# Documented field: the name under which it is returned.
RENAMED = {
    "adjustClimateControl": {"currentTemperature": "currentACTemperature"},
    "get_all_credit_cards.*": {"card_verification_value": "card_verification_number"},
    "get_order_history": {"order_history": "history"},
}

# Fields that only the long-context variant, or only a failure, returns.
ABSENT = {
    "displayCarStatus": frozenset({"metadata"}),
    "estimate_distance": frozenset({"intermediaryCities"}),
    "verify_traveler_information": frozenset({"verification_failure"}),
}

# Fields that are returned in another form, or not documented at all.
FIELDS: dict[str, JsonObject] = {
    # Empty unless the long-context variant runs.
    "book_flight": {"booking_history": {"type": "object", "description": "Booking history; not filled in here."}},
    "create_ticket": {"created_by": {"type": "string", "description": "Username of the ticket creator."}},
    "get_ticket": {"resolution": {"type": "string", "description": "Resolution details, once it is resolved."}},
    # The id comes wrapped in an object.
    "send_message": {
        "message_id": {
            "type": "object",
            "properties": {"new_id": {"type": "integer", "description": "ID of the sent message."}},
        }
    },
    # Some shipped inboxes hold a list of texts where others hold one text.
    "view_messages_sent": {
        "messages": {
            "type": "object",
            "description": "Messages grouped by the receiver's user ID.",
            "additionalProperties": {"type": "array", "items": {}},
        }
    },
}

# Results that are not an object.
RESULTS: dict[str, JsonObject] = {
    "mkdir": {"type": "null"},
    "touch": {"type": "null"},
    # Nothing is returned when the text goes to a file.
    "echo": {
        "anyOf": [
            {
                "type": "object",
                "properties": {"terminal_output": {"type": "string", "description": "The displayed content."}},
            },
            {"type": "null"},
        ]
    },
}

# Values that the code accepts, where the document names them in passing or not at all.
ENUMS = {
    "book_flight.travel_class": ("economy", "business", "first"),
    "place_order.order_type": ("Buy", "Sell"),
    "wc.mode": ("l", "w", "c"),
}
