"""The system message: what is known of the user and the rules of the house, as the solver reads them."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from envs.policy import Rule
from envs.travel import TravelDomain
from graphs.messages import SYSTEM, profile_in, system_message, system_message_of
from tools.call import ToolCall
from tools.profile import ProfileEntry

LABELS = st.text("abcdefg hij", min_size=1).map(str.strip).filter(bool)
VALUES = st.text("abc-_:. 123", min_size=1).map(str.strip).filter(bool)


def entry(label: str, value: Any) -> ProfileEntry:
    return ProfileEntry(label=label, value=value, parameters=("x",))


def rule(text: str) -> Rule:
    return Rule(name="rule", text=text, tools=("x",), broken=lambda arguments, content: False)


def test_a_world_without_profile_and_rules_has_the_plain_one() -> None:
    assert system_message() == {"role": "system", "content": SYSTEM}


def test_it_reads_as_sections_of_lines() -> None:
    found = system_message([entry("user name", "ann"), entry("PIN", 4711)], [rule("No trips on Sundays.")])
    assert found["content"].removeprefix(SYSTEM) == (
        "\n\nAbout the user:\n- User name: ann\n- PIN: 4711\n\n"
        "Rules of the house, which hold whatever the user asks for:\n- No trips on Sundays."
    )


@given(told=st.dictionaries(LABELS, VALUES, max_size=4))
@settings(max_examples=25)
def test_what_it_tells_about_the_user_can_be_read_again(told: dict[str, str]) -> None:
    text = system_message([entry(label, value) for label, value in told.items()], [rule("Be kind: always.")])["content"]
    assert profile_in(text) == {label[:1].upper() + label[1:]: value for label, value in told.items()}


def test_it_stays_the_same_in_all_states_of_a_world() -> None:
    domain = TravelDomain()
    world = domain.open(domain.draw(2))
    first = system_message_of(world)
    (card,) = world.profile()
    arguments = {"card_number": card.value, "label": "gift card"}
    assert not world.execute(ToolCall(id="c", name="register_card", arguments=arguments)).failed
    assert system_message_of(world) == first == system_message_of(domain.open(domain.draw(2)))
