"""Rules of the house: in words for the model, and in code that tells whether a call breaks one.

A tool does not enforce them: a call that breaks a rule succeeds, and should not have been made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from envs.environment import Environment
from tools.base import Json, JsonObject

Check = Callable[[JsonObject, Json], bool]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: What it is called in reports.
        text: The sentence that the system message has. Whether a call breaks the rule has to follow from it and from
            what tools show: the solver knows no more.
        tools: The tools whose calls can break it.
        broken: Whether a call that succeeds breaks it, given its arguments and what it returns. It looks at the state
            of the environment that gave the rule, which is the one before the call, and changes nothing.
    """

    name: str
    text: str
    tools: tuple[str, ...]
    broken: Check


@runtime_checkable
class HasPolicy(Protocol):
    """An environment with rules. No environment has to have any."""

    def policy(self) -> Sequence[Rule]:
        """The rules, always the same ones, bound to the present state."""
        ...


def policy_of(environment: Environment) -> tuple[Rule, ...]:
    """The rules of an environment; none where it declares none. A tool of that name declares nothing."""
    if not isinstance(environment, HasPolicy) or any(spec.name == "policy" for spec in environment.specs()):
        return ()
    return tuple(environment.policy())
