"""What a person sees of discovery: while it goes on, and what it found."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from envs.discovery import Discovery, Progress, ToolWarning
from fr_agents.discovery import DiscoveredGraph, RunGraph, unusable
from fr_agents.discovery.exclusive import WAITING
from fr_agents.discovery.progress import plain_line, plain_progress, terminal_progress
from fr_agents.discovery.telling import graph_line, header_line, render_discovered
from tools.graph import Edge
from tools.spec import ToolSpec

TOLD = Progress(environment="shop", stage="examined", done=3, total=12, calls=45678)


def spec(name: str, *parameters: str) -> ToolSpec:
    properties = {parameter: {"type": "string"} for parameter in parameters}
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": [*parameters]}
    return ToolSpec(name=name, description="Does it.", parameters=schema, returns={}, effect="write")


@pytest.fixture
def found() -> DiscoveredGraph:
    """A shop whose ``sell`` needs a token and a till, and a bank that needs nothing."""
    discovery = Discovery(
        world="market",
        version="2",
        specs=(spec("log_in"), spec("start_till"), spec("sell", "token"), spec("rate"), spec("crash")),
        groups={"shop": ("log_in", "start_till", "sell"), "bank": ("rate",), "shop+bank": ("sell", "rate", "crash")},
        edges=(
            Edge(producer="log_in", consumer="sell", path="token", parameter="token", evidence=("declared", "probed")),
            Edge(producer="start_till", consumer="sell", evidence=("probed",)),
        ),
        warnings=(ToolWarning(tool="crash", reason="never_succeeds", text="crash never succeeded [red]at all[/red]"),),
        calls=12345,
        seconds=6.78,
    )
    return DiscoveredGraph(discovery, cached=False, cache_file=Path("graph.json"))


def printed(found: DiscoveredGraph, width: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(render_discovered(found))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined,no-any-return]


def test_a_graph_is_told_by_environment_with_needy_tools_in_full(found: DiscoveredGraph) -> None:
    assert printed(found, width=200) == [
        "market 2 · 5 tools · 2 edges (2 probed, 1 declared) · 12,345 calls in 6.8 s · discovered now",
        "",
        "shop · 1 of 3 tools needs something first",
        "  sell needs a token from log_in; before it, start_till must have been called.",
        "  The 2 others need nothing first.",
        "",
        "bank · no tool needs anything",
        "",
        "shop+bank · no tool needs anything",
        "",
        "1 warning",
        "  crash never succeeded [red]at all[/red]",
    ]


def test_lines_are_wrapped_with_the_rest_indented_and_without_blanks_at_their_ends(found: DiscoveredGraph) -> None:
    lines = printed(found, width=50)
    assert "    start_till must have been called." in lines
    assert all(len(line) <= 50 and line == line.rstrip() for line in lines)


def test_the_header_says_when_a_graph_comes_from_the_cache(found: DiscoveredGraph) -> None:
    cached = DiscoveredGraph(found.discovery, cached=True, cache_file=found.cache_file)
    assert header_line(cached).endswith("from the cache (--refresh discovers it again)")


def test_a_line_of_progress_is_plain() -> None:
    assert plain_line(TOLD, 12.3) == "shop: tools examined · 3/12 tools · 45,678 calls · 12 s"


def test_who_waits_for_another_process_is_told_no_numbers() -> None:
    waiting = Progress(environment="travel", stage=WAITING, done=0, total=0, calls=0)
    assert plain_line(waiting, 12.3) == "travel: another process is discovering its graph · 12 s"
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with terminal_progress(console) as show:
        show(waiting)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "travel: another process is discovering its graph" in shown
    assert "calls" not in shown


def test_plain_progress_writes_the_latest_state_and_nothing_before_there_is_one() -> None:
    lines: list[str] = []
    written = threading.Event()

    def write(line: str) -> None:
        lines.append(line)
        written.set()

    with plain_progress(write, interval=0.001) as show:
        assert not lines
        show(TOLD)
        assert written.wait(30)
    assert lines[0].startswith("shop: tools examined · 3/12 tools · 45,678 calls")


def test_a_terminal_shows_one_bar_that_is_gone_afterwards() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with terminal_progress(console) as show:
        show(TOLD.model_copy(update={"done": 1}))
        show(TOLD)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "shop: tools examined" in shown
    assert "3/12 tools" in shown
    assert "45,678 calls" in shown
    assert shown.rstrip().endswith("\x1b[2K")


def test_a_discovery_that_its_bounds_cut_short_says_so(found: DiscoveredGraph) -> None:
    assert "cut short" not in header_line(found)
    discovery = found.discovery.model_copy(update={"cut_short": ("bank", "shop")})
    line = header_line(DiscoveredGraph(discovery, cached=False, cache_file=None))
    assert "cut short by its bounds in bank, shop: needs may be missing" in line


def test_a_run_tells_its_graph_and_the_tools_that_are_no_targets(found: DiscoveredGraph) -> None:
    assert graph_line(RunGraph(found.document(), "from cache")) == (
        "graph: 2 edges (2 probed, 1 declared) from cache · 1 tool left out: crash (never succeeds)"
    )
    warnings = [
        ToolWarning(tool=tool, reason=reason, text="x")
        for tool, reason in [
            ("sell", "prints"),
            ("sell", "random"),
            ("rate", "hangs"),
            ("rate", "breaks_down"),
            ("crash", "cycle"),
            ("log_in", "breaks_down"),
            ("start_till", "prints"),
        ]
    ]
    document = {**found.document(), "warnings": [warning.plain() for warning in warnings], "cut_short": ["shop"]}
    run = RunGraph(document, "discovered now")
    assert graph_line(run) == (
        "graph: 2 edges (2 probed, 1 declared) discovered now · cut short by its bounds in shop: needs may be missing "
        "· 4 tools left out: sell (random), rate (hangs), crash (cycle), ..."
    )
    assert run.unusable == unusable(warnings) == ("sell", "rate", "crash", "log_in")
