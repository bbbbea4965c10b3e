"""A world: one or more environments behind one set of tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import jsonschema
from jsonschema.protocols import Validator

from envs.environment import Environment, KnownValue, ToolFailure, WorldSpec
from envs.hashing import renamed_hash
from envs.policy import Rule, policy_of
from envs.profile import ProfileEntry, distinct, profile_of
from tools.base import canonical_json, derive_seed, digest, json_safe
from tools.call import Observation, ToolCall, ToolError
from tools.graph import Edge
from tools.spec import ToolSpec

_SHOWN = 200

# Each tool by its name, with the position of its environment.
_Tools = dict[str, tuple[ToolSpec, int]]


class ToolDefectError(RuntimeError):
    """A tool broke instead of answering or refusing: a fault in its code, which no model can learn from. The exception
    that it raised is the cause."""

    def __init__(self, call: ToolCall, error: Exception) -> None:
        arguments = canonical_json(call.arguments)
        shown = arguments if len(arguments) <= _SHOWN else arguments[:_SHOWN] + "..."
        super().__init__(
            f"the tool {call.name!r} broke on the arguments {shown}: {type(error).__name__}: {error}. A tool that "
            "refuses must raise ToolFailure; anything else is a defect in its code."
        )


class World:
    """Dispatches calls to its environments and answers for their joint state.

    What does not change with the state (the tools, and who has them) is shared with all forks.

    Raises:
        ValueError: two environments have the same name, or a tool of the same name, or the specification shows a tool
            that no environment has.
    """

    def __init__(self, spec: WorldSpec, environments: Sequence[Environment]) -> None:
        self.spec = spec
        self._environments = tuple(environments)
        names = [environment.name for environment in self._environments]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two environments are named {repeated[0]!r}: their states could not be told apart")
        self._tools = _shown(spec, self._owned())
        self._validators: dict[str, Validator] = {}
        self._profile: list[tuple[ProfileEntry, ...]] = []

    def reset(self) -> None:
        """Begin anew in the initial state of the specification."""
        for environment in self._environments:
            environment.reset(json_safe(self.spec.initial_state[environment.name]))

    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that it shows, always in the same order."""
        return tuple(tool for tool, _ in self._tools.values())

    def declared_edges(self) -> tuple[Edge, ...]:
        """The declared dependencies between tools that it shows."""
        edges = [edge for environment in self._environments for edge in environment.declared_edges()]
        if not self.spec.tools:
            return tuple(edges)
        return tuple(edge for edge in edges if edge.producer in self._tools and edge.consumer in self._tools)

    def known_values(self) -> tuple[KnownValue, ...]:
        return tuple(value for environment in self._environments for value in environment.known_values())

    def profile(self) -> tuple[ProfileEntry, ...]:
        """What the system message tells about the user, as far as the tools that it shows take it. It is what holds in
        the initial state, whatever was called since."""
        if not self._profile:
            first = self.fork()
            first.reset()
            pick = derive_seed("profile", self.spec.seed)
            entries = [entry for environment in first._environments for entry in profile_of(environment, pick)]
            self._profile.append(distinct(entries, self.specs()))
        return self._profile[0]

    def policy(self) -> tuple[Rule, ...]:
        """The rules of the house that a call of a tool that it shows can break, bound to the present state."""
        rules = (rule for environment in self._environments for rule in policy_of(environment))
        return tuple(rule for rule in rules if self._tools.keys() & {*rule.tools})

    def broken_rule(self, call: ToolCall) -> str:
        """The text of the rule that a call would break if it were made now; empty where it breaks none, or fails."""
        rules = [rule for rule in self.policy() if call.name in rule.tools]
        observation = self.fork().execute(call) if rules else None
        if observation is None or observation.failed:
            return ""
        return next((rule.text for rule in rules if rule.broken(call.arguments, observation.content)), "")

    def execute(self, call: ToolCall) -> Observation:
        """Run a call. What the tool refuses, an unknown tool and wrong arguments are observations with an error.

        Raises:
            ToolDefectError: the tool raised something else than ToolFailure, or returned what is no JSON.
        """
        found = self._tools.get(call.name)
        if found is None:
            return _failed(call, "unknown_tool", f"There is no tool named {call.name!r}.")
        tool, owner = found[0], self._environments[found[1]]
        problem = next(iter(sorted(self._validator(tool).iter_errors(call.arguments), key=str)), None)
        if problem is not None:
            where = ".".join(str(key) for key in problem.absolute_path)
            return _failed(call, "invalid_arguments", f"{where}: {problem.message}" if where else problem.message)
        try:
            content = json_safe(owner.call(call.name, json_safe(call.arguments)))
        except ToolFailure as failure:
            return _failed(call, failure.kind, failure.message)
        except Exception as error:
            raise ToolDefectError(call, error) from error
        return Observation(call_id=call.id, content=content)

    def replay(self, calls: Iterable[ToolCall]) -> tuple[Observation, ...]:
        """Run calls in order and return their observations."""
        return tuple(self.execute(call) for call in calls)

    def snapshot(self) -> tuple[object, ...]:
        return tuple(environment.snapshot() for environment in self._environments)

    def restore(self, snapshot: tuple[object, ...]) -> None:
        for environment, part in zip(self._environments, snapshot, strict=True):
            environment.restore(part)

    def fork(self) -> World:
        """An independent world in the same state."""
        twin = object.__new__(World)
        twin.spec = self.spec
        twin._environments = tuple(environment.fork() for environment in self._environments)
        twin._tools = self._tools
        twin._validators = self._validators
        twin._profile = self._profile
        return twin

    def replay_hash(self) -> str:
        """Equal exactly for equal states, hidden state too."""
        return digest({environment.name: environment.state() for environment in self._environments})

    def made_ids(self) -> frozenset[str | int]:
        return frozenset(item for environment in self._environments for item in environment.made_ids())

    def public_hash(self, since: frozenset[str | int] = frozenset()) -> str:
        """Equal for states that a user could not tell apart; ids made after ``since`` are compared up to renaming."""
        state: Mapping[str, object] = {item.name: item.public_state() for item in self._environments}
        return renamed_hash(state, self.made_ids() - since)

    def _owned(self) -> _Tools:
        """All tools by name, each with the position of its environment."""
        owned: _Tools = {}
        for position, environment in enumerate(self._environments):
            for tool in environment.specs():
                if tool.name in owned:
                    other = self._environments[owned[tool.name][1]].name
                    raise ValueError(
                        f"environments {other!r} and {environment.name!r} both have a tool {tool.name!r}: "
                        "give one of them an alias, or leave one environment out"
                    )
                owned[tool.name] = (tool, position)
        return owned

    def _validator(self, tool: ToolSpec) -> Validator:
        """Checks arguments of ``tool``; made when it is first called, since a large world has many that never are."""
        if tool.name not in self._validators:
            self._validators[tool.name] = jsonschema.Draft202012Validator(tool.parameters)
        return self._validators[tool.name]


def _shown(spec: WorldSpec, owned: _Tools) -> _Tools:
    """The tools that a specification shows, in the order of its environments."""
    if not spec.tools:
        return owned
    if unknown := [name for name in spec.tools if name not in owned]:
        raise ValueError(
            f"world {spec.name!r} with seed {spec.seed} is to show the tool {unknown[0]!r}, which it lacks"
        )
    chosen = frozenset(spec.tools)
    return {name: entry for name, entry in owned.items() if name in chosen}


def _failed(call: ToolCall, kind: str, message: str) -> Observation:
    return Observation(call_id=call.id, error=ToolError(kind=kind, message=message))
