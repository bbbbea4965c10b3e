"""Tools shown: what the turns need, the nearest neighbours among the distractors, the rest drawn."""

from __future__ import annotations

from collections.abc import Callable

from envs.domain import Domain
from fr_agents.config import RunConfig
from fr_agents.planning import Item, Schedule
from fr_agents.planning.shown import Likeness, needed_tools
from tools.graph import ApiGraph
from tools.spec import ToolSpec

TownConfig = Callable[..., RunConfig]


def test_what_a_turn_needs_is_the_way_to_its_target(graph: ApiGraph) -> None:
    assert needed_tools(graph, Item("refund")) == {"refund", "pay", "list_cards", "sign_in"}
    assert needed_tools(graph, Item("pay", "sign_in")) == {"pay", "list_cards", "sign_in"}
    assert needed_tools(graph, Item("sign_in")) == {"sign_in"}


def test_the_best_source_of_what_may_be_looked_up_is_needed_too(graph: ApiGraph) -> None:
    assert needed_tools(graph, Item("search")) == {"search", "order", "list_cards"}


def test_jobs_show_what_they_need_and_k_more(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    schedule = Schedule(town_config(turns=1, tools_shown="needed+2"), graph, town)
    shown = 0
    for number in range(60):
        job = schedule.job(number)
        order = [tool.name for name in town.draw(job.seed).environments for tool in town.catalogue()[name]]
        tool, edge = job.plans[0].tool, job.plans[0].edge
        assert tool is not None
        needed = needed_tools(graph, Item(tool, edge.producer, edge.path, edge.parameter) if edge else Item(tool))
        if not job.tools:
            assert len(needed) + 2 >= len(order)
            continue
        shown += 1
        assert needed <= set(job.tools)
        assert len(job.tools) == len(needed) + 2
        assert list(job.tools) == [name for name in order if name in job.tools]
    assert shown > 10


def test_a_tool_next_to_the_needed_ones_is_among_the_distractors(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    schedule = Schedule(town_config(turns=1, tools_shown="needed+1", targets=["sign_in"]), graph, town)
    tools = {job.tools for job in map(schedule.job, range(30))}
    assert tools == {("sign_in", "pay")}


def test_all_are_shown_where_there_are_no_more(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    plenty = Schedule(town_config(tools_shown="needed+500"), graph, town)
    assert {plenty.job(number).tools for number in range(10)} == {()}
    assert {Schedule(town_config(), graph, town).job(number).tools for number in range(10)} == {()}


def test_an_unusable_tool_is_no_distractor(town: Domain, graph: ApiGraph, town_config: TownConfig) -> None:
    schedule = Schedule(town_config(turns=1, tools_shown="needed+1"), graph, town, unusable=["search", "refund"])
    shown = {name for number in range(40) for name in schedule.job(number).tools}
    assert shown
    assert not {"search", "refund"} & shown


def test_rare_words_make_tools_alike() -> None:
    told = {
        "book_flight": "Books a seat on a plane.",
        "cancel_flight": "Gives a seat on a plane back.",
        "book_table": "Books a table.",
        "list_files": "Lists a folder.",
    }
    specs = [
        ToolSpec(name=name, description=text, parameters={"type": "object", "properties": {}}, returns={})
        for name, text in told.items()
    ]
    names = [name for name, _ in Likeness(specs).of("book_flight")]
    assert names[:2] == ["cancel_flight", "book_table"]
