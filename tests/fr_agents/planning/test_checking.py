"""What a run cannot be asked for is told before anything is written, with what to do."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from envs.domain import Domain
from fr_agents.config import ConfigError, RunConfig
from fr_agents.planning import check_plan
from fr_agents.planning.checking import longest_path
from tools.graph import ApiGraph

Refusal = Callable[..., list[str]]
TownConfig = Callable[..., RunConfig]


@pytest.fixture
def refusal(town: Domain, graph: ApiGraph, town_config: TownConfig) -> Refusal:
    """The lines that a configuration is refused with; ``unusable`` are the tools that misbehave."""

    def refuse(unusable: tuple[str, ...] = (), **changes: object) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            check_plan(town_config(**changes), graph, town, unusable)
        return str(caught.value).splitlines()

    return refuse


def test_what_can_be_done_is_planned(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    config = town_config(targets=["pay"], quotas={"per_edge": 60}, sampler={"depth": {"calls": 6, "path": 2}})
    schedule = check_plan(config, graph, town)
    assert schedule.minimum == 120
    assert schedule.job(3).plans[0].tool == "pay"


def test_a_target_that_is_no_tool(refusal: Refusal) -> None:
    assert refusal(targets=["pay", "refnd"]) == [
        "targets: world 'town_of_tests:Town' has no tool 'refnd'. Did you mean refund?"
    ]


def test_named_targets_out_of_reach_are_told_with_the_reason(refusal: Refusal) -> None:
    assert refusal(unusable=("pay",), targets=["refund", "pay", "open_vault", "gift"]) == [
        "targets: gift needs tools of environments that none of 200 drawn worlds has together.",
        "targets: open_vault cannot be reached: its key comes only from find_key, which cannot be reached either.",
        "targets: pay is left out, since it misbehaves when it is called: see the warnings of `fr-agents graph`.",
        "targets: refund cannot be reached: its payment_id comes only from pay, which misbehaves.",
    ]


def test_a_state_that_nothing_establishes(refusal: Refusal) -> None:
    assert refusal(unusable=("sign_in",), targets=["pay"]) == [
        "targets: pay cannot be reached: a state that it checks is established only by sign_in, which misbehaves."
    ]


def test_targets_of_which_none_is_left(refusal: Refusal, graph: ApiGraph) -> None:
    assert refusal(targets={"pay": 0, "order": 0}) == [
        "targets: all weights are 0: give at least one tool a weight above 0"
    ]
    lines = refusal(unusable=tuple(graph.specs))
    assert len(lines) == 1
    assert lines[0].startswith("targets: no tool of world 'town_of_tests:Town' can be reached. sign_in is left out")


def test_quotas_that_ask_for_more_turns_than_there_are(refusal: Refusal) -> None:
    assert refusal(count=2, quotas={"per_edge": 2}) == [
        "quotas ask for 14 turns, and 2 trajectories have 6 at most: raise count, or lower quotas.per_edge"
    ]
    assert refusal(count=1, quotas={"per_tool": 1}) == [
        "quotas ask for 8 turns, and 1 trajectory has 3 at most: raise count, or lower quotas.per_tool"
    ]


def test_depths_that_no_turn_can_have(refusal: Refusal) -> None:
    assert refusal(sampler={"calls_per_turn": 4, "depth": {"calls": 5, "path": 9}}) == [
        "sampler.depth.calls (5) must not be above sampler.calls_per_turn (4)",
        "sampler.depth.path (9) must not be above sampler.calls_per_turn (4)",
    ]
    assert refusal(targets=["refund"], sampler={"depth": {"path": 4}}) == [
        (
            "sampler.depth.path is 4, and the longest chain of calls to a target in which each uses a value of the one "
            "before has 3: lower it, or choose other targets"
        )
    ]


def test_every_problem_has_a_line(refusal: Refusal) -> None:
    assert len(refusal(targets=["gift", "pay"], count=1, quotas={"per_edge": 9}, sampler={"depth": {"path": 7}})) == 3


def test_the_longest_chain_is_of_values_and_endless_in_circles(graph: ApiGraph) -> None:
    reachable = graph.specs.keys() - {"open_vault", "find_key"}
    assert longest_path(graph, reachable, ["refund", "sign_in"]) == 3
    assert longest_path(graph, reachable, ["sign_in"]) == 1
    assert longest_path(graph, reachable, ["order"]) == math.inf
