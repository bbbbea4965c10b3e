"""A parameter that takes a list gets one, also where the only value is an earlier turn's."""

from __future__ import annotations

from envs.domain import load_domain
from fr_agents.config import load_config
from fr_agents.jobs import plan_job
from fr_agents.running import Decider
from fr_agents.wiring import open_context
from graphs.records import Trajectory

CONFIG = {"name": "lists", "count": 1, "seed": 7, "world": "workspace", "offline": {"mistakes": 0.0}}


async def test_an_earlier_value_is_put_into_a_list_where_one_is_taken() -> None:
    config = load_config(CONFIG)
    invited = []
    async with open_context(config, load_domain("workspace")) as context:
        for number in (2, 5):
            outcome = await Decider(config, context, None).decide(plan_job(config, number))
            assert isinstance(outcome, Trajectory), outcome
            steps = [step for turn in outcome.turns for step in turn.steps]
            invited += [step for step in steps if step.call.name == "invite_to_event"]
    earlier = [
        step.call.arguments["contact_ids"]
        for step in invited
        if any(part.kind == "earlier_turn" for part in step.origins["contact_ids"].observed)
    ]
    assert earlier
    assert all(isinstance(value, list) for value in earlier)
