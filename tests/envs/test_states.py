"""Worlds share states and what calls came to, and nobody can tell: each is what its own calls have made of it."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.domain import load_domain
from envs.environment import WorldSpec
from envs.hashing import renamed_hash
from envs.states import EnvironmentState
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import ToolDefectError, World
from tools.base import digest
from tools.call import ToolCall

quick = settings(max_examples=40, deadline=None)


class Shelf(ToolkitEnvironment):
    """Boxes in the order in which they were put there. ``weigh`` is a read that writes, as bad code has it."""

    name: ClassVar[str] = "shelf"
    constant: ClassVar[frozenset[str]] = frozenset({"sizes"})
    calls: ClassVar[list[str]] = []

    @tool(effect="write")
    def put(self, label: str) -> dict[str, Any]:
        """Put a box on the shelf.

        Args:
            label: Label of the box.
        """
        self.calls.append("put")
        if label in self.data["boxes"]:
            raise self.fail("There is such a box already.")
        self.data["boxes"][label] = {"id": self.new_id("BX"), "weight": 1}
        return {"boxes": self.data["boxes"], "sizes": self.data["sizes"]}

    @tool(effect="write")
    def take(self, label: str) -> dict[str, str]:
        """Take a box away.

        Args:
            label: Label of the box.
        """
        self.calls.append("take")
        if label not in self.data["boxes"]:
            raise self.fail("There is no such box.")
        return {"id": self.data["boxes"].pop(label)["id"]}

    @tool(effect="read")
    def look(self) -> dict[str, list[str]]:
        """Look at the labels of the boxes."""
        self.calls.append("look")
        return {"labels": list(self.data["boxes"])}

    @tool(effect="read")
    def weigh(self, factor: float) -> dict[str, float]:
        """Weigh the shelf.

        Args:
            factor: Factor of the scales.
        """
        self.calls.append("weigh")
        self.data["_weighed"] = self.data.get("_weighed", 0) + 1
        return {"weight": 1 / factor * self.data["_weighed"]}


class Lamp(ToolkitEnvironment):
    name: ClassVar[str] = "lamp"

    @tool(effect="write")
    def switch(self) -> dict[str, bool]:
        """Switch the lamp."""
        self.data["on"] = not self.data["on"]
        return {"on": self.data["on"]}


def call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(id="call_1", name=name, arguments=arguments)


def shelf() -> World:
    states = {"shelf": {"boxes": {}, "sizes": ["S", "L"], "_id_seed": 3}, "lamp": {"on": False}}
    spec = WorldSpec(name="hall", version="1", seed=1, environments=("shelf", "lamp"), initial_state=states)
    made = World(spec, [Shelf(), Lamp()])
    made.reset()
    return made


CALLS = (
    *(call(name, label=label) for name in ("put", "take") for label in "ab"),
    *(call("look"), call("weigh", factor=2.0), call("switch"), call("put"), call("nothing")),
)
# Which of three worlds does something: makes a call, or becomes a fork of another one.
DEEDS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from((*CALLS, 0, 1, 2))), max_size=25)


def seen(world: World) -> tuple[Any, ...]:
    return world.replay_hash(), world.public_hash(), world.public_hash(world.made_ids()), world.made_ids()


@given(deeds=DEEDS, remembered=st.sampled_from([None, 0, 3]))
@quick
def test_forks_in_any_order_are_what_their_own_calls_have_made_of_them(
    deeds: list[tuple[int, Any]], remembered: int | None
) -> None:
    start = shelf()
    if remembered is not None:
        start.remember(remembered)
    worlds = [start, start.fork(), start.fork()]
    made: list[list[ToolCall]] = [[], [], []]
    answers: list[list[str]] = [[], [], []]
    for who, deed in deeds:
        if isinstance(deed, int):
            worlds[who], made[who], answers[who] = worlds[deed].fork(), [*made[deed]], [*answers[deed]]
        else:
            answers[who].append(worlds[who].execute(deed).text())
            made[who].append(deed)
    for world, calls, told in zip(worlds, made, answers, strict=True):
        alone = shelf()
        assert [observation.text() for observation in alone.replay(calls)] == told
        assert seen(world) == seen(alone)


@given(calls=st.lists(st.sampled_from(CALLS), max_size=12))
@quick
def test_hashes_are_those_of_the_states_as_environments_tell_them(calls: list[ToolCall]) -> None:
    world = shelf()
    environments = {item.name: item for item in (Shelf(), Lamp())}
    for name, item in environments.items():
        item.reset(dict(world.spec.initial_state[name]))
    world.replay(calls)
    world.restore(tuple(part for part in world.snapshot()))
    for item, part in zip(environments.values(), world.snapshot(), strict=True):
        item.restore(part)
    assert world.replay_hash() == digest({name: item.state() for name, item in environments.items()})
    public = {name: item.public_state() for name, item in environments.items()}
    assert world.public_hash() == renamed_hash(public, tuple(environments["shelf"].made_ids()))


def test_a_call_is_made_once_in_a_state_and_again_in_another_one() -> None:
    world = shelf()
    Shelf.calls.clear()
    for _ in range(3):
        twin = world.fork()
        assert not twin.execute(call("put", label="a")).failed
        assert twin.execute(call("put", label="a")).failed
        assert twin.execute(call("look")).content == {"labels": ["a"]}
    assert Shelf.calls == ["put", "put", "look"]
    assert world.execute(call("look")).content == {"labels": []}
    assert Shelf.calls == ["put", "put", "look", "look"]


def test_without_memory_each_call_is_made_anew() -> None:
    world = shelf()
    world.remember(0)
    Shelf.calls.clear()
    for _ in range(3):
        world.fork().execute(call("look"))
    assert Shelf.calls == ["look"] * 3


def test_one_and_true_and_one_point_nothing_are_other_arguments() -> None:
    world = shelf()
    told = [world.fork().execute(call("weigh", factor=factor)).text() for factor in (1, 1.0, True)]
    assert told[0] == told[1]
    assert "True is not of type 'number'" in told[2]


def test_the_same_call_has_its_own_id_each_time() -> None:
    world = shelf()
    ids = [world.execute(ToolCall(id=name, name="look", arguments={})).call_id for name in ("first", "second")]
    assert ids == ["first", "second"]


def test_states_that_differ_in_their_order_are_not_taken_for_each_other() -> None:
    there, back = shelf(), shelf().fork()
    there.replay([call("put", label="a"), call("put", label="b")])
    back.replay([call("put", label="b"), call("put", label="a")])
    assert there.execute(call("look")).content == {"labels": ["a", "b"]}
    assert back.execute(call("look")).content == {"labels": ["b", "a"]}


def test_a_defect_leaves_the_world_as_it_was() -> None:
    world = shelf()
    before = world.replay_hash()
    for _ in range(2):
        with pytest.raises(ToolDefectError):
            world.execute(call("weigh", factor=0.0))
    assert world.replay_hash() == before
    assert world.execute(call("weigh", factor=1.0)).content == {"weight": 1.0}


def test_a_state_is_kept_where_a_call_changes_nothing() -> None:
    environment = Shelf()
    environment.reset({"boxes": {}, "sizes": [], "_id_seed": 1})
    state = EnvironmentState(environment)
    assert state.call("look", {})[1] is state
    assert state.call("take", {"label": "a"})[1] is state
    after = state.call("put", {"label": "a"})[1]
    assert after is not state
    assert json.loads(state.text)["boxes"] == {}
    assert list(json.loads(after.text)["boxes"]) == ["a"]


@pytest.mark.parametrize("name", ["travel", "workspace"])
def test_no_call_changes_what_forks_share(name: str) -> None:
    domain = load_domain(name)
    world = domain.open(domain.draw(5))
    values = {item.parameter.rpartition(".")[2]: item.value for item in world.known_values()}
    environment = world._state.parts[0].environment
    assert isinstance(environment, ToolkitEnvironment)
    shared = {key: environment.data[key] for key in environment.constant}
    before, changed = json.dumps(shared), set()
    assert shared.keys() == environment.constant != frozenset()
    for _ in range(3):
        for spec in world.specs():
            given = {key: values[key] for key in spec.properties if key in values}
            observation = world.execute(ToolCall(id="call_1", name=spec.name, arguments=given))
            values |= _scalars(observation.content)
            changed.add(world.replay_hash())
    assert len(changed) > 3
    assert json.dumps(shared) == before


def _scalars(content: Any) -> dict[str, Any]:
    """The values of a result by the names of their fields, those of lists too."""
    if isinstance(content, list):
        return {key: value for item in content for key, value in _scalars(item).items()}
    if not isinstance(content, dict):
        return {}
    inner = {key: value for item in content.values() for key, value in _scalars(item).items()}
    return {**inner, **{key: value for key, value in content.items() if isinstance(value, str | int | float)}}
