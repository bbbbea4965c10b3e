"""A shop with orders to place: the world of most tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from typing_extensions import TypedDict

from envs.environment import KnownValue
from envs.toolkit import ToolkitEnvironment, tool


class Item(TypedDict):
    item_id: str
    item_name: str


class Found(TypedDict):
    item_id: str


class Customer(TypedDict):
    customer_id: str


class Items(TypedDict):
    items: list[Item]


class Stock(TypedDict):
    in_stock: int


class Order(TypedDict):
    order_id: str


class Price(TypedDict):
    price: int


class ShopEnvironment(ToolkitEnvironment):
    """A shop with two ways to learn an item's ID; each leaves a trace in the hidden state."""

    name: ClassVar[str] = "shop"

    @tool(effect="read")
    def find_item(self, item_name: str) -> Found:
        """Find an item by its name.

        Args:
            item_name: Name of the item.
        """
        self.data["_log"].append(f"find {item_name}")
        return {"item_id": self._known(self.data["items"], item_name)}

    @tool(effect="read")
    def list_items(self) -> Items:
        """List the items of the shop."""
        self.data["_log"].append("list")
        return {"items": [{"item_id": key, "item_name": name} for name, key in self.data["items"].items()]}

    @tool(effect="read")
    def find_customer(self, customer_name: str) -> Customer:
        """Find a customer by name.

        Args:
            customer_name: Name of the customer.
        """
        return {"customer_id": self._known(self.data["customers"], customer_name)}

    @tool(effect="read")
    def check_stock(self, item_id: str) -> Stock:
        """Check how many pieces of an item are in stock.

        Args:
            item_id: ID of the item.
        """
        return {"in_stock": len(item_id)}

    @tool(effect="write")
    def place_order(self, item_id: str, customer_id: str) -> Order:
        """Place an order for a customer.

        Args:
            item_id: ID of the item.
            customer_id: ID of the customer.
        """
        if item_id not in self.data["items"].values() or customer_id not in self.data["customers"].values():
            raise self.fail("There is no such item or customer.", "not_found")
        order_id = self.new_id("OR")
        self.data["orders"][order_id] = {"item": item_id, "customer": customer_id}
        return {"order_id": order_id}

    @tool(effect="write")
    def set_price(self, price: int) -> Price:
        """Set the price of everything in the shop.

        Args:
            price: Price of everything.
        """
        self.data["price"] = price
        return {"price": price}

    @tool(effect="write")
    def raise_price(self, percentage: int) -> Price:
        """Raise the price of everything by a percentage.

        Args:
            percentage: Percentage of the raise.
        """
        self.data["price"] = self.data["price"] * (100 + percentage) // 100
        return {"price": self.data["price"]}

    def known_values(self) -> tuple[KnownValue, ...]:
        said = {
            "item_name": tuple(self.data["items"]),
            "customer_name": tuple(self.data["customers"]),
            "price": (200, 300),
            "percentage": (10, 20),
        }
        return tuple(KnownValue(parameter=name, value=value) for name, values in said.items() for value in values)

    def _known(self, table: Mapping[str, str], name: str) -> str:
        if name not in table:
            raise self.fail(f"There is nothing named {name!r}.", "not_found")
        return table[name]


SHOP_STATE = {
    "items": {"lamp": "IT-4711", "chair": "IT-5822", "desk": "IT-6933"},
    "customers": {"Ana": "CU-1207", "Bela": "CU-3418"},
    "orders": {},
    "price": 100,
    "_log": [],
    "_id_seed": 5,
}
