"""State that tools need, in small worlds without declarations: jointly, by alternatives, by an argument, anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from typing_extensions import TypedDict

from envs.toolkit import ToolkitEnvironment, tool
from tools.base import JsonObject


class Done(TypedDict):
    done: bool


def needs(*each: str) -> set[frozenset[str]]:
    """``needs("a", "b|c")``: a, and one of b and c."""
    return {frozenset(need.split("|")) for need in each}


class Workshop(ToolkitEnvironment):
    """Joint needs, alternatives, calls with arguments, and what undoes them."""

    name = "workshop"

    @tool(effect="write")
    def close_guard(self) -> Done:
        """Close the guard of the lathe."""
        return self._set("guard", True)

    @tool(effect="write")
    def open_guard(self) -> Done:
        """Open the guard of the lathe."""
        return self._set("guard", False)

    @tool(effect="write")
    def heat_with_gas(self) -> Done:
        """Heat the kiln with gas."""
        return self._set("heat", "gas")

    @tool(effect="write")
    def heat_with_current(self) -> Done:
        """Heat the kiln with electric current."""
        return self._set("heat", "current")

    @tool(effect="write")
    def let_kiln_cool(self) -> Done:
        """Let the kiln cool down."""
        self._check("heat")
        return self._set("heat", None)

    @tool(effect="write")
    def press_pedal(self, position: Annotated[float, Field(ge=0, le=1)]) -> Done:
        """Press the pedal of the motor.

        Args:
            position: Position of the pedal from 0 (released) to 1 (pressed fully).
        """
        return self._set("pedal", position)

    @tool(effect="write")
    def shut_valves(self, valves: list[Literal["north", "east", "south", "west"]], shut: bool) -> Done:
        """Shut or open valves of the tank.

        Args:
            valves: Valves to change.
            shut: Whether they are to be shut.
        """
        for valve in valves:
            self.data["valves"][valve] = shut
        return {"done": True}

    @tool(effect="read")
    def guard_status(self) -> Done:
        """Tell whether the guard of the lathe is closed."""
        return {"done": self.data["guard"]}

    @tool(effect="write")
    def start_motor(self) -> Done:
        """Start the motor of the lathe."""
        if self.data["pedal"] < 1:
            raise self.fail("The pedal is not pressed.")
        return self._set("motor", True)

    @tool(effect="write")
    def turn_part(self) -> Done:
        """Turn a part on the lathe."""
        self._check("motor")
        self._check("guard")
        return {"done": True}

    @tool(effect="write")
    def bake_glaze(self) -> Done:
        """Bake a glaze in the kiln."""
        self._check("heat")
        return {"done": True}

    @tool(effect="write")
    def fill_tank(self) -> Done:
        """Fill the tank."""
        if not all(self.data["valves"].values()):
            raise self.fail("Not all valves are shut.")
        return {"done": True}

    @tool(effect="write")
    def dim_light(self) -> Done:
        """Dim the light of the workshop."""
        return self._set("light", "dim")

    def _set(self, key: str, value: Any) -> Done:
        self.data[key] = value
        return {"done": True}

    def _check(self, key: str) -> None:
        if not self.data[key]:
            raise self.fail(f"Not possible yet: {key}.")


WORKSHOP = {
    "guard": False,
    "heat": None,
    "pedal": 0.0,
    "motor": False,
    "light": "full",
    "valves": dict.fromkeys(("north", "east", "south", "west"), False),
}


@pytest.fixture(scope="module")
def workshop(explored: Any) -> Any:
    return explored(Workshop, lambda _: WORKSHOP)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("turn_part", needs("close_guard", "start_motor")),  # both; what the motor needs is not the lathe's need
        ("bake_glaze", needs("heat_with_gas|heat_with_current")),
        ("let_kiln_cool", needs("heat_with_gas|heat_with_current")),
        ("start_motor", needs("press_pedal")),  # pressed fully, by an argument at the end of its range
        ("fill_tank", needs("shut_valves")),  # all four at once, and shut
    ],
)
def test_a_state_need_is_found_with_all_that_meets_it(workshop: Any, name: str, expected: set[frozenset[str]]) -> None:
    assert workshop.state[name] == expected


def test_nothing_else_needs_anything(workshop: Any) -> None:
    assert set(workshop.state) == {"turn_part", "bake_glaze", "let_kiln_cool", "start_motor", "fill_tank"}
    assert workshop.sources == {}


def test_an_answer_that_says_false_is_no_failure(workshop: Any) -> None:
    assert workshop.warned == set()


def test_what_undoes_a_need_is_found_and_what_changes_other_things_is_not(workshop: Any) -> None:
    undoing = {("open_guard", "turn_part"), ("let_kiln_cool", "bake_glaze"), ("press_pedal", "start_motor")}
    assert undoing <= workshop.breaks
    assert not {producer for producer, _ in workshop.breaks} & {"dim_light", "turn_part", "guard_status"}


class OrderEntry(TypedDict):
    order_id: str


class Orders(TypedDict):
    orders: list[OrderEntry]


class Shop(ToolkitEnvironment):
    """The initial state has a paid order, so that only a new one shows that orders must be paid."""

    name = "shop"

    @tool(effect="read")
    def list_orders(self) -> Orders:
        """List the orders."""
        return {"orders": [{"order_id": key} for key in sorted(self.data["orders"])]}

    @tool(effect="write")
    def place_order(self, quantity: Annotated[int, Field(ge=1, le=9)]) -> OrderEntry:
        """Place an order.

        Args:
            quantity: Number of pieces.
        """
        order_id = self.new_id("OR")
        self.data["orders"][order_id] = {"paid": False, "shipped": False}
        return {"order_id": order_id}

    @tool(effect="write")
    def pay_order(self, order_id: str) -> Done:
        """Pay for an order.

        Args:
            order_id: ID of the order.
        """
        order = self._order(order_id)
        if order["paid"]:
            raise self.fail(f"Order {order_id} is paid already.")
        order["paid"] = True
        return {"done": True}

    @tool(effect="write")
    def ship_order(self, order_id: str) -> Done:
        """Ship an order.

        Args:
            order_id: ID of the order.
        """
        order = self._order(order_id)
        if not order["paid"]:
            raise self.fail(f"Order {order_id} is not paid.")
        if order["shipped"]:
            raise self.fail(f"Order {order_id} is on its way.")
        order["shipped"] = True
        return {"done": True}

    @tool(effect="write")
    def cancel_order(self, order_id: str) -> Done:
        """Cancel an order for good.

        Args:
            order_id: ID of the order.
        """
        self._order(order_id)["cancelled"] = True
        return {"done": True}

    def _order(self, order_id: str) -> JsonObject:
        found: JsonObject | None = self.data["orders"].get(order_id)
        if found is None:
            raise self.fail(f"There is no order {order_id}.")
        if "cancelled" in found:
            raise self.fail(f"Order {order_id} was cancelled.")
        return found


def shop_state(numbers: Sequence[int]) -> JsonObject:
    return {"orders": {f"OR-{number}": {"paid": True, "shipped": False} for number in numbers[:2]}}


@pytest.fixture(scope="module")
def shop(explored: Any) -> Any:
    return explored(Shop, shop_state)


def test_what_only_a_new_thing_needs_is_found(shop: Any) -> None:
    assert shop.state == {"ship_order": needs("pay_order")}


def test_new_things_and_those_that_were_there_are_both_sources(shop: Any) -> None:
    names = ("pay_order", "ship_order", "cancel_order")
    assert shop.sources == {(name, "order_id"): {"list_orders", "place_order"} for name in names}


def test_what_ends_a_thing_for_good_breaks_what_needs_the_thing(shop: Any) -> None:
    assert {("cancel_order", "pay_order"), ("cancel_order", "ship_order")} <= shop.breaks


class Members(TypedDict):
    members: list[str]


class Club(ToolkitEnvironment):
    """Adding and removing, several of one thing, and identifiers in lists."""

    name = "club"

    @tool(effect="read")
    def list_members(self) -> Members:
        """List the members of the club."""
        return {"members": sorted(self.data["members"])}

    @tool(effect="write")
    def follow(self, member: str) -> Done:
        """Follow a member of the club.

        Args:
            member: Member of the club.
        """
        if member not in self.data["members"] or member in self.data["followed"]:
            raise self.fail(f"{member} cannot be followed.")
        self.data["followed"].append(member)
        return {"done": True}

    @tool(effect="write")
    def unfollow(self, member: str) -> Done:
        """Follow a member no longer.

        Args:
            member: Member of the club.
        """
        if member not in self.data["followed"]:
            raise self.fail(f"{member} is not followed.")
        self.data["followed"].remove(member)
        return {"done": True}

    @tool(effect="write")
    def invite_all(self, member_ids: list[str]) -> Done:
        """Invite members of the club.

        Args:
            member_ids: IDs of the members.
        """
        if not member_ids or not set(member_ids) <= set(self.data["members"]):
            raise self.fail("There is no such member.")
        return {"done": True}

    @tool(effect="write")
    def expel(self, member: str) -> Done:
        """Expel a member of the club.

        Args:
            member: Member of the club.
        """
        if member not in self.data["members"]:
            raise self.fail(f"{member} cannot be expelled.")
        self.data["members"].remove(member)
        return {"done": True}

    @tool(effect="write")
    def add_chair(self) -> Done:
        """Put up one more chair."""
        self.data["chairs"] += 1
        return {"done": True}

    @tool(effect="write")
    def begin_meeting(self) -> Done:
        """Begin the meeting of the club."""
        if self.data["chairs"] < 2:
            raise self.fail("There are too few chairs.")
        return {"done": True}


def club_state(numbers: Sequence[int]) -> JsonObject:
    return {"members": [f"M-{number}" for number in numbers[:4]], "followed": [], "chairs": 0}


@pytest.fixture(scope="module")
def club(explored: Any) -> Any:
    return explored(Club, club_state)


def test_what_takes_something_back_needs_that_it_was_done(club: Any) -> None:
    assert club.state["unfollow"] == needs("follow")
    assert ("follow", "member") in club.sources


def test_a_call_that_is_needed_twice_is_one_need(club: Any) -> None:
    assert club.state["begin_meeting"] == needs("add_chair")


def test_a_parameter_that_takes_a_list_is_traced_to_where_one_of_its_entries_stands(club: Any) -> None:
    assert club.sources["invite_all", "member_ids"] == {"list_members"}


def test_what_removes_a_thing_breaks_what_takes_it(club: Any) -> None:
    assert {("expel", "follow"), ("expel", "invite_all")} <= club.breaks
