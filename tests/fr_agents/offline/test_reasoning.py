"""The offline reasoner is honest: it goes by the request, by descriptions and by what it observed."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from fr_agents.roles.offline import OfflineCritiquing, OfflineReasoning
from graphs.messages import told
from graphs.roles import CritiqueView, Move, ReasoningView, WantedCall
from graphs.validation.findings import find_errors
from tools.base import generator
from tools.spec import ToolSpec


def called(solving: Any) -> list[tuple[str, dict[str, Any], int]]:
    return [(step.call.name, step.call.arguments, step.group) for step in solving.steps]


class Renamed:
    """A reasoner that is shown other tool names; its calls are translated back."""

    model = "renamed"
    makes_model_calls = False

    def __init__(self, inner: Any, names: dict[str, str]) -> None:
        self._inner = inner
        self._names = names
        self._back = {new: old for old, new in names.items()}

    async def __call__(self, view: ReasoningView) -> Move:
        tools = tuple(spec.model_copy(update={"name": self._names[spec.name]}) for spec in view.tools)
        messages = tuple(self._renamed(message) for message in view.messages)
        move = await self._inner(ReasoningView(tools=tools, messages=messages, hints=view.hints))
        calls = tuple(WantedCall(name=self._back[call.name], arguments=call.arguments) for call in move.calls)
        return Move(thought=move.thought, calls=calls, reply=move.reply)

    def _renamed(self, message: dict[str, Any]) -> dict[str, Any]:
        if "tool_calls" not in message:
            return message
        calls = [
            {**call, "function": {**call["function"], "name": self._names[call["function"]["name"]]}}
            for call in message["tool_calls"]
        ]
        return {**message, "tool_calls": calls}


def identifiers(specs: tuple[ToolSpec, ...]) -> dict[str, str]:
    """Random names that say nothing."""
    rng = generator("identifiers")
    return {spec.name: f"t{rng.getrandbits(40):010x}" for spec in specs}


def exchanged(specs: tuple[ToolSpec, ...]) -> dict[str, str]:
    """Each tool under the name of another."""
    names = [spec.name for spec in specs]
    moved = random.Random(5).sample(names, len(names))
    return dict(zip(names, moved, strict=True))


@pytest.mark.parametrize("rename", [identifiers, exchanged])
async def test_with_tool_names_shuffled_it_does_as_well(sampled: Any, solve: Any, rename: Any) -> None:
    assert len(sampled) >= 30
    for turn in sampled:
        names = rename(turn.tools)
        assert set(names) == {spec.name for spec in turn.tools}
        plain = await solve(turn)
        shuffled = await solve(turn, Renamed(OfflineReasoning(mistakes=0.0), names))
        assert called(shuffled) == called(plain)
        assert shuffled.reply == plain.reply


async def test_with_a_city_changed_it_asks_for_the_other_city(sampled: Any, solve: Any, context: Any) -> None:
    changed = 0
    for turn in sampled:
        world = context.worlds.domain.open(context.world_of(turn.task.job))
        cities = [item.value for item in world.known_values() if item.parameter == "city"]
        said = [
            step.call.arguments["city"]
            for step in turn.turn.steps
            if "city" in step.call.arguments and f'"{step.call.arguments["city"]}"' in turn.turn.query
        ]
        for city in said:
            other = next(name for name in cities if f'"{name}"' not in turn.turn.query)
            before = json.dumps([step.call.arguments for step in (await solve(turn)).steps])
            query = turn.turn.query.replace(f'"{city}"', f'"{other}"')
            after = json.dumps([step.call.arguments for step in (await solve(turn, query=query)).steps])
            assert f'"{city}"' in before
            assert f'"{city}"' not in after
            assert f'"{other}"' in after
            changed += 1
    assert changed >= 5


async def test_it_is_a_function_of_what_it_is_shown(sampled: Any, solve: Any) -> None:
    """Two reasoners that were made alike, one of them used for all turns, answer alike whatever came before."""
    used = OfflineReasoning(seed=3, mistakes=0.5)
    for turn in reversed(sampled):
        await solve(turn, used)
    for turn in sampled:
        again = await solve(turn, used)
        assert again == await solve(turn, OfflineReasoning(seed=3, mistakes=0.5))


async def test_without_mistakes_it_solves_what_was_asked(sampled: Any, solve: Any) -> None:
    for turn in sampled:
        solving = await solve(turn)
        assert sorted(step.call.signature for step in solving.steps) == sorted(
            step.call.signature for step in turn.turn.steps
        )
        assert not solving.error


async def test_its_reply_tells_facts_of_this_attempt_alone(sampled: Any, solve: Any) -> None:
    spoken = 0
    for turn in sampled:
        solving = await solve(turn)
        shown = " ".join(step.observation.text() for step in solving.steps)
        for identifier in re.findall(r"\b[A-Z]{2,4}-\d+\b", solving.reply):
            assert identifier in shown
            spoken += 1
    assert spoken > 5


async def test_mistakes_go_exactly_when_a_hint_speaks_of_them(sampled: Any, solve: Any) -> None:
    """Whatever else is said, the same mistake comes again; the critic's word on it, and nothing else, mends it."""
    erring = OfflineReasoning(seed=1, mistakes=1.0)
    mended_by: list[int] = []
    for turn in sampled:
        honest, wrong = await solve(turn), await solve(turn, erring)
        if called(wrong) == called(honest):
            continue
        idle = await solve(turn, erring, ("Be careful.", "Think of what the user wants."))
        assert called(idle) == called(wrong)
        specs = {spec.name: spec for spec in turn.tools}
        hints = [turn.turn.advanced_tool.decomposition(specs)]
        solving = await solve(turn, erring, hints)
        while called(solving) != called(honest):
            assert called(solving) == called(wrong)
            assert len(hints) < 4, turn.turn.query
            hints.append(criticised(turn, solving, hints))
            solving = await solve(turn, erring, hints)
        mended_by.append(len(hints))
    assert {1, 2, 3} <= set(mended_by)
    assert len(mended_by) > len(sampled) / 3


def criticised(turn: Any, solving: Any, hints: list[str]) -> str:
    """The offline critic's hint on an attempt."""
    known = told(turn.task.messages, turn.task.query)
    view = CritiqueView(
        query=turn.turn.query,
        advanced_tool=turn.turn.advanced_tool,
        tools=turn.tools,
        gold=turn.turn.gold_steps,
        attempted=solving.steps,
        findings=find_errors(turn.turn.gold_steps, solving.steps, known),
        earlier_hints=tuple(hints),
        level=len(hints),
    )
    text: str = OfflineCritiquing().answer(view).text
    for value in turn.turn.hard_query.hidden:
        assert str(value) not in text
    return text


async def test_mistakes_come_in_the_share_that_was_asked_for_by_its_own_seed(sampled: Any, solve: Any) -> None:
    async def wrong(role: OfflineReasoning) -> set[int]:
        pairs = [(await solve(turn), await solve(turn, role)) for turn in sampled]
        return {index for index, (honest, made) in enumerate(pairs) if called(honest) != called(made)}

    never, always = await wrong(OfflineReasoning(1, 0.0)), await wrong(OfflineReasoning(1, 1.0))
    some, others = await wrong(OfflineReasoning(1, 0.5)), await wrong(OfflineReasoning(2, 0.5))
    assert never == set()
    assert some != others
    assert some < always
    assert 0 < len(some) < len(always)
