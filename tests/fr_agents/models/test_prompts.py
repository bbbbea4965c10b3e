"""Prompts load, fill, and say when something is missing."""

from __future__ import annotations

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from fr_agents.prompts.prompt import Prompt, shown

NAMES = ["critiquing", "querying", "reasoning", "sampling", "tooling"]


@pytest.mark.parametrize("name", NAMES)
def test_instructions_need_no_values_so_that_they_are_a_stable_prefix(name: str) -> None:
    assert Prompt(name).system() == Prompt(name).system() != ""


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_value_is_an_error_and_not_a_gap(name: str) -> None:
    with pytest.raises(UndefinedError):
        Prompt(name).user()


def test_a_prompt_that_is_not_there() -> None:
    with pytest.raises(TemplateNotFound):
        Prompt("nosuch")


def test_text_of_tools_is_data() -> None:
    sly = "{{ 7 * 7 }} <b>"
    assert sly in Prompt("reasoning").user(hints=[sly])


def test_long_values_are_shortened() -> None:
    assert shown({"city": "Zürich"}) == '{"city": "Zürich"}'
    assert shown("x" * 50, longest=10) == '"xxxxxxxxx ... (shortened)'
