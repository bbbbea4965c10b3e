"""Choices that nobody spoke of: a filter gives the right result by luck."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import pytest
from typing_extensions import TypedDict

from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from graphs.validation.attempts import Goal, validate
from tools.provenance import Told, infer_origins

Colour = Literal["red", "blue"]


class Ball(TypedDict):
    ball_id: str
    weight: int


class Balls(TypedDict):
    balls: list[Ball]


class Thrown(TypedDict):
    metres: int


class BallEnvironment(ToolkitEnvironment):
    """Balls, of which the lightest is red."""

    name: ClassVar[str] = "balls"

    @tool(effect="read")
    def list_balls(self, colour: Colour | None = None) -> Balls:
        """List the balls.

        Args:
            colour: Colour of the balls.
        """
        chosen = [ball for ball in self.data["balls"] if colour in (None, ball["colour"])]
        return {"balls": [{"ball_id": ball["id"], "weight": ball["weight"]} for ball in chosen]}

    @tool(effect="write")
    def throw_ball(self, ball_id: str, hand: Literal["left", "right"]) -> Thrown:
        """Throw a ball.

        Args:
            ball_id: ID of the ball.
            hand: Hand that throws it.
        """
        self.data["thrown"].append([ball_id, hand])
        return {"metres": 12}


@pytest.fixture
def world() -> World:
    balls = [
        {"id": "BA-11", "weight": 300, "colour": "red"},
        {"id": "BA-22", "weight": 500, "colour": "red"},
        {"id": "BA-33", "weight": 700, "colour": "blue"},
    ]
    state = {"balls": {"balls": balls, "thrown": []}}
    spec = WorldSpec(name="balls", version="1", seed=0, environments=("balls",), initial_state=state)
    made = World(spec, [BallEnvironment()])
    made.reset()
    return made


@pytest.fixture
def passed(world: World, run_steps: Any) -> Any:
    """Which validations hold of an attempt that lists the balls with some arguments and throws the lightest."""
    specs = {spec.name: spec for spec in world.specs()}

    def steps(given: dict[str, Any], query: str, prefix: str) -> Any:
        throw = ("throw_ball", {"ball_id": "BA-11", "hand": "left"}, 1)
        made = run_steps(world.fork(), ("list_balls", given, 0), throw, prefix=prefix)
        return infer_origins(made, Told(query), specs)

    def check(gold: dict[str, Any], attempted: dict[str, Any], query: str) -> list[str]:
        goal = Goal(start=world, gold=steps(gold, query, "g"), requested=())
        verdicts = validate(goal, steps(attempted, query, "a"), query, specs)
        return [verdict.reason for verdict in verdicts if verdict.validator == "equivalent"]

    return check


def test_a_filter_that_nobody_asked_for_is_a_guess(passed: Any) -> None:
    assert passed({}, {"colour": "red"}, "Throw the lightest ball.") == ["guessed value: colour"]


def test_a_filter_that_was_spoken_of_is_none(passed: Any) -> None:
    assert passed({}, {"colour": "red"}, "Throw the lightest ball, a red one.") == [""]


def test_a_filter_that_gold_has_too_is_none(passed: Any) -> None:
    assert passed({"colour": "red"}, {"colour": "red"}, "Throw the lightest ball.") == [""]


def test_a_choice_that_has_to_be_made_may_be_made(passed: Any) -> None:
    """The hand is required, and nobody says which."""
    assert passed({}, {}, "Throw the lightest ball.") == [""]
