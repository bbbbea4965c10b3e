"""One trajectory as a page for a browser: complete in one file, without scripts, and with everything escaped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from jinja2 import Environment, PackageLoader, StrictUndefined

from fr_agents.attempts_told import AttemptTold, attempts_told
from fr_agents.backends.reading import split_thought
from fr_agents.origin_links import Anchors, Link, Place
from fr_agents.origins import Sources
from fr_agents.query_marks import query_pieces
from fr_agents.show import noise_in_words, system_text
from fr_agents.titles import turn_titles
from graphs.records import Attempt, Trajectory, Turn, Verdict
from tools.base import Json, JsonObject
from tools.trace import Step

_FOLDED = 300


@dataclass(frozen=True)
class Argument:
    """An argument of a call: its value as JSON, and where it comes from."""

    name: str
    value: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Part:
    """A part of a message: ``think``, ``call``, ``sees``, ``fails`` or ``answer``. ``folded`` is the beginning of a
    text that is too long to stand open."""

    kind: str
    text: str
    anchor: str = ""
    arguments: tuple[Argument, ...] = ()
    folded: str = ""


@dataclass(frozen=True)
class Column:
    """An attempt, or the gold calls: ``kind`` is gold, passed or failed."""

    title: str
    kind: str
    parts: tuple[Part, ...]
    published: bool = False
    outcome: str = ""
    hint: str = ""
    verdicts: tuple[Verdict, ...] = ()


def page_of(trajectory: Trajectory) -> str:
    """The page."""
    turns = zip(trajectory.turns, turn_titles(trajectory), strict=True)
    anchors, sources = Anchors.of(trajectory.turns), Sources.of(trajectory.turns)
    return (
        _environment()
        .get_template("trajectory.html.j2")
        .render(
            record=trajectory,
            lineage=_lineage(trajectory),
            system=system_text(trajectory),
            tools=[tool["function"] for tool in trajectory.tools],
            turns=[_turn(turn, number, title, anchors, sources) for number, (turn, title) in enumerate(turns, 1)],
        )
    )


def _lineage(trajectory: Trajectory) -> dict[str, str]:
    """What is known of the record, by what it is called."""
    lineage, world = trajectory.lineage, trajectory.world
    pairs = {
        "world": f"{world.name} {world.version} ({', '.join(world.environments)})",
        "run": f"{lineage.run}, job {lineage.job} of seed {lineage.seed}",
        "models": ", ".join(f"{role}: {model}" for role, model in lineage.models.items()),
        "prompts": ", ".join(f"{name} {identity}" for name, identity in lineage.prompts.items()),
        "flags": ", ".join(trajectory.flags),
        "version": f"fr-agents {lineage.package_version}, configuration {lineage.configuration}",
    }
    return {name: text for name, text in pairs.items() if text}


def _turn(turn: Turn, number: int, title: str, anchors: Anchors, sources: Sources) -> JsonObject:
    """What the template is told of a turn."""
    columns = [_gold(turn, Place(number, anchors.gold(number), anchors, sources))]
    for position, told in enumerate(attempts_told(turn)):
        place = Place(number, anchors.attempt(number, position), anchors, sources)
        columns.append(_column(told, place, published=position == len(turn.attempts) - 1))
    return {
        "title": title,
        "number": number,
        "pieces": query_pieces(turn),
        "noise": [noise_in_words(noise) for noise in turn.hard_query.noise],
        "tool": turn.advanced_tool,
        "columns": columns,
        "thoughts": _rewritten(turn),
    }


def _gold(turn: Turn, place: Place) -> Column:
    """The column of what was sampled: calls and what they returned, and no words."""
    parts: list[Part] = []
    for step in turn.gold_steps:
        parts.append(_call(step.call.name, step.call.arguments, step, place))
        parts.append(_seen(step.observation.text(), step, place))
    return Column("gold", "gold", tuple(parts))


def _column(told: AttemptTold, place: Place, *, published: bool) -> Column:
    return Column(
        title=told.name,
        kind="passed" if told.passed else "failed",
        parts=tuple(_parts(told.attempt, place)),
        published=published,
        outcome=told.outcome,
        hint=told.hint,
        verdicts=told.attempt.verdicts,
    )


def _parts(attempt: Attempt, place: Place) -> Iterator[Part]:
    """An attempt's messages in parts."""
    steps = {step.call.id: step for step in attempt.steps}
    for message in attempt.messages:
        content = str(message.get("content") or "")
        if message["role"] == "tool":
            yield _seen(content, steps.get(message["tool_call_id"]), place)
            continue
        thought, reply = split_thought(content)
        if thought:
            yield Part("think", thought)
        for item in message.get("tool_calls") or ():
            function = item["function"]
            yield _call(function["name"], json.loads(function["arguments"]), steps.get(item["id"]), place)
        if reply:
            yield Part("answer", reply)


def _call(name: str, arguments: JsonObject, step: Step | None, place: Place) -> Part:
    origins = step.origins if step else {}
    shown = (
        Argument(key, _plain(value), place.links(origins[key]) if key in origins else ())
        for key, value in arguments.items()
    )
    return Part("call", name, arguments=tuple(shown))


def _seen(text: str, step: Step | None, place: Place) -> Part:
    kind = "fails" if step is not None and step.observation.failed else "sees"
    anchor = f"{place.anchor}-{step.call.id}" if step is not None else ""
    if len(text) <= _FOLDED:
        return Part(kind, _readable(text), anchor)
    return Part(kind, _readable(text, indent=1), anchor, folded=_readable(text)[:_FOLDED])


def _rewritten(turn: Turn) -> list[tuple[str, str]]:
    """The thoughts that the turn was solved with, beside those that are published; none where nothing was rewritten."""
    if not turn.attempts[-1].rewritten or len(turn.attempts) == 1:
        return []
    before, published = (_thoughts(attempt) for attempt in turn.attempts[-2:])
    return list(zip_longest(before, published, fillvalue=""))


def _thoughts(attempt: Attempt) -> list[str]:
    said = (str(message.get("content") or "") for message in attempt.messages if message["role"] == "assistant")
    return [split_thought(content)[0] for content in said]


def _plain(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _readable(text: str, indent: int | None = None) -> str:
    """JSON with spaces, or over several lines; any other text as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=indent)
    except ValueError:
        return text


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fr_agents", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = _plain
    return environment
