"""The optional judge: asked one rubric after the other, and only where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphs.judging import judged
from graphs.roles import Judgement, QueryDraft, QueryingView, RoleFailure
from tools.advanced import signature

DRAFT = QueryDraft(text="Please place an order of a lamp for Ana.", mentions=(), sinks=())
GOOD = Judgement(passed=True, reason="It asks for the order.")
BAD = Judgement(passed=False, reason="Nobody speaks like that.")


@pytest.fixture
def asked(shop: Any, shop_world: Any, gold: Any, make_context: Any, with_roles: Any) -> Any:
    """Asks a judge about the draft by rubrics."""

    async def ask(judge: Any, *rubrics: str) -> Any:
        specs = {spec.name: spec for spec in shop_world.specs()}
        talk = ({"role": "user", "content": "Hello"},)
        view = QueryingView(
            advanced_tool=signature(gold, specs),
            trace=gold,
            tools=tuple(specs.values()),
            hidden=("IT-4711",),
            noise=(),
            earlier_messages=talk,
            feedback=(),
        )
        context = make_context(shop, replace(with_roles(), judging=judge), rubrics=rubrics)
        return await judged(DRAFT, view, context)

    return ask


async def test_without_a_judge_nothing_is_asked(asked: Any) -> None:
    assert await asked(None, "complete") is None


async def test_without_a_rubric_nothing_is_asked(asked: Any, scripted: Any) -> None:
    judge = scripted(BAD)
    assert await asked(judge) is None
    assert judge.views == []


async def test_the_judge_sees_the_request_and_what_it_is_for_and_nothing_that_is_hidden(
    asked: Any, scripted: Any
) -> None:
    judge = scripted(GOOD)
    assert await asked(judge, "complete", "natural") is None
    assert [view.rubric for view in judge.views] == ["complete", "natural"]
    [first, _] = judge.views
    assert (first.query, first.tasks) == (DRAFT.text, ("place an order for a customer",))
    assert first.said == ("lamp", "Ana")
    assert first.earlier_messages == ({"role": "user", "content": "Hello"},)
    assert "IT-4711" not in str(first)


async def test_the_first_rubric_that_does_not_hold_is_told(asked: Any, scripted: Any) -> None:
    judge = scripted(GOOD, BAD)
    problem = await asked(judge, "complete", "natural", "answerable")
    assert problem.reason == "judged not natural"
    assert problem.text == "The query is not natural: Nobody speaks like that."
    assert len(judge.views) == 2


async def test_a_judge_without_a_usable_answer_has_not_found_it_good(asked: Any, scripted: Any) -> None:
    problem = await asked(scripted(RoleFailure("judging: nothing to read")), "complete")
    assert (problem.reason, problem.text) == ("query could not be judged", "judging: nothing to read")
