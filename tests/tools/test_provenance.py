"""What a text says, and where the arguments of executed calls come from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.provenance import Told, infer_origins, normalised, observed_values, said_in

quick = settings(max_examples=80, deadline=None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1200, "for 1,200.00 dollars"),
        (1200.0, "at most 1200."),
        (1234567, "1,234,567 people"),
        (1.5, "1.50 percent"),
        (-5, "at -5 degrees"),
        (300, "$300"),
        (2, "add 1,2,3"),
        (4111111111111111, "card 4111111111111111"),
        ("Rome", "to ROME, please"),
        ("New York", "in new\n york"),
        ("a+b (c)", "say A+B (c)!"),
        ("São Paulo", "nach SÃO PAULO"),
        ("BK-1", "cancel bk-1."),
        (True, "it is true"),
        ("", "anything"),
    ],
)
def test_a_text_says(value: Any, text: str) -> None:
    assert said_in(value, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "1200"),
        (12, "12.5"),
        (5, "at -5 degrees"),
        (123, "1,2,3"),
        (2, "v2 and x2"),
        (1200, "1,20"),
        (4111111111111112, "card 4111111111111111"),
        (9007199254740993, "9007199254740992"),
        (1, "no number here"),
        (1, "9" * 5000),
        ("Rome", "Romeo"),
        ("cat", "concatenate"),
        ("New York", "New and York"),
        ("a.c", "abc"),
        (1, "true"),
    ],
)
def test_a_text_does_not_say(value: Any, text: str) -> None:
    assert not said_in(value, text)


@given(value=st.integers(-(2**53), 2**53) | st.integers(-(10**6), 10**6).map(lambda number: number / 100))
@quick
def test_a_number_is_said_with_and_without_separators(value: float) -> None:
    assert said_in(value, f"pay {value:,} now")
    assert said_in(value, f"pay {value} now")
    assert not said_in(value + 1, f"pay {value:,} now")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "on 2026-05-03"),
        (30, "at 10:30"),
        (12345, "zip 12345-6789"),
        ("BK", "the booking BK-3382"),
        ("12345", "zip 12345-6789"),
        ("notes", "open notes.txt"),
        ("Ann", "the Annual trip"),
        ("a", "book a flight"),
        ("IN", "a hotel in Rome"),
        ("2026-10-14", "on October 14"),
        ("2026-10-14", "on October 14, 2027"),
    ],
)
def test_a_part_of_something_else_is_not_said(value: Any, text: str) -> None:
    assert not said_in(value, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "for 3, please"),
        (-17.5, "of -17.5."),
        ("BK-3382", "the booking BK-3382, please."),
        ("a", 'the file "a"'),
        ("US", "a passport of the US."),
        ("2026-05-03", "on May 3, 2026."),
        ("2026-10-14", "on the 14th of October 2026"),
        ("2026-10-14", "on Oct 14th 2026, please"),
        ("Rivermist", "Rivermist's zip code"),
    ],
)
def test_what_stands_by_itself_is_said(value: Any, text: str) -> None:
    assert said_in(value, text)


@quick
@given(word=st.from_regex("[abcé]{3,6}", fullmatch=True), before=st.sampled_from(["", "to ", "(", "\n"]))
def test_a_word_is_said_in_any_case_but_only_as_a_whole(word: str, before: str) -> None:
    assert said_in(word, f"{before}{word.upper()}!")
    assert not said_in(word, f"x{word}x")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1200.0, "1200"),
        (1200, "1200"),
        (1.5, "1.5"),
        (1234.567, "1234.567"),
        (4111111111111111, "4111111111111111"),
        (1e-300, "1e-300"),
        (2.0**60, "1152921504606846976"),
        (True, "true"),
        ("  New\n YORK ", "new york"),
    ],
)
def test_values_are_compared_by_their_plain_text(value: Any, text: str) -> None:
    assert normalised(value) == text


@given(pair=st.tuples(st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 2**62)))
@quick
def test_different_numbers_have_different_texts(pair: tuple[float, int]) -> None:
    first, second = pair
    assert (normalised(first) == normalised(second)) == (first == second)


def test_an_observation_shows_its_scalars_and_the_keys_of_its_tables() -> None:
    content = {"files": {"notes.txt": [1, None]}}
    assert observed_values(content) == [
        ("files.notes.txt.0", 1),
        ("files.notes.txt.1", None),
        ("files", "files"),
        ("notes.txt", "notes.txt"),
    ]
    assert observed_values(["x"]) == [("0", "x")]


def origins(make: Any, steps: list[Any], query: str = "", earlier: tuple[Any, ...] = (), **parameters: Any) -> Any:
    specs = {step.call.name: make.spec(step.call.name, parameters) for step in steps}
    return [step.origins for step in infer_origins(steps, Told(query, earlier=earlier), specs)]


def test_a_value_of_the_query_comes_from_there_even_if_a_call_shows_it_too(make: Any) -> None:
    steps = [make.step("a", "look", {"city": "Rome"}), make.step("b", "go", arguments={"city": "Rome"}, group=1)]
    assert origins(make, steps, "to Rome")[1]["city"].kind == "query"


def test_only_earlier_groups_can_be_the_source(make: Any) -> None:
    look = make.step("a", "look", {"id": "B-1"})
    for group, kind in ((0, "free_text"), (1, "observation")):
        steps = [look, make.step("b", "go", arguments={"id": "B-1"}, group=group)]
        assert origins(make, steps)[1]["id"].kind == kind


def test_a_later_group_is_no_source_wherever_it_stands(make: Any) -> None:
    steps = [make.step("b", "look", {"id": "B-1"}, group=2), make.step("c", "go", arguments={"id": "B-1"}, group=1)]
    assert origins(make, steps)[1]["id"].kind == "free_text"


def test_the_latest_observation_is_named_with_its_path(make: Any) -> None:
    rows = {"rows": [{"id": "A"}, {"id": "B"}]}
    steps = [
        make.step("a", "look", rows),
        make.step("b", "look", rows, group=1),
        make.step("c", "go", arguments={"id": "B"}, group=2),
    ]
    found = origins(make, steps)[2]["id"]
    assert (found.kind, found.source, found.path) == ("observation", "b", "rows.1.id")


def test_a_key_of_a_table_is_seen_whole(make: Any) -> None:
    listing = make.step("a", "look", {"files": {"notes.txt": 3}})
    for value, kind in (("notes.txt", "observation"), ("notes", "free_text"), ("txt", "free_text")):
        steps = [listing, make.step("b", "go", arguments={"file": value}, group=1)]
        assert origins(make, steps)[1]["file"].kind == kind


def test_a_position_in_a_list_is_not_shown(make: Any) -> None:
    steps = [make.step("a", "look", ["x", "y"]), make.step("b", "go", arguments={"id": "1"}, group=1)]
    assert origins(make, steps)[1]["id"].kind == "free_text"


@pytest.mark.parametrize(
    ("shown", "argument", "kind"),
    [
        (300.0, 300, "observation"),
        (300, 300.0, "observation"),
        (1, True, "query"),
        (True, 1, "free_text"),
        ("300", 300, "observation"),
        (300, "300", "observation"),
        ("a total of 300 EUR", 300, "observation"),
        ("a total of 3000 EUR", 300, "free_text"),
        ("2026-05-03T10:00:00", "2026-05-03", "observation"),
        (None, None, "default"),
    ],
)
def test_numbers_are_seen_however_they_are_written(make: Any, shown: Any, argument: Any, kind: str) -> None:
    steps = [make.step("a", "look", {"v": shown}), make.step("b", "go", arguments={"x": argument}, group=1)]
    assert origins(make, steps)[1]["x"].kind == kind


def test_earlier_turns_come_after_this_one_and_before_defaults(make: Any) -> None:
    before = make.step("e", "look", {"id": "B-1", "size": "small"})
    steps = [make.step("a", "look", {"id": "B-1"}), make.step("b", "go", arguments={"id": "B-1"}, group=1)]
    assert origins(make, steps, earlier=(before,))[1]["id"].kind == "observation"
    (found,) = origins(make, [steps[1]], earlier=(before,))
    assert (found["id"].kind, found["id"].source) == ("earlier_turn", "e")
    step = make.step("b", "go", arguments={"size": "small"})
    (sized,) = origins(make, [step], earlier=(before,), size={"default": "small"})
    assert sized["size"].kind == "earlier_turn"
    (alone,) = origins(make, [step], size={"default": "small"})
    assert alone["size"].kind == "default"


def test_a_list_comes_from_the_sources_of_its_entries(make: Any) -> None:
    look = make.step("a", "look", {"symbol": "X"})
    step = make.step("b", "go", arguments={"both": ["X", "Y"], "said": ["Y", "Z"], "none": []}, group=1)
    found = origins(make, [look, step], "watch Y and Z")[1]
    assert [part.kind for part in found["both"].parts] == ["observation", "query"]
    assert found["both"].kind == "composed"
    assert (found["said"].kind, found["none"].kind) == ("query", "default")


def test_a_call_of_an_unknown_tool_has_origins_too(make: Any) -> None:
    (step,) = infer_origins([make.step("a", "made_up", arguments={"x": "yes"})], Told("say yes"), {})
    assert step.origins["x"].kind == "query"
