"""How the three phases behave: the part of a configuration that the state machines read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from graphs.records.attempt import Validator

Policy = Literal["directed", "random"]


class Settings(BaseModel):
    """A section of a configuration: frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SamplerSettings(Settings):
    """Phase I.

    Attributes:
        policy: Which legal tool is called next (eq. 2, or any legal one).
        calls_per_turn: The most calls that a turn may have (M).
        implicit: How often a value that a user could know is taken from a tool instead, where one produces it.
        optional: How often an optional parameter is given.
        follow: How often a turn goes on with a tool that uses the target's output.
        max_targets: Targets that are tried for a turn before its job is rejected.
    """

    policy: Policy = "directed"
    calls_per_turn: Annotated[int, Field(ge=1, le=30)] = 5
    implicit: Annotated[float, Field(ge=0, le=1)] = 0.6
    optional: Annotated[float, Field(ge=0, le=1)] = 0.3
    follow: Annotated[float, Field(ge=0, le=1)] = 0.3
    max_targets: Annotated[int, Field(ge=1, le=1000)] = 30


class AuthorSettings(Settings):
    """Phase II: drafts that the querying role may make for one turn."""

    max_drafts: Annotated[int, Field(ge=1, le=20)] = 3


class RefinerSettings(Settings):
    """Phase III.

    Attributes:
        max_attempts: Hinted attempts after the blind one (K_max).
        require: The weakest validation that accepts an attempt.
        calls_factor: An attempt may make ``calls_factor`` x gold + 4 calls.
    """

    max_attempts: Annotated[int, Field(ge=0, le=20)] = 3
    require: Validator = "equivalent"
    calls_factor: Annotated[int, Field(ge=1, le=10)] = 2
