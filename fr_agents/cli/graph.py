"""The command ``graph``: what the tools of a world need, found out by execution."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, redirect_stdout
from pathlib import Path

from envs.discovery import DiscoverySettings
from envs.domain import installed
from fr_agents.cli.common import (
    INTERRUPTED,
    WRONG_INPUT,
    fail,
    output_console,
    progress_console,
    readable_errors,
    refuse_unwritable,
    say,
    tell,
    write_output,
)
from fr_agents.cli.interrupt import Stoppable
from fr_agents.cli.options import (
    DrawingFormat,
    FileOption,
    FormatOption,
    JsonOption,
    OutsideOption,
    RefreshOption,
    WorldArgument,
)
from fr_agents.config import WorldSettings, load_config
from fr_agents.discovery import DiscoveredGraph, discover_graph
from fr_agents.discovery.apart import OnProgress
from fr_agents.discovery.progress import plain_progress, terminal_progress
from fr_agents.discovery.telling import header_line, render_discovered
from tools.drawing import to_dot, to_html, to_mermaid

_CONFIGURATIONS = (".yaml", ".yml")


def graph(
    world: WorldArgument,
    as_json: JsonOption = False,
    drawing: FormatOption = None,
    output: FileOption = None,
    refresh: RefreshOption = False,
    allow_outside_effects: OutsideOption = False,
) -> None:
    """Find out by execution what each tool of a world needs; draw it, or print it for a program."""
    with readable_errors():
        _refuse_contradictions(as_json, drawing, output)
        with redirect_stdout(sys.stderr):  # a world may print while it is loaded, and stdout is for the result
            found = _discover(_settings(world), refresh, allow_outside_effects)
        if found.cache_problem:
            tell(found.cache_problem)
        if not as_json and drawing is None:
            output_console().print(render_discovered(found))
            return
        text = _drawn(found, drawing) if drawing else json.dumps(found.document(), ensure_ascii=False, indent=2) + "\n"
        if output is None:
            say(text.removesuffix("\n"))
            return
        write_output(output, text)
        tell(f"{header_line(found)}\nwritten to {output}")


def _refuse_contradictions(as_json: bool, drawing: DrawingFormat | None, output: Path | None) -> None:
    """End with what contradicts itself, before minutes are spent."""
    if as_json and drawing is not None:
        fail(f"--json and --format {drawing} ask for two different things: leave one of them out.", WRONG_INPUT)
    if output is None:
        return
    if not as_json and drawing is None:
        fail("--output needs to know what to write: add --json, or --format mermaid, dot or html.", WRONG_INPUT)
    refuse_unwritable(output, "--output")


def _settings(world: str) -> WorldSettings:
    """The world of that name, or that of a configuration."""
    if world not in installed() and Path(world).suffix in _CONFIGURATIONS:
        return load_config(Path(world)).world
    return WorldSettings(name=world)


def _discover(world: WorldSettings, refresh: bool, allowed: bool) -> DiscoveredGraph:
    settings = DiscoverySettings(outside_effects=allowed or world.allow_outside_effects)
    console = progress_console()
    shown: AbstractContextManager[OnProgress] = plain_progress(tell)
    if console.is_terminal:
        shown = terminal_progress(console)
    with shown as show, Stoppable[DiscoveredGraph](on_stop=lambda: None) as stoppable:
        found = stoppable.run(
            lambda: discover_graph(world.name, world.options, settings=settings, refresh=refresh, on_progress=show)
        )
    if found is None:
        fail("stopped. Nothing was kept.", INTERRUPTED)
    return found


def _drawn(found: DiscoveredGraph, drawing: DrawingFormat) -> str:
    discovery = found.discovery
    if drawing == "mermaid":
        return to_mermaid(found.graph, discovery.groups)
    if drawing == "dot":
        return to_dot(found.graph, discovery.groups)
    warnings = [warning.text for warning in discovery.warnings]
    return to_html(found.graph, f"Tools of {discovery.world}", discovery.groups, warnings)
