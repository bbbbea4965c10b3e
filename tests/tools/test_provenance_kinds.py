"""The kinds of origins besides what a query says and a call shows: where a value was made, or told before."""

from __future__ import annotations

from typing import Any

import pytest

from tools.origin import ArgumentOrigin
from tools.proof import unproven
from tools.provenance import Told, infer_origins
from tools.trace import UNSEEN_VALUE, Step

SYSTEM = "You are helpful with tools.\nAbout the user:\n- password: swordfish\n- user name: ann"


def message(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


@pytest.fixture
def origin(make: Any) -> Any:
    """The origin of an argument ``x`` of a tool ``go``, after a call ``a`` of ``look``; and whether it is proven."""

    def infer(value: Any, query: str = "", shown: Any = None, schema: Any = None, **told: Any) -> Any:
        name = told.pop("name", "x")
        gold = told.pop("gold", ())
        steps = [make.step("a", "look", shown), make.step("b", "go", arguments={name: value}, group=1)]
        specs = {"look": make.spec("look"), "go": make.spec("go", {name: schema or {"type": "string"}})}
        done = infer_origins(steps, Told(query, **told), specs, gold)
        return done[1].origins[name], not unproven(done, specs)

    return infer


def test_the_query_is_pointed_at(origin: Any) -> None:
    found, proven = origin("Rome", "fly to ROME")
    assert (found, proven) == (ArgumentOrigin(kind="query", span=(7, 11)), True)
    listed, _ = origin(["Rome", "Oslo"], "to Rome, then Oslo", schema={"type": "array", "items": {"type": "string"}})
    assert listed == ArgumentOrigin(kind="query", span=(3, 18))


def test_the_system_message_tells_about_the_user_after_its_first_line(origin: Any) -> None:
    told = [message("system", SYSTEM)]
    assert origin("swordfish", messages=told) == (ArgumentOrigin(kind="profile"), True)
    found, proven = origin("helpful", messages=told)
    assert (found.kind, proven) == ("free_text", False)


def test_what_was_said_in_an_earlier_turn_is_known_by_its_number(origin: Any) -> None:
    told = [
        message("system", SYSTEM),
        message("user", "I am in Oslo."),
        message("assistant", "<think>\nMaybe Lima?\n</think>\n\nFine."),
        message("user", "And then Bonn."),
        message("assistant", "Noted: BK-77."),
    ]
    assert origin("Oslo", messages=told)[0] == ArgumentOrigin(kind="earlier_turn", turn=1)
    assert origin("BK-77", messages=told)[0] == ArgumentOrigin(kind="earlier_turn", turn=2)
    assert origin("Lima", messages=told)[1] is False


def test_a_choice_may_be_the_caller_s_reading(origin: Any) -> None:
    enum = {"type": "string", "enum": ["economy", "business"]}
    assert origin("business", "as cheap as can be", schema=enum) == (ArgumentOrigin(kind="query"), True)
    assert origin("first", "as cheap as can be", schema=enum)[1] is False
    assert origin(True, "yes", schema={"type": "boolean"}) == (ArgumentOrigin(kind="query"), True)
    assert origin(False, "yes", schema={"type": "boolean", "default": False})[0].kind == "default"
    assert origin("business", "yes", schema={"type": "string"})[1] is False


@pytest.mark.parametrize("value", ["", [], {}, None])
def test_nothing_is_a_default_unless_another_is_stated(origin: Any, value: Any) -> None:
    assert origin(value, schema={})[0].kind == "default"
    assert origin(value, schema={"default": 5})[0].kind == ("default" if value is None else "free_text")


def test_a_value_inside_a_text_was_shown(origin: Any) -> None:
    shown = {"note": "Call Ana about BK-7 today."}
    found, proven = origin("BK-7", shown=shown)
    assert (found, proven) == (ArgumentOrigin(kind="observation", source="a", path="note"), True)
    assert origin("BK", shown=shown)[1] is False
    exact, _ = origin("BK-7", shown={"note": "Call about BK-7.", "id": "BK-7"})
    assert exact.path == "id"


def test_an_error_message_shows_what_it_names_but_that_of_a_refused_call_nothing(make: Any) -> None:
    for kind, expected in (("failed", "observation"), (UNSEEN_VALUE, "free_text")):
        plain = make.step("a", "look").plain()
        plain["observation"]["error"] = {"kind": kind, "message": "There is BK-7."}
        steps = [Step.model_validate(plain), make.step("b", "go", arguments={"x": "BK-7"}, group=1)]
        assert infer_origins(steps, Told(""), {})[1].origins["x"].kind == expected


def test_a_text_may_join_known_values_with_punctuation(origin: Any) -> None:
    found, proven = origin("#BK-7: paid", "it is paid", shown={"id": "BK-7"})
    assert (found.kind, found.template, proven) == ("composed", "#{0}: {1}", True)
    assert [part.kind for part in found.parts] == ["observation", "query"]
    assert origin("docs/may.txt", "in docs", shown={"files": ["may.txt"]})[0].template == "{0}/{1}"
    assert origin("#BK-7: done", "it is paid", shown={"id": "BK-7"})[1] is False


def test_an_id_is_never_put_together(origin: Any) -> None:
    assert origin("BK-7", "BK and 7", name="label")[1] is True
    assert origin("BK-7", "BK and 7", name="booking_id")[1] is False


def test_the_keys_and_values_of_an_object_are_proved_one_by_one(origin: Any) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    found, proven = origin({"city": "Rome", "guests": 3}, "Rome for 3", shown={"k": "guests"}, schema=schema)
    assert [part.kind for part in found.parts] == ["query", "observation", "query"]
    assert proven
    assert origin({"city": "Rome", "nights": 3}, "Rome for 3", schema=schema)[1] is False


def derived_gold(make: Any) -> tuple[Any, ...]:
    """Gold multiplies what its look-up showed with the 3 of the query."""
    price = ArgumentOrigin(kind="observation", source="g", path="price")
    said = ArgumentOrigin(kind="query", span=(4, 5))
    total = ArgumentOrigin(kind="derived", expression="a * b", parts=(price, said))
    return (
        make.step("g", "look", {"price": 20}),
        make.step("h", "go", arguments={"x": 60}, origins={"x": total}, group=1),
    )


def test_a_number_is_derived_as_gold_derives_it_with_the_attempt_s_own_operands(make: Any, origin: Any) -> None:
    number = {"type": "number"}
    gold = derived_gold(make)
    found, proven = origin(75, "for 3 of us", shown={"price": 25}, schema=number, gold=gold)
    assert (found.kind, found.expression, found.parts[0].source, proven) == ("derived", "a * b", "a", True)
    assert origin(60, "for 3 of us", shown={"price": 25}, schema=number, gold=gold)[1] is False
    assert origin(75, "for 3 of us", shown={"price": 25}, schema=number)[1] is False
    assert origin(75, "for 3 of us", shown={"cost": 25}, schema=number, gold=gold)[1] is False


def test_own_words_are_proved_by_their_facts(origin: Any) -> None:
    found, proven = origin(
        "Dear Ana, booking BK-7 costs 300.", "tell Ana", shown={"id": "BK-7", "p": 300}, name="message"
    )
    assert (found.kind, proven) == ("free_text", True)
    assert {part.kind for part in found.parts} == {"query", "observation"}
    assert len(found.facts) == len(found.parts)
    invented, proven = origin("Dear Ana, booking BK-8 costs 300.", "tell Ana", shown={"p": 300}, name="message")
    assert [fact for fact, part in zip(invented.facts, invented.parts, strict=True) if part.kind == "free_text"] == [
        "BK-8"
    ]
    assert not proven
    assert origin("we are on our way", "tell Ana")[1] is False
    assert origin("we are on our way", "tell Ana", name="message")[1] is True


def test_a_state_or_an_observation_has_its_witness_among_the_steps(make: Any) -> None:
    read = make.step("a", "look", {"id": "B"})
    for kind in ("state", "observation"):
        shown = ArgumentOrigin.model_validate({"kind": kind, "source": "a", "path": "id"})
        taken = make.step("b", "go", arguments={"x": "B"}, origins={"x": shown}, group=1)
        assert unproven([read, taken], {}) == ()
        assert unproven([taken], {}) == ((taken, "x"),)
        beside = taken.model_copy(update={"group": 0})
        assert unproven([read, beside], {}) == ((beside, "x"),)
