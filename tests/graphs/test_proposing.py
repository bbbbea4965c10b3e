"""What of a sampling role's proposal the sampler gets to try, and what the role is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typing_extensions import TypedDict

from envs.environment import KnownValue
from envs.toolkit import ToolkitEnvironment, tool
from graphs.proposing import proposed
from graphs.records.job import TurnPlan
from graphs.roles import Proposal, SamplingView
from graphs.turn_walk import TurnWalk
from tools.base import JsonObject

SAID = {"item_name": "lamp"}
Propose = Callable[..., Any]


class Seen(TypedDict):
    colour: str


class LibraryEnvironment(ToolkitEnvironment):
    """A tool that takes a text of which nothing is known, and something that nobody could know."""

    name: ClassVar[str] = "library"

    @tool(effect="read")
    def ask_for(self, wish: str, shelf_id: str = "") -> Seen:
        """Ask for anything.

        Args:
            wish: What is wished for.
            shelf_id: ID of a shelf.
        """
        return {"colour": "red"}


def looking(number: int) -> Any:
    """A tool that looks at something by its name."""

    def look(self: Any, name: str) -> Seen:
        return {"colour": "red"}

    look.__name__ = f"look_{number}"
    look.__doc__ = f"Look at thing {number}.\n\nArgs:\n    name: Name of the thing."
    return tool(effect="read")(look)


def known(_: Any) -> tuple[KnownValue, ...]:
    return tuple(KnownValue(parameter="name", value=f"thing {number}") for number in range(9))


WAREHOUSE: Any = type(
    "WarehouseEnvironment",
    (ToolkitEnvironment,),
    {"name": "warehouse", "known_values": known, **{f"look_{number}": looking(number) for number in range(90)}},
)


@pytest.fixture(scope="session")
def warehouse(shop: Any) -> Any:
    """A world of more tools than a role is shown."""
    return type(shop)(WAREHOUSE, {})


@pytest.fixture(scope="session")
def propose(shop: Any, make_context: Any, make_job: Any, with_roles: Any) -> Propose:
    """Asks a sampling role for a turn that has not begun."""

    async def run(
        role: Any, domain: Any = None, turn: int = 0, left_out: Any = (), plans: Any = (), **more: Any
    ) -> Any:
        context = replace(make_context(domain or shop, with_roles(sampling=role)), left_out=frozenset(left_out))
        job = make_job(3).model_copy(update={"plans": plans})
        state = {"job": job.plain(), "turn": turn, "history": [], "messages": [], "past_targets": [], **more}
        return await proposed(TurnWalk(state, context))

    return run


@pytest.fixture
def shown(propose: Propose, scripted: Any) -> Callable[..., Any]:
    """The view that the role is shown."""

    async def run(domain: Any = None, **more: Any) -> SamplingView:
        role = scripted(Proposal(goal="none", values={}, reason=""))
        await propose(role, domain, **more)
        (view,) = role.views
        return view

    return run


async def test_without_the_role_nothing_is_proposed(propose: Propose) -> None:
    assert await propose(None) is None


async def test_a_good_proposal_is_taken_as_it_is(propose: Propose, scripted: Any) -> None:
    values = {"place_order": {}, "find_item": SAID, "set_price": {"price": 12345}}
    said = Proposal(goal="place_order", values=values, reason="Ana moves house.")
    kept = {"find_item": SAID, "set_price": {"price": 12345}}
    assert await propose(scripted(said)) == said.model_copy(update={"values": kept})


@pytest.mark.parametrize(
    "values",
    [
        {"set_price": {"price": "cheap"}},
        {"set_price": {"price": None}},
        {"set_price": {"price": 10**30}},
        {"find_item": {"item_name": ["lamp"]}},
        {"find_item": {"colour": "red"}},
        {"fly": {"item_name": "lamp"}},
        {"place_order": {"item_id": "IT-4711"}},
    ],
    ids=[
        "text for a number",
        "nothing",
        "too large for JSON",
        "a list",
        "no parameter",
        "no tool",
        "what only a tool can tell",
    ],
)
async def test_values_that_cannot_be_said_are_left_out(propose: Propose, scripted: Any, values: JsonObject) -> None:
    said = Proposal(goal="place_order", values=values, reason="")
    assert await propose(scripted(said)) == said.model_copy(update={"values": {}})


@pytest.mark.parametrize("goal", ["fly", "", "Place_Order"])
async def test_a_goal_that_is_no_tool_proposes_nothing(propose: Propose, scripted: Any, goal: str) -> None:
    assert await propose(scripted(Proposal(goal=goal, values={"find_item": SAID}, reason=""))) is None


async def test_a_role_that_fails_proposes_nothing(propose: Propose, scripted: Any, unusable: Exception) -> None:
    assert await propose(scripted(unusable)) is None


async def test_a_fault_of_the_infrastructure_is_no_missing_proposal(propose: Propose, scripted: Any) -> None:
    with pytest.raises(ConnectionError, match="gone"):
        await propose(scripted(ConnectionError("gone")))


async def test_cancellation_goes_through(propose: Propose, scripted: Any) -> None:
    def cancelled(view: SamplingView) -> Proposal:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await propose(scripted(cancelled))


async def test_a_world_in_which_nothing_can_be_reached_is_not_asked_about(
    propose: Propose, scripted: Any, sulking: Any
) -> None:
    role = scripted(Proposal(goal="ask", values={}, reason=""))
    assert await propose(role, sulking, left_out=["ask"]) is None
    assert role.views == []


async def test_the_view_tells_what_the_user_of_the_world_could_say(shown: Any) -> None:
    view = await shown()
    assert {tool.name for tool in view.tools} >= {"find_item", "list_items", "place_order", "set_price"}
    assert set(view.sayable["find_item.item_name"]) == {"lamp", "chair", "desk"}
    assert set(view.sayable["set_price.price"]) == {200, 300}
    assert "place_order.item_id" not in view.sayable
    assert "check_stock.item_id" not in view.sayable


async def test_a_text_of_which_nothing_is_known_may_be_anything(propose: Propose, scripted: Any, shop: Any) -> None:
    library = type(shop)(LibraryEnvironment, {})
    role = scripted(Proposal(goal="ask_for", values={"ask_for": {"wish": "A novel.", "shelf_id": "S-1"}}, reason=""))
    assert (await propose(role, library)).values == {"ask_for": {"wish": "A novel."}}
    assert role.views[0].sayable == {"ask_for.wish": ()}


async def test_the_view_has_the_plan_and_the_conversation(shown: Any) -> None:
    talk = [{"role": "user", "content": "Is there a lamp?"}]
    plans = (TurnPlan(), TurnPlan(tool="set_price", relation="drill_down"))
    view = await shown(turn=1, plans=plans, messages=talk)
    assert (view.relation, view.planned, view.earlier_messages) == ("drill_down", "set_price", tuple(talk))


async def test_tools_that_misbehave_are_neither_offered_nor_planned(shown: Any) -> None:
    view = await shown(left_out=["set_price"], plans=(TurnPlan(tool="set_price"),))
    assert view.planned is None
    assert "set_price" not in {tool.name for tool in view.tools}
    assert not any(key.startswith("set_price.") for key in view.sayable)


async def test_of_many_tools_some_are_shown_and_the_planned_one_always(shown: Any, warehouse: Any) -> None:
    views = [await shown(warehouse, turn=turn, plans=(TurnPlan(tool="look_88"),) * 2) for turn in (0, 1)]
    names = [[tool.name for tool in view.tools] for view in views]
    assert [len(own) for own in names] == [40, 40]
    assert all("look_88" in own for own in names)
    assert names[0] != names[1]
    assert names[0] == sorted(names[0], key=lambda name: int(name.removeprefix("look_")))
    assert all(len(values) == 5 for view in views for values in view.sayable.values())


async def test_the_same_turn_is_shown_in_the_same_way(shown: Any, warehouse: Any) -> None:
    assert await shown(warehouse) == await shown(warehouse)


async def test_no_seed_is_shown(shown: Any, make_job: Any) -> None:
    assert str(make_job(3).seed) not in json.dumps((await shown()).plain())
    assert not [name for name in _keys(SamplingView.model_json_schema()) if "seed" in name]


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _keys(item)


SOME_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(["item_name", "customer_name", "price", "percentage", "item_id", "nosuch"])
TOOLS = st.sampled_from(["find_item", "find_customer", "set_price", "raise_price", "place_order", "nosuch"])


@given(values=st.dictionaries(TOOLS, st.dictionaries(NAMES, SOME_JSON, max_size=3), max_size=3))
@settings(max_examples=30, deadline=None)
def test_whatever_is_proposed_what_is_kept_fits(
    propose: Propose, scripted: Any, shop: Any, values: dict[str, JsonObject]
) -> None:
    kept = asyncio.run(propose(scripted(Proposal(goal="find_item", values=values, reason=""))))
    specs = {spec.name: spec for spec in shop.catalogue()["shop"]}
    for name, own in kept.values.items():
        schema = {**specs[name].parameters, "required": []}
        assert own
        assert Draft202012Validator(schema).is_valid(own)
        assert json.loads(json.dumps(own, allow_nan=False)) == own
