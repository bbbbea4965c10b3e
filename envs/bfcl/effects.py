"""Which tools change what a user could observe, found by reading the classes' code.

Tools that only advance a generator or fill a cache (``get_current_speed``, ``get_flight_cost``) are reads.
"""

from __future__ import annotations

from tools.spec import Effect

_WRITES = {
    "GorillaFileSystem": frozenset({"cd", "cp", "echo", "mkdir", "mv", "rm", "rmdir", "touch"}),
    "MathAPI": frozenset[str](),
    "MessageAPI": frozenset({"add_contact", "delete_message", "message_login", "send_message"}),
    "TwitterAPI": frozenset(
        {"authenticate_twitter", "comment", "follow_user", "mention", "post_tweet", "retweet", "unfollow_user"}
    ),
    "TicketAPI": frozenset(
        {"close_ticket", "create_ticket", "edit_ticket", "logout", "resolve_ticket", "ticket_login"}
    ),
    "TradingBot": frozenset(
        {
            "add_to_watchlist",
            "cancel_order",
            "fund_account",
            "place_order",
            "remove_stock_from_watchlist",
            "trading_login",
            "trading_logout",
            "withdraw_funds",
        }
    ),
    "TravelAPI": frozenset(
        {
            "authenticate_travel",
            "book_flight",
            "cancel_booking",
            "purchase_insurance",
            "register_credit_card",
            "set_budget_limit",
        }
    ),
    "VehicleControlAPI": frozenset(
        {
            "activateParkingBrake",
            "adjustClimateControl",
            "fillFuelTank",
            "lockDoors",
            "pressBrakePedal",
            "releaseBrakePedal",
            "setCruiseControl",
            "setHeadlights",
            "set_navigation",
            "startEngine",
        }
    ),
}


def effect_of(class_name: str, tool: str) -> Effect:
    """``write`` exactly where a successful call can change the public state."""
    return "write" if tool in _WRITES[class_name] else "read"
