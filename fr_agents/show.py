"""One trajectory as a person reads it: who says what, what is called with values from where, and what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from fr_agents.attempts_told import attempts_told
from fr_agents.funnel import counted
from fr_agents.origins import Sources, describe_origin
from fr_agents.titles import turn_titles
from graphs.records import Rejection, Trajectory, Turn
from graphs.records.query import Noise
from tools.base import Json, JsonObject
from tools.call import ToolCall
from tools.trace import Step

_THOUGHT = re.compile(r"<think>\s*(.*?)\s*</think>\s*", re.DOTALL)
_OBSERVATION_SHOWN = 280
_VALUE_SHOWN = 60
_STYLES = {
    "SYSTEM": "magenta",
    "USER": "bold cyan",
    "THINK": "dim",
    "CALL": "green",
    "SEES": "yellow",
    "FAILS": "red",
    "ANSWER": "bold",
}
_COLOURED = ("SYSTEM", "THINK", "SEES", "FAILS")


def render_trajectory(trajectory: Trajectory) -> Group:
    """Everything a person wants to see of a trajectory, turn by turn."""
    sources = Sources.of(trajectory.turns)
    parts: list[RenderableType] = [_heading(trajectory), *_system(trajectory)]
    for number, (turn, title) in enumerate(zip(trajectory.turns, turn_titles(trajectory), strict=True), 1):
        parts += [Text(""), Rule(Text(title, style="bold"), align="left", style="dim")]
        parts.append(_turn(turn, number, sources))
        parts.append(Text(""))
        parts.append(_beside(turn))
    return Group(*parts)


def render_rejection(rejection: Rejection) -> Text:
    """Why a job gave no trajectory."""
    where = f"job {rejection.job} was rejected by the {rejection.stage}: {rejection.reason.replace('_', ' ')}"
    after = f" (after {counted(rejection.turns, 'turn')})" if rejection.turns else ""
    return Text(f"{where}{after}\n{rejection.detail}")


def _heading(trajectory: Trajectory) -> Text:
    world, models = trajectory.world, sorted(set(trajectory.lineage.models.values()))
    parts = [
        trajectory.id,
        f"{world.name} {world.version} ({', '.join(world.environments)})",
        counted(len(trajectory.turns), "turn"),
        counted(len(trajectory.tools), "tool"),
        f"roles {', '.join(models)}",
        f"job {trajectory.lineage.job} of seed {trajectory.lineage.seed}",
    ]
    if trajectory.flags:
        parts.append(f"flagged {', '.join(trajectory.flags)}")
    return Text(" · ".join(parts))


def _system(trajectory: Trajectory) -> Iterator[RenderableType]:
    """What the model is told before the first request: who the user is, and the rules of the house."""
    told = system_text(trajectory)
    if told:
        table = _grid(7)
        _row(table, "SYSTEM", told)
        yield from (Text(""), table)


def system_text(trajectory: Trajectory) -> str:
    """The text of the system message; empty where there is none."""
    first = trajectory.messages[0] if trajectory.messages else {}
    return str(first.get("content") or "") if first.get("role") == "system" else ""


def _turn(turn: Turn, number: int, sources: Sources) -> Table:
    table = _grid(7)
    _row(table, "USER", turn.query)
    steps = {step.call.id: step for step in turn.steps}
    origins = {step.call.signature: step for step in turn.gold_steps}
    for message in turn.attempts[-1].messages:
        for label, body in _message(message, steps, origins, number, sources):
            _row(table, label, body)
    return table


def _grid(width: int) -> Table:
    """Two columns: labels, and what they stand before."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=width, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.expand = True
    return table


def _row(table: Table, label: str, body: str | RenderableType) -> None:
    style = _STYLES[label]
    content = Text(body, style=style if label in _COLOURED else "") if isinstance(body, str) else body
    table.add_row(Text(label, style=style), content)


def _message(
    message: JsonObject, steps: Mapping[str, Step], gold: Mapping[str, Step], turn: int, sources: Sources
) -> Iterator[tuple[str, str | RenderableType]]:
    """The rows of one message."""
    text = str(message.get("content") or "")
    if message["role"] == "tool":
        answered = steps.get(message["tool_call_id"])
        failed = answered is not None and answered.observation.failed
        yield "FAILS" if failed else "SEES", shortened(_spaced(text), _OBSERVATION_SHOWN)
        return
    thoughts = _THOUGHT.findall(text)
    if thoughts:
        yield "THINK", "\n".join(thoughts)
    for item in message.get("tool_calls", ()):
        call = _call(item)
        step = steps.get(call.id)
        if step is None or not step.origins:
            step = gold.get(call.signature, step)
        yield "CALL", _call_body(call, step, turn, sources)
    reply = _THOUGHT.sub("", text).strip()
    if reply:
        yield "ANSWER", reply


def _call(item: JsonObject) -> ToolCall:
    function = item["function"]
    return ToolCall(id=item["id"], name=function["name"], arguments=json.loads(function["arguments"]))


def _call_body(call: ToolCall, step: Step | None, turn: int, sources: Sources) -> RenderableType:
    arguments = ", ".join(f"{name}={_value(value)}" for name, value in call.arguments.items())
    line = Text.from_markup(f"[bold green]{escape(call.name)}[/]({escape(arguments)})")
    described = [
        f"{name} ← {text}"
        for name, origin in (step.origins if step else {}).items()
        if (text := describe_origin(origin, turn, sources))
    ]
    if not described:
        return line
    return Group(line, Padding(Text("\n".join(described), style="dim"), (0, 0, 0, 4)))


def _spaced(text: str) -> str:
    """JSON with spaces, so that lines break between values and not inside them; any other text as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def _value(value: Json) -> str:
    return shortened(json.dumps(value, ensure_ascii=False), _VALUE_SHOWN)


def shortened(text: str, most: int) -> str:
    """The beginning of a long text, with the number of characters that are left out."""
    left_out = len(text) - most
    return text if left_out <= 0 else f"{text[:most]}... ({left_out} more characters)"


def _beside(turn: Turn) -> Table:
    """What is no part of the conversation: the noise in the request, and the attempts at it."""
    table = _grid(13)
    noise = " · ".join(noise_in_words(noise) for noise in turn.hard_query.noise)
    if noise:
        table.add_row(Text("noise", style="dim"), Text(noise, style="dim"))
    for told in attempts_told(turn):
        lines = [told.outcome + (f" ({told.reason})" if told.reason else "")]
        if told.hint:
            lines.insert(0, f"“{shortened(told.hint, _OBSERVATION_SHOWN)}”")
        table.add_row(Text(told.name, style="dim"), Text("\n".join(lines), style="dim"))
    return table


def noise_in_words(noise: Noise) -> str:
    """``persona: a retired teacher``."""
    return f"{noise.operator}: {noise.detail}" if noise.detail else noise.operator
