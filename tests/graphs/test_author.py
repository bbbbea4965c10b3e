"""Phase II: the advanced tool and the query, with roles that follow a script."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.author import build_author
from graphs.records.query import Mention
from graphs.roles import Naming, QueryDraft
from graphs.validation.query import Occasion, check_draft, hidden_values
from tools.advanced import signature

NAMING = Naming(name="order_item_for_customer", description="Orders an item for a customer.")
GOOD = QueryDraft(
    text="Please place an order of a lamp for Ana.",
    mentions=(Mention(of="item_name", span="a lamp"), Mention(of="customer_name", span="for Ana")),
    sinks=(Mention(of="g0_2", span="place an order"),),
)


def changed(text: str, **fields: Any) -> QueryDraft:
    return GOOD.model_copy(update={"text": text, **fields})


NO_ANA = changed("Please place an order of a lamp.", mentions=GOOD.mentions[:1])
SHOWN = changed("Please place an order of a lamp (IT-4711) for Ana.")
NAMED = changed("Please place an order of a lamp for Ana with place_order.")
NO_TASK = changed("I think of a lamp for Ana.", sinks=())
OTHER_TASK = changed("Please look at a lamp for Ana.", sinks=(Mention(of="g0_2", span="look at"),))
SILENT_INPUT = changed(GOOD.text, mentions=(GOOD.mentions[0], Mention(of="customer_name", span="an order")))
STEP = changed("First look up the customer number of Ana, then place an order of a lamp for Ana.")
FACT = changed("Please place an order of a lamp for Ana, at 250 dollars at most.")
GAP = changed("Please place an order of a lamp for Ana by [date].")
MACHINERY = changed("Please place an order of a lamp for Ana with the available tools.")
THIRD = changed("Please place an order of a lamp for Ana, for the user.")
INVENTED_SPAN = changed(GOOD.text, mentions=(GOOD.mentions[0], Mention(of="customer_name", span="for our Ana")))

PLANTED = {
    "an input left out": (NO_ANA, "does not tell the name of the customer", "query leaves an input out"),
    "a looked-up value": (SHOWN, "shows the value 'IT-4711'", "query shows a value"),
    "a tool's name": (NAMED, "names the tool place_order", "query names a tool"),
    "no task": (NO_TASK, "does not ask to place an order for a customer", "query leaves a task out"),
    "another task": (OTHER_TASK, "do not ask to place an order", "query leaves a task out"),
    "a span without the value": (
        SILENT_INPUT,
        "must say the name of the customer, exactly as",
        "query changes an input",
    ),
    "a span that is not there": (INVENTED_SPAN, "does not tell the name of the customer", "query leaves an input out"),
    "a step": (STEP, "tells a step", "query lists a step"),
    "a fact": (FACT, "'250'", "query adds a fact"),
    "a gap": (GAP, "a gap where a value should stand: [date]", "query is not what a person says"),
    "machinery": (MACHINERY, "talks about machinery: 'available tools'", "query is not what a person says"),
    "the user as somebody else": (THIRD, "Write it so: Please place an order", "query is not what a person says"),
    "nothing at all": (changed(" "), "The query is empty.", "no usable query"),
}


@pytest.fixture
def author(shop: Any, make_context: Any, make_job: Any, with_roles: Any, gold: Any) -> Any:
    """Runs phase II on the gold trace with some roles replaced."""

    async def run(max_drafts: int = 3, **replaced: Any) -> Any:
        context = make_context(shop, with_roles(**replaced), max_drafts=max_drafts)
        turn = {"turn": 0, "history": [], "messages": [], "noise": []}
        given = {"job": make_job(0).plain(), "trace": gold.plain(), **turn}
        return await build_author().compile().ainvoke(given, context=context)

    return run


@pytest.fixture
def checked(shop_world: Any, gold: Any) -> Any:
    """What is wrong with a draft for the gold trace."""
    specs = {spec.name: spec for spec in shop_world.specs()}
    tool = signature(gold, specs)
    occasion = Occasion(steps=gold.steps)
    return lambda draft: check_draft(draft, tool, hidden_values(gold.looked_up(), tool), specs, occasion)


@pytest.mark.parametrize(
    "draft",
    [
        GOOD,
        changed("please  PLACE AN ORDER of a Lamp for ana!"),
        changed("Please place an order of a lamp for Ana, and quickly: I have to be at customer number two by noon."),
        changed("Please place an order of a lamp for Ana. It is for her party, and two of us will come."),
    ],
    ids=lambda draft: draft.text[:40],
)
def test_good_drafts_pass(checked: Any, draft: QueryDraft) -> None:
    assert checked(draft) == ()


@pytest.mark.parametrize("planted", PLANTED)
def test_planted_faults_are_named(checked: Any, planted: str) -> None:
    draft, words, _ = PLANTED[planted]
    problems = checked(draft)
    assert len(problems) == 1
    assert words in problems[0].text


async def test_a_good_draft_becomes_the_query(author: Any, scripted: Any) -> None:
    querying = scripted(GOOD)
    state = await author(tooling=scripted(NAMING), querying=querying)
    assert not state.get("rejection")
    assert state["drafts"] == 1
    assert state["query"]["text"] == GOOD.text
    assert set(state["query"]["hidden"]) == {"IT-4711", "CU-1207"}
    tool = state["advanced_tool"]
    assert (tool["name"], tool["description"]) == (NAMING.name, NAMING.description)
    assert [item["name"] for item in tool["inputs"]] == ["item_name", "customer_name"]
    assert [sink["call_id"] for sink in tool["sinks"]] == ["g0_2"]
    assert tool["covered"] == ["find_item", "find_customer", "place_order"]
    assert querying.views[0].feedback == ()


async def test_a_draft_that_makes_a_call_needless_is_refused(author: Any, scripted: Any) -> None:
    querying = scripted(SHOWN, GOOD)
    state = await author(tooling=scripted(NAMING), querying=querying)
    [told] = querying.views[1].feedback
    assert "The query holds what the step to find" in told
    assert "customer" not in told.partition("The query holds")[2], "that one is needed still"
    assert state["drafts"] == 2


@pytest.mark.parametrize("planted", PLANTED)
async def test_a_bad_draft_comes_back_with_what_is_wrong(author: Any, scripted: Any, planted: str) -> None:
    draft, words, _ = PLANTED[planted]
    querying = scripted(draft, GOOD)
    state = await author(tooling=scripted(NAMING), querying=querying)
    [told] = querying.views[1].feedback
    assert words in told
    assert state["query"]["text"] == GOOD.text
    assert state["drafts"] == 2


@pytest.mark.parametrize("planted", PLANTED)
async def test_too_many_bad_drafts_reject_the_job_with_a_reason(author: Any, scripted: Any, planted: str) -> None:
    draft, words, reason = PLANTED[planted]
    querying = scripted(draft)
    state = await author(max_drafts=2, tooling=scripted(NAMING), querying=querying)
    assert len(querying.views) == 2
    assert not state.get("query")
    assert (state["rejection"]["stage"], state["rejection"]["reason"]) == ("author", reason)
    assert words in state["rejection"]["detail"]


async def test_an_unusable_draft_counts_as_one_and_may_be_made_up_for(
    author: Any, scripted: Any, unusable: Exception
) -> None:
    state = await author(max_drafts=2, tooling=scripted(NAMING), querying=scripted(unusable, GOOD))
    assert state["query"]["text"] == GOOD.text
    lost = await author(max_drafts=2, tooling=scripted(NAMING), querying=scripted(unusable))
    assert lost["rejection"]["reason"] == "no usable query"
    assert str(unusable) in lost["rejection"]["detail"]


async def test_without_a_name_there_is_no_query(author: Any, scripted: Any, unusable: Exception) -> None:
    querying = scripted(GOOD)
    state = await author(tooling=scripted(unusable), querying=querying)
    assert state["rejection"] == {
        "stage": "author",
        "reason": "the advanced tool got no name",
        "detail": str(unusable),
    }
    assert querying.views == []


async def test_a_fault_that_is_no_answer_ends_the_run(author: Any, scripted: Any) -> None:
    with pytest.raises(ConnectionError):
        await author(tooling=scripted(NAMING), querying=scripted(ConnectionError("the server is gone")))
