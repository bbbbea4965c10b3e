"""The profile of a world: what its user would not say in a chat, and who it is."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from envs.aliased import AliasedEnvironment
from envs.environment import KnownValue, WorldSpec
from envs.profile import ProfileEntry
from envs.toolkit import ToolkitEnvironment, tool
from envs.travel import TravelDomain
from envs.workspace import WorkspaceDomain
from envs.world import World
from tools.base import canonical_json
from tools.call import ToolCall

PEOPLE = (("ann", "moss-1"), ("bob", "fern-2"), ("cleo", "reed-3"))


class Safe(ToolkitEnvironment):
    """Three people who could open a safe; nothing is declared."""

    name = "safe"

    @tool(effect="write")
    def log_in(self, user_name: str, password: str) -> bool:
        """Log in to the safe.

        Args:
            user_name: User name of the owner.
            password: Password of the safe.
        """
        return (user_name, password) in PEOPLE

    @tool(effect="read")
    def find_owner(self, user_name: str) -> bool:
        """Find an owner.

        Args:
            user_name: User name of the owner.
        """
        return user_name in dict(PEOPLE)

    @tool(effect="write")
    def change_password(self, password: str) -> bool:
        """Change the lock.

        Args:
            password: Password of the safe.
        """
        return password in dict(PEOPLE).values()

    def known_values(self) -> list[KnownValue]:
        if self.data["closed"]:
            return []
        names = [KnownValue(parameter="user_name", value=name) for name, _ in PEOPLE]
        return [*names, *(KnownValue(parameter="password", value=p, beside={"user_name": (n,)}) for n, p in PEOPLE)]


class Diary(ToolkitEnvironment):
    """Has a tool with the name of the declaration, and a parameter like one of the safe's."""

    name = "diary"

    @tool(effect="write")
    def profile(self) -> bool:
        """Write a profile."""
        self.data["written"] = True
        return True

    @tool(effect="write")
    def unlock(self, password: str) -> bool:
        """Unlock the diary.

        Args:
            password: Password of the safe.
        """
        return password == "ink-4"

    def known_values(self) -> list[KnownValue]:
        return [KnownValue(parameter="password", value="ink-4")]


def world_of(*environments: Any, seed: int = 0, tools: tuple[str, ...] = ()) -> World:
    states: dict[str, Any] = {item.name: {"closed": False} for item in environments}
    names = tuple(states)
    spec = WorldSpec(name="w", version="1", seed=seed, environments=names, initial_state=states, tools=tools)
    world = World(spec, environments)
    world.reset()
    return world


def told(world: World) -> dict[str, Any]:
    return {entry.label: entry.value for entry in world.profile()}


def test_secrets_and_whoever_signs_in_are_found_by_their_names() -> None:
    (user, password) = world_of(Safe()).profile()
    assert (user.label, user.parameters) == ("user name of the owner", ("log_in.user_name",))
    assert password.parameters == ("log_in.password", "change_password.password")
    assert (user.value, password.value) in PEOPLE


def test_the_seed_decides_who_of_several_people_it_is() -> None:
    found = [tuple(told(world_of(Safe(), seed=seed)).values()) for seed in range(30)]
    assert set(found) == set(PEOPLE)
    assert found == [tuple(told(world_of(Safe(), seed=seed)).values()) for seed in range(30)]


def test_only_what_a_shown_tool_takes_is_told() -> None:
    assert told(world_of(Safe(), tools=("find_owner",))) == {}
    assert list(told(world_of(Safe(), tools=("change_password",)))) == ["password of the safe"]


def test_it_is_that_of_the_initial_state_whatever_was_called_since() -> None:
    world = world_of(Safe())
    closed = world.fork()
    closed.restore(({"closed": True},))
    late = closed.fork()
    assert not late.known_values()
    assert late.profile() == world.profile() != ()


def test_entries_of_the_same_name_say_which_tool_they_are_for_and_a_tool_declares_nothing() -> None:
    world = world_of(Safe(), Diary())
    before = world.replay_hash()
    labels = list(told(world))
    assert labels == [
        "user name of the owner",
        "password of the safe (for log_in, change_password)",
        "password of the safe (for unlock)",
    ]
    assert world.replay_hash() == before
    assert world.specs()[-2].name == "profile"


def test_an_alias_renames_the_tools_of_entries() -> None:
    class Declared(Safe):
        def profile(self) -> tuple[ProfileEntry, ...]:
            return (ProfileEntry(label="code word", value="moss-1", parameters=("log_in.password", "password")),)

    found = world_of(AliasedEnvironment(Declared(), {"log_in": "open_safe"})).profile()
    assert found[0].parameters == ("open_safe.password", "password")
    assert [entry.parameters for entry in found[1:]] == [("open_safe.user_name",)]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_built_in_profiles_open_what_they_are_for(seed: int) -> None:
    office = WorkspaceDomain().open(WorkspaceDomain().draw(seed))
    user, password, pin = (entry.value for entry in office.profile())
    for name, arguments in (
        ("sign_in_mail", {"user_name": user, "password": password}),
        ("open_ticket_session", {"user_name": user, "pin": pin}),
    ):
        assert not office.execute(ToolCall(id="c", name=name, arguments=arguments)).failed
    agency = TravelDomain().open(TravelDomain().draw(seed))
    (card,) = agency.profile()
    arguments = {"card_number": card.value, "label": "holiday card"}
    assert not agency.execute(ToolCall(id="c", name="register_card", arguments=arguments)).failed


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_no_read_of_a_built_in_world_shows_what_the_profile_tells(seed: int) -> None:
    """Otherwise a look-up could be skipped."""
    for domain in (TravelDomain(), WorkspaceDomain()):
        world = domain.open(domain.draw(seed))
        reads = [spec.name for spec in world.specs() if spec.effect == "read" and not spec.required]
        shown = [world.execute(ToolCall(id="c", name=name, arguments={})) for name in reads]
        values = {canonical_json(entry.value) for entry in world.profile()}
        assert not any(value in observation.text() for value in values for observation in shown)
