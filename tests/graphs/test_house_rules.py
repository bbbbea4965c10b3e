"""Sampled turns keep the rules of the house and leave secrets to the system message; a trace that breaks a rule is
found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from envs.pool import WorldPool
from envs.travel import TravelDomain
from envs.workspace import WorkspaceDomain
from envs.world import World
from graphs.records import Job
from graphs.sampling import sample_turn
from graphs.validation.policy import forbidden
from tools.advanced import signature
from tools.base import canonical_json
from tools.profile import is_secret
from tools.trace import Trace


@pytest.fixture
def agency() -> World:
    return TravelDomain().open(TravelDomain().draw(5))


def insured(agency: World) -> str:
    return next(str(item["booking_id"]) for item in agency.spec.initial_state["travel"]["policies"].values())


def test_the_first_rule_that_a_call_breaks_is_told(agency: World, run_steps: Any) -> None:
    booking = insured(agency)
    before = agency.replay_hash()
    steps = run_steps(
        agency.fork(), ("get_booking", {"booking_id": booking}, 0), ("cancel_booking", {"booking_id": booking}, 1)
    )
    assert forbidden(agency, steps) == "A booking with an insurance policy is not cancelled."
    assert forbidden(agency, steps[:1]) == ""
    assert agency.replay_hash() == before


def test_each_call_is_judged_by_what_the_calls_before_it_have_done(agency: World, run_steps: Any) -> None:
    """A booking may be cancelled as long as it is not insured, and not any more after that."""
    bookings = agency.spec.initial_state["travel"]["bookings"]
    booking = next(key for key, row in bookings.items() if row["status"] == "paid" and key != insured(agency))
    card = max(agency.spec.initial_state["travel"]["cards"].items(), key=lambda item: float(item[1]["balance"]))[0]
    quoted = run_steps(agency.fork(), ("quote_insurance", {"booking_id": booking, "plan": "basic"}, 0))
    buy = ("purchase_insurance", {"quote_id": quoted[0].observation.content["quote_id"], "card_id": card}, 1)
    cancel = ("cancel_booking", {"booking_id": booking}, 2)
    assert forbidden(agency, run_steps(agency.fork(), cancel)) == ""
    assert forbidden(agency, run_steps(agency.fork(), buy)) == ""
    assert forbidden(agency, run_steps(agency.fork(), buy, cancel))


def test_a_call_that_fails_has_no_effect_that_could_be_forbidden(agency: World, run_steps: Any) -> None:
    assert forbidden(agency, run_steps(agency.fork(), ("cancel_booking", {"booking_id": "BK-0"}, 0))) == ""


@pytest.fixture
def sampled(make_context: Any) -> Any:
    """First turns of a domain, each for a tool, with the worlds that they begin in."""

    async def run(domain: Any, tools: tuple[str, ...], count: int) -> list[tuple[World, Trace]]:
        context = replace(make_context(), worlds=WorldPool(domain))
        found = []
        for number in range(count):
            plan = {"tool": tools[number % len(tools)], "relation": "new_topic"}
            job = Job.model_validate({"number": number, "seed": 100 + number, "turns": 1, "plans": [plan]})
            trace = await sample_turn(context, job, 0, [], [context.system_message(job)])
            if trace is not None:
                found.append((domain.open(context.world_of(job)), trace))
        return found

    return run


@pytest.mark.parametrize(
    ("domain", "tools"),
    [
        (TravelDomain(), ("cancel_booking", "purchase_insurance", "book_flight")),
        (WorkspaceDomain(), ("publish_file", "create_event")),
    ],
    ids=["travel", "workspace"],
)
async def test_turns_for_tools_under_rules_keep_them(sampled: Any, domain: Any, tools: tuple[str, ...]) -> None:
    found = await sampled(domain, tools, 12)
    assert {trace.target_tool for _, trace in found} >= {*tools}
    for world, trace in found:
        assert forbidden(world, trace.steps) == ""


async def test_secrets_are_bound_from_the_profile_and_are_no_inputs(sampled: Any) -> None:
    found = await sampled(WorkspaceDomain(), ("list_messages", "list_tickets", "send_message"), 6)
    assert found
    for world, trace in found:
        told = {canonical_json(entry.value) for entry in world.profile()}
        bound = {
            name: (origin.kind, canonical_json(step.call.arguments[name]))
            for step in trace.steps
            for name, origin in step.origins.items()
            if is_secret(name) or name == "user_name"
        }
        assert bound
        session = {"session_token"}
        assert all(kind == "profile" and value in told for name, (kind, value) in bound.items() if name not in session)
        inputs = signature(trace, {spec.name: spec for spec in world.specs()}).inputs
        assert not told & {canonical_json(item.value) for item in inputs}
