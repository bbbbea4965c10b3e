"""The critiquing role played by a scripted model: what it is shown at each level, and which hints are sent back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fr_agents.roles.chat.critiquing import CritiquingRole
from graphs.roles import CritiqueView, RoleFailure
from graphs.validation.findings import find_errors
from tools.advanced import signature
from tools.base import JsonObject
from tools.call import Observation, ToolCall
from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.trace import Step, Trace

QUERY = "Please lend Dune to Ada Hill."


def spec(name: str, description: str, **parameters: str) -> ToolSpec:
    properties = {key: {"type": "string", "description": text} for key, text in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": [*parameters]}
    return ToolSpec(name=name, description=description, parameters=schema, returns={"type": "object"})


TOOLS = (
    spec("find_book", "Finds a book by its title.", title="Title of the book."),
    spec("lend_book", "Lends a book.", book_id="ID of the book.", desk="Desk where it is lent."),
)


def step(call_id: str, name: str, arguments: JsonObject, **origins: ArgumentOrigin) -> Step:
    call = ToolCall(id=call_id, name=name, arguments=arguments)
    return Step(call=call, observation=Observation(call_id=call_id), origins=origins, changed_state=name == "lend_book")


FOUND = ArgumentOrigin(kind="observation", source="g0", path="book_id")
GOLD = (
    step("g0", "find_book", {"title": "Dune"}, title=ArgumentOrigin(kind="query")),
    step("g1", "lend_book", {"book_id": "B-2077", "desk": "north"}, book_id=FOUND, desk=ArgumentOrigin(kind="default")),
)
WRONG = (step("a0", "lend_book", {"book_id": "B-1", "desk": "north"}),)


def view(**changes: Any) -> CritiqueView:
    trace = Trace(target_tool="lend_book", steps=GOLD, requested=())
    fields: dict[str, Any] = {
        "query": QUERY,
        "advanced_tool": signature(trace, {tool.name: tool for tool in TOOLS}),
        "tools": TOOLS,
        "gold": GOLD,
        "attempted": WRONG,
        "findings": find_errors(GOLD, WRONG, QUERY),
        "earlier_hints": (),
    }
    return CritiqueView(**{**fields, **changes})


def said(hint: str) -> str:
    return json.dumps({"hint": hint})


async def test_values_to_be_found_are_not_shown_but_where_they_come_from(script: Any) -> None:
    model = script(said("You made up the id of the book."))
    await CritiquingRole(model.backend())(view())
    shown = model.shown()
    assert '1. find_book({"title": "Dune"})' in shown
    assert '2. lend_book({"book_id": "(from the result of call 1)", "desk": "(a value to be found)"})' in shown
    assert '1. lend_book({"book_id": "B-1", "desk": "north"})' in shown
    assert "unseen value: book_id of lend_book was used before any tool returned it." in shown
    assert "B-2077" not in shown


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (1, "Name no tool"),
        (2, "name the step and the argument that are wrong."),
        (3, "which tool's result"),
        (7, "Level 3"),
    ],
)
async def test_the_level_is_the_last_thing_that_it_reads(script: Any, level: int, words: str) -> None:
    model = script(said("You made up the id of the book."))
    await CritiquingRole(model.backend())(view(level=level, earlier_hints=("Look again.",)))
    last = model.asked[0].messages[1]["content"].splitlines()[-1]
    assert last.startswith(f"Level {min(level, 3)}: ")
    assert words in last
    assert "- Look again." in model.shown()
    assert model.asked[0].messages[0] == CritiquingRole(script().backend()).request(view()).messages[0]


@pytest.mark.parametrize(
    ("hint", "given"),
    [
        ("You made up the id. Look it up! Then lend it.", "You made up the id. Look it up!"),
        ("The solver has used a made-up id.", "You have used a made-up id."),
        ("Look at the solver's second call again.", "Look at your second call again."),
        ("the model should look the book up first", "You should look the book up first"),
        ("You should use b 2077 for the book.", "You should use (a value to be found) for the book."),
        ("Lend it at the desk 'North', please.", "Lend it at the desk '(a value to be found)', please."),
    ],
)
async def test_a_hint_is_short_speaks_to_the_solver_and_says_no_value(script: Any, hint: str, given: str) -> None:
    assert (await CritiquingRole(script(said(hint)).backend())(view())).text == given


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        ('You have to call lend_book(book_id="B-2077", desk="north").', "spells out the call of lend_book"),
        ('Begin with {"name": "find_book", "arguments": {"title": "Dune"}}.', "spells out the call of find_book"),
        ("Use B-2077.", "says the value of book_id of lend_book"),
        ("Look again.", "says too little"),
        ("You made up the id of the book.", "was given before"),
    ],
)
async def test_a_hint_that_gives_the_answer_away_or_is_old_is_sent_back(script: Any, bad: str, problem: str) -> None:
    earlier = ("you made up  the id of the book.",)
    model = script(said(bad), said("You used an id that nothing had shown."))
    hint = await CritiquingRole(model.backend())(view(earlier_hints=earlier))
    assert hint.text == "You used an id that nothing had shown."
    assert problem in model.shown(1)
    with pytest.raises(RoleFailure, match=problem):
        await CritiquingRole(script(said(bad), said(bad)).backend())(view(earlier_hints=earlier))
