"""What observations offer, read once for each step."""

from __future__ import annotations

from typing import Any

from tools.offers import Readings
from tools.origin import ArgumentOrigin


def test_another_step_with_the_same_id_is_read_anew(make: Any) -> None:
    """A look ahead gives the steps of different calls the same id."""
    readings = Readings()
    found = [
        readings.offers(make.step("ahead", "look", {"id": value}), "id", "observation", "string", opaque=True)
        for value in "abc"
    ]
    assert [offer.value for (offer,) in found] == ["a", "b", "c"]


def test_more_steps_than_are_remembered_are_read_all_the_same(make: Any) -> None:
    readings = Readings()
    steps = [make.step("s", "look", {"id": str(number)}) for number in range(1500)]
    for _ in range(2):
        found = [readings.offers(step, "id", "observation", "string", opaque=True) for step in steps]
        assert [offer.value for (offer,) in found] == [str(number) for number in range(1500)]


def test_a_place_is_read_for_each_kind_of_question(make: Any) -> None:
    readings, step = Readings(), make.step("s", "look", {"id": "x"})
    kinds = [readings.offers(step, "id", kind, "string", opaque=True)[0] for kind in ("observation", "earlier_turn")]
    assert [offer.origin.kind for offer in kinds] == ["observation", "earlier_turn"]
    (listed,) = readings.offers(step, "id", "observation", "array", opaque=True)
    assert listed.value == ["x"]
    several = make.step("s", "look", {"rows": [{"id": "x", "size": 1}, {"id": "y", "size": 2}]})
    assert len(readings.offers(several, "rows.*.id", "observation", "string", opaque=True)) == 2
    assert readings.plain(several, "rows.*.id", "string") == ()
    assert [offer.value for offer in readings.plain(step, "id", "string")] == ["x"]


def test_a_value_agrees_with_what_its_call_and_its_entry_are_about(make: Any) -> None:
    rows = [{"trip_city": "Oslo", "day": "Monday", "price": 1}, {"trip_city": "Rome", "day": "Friday", "price": 2}]
    step = make.step("s", "search", {"rows": rows}, {"guest": "Ana"})
    offers = Readings().offers(step, "rows.*.price", "observation", "integer", opaque=False)
    oslo = next(offer for offer in offers if offer.origin.selector and offer.origin.selector.value == "Oslo")
    assert oslo.key == "1"
    for city, fits in (("Oslo", True), ("Rome", False)):
        assert oslo.agrees("price", {"city": city}) is fits
        assert oslo.agrees("arrival_city", {"city": city})
    assert not oslo.agrees("price", {"guest": "Bela"})
    assert oslo.agrees("price", {"guest": "Ana", "seats": 7, "colour": "red"})


def test_what_a_list_is_made_of_agrees_as_well(make: Any) -> None:
    step = make.step("s", "quote", {"symbol": "AB"}, {"market": "north"})
    (offer,) = Readings().offers(step, "symbol", "observation", "array", opaque=False)
    assert offer.origin == ArgumentOrigin(
        kind="composed", parts=(ArgumentOrigin(kind="observation", source="s", path="symbol"),)
    )
    assert not offer.agrees("symbols", {"market": "south"})
