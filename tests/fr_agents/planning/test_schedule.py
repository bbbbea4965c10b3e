"""Jobs from their numbers: their worlds have what they ask for, and nothing else decides them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from envs.domain import Domain, load_domain
from fr_agents.config import RunConfig
from fr_agents.jobs import plan_job
from fr_agents.planning import Item, Schedule
from fr_agents.planning.quotas import weights_of
from fr_agents.planning.ways import Ways
from graphs.records import Job
from graphs.records.job import TurnPlan
from tools.graph import ApiGraph, Edge

TownConfig = Callable[..., RunConfig]
UNREACHABLE = ("open_vault", "find_key")


def jobs_of(schedule: Schedule, count: int) -> list[Job]:
    return [schedule.job(number) for number in range(count)]


def asked(jobs: list[Job]) -> Counter[Item]:
    found: Counter[Item] = Counter()
    for plan in (plan for job in jobs for plan in job.plans):
        item = item_of_plan(plan)
        if item is not None:
            found[item] += 1
    return found


def item_of_plan(plan: TurnPlan) -> Item | None:
    if plan.tool is None:
        return None
    edge = plan.edge
    return Item(plan.tool, edge.producer, edge.path, edge.parameter) if edge else Item(plan.tool)


def cycle_of(schedule: Schedule) -> int:
    """So many jobs lead with every item at least once, where nothing else decides what they lead with."""
    return sum(weights_of(schedule.items, None).values())


def test_every_reachable_edge_and_tool_is_asked_for(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    schedule = Schedule(town_config(), graph, town)
    items = {item for own in schedule.items.values() for item in own}
    assert items == {
        Item("sign_in"),
        Item("list_cards"),
        Item("find_contact"),
        Item("pay", "list_cards", "*.card_id", "card_id"),
        Item("pay", "sign_in"),
        Item("refund", "pay", "payment_id", "payment_id"),
        Item("send_mail", "find_contact", "contact_id", "contact_id"),
        Item("search", "order", "name", "word"),
        Item("order", "search", "*.product_id", "product_id"),
        Item("order", "list_cards", "*.card_id", "card_id"),
    }
    assert items <= asked(jobs_of(schedule, 2 * cycle_of(schedule))).keys()


def test_jobs_of_one_turn_ask_for_each_edge_equally_often(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    schedule = Schedule(town_config(turns=1), graph, town)
    weights = weights_of(schedule.items, None)
    found = asked(jobs_of(schedule, 2 * cycle_of(schedule)))
    assert found == {item: 2 * weights[tool] // len(own) for tool, own in schedule.items.items() for item in own}


def test_what_nothing_but_the_schemas_speaks_for_is_not_asked_for(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    guessed = [
        Edge(producer="search", consumer="find_contact", parameter="name", path="name", kind="offers", evidence=kinds)
        for kinds in (("schema",), ("schema", "observed"))
    ]
    told = [
        set(Schedule(town_config(), ApiGraph(graph.specs.values(), [*graph.edges, edge]), town).items["find_contact"])
        for edge in guessed
    ]
    assert told == [{Item("find_contact")}, {Item("find_contact", "search", "name", "name")}]


def test_an_edge_that_takes_two_turns_is_walked_from_the_first_to_the_second(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    ways = Ways(graph)
    schedule = Schedule(town_config(turns={"min": 2, "max": 3}), graph, town)
    across = 0
    for job in jobs_of(schedule, 60):
        first, second = (item_of_plan(plan) for plan in job.plans[:2])
        assert first is not None
        assert not ways.takes_two_turns(first)
        if first not in schedule.items.get(first.tool, ()):
            assert first == Item(first.tool)
            assert second is not None
            assert second.producer == first.tool
            assert ways.relation(second) == job.plans[1].relation
            across += 1
    assert across > 20


def test_a_later_turn_that_goes_on_does_so_over_an_edge_from_an_earlier_one_or_is_left_open(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    ways = Ways(graph)
    left_open = walked = 0
    for job in jobs_of(Schedule(town_config(turns=3), graph, town), 60):
        for turn, plan in enumerate(job.plans[1:], start=1):
            if plan.relation not in ("follow_up", "drill_down"):
                continue
            item = item_of_plan(plan)
            left_open += item is None
            if item is not None:
                assert item.producer in {earlier.tool for earlier in job.plans[:turn]}
                assert ways.relation(item) == plan.relation
                walked += 1
    assert left_open
    assert walked > left_open


def test_what_no_world_can_cover_is_told(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    uncovered = {item.told() for item in Schedule(town_config(), graph, town).uncovered}
    assert uncovered == {"gift", *UNREACHABLE}
    without = Schedule(town_config(), graph, town, unusable=["pay"])
    assert {"pay", "refund"} <= {item.told() for item in without.uncovered}
    assert not {"pay", "refund"} & without.items.keys()


def test_worlds_have_what_their_turns_ask_for(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    catalogue = town.catalogue()
    for job in jobs_of(Schedule(town_config(), graph, town), 60):
        environments = town.draw(job.seed).environments
        tools = {spec.name for name in environments for spec in catalogue[name]}
        planned = [item for item in map(item_of_plan, job.plans) if item is not None]
        for item in planned:
            assert {item.tool, item.producer} <= {*tools, ""}
            assert item.tool != "order" or set(environments) == {"bank", "shop"}
        assert len(job.plans) == job.turns
        assert len({item.tool for item in planned}) == len(planned) or len(tools) <= job.turns


def test_a_job_depends_on_its_number_alone(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    config = town_config(quotas={"per_edge": 2}, tools_shown="needed+2")
    forwards = jobs_of(Schedule(config, graph, town), 40)
    schedule = Schedule(config, graph, town)
    assert [plan_job(config, number, schedule) for number in reversed(range(40))] == forwards[::-1]
    assert jobs_of(Schedule(town_config(seed=8), graph, town), 40) != forwards
    assert len({job.seed for job in forwards}) == 40


PROGRAM = """
import sys
from envs.domain import load_domain
from fr_agents.config import RunConfig
from fr_agents.planning import Schedule
from tools.graph import ApiGraph

