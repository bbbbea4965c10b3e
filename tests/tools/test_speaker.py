"""What tools call the user's, users call theirs."""

from __future__ import annotations

import pytest

from tools.speaker import as_the_user_says, spoken_request
from tools.spec import ToolSpec


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("list the bookings of the traveller", "list my bookings"),
        ("list the unpaid travel bookings of the current user", "list my unpaid travel bookings"),
        ("show the customer's open orders", "show my open orders"),
        ("book a flight for the traveller", "book a flight for me"),
        ("view all messages sent by the logged-in user", "view all messages sent by me"),
        ("find the owner of the user manual", "find the owner of the user manual"),
        ("check it against any existing card of the traveller", "check it against any existing card of mine"),
        ("cancel an order of the customer", "cancel an order of mine"),
        ("book a flight", "book a flight"),
    ],
)
def test_the_user_is_the_first_person(text: str, spoken: str) -> None:
    assert as_the_user_says(text) == spoken
    assert as_the_user_says(spoken) == spoken


def test_people_whom_a_request_tells_of_are_others() -> None:
    assert as_the_user_says("get the ID of the user", ("name of the user",)) == "get the ID of the user"


def test_a_tool_that_is_told_of_a_user_is_not_about_whoever_asks() -> None:
    def spec(**properties: str) -> ToolSpec:
        described = {name: {"type": "string", "description": text} for name, text in properties.items()}
        parameters = {"type": "object", "properties": described, "required": sorted(properties)}
        return ToolSpec(name="show_cart", description="Shows the cart of the user.", parameters=parameters, returns={})

    assert spoken_request(spec()) == "show my cart"
    assert spoken_request(spec(shop="Name of the shop.")) == "show my cart"
    assert spoken_request(spec(user="Name of the user.")) == "show the cart of the user"
