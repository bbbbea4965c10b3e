"""A hard query tells the goal and no step: by the paper's own example, the zip codes of two cities."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graphs.validation.query_steps import told_steps
from tools.advanced import signature
from tools.base import Json, JsonObject
from tools.call import Observation, ToolCall
from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.trace import Step, Trace

SAID = ArgumentOrigin(kind="query")


def schema(**fields: str) -> JsonObject:
    properties = {name: {"type": "string", "description": text} for name, text in fields.items()}
    return {"type": "object", "properties": properties}


ZIPS = ToolSpec(
    name="get_zipcode",
    description="Gets the zip code of a city.",
    parameters=schema(city="Name of the city."),
    returns=schema(zip="Zip code of the city."),
)
TICKETS = ToolSpec(
    name="buy_tickets",
    description="Buys tickets between two zip codes.",
    parameters=schema(from_zip="Zip code of the departure city.", to_zip="Zip code of the arrival city."),
    returns=schema(ticket_id="ID of the ticket."),
    effect="write",
)
SPECS = {tool.name: tool for tool in (ZIPS, TICKETS)}


def made(call_id: str, name: str, content: Json, arguments: JsonObject, *sources: str) -> Step:
    from_call = [ArgumentOrigin(kind="observation", source=source, path="zip") for source in sources]
    return Step(
        call=ToolCall(id=call_id, name=name, arguments=arguments),
        observation=Observation(call_id=call_id, content=content),
        origins=dict(zip(arguments, from_call or [SAID], strict=True)),
        changed_state=bool(sources),
    )


FIRST = made("c1", "get_zipcode", {"zip": "83214"}, {"city": "Rivermist"})
SECOND = made("c2", "get_zipcode", {"zip": "74532"}, {"city": "Stonebrook"})
BOUGHT = made("c3", "buy_tickets", {"ticket_id": "1"}, {"from_zip": "83214", "to_zip": "74532"}, "c1", "c2")
BUYING = Trace(target_tool="buy_tickets", steps=(FIRST, SECOND, BOUGHT), requested=())
LOOKING = Trace(target_tool="get_zipcode", steps=(FIRST,), requested=("c1",))


@pytest.fixture
def steps_in() -> Callable[..., list[str]]:
    """What a query of a trace is told to be wrong with."""

    def told(text: str, trace: Trace = BUYING) -> list[str]:
        return [problem.text for problem in told_steps(text, signature(trace, SPECS), trace.steps, SPECS)]

    return told


@pytest.mark.parametrize(
    "text",
    [
        "First find both zip codes and then buy tickets from Rivermist to Stonebrook.",
        "Look up Rivermist's zip code and Stonebrook's, then buy the tickets.",
        "Please look the zip code of Rivermist up, do the same for Stonebrook, and buy tickets.",
        "Could you buy tickets from Rivermist to Stonebrook after checking the departure and arrival zip codes?",
        "Determine the zipcode for Rivermist and Stonebrook. Buy tickets.",
        "Get me the zips of Rivermist and Stonebrook, and buy tickets.",
        "Figure out which zip codes Rivermist and Stonebrook have and buy tickets.",
        "Step 1: Rivermist. Step 2: Stonebrook. Then buy tickets.",
        "1. Rivermist and Stonebrook\n2. Buy tickets",
    ],
)
def test_a_look_up_that_is_no_task_is_a_step(steps_in: Callable[..., list[str]], text: str) -> None:
    assert steps_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Buy air tickets between Rivermist and Stonebrook.",
        "Could you find me two tickets from Rivermist to Stonebrook and get them for me?",
        "I need tickets from Rivermist to Stonebrook; check in is at nine, so please hurry.",
        "Get me from Rivermist to Stonebrook by train. My reading list is long.",
        'Please buy tickets between two zip codes, using the zip code for "Rivermist" and the one for "Stonebrook".',
        "Buy tickets to Stonebrook, whose zip code I forgot, from Rivermist.",
    ],
)
def test_a_goal_is_no_step(steps_in: Callable[..., list[str]], text: str) -> None:
    assert steps_in(text) == []


@pytest.mark.parametrize("verb", ["Look up", "Find", "Get me", "Check", "Determine", "Please retrieve"])
def test_who_wants_to_know_something_may_ask_for_it(steps_in: Callable[..., list[str]], verb: str) -> None:
    assert steps_in(f"{verb} the zip code of Rivermist.", LOOKING) == []


def test_each_step_is_told_with_the_words_that_tell_it(steps_in: Callable[..., list[str]]) -> None:
    [told, *_] = steps_in("Find the zip codes of Rivermist and Stonebrook and buy tickets.")
    assert "'Find ... zip code'" in told


def test_what_stands_inside_a_value_is_the_users_business(steps_in: Callable[..., list[str]]) -> None:
    message = "check the zip code"
    said = FIRST.model_copy(update={"call": ToolCall(id="c1", name="get_zipcode", arguments={"city": message})})
    trace = BUYING.model_copy(update={"steps": (said, SECOND, BOUGHT)})
    assert steps_in(f'Buy tickets from "{message}" to Stonebrook.', trace) == []
    assert steps_in("Check the zip code and buy tickets to Stonebrook.", BUYING)


MEMBERS = ToolSpec(
    name="find_member",
    description="Finds a member by name.",
    parameters=schema(name="Name of the member."),
    returns=schema(member_id="ID of the member."),
)
LOANS = ToolSpec(
    name="lend_book",
    description="Lends a book to a member.",
    parameters=schema(title="Title of the book.", member_id="ID of the member."),
    returns=schema(loan_id="ID of the loan.", due_date="Date on which it is due."),
    effect="write",
)


@pytest.fixture
def steps_of_lending() -> Callable[[str], list[str]]:
    specs = {tool.name: tool for tool in (MEMBERS, LOANS)}
    found = made("c1", "find_member", {"member_id": "MB-1"}, {"name": "Ada Hill"})
    origins = {"title": SAID, "member_id": ArgumentOrigin(kind="observation", source="c1", path="member_id")}
    lent = made("c2", "lend_book", {"loan_id": "LN-1"}, {"title": "Dune"}).model_copy(
        update={
            "call": ToolCall(id="c2", name="lend_book", arguments={"title": "Dune", "member_id": "MB-1"}),
            "origins": origins,
            "changed_state": True,
        }
    )
    trace = Trace(target_tool="lend_book", steps=(found, lent), requested=("c2",))
    tool = signature(trace, specs)
    return lambda text: [problem.text for problem in told_steps(text, tool, trace.steps, specs)]


@pytest.mark.parametrize(
    "text",
    [
        "Find the ID of Ada Hill, then lend her Dune.",
        "First look up the ID of the member Ada Hill, then lend Dune to her.",
        "Get the member's ID of Ada Hill and lend her Dune.",
        "Find out who Ada Hill is, and then lend her Dune.",
        "Please check which record belongs to Ada Hill, and lend her Dune.",
    ],
)
def test_an_id_that_is_looked_up_is_a_step_also_where_the_task_gives_another_one(
    steps_of_lending: Callable[[str], list[str]], text: str
) -> None:
    assert steps_of_lending(text)


@pytest.mark.parametrize(
    "text",
    [
        "Could you lend Dune to Ada Hill?",
        "Lend Dune to Ada Hill and get me the loan ID.",
        "Lend Dune to Ada Hill and get me the ID of the loan.",
        "Lend Dune to Ada Hill and get me the ID, please.",
        "Lend Dune to Ada Hill and find out when it is due.",
        "Lend Dune to Ada Hill; I will see to it that she brings it back.",
    ],
)
def test_what_the_task_itself_gives_may_be_asked_for(steps_of_lending: Callable[[str], list[str]], text: str) -> None:
    assert steps_of_lending(text) == []