domain = load_domain("travel")
specs = domain.catalogue()["travel"]
declared = domain.open(domain.draw(1)).declared_edges()
config = RunConfig.model_validate({"name": "a", "count": 9, "world": "travel", "tools_shown": "needed+4"})
schedule = Schedule(config, ApiGraph.from_specs(specs, declared), domain)
print("\\n".join(schedule.job(number).model_dump_json() for number in range(12)))
"""


def test_another_process_plans_the_same_jobs() -> None:
    root = Path(__file__).resolve().parents[3]
    told = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert told.pop().count("\n") == 12


def test_shares_of_relations_and_errors_hold_over_all_turns(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    jobs = jobs_of(Schedule(town_config(sampler={"error_share": 0.2}), graph, town), 100)
    plans = [plan for job in jobs for plan in job.plans]
    later = Counter(plan.relation for job in jobs for plan in job.plans[1:])
    assert all(job.plans[0].relation == "new_topic" for job in jobs)
    assert abs(sum(plan.error for plan in plans) - 0.2 * len(plans)) <= 2
    assert abs(later["follow_up"] - 0.35 * later.total()) <= 2
    assert abs(later["correction"] - 0.1 * later.total()) <= 2


def test_all_shares_hold_where_no_edge_takes_two_turns(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    ways = Ways(graph)
    schedule = Schedule(town_config(targets=["refund", "pay", "send_mail"]), graph, town)
    assert not any(ways.takes_two_turns(item) for own in schedule.items.values() for item in own)
    later = Counter(plan.relation for job in jobs_of(schedule, 100) for plan in job.plans[1:])
    shares = town_config().sampler.relations.model_dump()
    assert all(abs(later[name] - share * later.total()) <= 2 for name, share in shares.items())


def test_a_baseline_is_asked_for_tools_alone(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    jobs = jobs_of(Schedule(town_config(sampler={"policy": "paper"}), graph, town), 30)
    plans = [plan for job in jobs for plan in job.plans]
    assert {(plan.edge, plan.relation, plan.error) for plan in plans} == {(None, "new_topic", False)}
    assert {plan.tool for plan in plans} == graph.specs.keys() - {"gift", *UNREACHABLE}


@pytest.mark.parametrize("targets", [["refund", "order"], {"refund": 3, "order": 1, "pay": 0}])
def test_only_named_targets_are_asked_for(
    town: Domain, graph: ApiGraph, town_config: TownConfig, targets: object
) -> None:
    schedule = Schedule(town_config(targets=targets, turns=1), graph, town)
    leads = Counter(job.plans[0].tool for job in jobs_of(schedule, 60))
    assert leads.keys() == {"refund", "order"}
    heavier = leads["refund"] > leads["order"] + 20 if isinstance(targets, dict) else leads["order"] > leads["refund"]
    assert heavier


def test_a_turn_that_is_no_target_makes_what_the_next_one_goes_on_with(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    others = 0
    for job in jobs_of(Schedule(town_config(targets=["refund", "order"]), graph, town), 60):
        for plan, following in pairwise([*job.plans, TurnPlan()]):
            if plan.tool not in (None, "refund", "order"):
                assert plan == job.plans[0]
                assert plan.edge is None
                assert following.tool in ("refund", "order")
                assert following.edge is not None
                assert following.edge.producer == plan.tool
                others += 1
    assert others


def test_quotas_come_first_and_every_turn_counts_for_them(graph: ApiGraph, town_config: TownConfig) -> None:
    travel = load_domain("travel")
    specs = travel.catalogue()["travel"]
    whole = ApiGraph.from_specs(specs, travel.open(travel.draw(1)).declared_edges())
    config = town_config(world="travel", turns=1, quotas={"per_edge": 1, "per_tool": 2})
    schedule = Schedule(config, whole, travel)
    found = asked(jobs_of(schedule, schedule.minimum))
    assert min(found[item] for own in schedule.items.values() for item in own if item.producer) == 1
    assert {sum(found[item] for item in own) for own in schedule.items.values() if len(own) <= 2} == {2}
