"""Slips of names, and the names that they are slips of."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tools.near_miss import closest, near_miss

NAMES = [
    "Rivermist",
    "Stonebrook",
    "Nora Feldman",
    "Quarterly budget.xlsx",
    "meeting_minutes.txt",
    "archive",
    "sunday_cyclist",
    "nora.lindqvist@example.com",
    "Team lunch",
]
words = st.text(st.sampled_from("abcdefghijklmnoprstu"), min_size=6, max_size=12)
endings = st.sampled_from(["", ".txt", ".pdf", " report", "_notes"])
names = st.builds(lambda word, ending: word + ending, words, endings)


def slips(name: str) -> set[str]:
    return {near_miss(name, random.Random(seed)) for seed in range(300)}


@given(name=names, seed=st.integers(0, 999))
@settings(max_examples=100, deadline=None)
def test_a_slip_is_another_name_of_four_characters_or_more(name: str, seed: int) -> None:
    slip = near_miss(name, random.Random(seed))
    assert slip != name
    assert len(slip) >= 4
    assert slip == near_miss(name, random.Random(seed))


@given(names=st.lists(names, min_size=1, max_size=6, unique=True), seed=st.integers(0, 999))
@settings(max_examples=100, deadline=None)
def test_a_slip_is_never_taken_for_another_name(names: list[str], seed: int) -> None:
    name = names[0]
    assume(all(closest(other, [name]) is None for other in names[1:]))
    assert closest(near_miss(name, random.Random(seed)), names) in (name, None)


@pytest.mark.parametrize("name", NAMES)
def test_every_slip_of_a_name_tells_which_one_was_meant(name: str) -> None:
    assert {closest(slip, NAMES) for slip in slips(name)} == {name}


@pytest.mark.parametrize("name", NAMES)
def test_the_first_letter_of_a_name_is_not_forgotten(name: str) -> None:
    assert {slip[0].lower() for slip in slips(name)} == {name[0].lower()}


def test_what_people_get_wrong_about_a_file() -> None:
    found = slips("Old_reports.txt")
    assert {"old_reports.txt", "Old-reports.txt", "Old_report.txt", "Old_reports.md"} <= found
    assert {slip.rpartition(".")[2] for slip in found} == {"txt", "md", "doc"}


def test_what_people_get_wrong_about_a_place_or_an_address() -> None:
    found = slips("Rivermist")
    assert {"Rviermist", "Rivermsit", "Rivermisst", "Rivermst"} - found <= {"Rviermist"}
    assert not any(slip.lower() == "rivermist" or slip.endswith("ists") for slip in found)
    assert all(slip.endswith("@example.com") for slip in slips("nora@example.com"))


@pytest.mark.parametrize("name", ["GM", "12", "83214", "--__"])
def test_a_name_of_few_letters_has_no_slip(name: str) -> None:
    with pytest.raises(ValueError, match="too short"):
        near_miss(name, random.Random(0))


def test_a_name_of_four_letters_loses_none() -> None:
    assert {len(slip) for slip in slips("Rome")} == {4, 5}


@pytest.mark.parametrize(
    ("name", "among", "meant"),
    [
        ("report1.txt", ["report1.txt", "report2.txt"], "report1.txt"),
        ("Report1.txt", ["report1.txt", "report2.txt"], "report1.txt"),
        ("repotr.txt", ["report1.txt", "report2.txt"], None),
        ("notes.md", ["notes.txt", "notes.doc"], None),
        ("notes.md", ["notes.txt", "agenda.md"], "notes.txt"),
        ("Bostno", ["Boston", "Austin", "Houston"], "Boston"),
        ("Lisbon", ["Boston", "Austin"], None),
        ("anything", [], None),
    ],
)
def test_which_name_was_meant(name: str, among: list[str], meant: str | None) -> None:
    assert closest(name, among) == meant
    assert closest(name, reversed(among)) == meant
