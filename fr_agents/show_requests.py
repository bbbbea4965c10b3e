"""Requests as a person reads them: message by message, as the model gets them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from fr_agents.backends.backend import Request
from fr_agents.funnel import counted
from fr_agents.requests_seen import SeenRequest, nobody_asked
from tools.base import Json, JsonObject

_STYLES = {"SYSTEM": "bold magenta", "USER": "bold cyan", "ASSISTANT": "bold", "TOOL": "yellow"}
_LABEL_WIDTH = 9


def render_requests(seen: Sequence[SeenRequest]) -> Group:
    """All requests in the order in which they were made, after a word on the roles that ask nobody."""
    parts: list[RenderableType] = [Text(_heading(list(seen)))]
    tools: dict[str, int] = {}
    for number, item in enumerate(seen, 1):
        asked = item.model if item.asked else "played by rules; a model would be asked"
        title = f"request {number} · {item.role} · {asked}"
        parts += [Text(""), Rule(Text(title, style="bold"), align="left", style="dim")]
        parts.append(_request(item.request, number, tools))
    return Group(*parts)


def _heading(seen: list[SeenRequest]) -> str:
    by_rules = ", ".join(nobody_asked(seen))
    asked = sum(item.asked for item in seen)
    if not by_rules:
        return f"{counted(asked, 'request')} to models"
    rest = f"{counted(asked, 'request')} to models; " if asked else "no requests to models; "
    return f"{rest}the roles {by_rules} are played by rules: shown is what a model would be asked in their place"


def _request(request: Request, number: int, known: dict[str, int]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=_LABEL_WIDTH, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.expand = True
    for message in request.messages:
        for label, text in _message(message):
            table.add_row(Text(label, style=_STYLES.get(label, "green")), Text(text))
    for label, text in _beside(request, number, known):
        table.add_row(Text(label, style="green"), Text(text, style="dim"))
    return table


def _message(message: JsonObject) -> Iterator[tuple[str, str]]:
    """The rows of one message."""
    label = str(message["role"]).upper()
    content = str(message.get("content") or "")
    if content or not message.get("tool_calls"):
        yield label, content
    for call in message.get("tool_calls") or ():
        yield "calls", f"{call['function']['name']} {call['function']['arguments']}  ({call['id']})"


def _beside(request: Request, number: int, known: dict[str, int]) -> Iterator[tuple[str, str]]:
    """What goes with the messages: tools, in full the first time, and the form of the answer."""
    if request.tools:
        listed = "\n".join(_plain(tool["function"]) for tool in request.tools)
        first = known.setdefault(listed, number)
        yield "tools", listed if first == number else f"the {counted(len(request.tools), 'tool')} of request {first}"
    if request.output is not None:
        yield "answer", f"an object {request.output.name}: {_plain(request.output.json_schema)}"


def _plain(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
