"""Values that tools take from others, in small worlds without declarations, wherever and however they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from typing_extensions import TypedDict

from envs.environment import KnownValue
from envs.toolkit import ToolkitEnvironment, tool
from tools.base import JsonObject


class Done(TypedDict):
    done: bool


def needs(*each: str) -> set[frozenset[str]]:
    """``needs("a", "b|c")``: a, and one of b and c."""
    return {frozenset(need.split("|")) for need in each}


class Session(TypedDict):
    session_token: str


class Code(TypedDict):
    result: str


class Parcel(TypedDict):
    parcel_id: int


class Locker(TypedDict):
    size: str


class Price(TypedDict):
    price: float


class Depot(ToolkitEnvironment):
    """Values that come from tools: tokens, keys of tables, lists of scalars, answers without names, counted ids."""

    name = "depot"

    @tool(effect="write")
    def open_session(self, user_name: str, password: str) -> Session:
        """Open a session.

        Args:
            user_name: Name of the user.
            password: Password of the user.
        """
        if not any((row["user_name"], row["password"]) == (user_name, password) for row in self.data["users"]):
            raise self.fail("Wrong name or password.")
        self.data["token"] = self.new_id("TK", 8)
        return {"session_token": self.data["token"]}

    @tool(effect="write")
    def close_session(self, session_token: str) -> Done:
        """Close a session.

        Args:
            session_token: Token of the session.
        """
        self._check(session_token)
        self.data["token"] = None
        return {"done": True}

    @tool(effect="read")
    def list_lockers(self) -> dict[str, Locker]:
        """List the lockers of the depot by their ids."""
        return dict(self.data["lockers"])

    @tool(effect="read")
    def list_couriers(self) -> list[str]:
        """List those who can fetch parcels."""
        return list(self.data["couriers"])

    @tool(effect="read")
    def look_up(self, town: str) -> Code:
        """Look a town up.

        Args:
            town: Name of the town.
        """
        if town not in self.data["towns"]:
            raise self.fail(f"Unknown: {town}.")
        return {"result": self.data["towns"][town]}

    @tool(effect="read")
    def quote_price(self, weight: Annotated[int, Field(ge=1, le=30)]) -> Price:
        """Quote the price of a parcel.

        Args:
            weight: Weight in kilograms.
        """
        return {"price": 2.5 + weight}

    @tool(effect="write")
    def accept_parcel(self, session_token: str, price: float, destination: str) -> Parcel:
        """Accept a parcel.

        Args:
            session_token: Token of the session.
            price: Price that was paid.
            destination: Where the parcel goes.
        """
        self._check(session_token)
        if destination not in self.data["towns"].values():
            raise self.fail(f"Nothing is sent to {destination}.")
        self.data["count"] += 1
        self.data["parcels"][str(self.data["count"])] = {"locker": None}
        return {"parcel_id": self.data["count"]}

    @tool(effect="write")
    def store_parcel(self, parcel_id: int, locker_id: str) -> Done:
        """Put a parcel into a locker.

        Args:
            parcel_id: ID of the parcel.
            locker_id: ID of the locker.
        """
        parcel = self._parcel(parcel_id)
        if locker_id not in self.data["lockers"]:
            raise self.fail(f"There is no locker {locker_id}.")
        parcel["locker"] = locker_id
        return {"done": True}

    @tool(effect="write")
    def hand_out(self, parcel_id: int, courier: str) -> Done:
        """Hand a parcel out of its locker.

        Args:
            parcel_id: ID of the parcel.
            courier: Who fetches it.
        """
        if self._parcel(parcel_id)["locker"] is None:
            raise self.fail(f"Parcel {parcel_id} is in no locker.")
        if courier not in self.data["couriers"]:
            raise self.fail(f"Unknown courier {courier}.")
        return {"done": True}

    def known_values(self) -> list[KnownValue]:
        return [KnownValue(parameter="town", value=town) for town in self.data["towns"]]

    def _check(self, token: str) -> None:
        if not self.data["token"] or token != self.data["token"]:
            raise self.fail("No such session.")

    def _parcel(self, parcel_id: int) -> JsonObject:
        if str(parcel_id) not in self.data["parcels"]:
            raise self.fail(f"There is no parcel {parcel_id}.")
        return dict.__getitem__(self.data["parcels"], str(parcel_id))


def depot_state(numbers: Sequence[int]) -> JsonObject:
    return {
        "users": [{"user_name": "ada", "password": f"secret-{numbers[0]}"}],
        "token": None,
        "lockers": {f"L-{numbers[1]}": {"size": "small"}, f"L-{numbers[2]}": {"size": "large"}},
        "couriers": [f"CR{numbers[3]}", f"CR{numbers[4]}"],
        "towns": {"Arden": f"A{numbers[5]}", "Brill": f"B{numbers[6]}", "Corve": f"C{numbers[7]}"},
        "parcels": {},
        "count": 0,
    }


@pytest.fixture(scope="module")
def depot(explored: Any) -> Any:
    return explored(Depot, depot_state)


def test_every_value_that_a_tool_gives_is_traced_to_it_whatever_the_names_are(depot: Any) -> None:
    assert depot.sources == {
        ("close_session", "session_token"): {"open_session"},
        ("accept_parcel", "session_token"): {"open_session"},
        ("accept_parcel", "destination"): {"look_up"},
        ("store_parcel", "parcel_id"): {"accept_parcel"},
        ("store_parcel", "locker_id"): {"list_lockers"},
        ("hand_out", "parcel_id"): {"accept_parcel"},
        ("hand_out", "courier"): {"list_couriers"},
    }


def test_a_need_for_a_value_is_not_named_again_as_a_state(depot: Any) -> None:
    assert depot.state == {"hand_out": needs("store_parcel")}


def test_ids_and_tokens_are_told_from_values_that_people_could_know(depot: Any) -> None:
    graph = depot.discovery.graph()
    opaque = {(name, parameter) for name, parameter in depot.sources if graph.opaque(name, parameter)}
    assert {("accept_parcel", "session_token"), ("store_parcel", "parcel_id"), ("store_parcel", "locker_id")} <= opaque
    assert not {("accept_parcel", "destination"), ("accept_parcel", "price")} & opaque


def test_a_quote_is_offered_and_not_needed(depot: Any) -> None:
    offers = {(edge.producer, edge.consumer, edge.parameter) for edge in depot.discovery.edges if edge.kind == "offers"}
    assert ("quote_price", "accept_parcel", "price") in offers


def test_what_makes_a_token_unknown_breaks_its_parameter(depot: Any) -> None:
    assert ("close_session", "accept_parcel") in depot.breaks


class Star(TypedDict):
    designation: str


class Queue(TypedDict):
    number: int


class Line(TypedDict):
    product_id: str
    count: int


class Product(TypedDict):
    product_id: str
    name: str


class Products(TypedDict):
    products: list[Product]


class Counter(ToolkitEnvironment):
    """Refusals that tell nothing, credentials that nobody lists, and values in unusual places."""

    name = "counter"

    @tool(effect="write")
    def log_in(self, user_name: str, password: str) -> Done:
        """Log in.

        Args:
            user_name: Name of the user.
            password: Password of the user.
        """
        if self.data["users"].get(user_name, {}).get("password") != password:
            raise self.fail("Wrong name or password.")
        self.data["user"] = user_name
        return {"done": True}

    @tool(effect="read")
    def show_account(self) -> Done:
        """Show the account."""
        if not self.data["user"]:
            raise self.fail("Nobody is logged in.")
        return {"done": True}

    @tool(effect="write")
    def close_lid(self) -> Done:
        """Close the lid of the cooker."""
        self.data["lid"] = True
        return {"done": True}

    @tool(effect="write")
    def set_pressure(self, bar: Annotated[int, Field(ge=1, le=10)]) -> Done:
        """Set the pressure of the cooker.

        Args:
            bar: Pressure in bar.
        """
        self.data["bar"] = bar
        return {"done": True}

    @tool(effect="write")
    def choose_dish(self, dish: Literal["jam", "soup", "tea"]) -> Done:
        """Choose the dish of the cooker.

        Args:
            dish: Dish to cook.
        """
        self.data["dish"] = dish
        return {"done": True}

    @tool(effect="write")
    def start_cooker(self) -> Done:
        """Start the cooker."""
        if not self.data["lid"] or self.data["bar"] < 6 or self.data["dish"] != "soup":
            raise self.fail("The cooker is not ready.")
        return {"done": True}

    @tool(effect="read")
    def find_star(self, star_name: str) -> Star:
        """Find a star in the catalogue.

        Args:
            star_name: Name of the star.
        """
        if star_name not in self.data["stars"]:
            raise self.fail("There is no such star.")
        return {"designation": self.data["stars"][star_name]}

    @tool(effect="write")
    def aim_at(self, designation: str) -> Done:
        """Aim at a star.

        Args:
            designation: Designation of the star.
        """
        if designation not in self.data["stars"].values():
            raise self.fail("There is no such designation.")
        return {"done": True}

    @tool(effect="read")
    def list_products(self) -> Products:
        """List the products."""
        return {"products": [{"product_id": key, "name": name} for key, name in self.data["products"].items()]}

    @tool(effect="write")
    def order_line(self, line: Line) -> Done:
        """Order a number of pieces of a product.

        Args:
            line: What to order and how much of it.
        """
        if line["product_id"] not in self.data["products"]:
            raise self.fail("There is no such product.")
        return {"done": True}

    @tool(effect="write")
    def take_number(self) -> Queue:
        """Take a number for the queue."""
        self.data["number"] += 1
        return {"number": self.data["number"]}

    @tool(effect="write")
    def go_to_desk(self, ticket_number: int) -> Done:
        """Go to the desk.

        Args:
            ticket_number: Number in the queue.
        """
        if not self.data["last"] < ticket_number <= self.data["number"]:
            raise self.fail("That number is not called.")
        return {"done": True}

    def known_values(self) -> list[KnownValue]:
        return [KnownValue(parameter="star_name", value=name) for name in self.data["stars"]]


def counter_state(numbers: Sequence[int]) -> JsonObject:
    return {
        "users": {"ada": {"password": f"secret-{numbers[0]}"}},
        "user": None,
        "stars": {"Vega": f"HD {numbers[1]}", "Deneb": f"HD {numbers[2]}"},
        "lid": False,
        "bar": 1,
        "dish": None,
        "products": {f"P{numbers[3]}": "pen", f"P{numbers[4]}": "ink"},
        "number": numbers[5],
        "last": numbers[5],
    }


@pytest.fixture(scope="module")
def counter(explored: Any) -> Any:
    return explored(Counter, counter_state)


def test_needs_that_one_and_the_same_refusal_hides_are_told_apart(counter: Any) -> None:
    assert counter.state["start_cooker"] == needs("close_lid", "set_pressure", "choose_dish")


def test_credentials_are_found_in_the_initial_state_where_nobody_lists_them(counter: Any) -> None:
    assert counter.state["show_account"] == needs("log_in")


def test_a_code_of_two_words_is_traced_to_its_look_up(counter: Any) -> None:
    assert counter.sources["aim_at", "designation"] == {"find_star"}


def test_a_number_that_counts_up_is_a_value_and_no_state(counter: Any) -> None:
    assert counter.sources["go_to_desk", "ticket_number"] == {"take_number"}
    assert "go_to_desk" not in counter.state


def test_a_tool_that_takes_an_object_is_made_to_succeed(counter: Any) -> None:
    assert "order_line" not in {name for name, _ in counter.warned}
