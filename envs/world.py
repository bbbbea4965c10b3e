"""A world: one or more environments behind one set of tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import jsonschema
from jsonschema.protocols import Validator

from envs.environment import Environment, KnownValue, ToolFailure, WorldSpec
from envs.policy import Rule
from envs.profile import ProfileEntry, distinct, profile_of
from envs.states import EnvironmentState, Result, WorldState
from tools.base import canonical_json, derive_seed, json_safe
from tools.call import Observation, ToolCall, ToolError
from tools.graph import Edge
from tools.remembered import Remembered
from tools.spec import ToolSpec

_SHOWN = 200
_REMEMBERED = 256

# Each tool by its name, with the position of its environment.
_Tools = dict[str, tuple[ToolSpec, int]]
# A call in a state: the tool's name, and its arguments as Python writes them, which tells 1 from 1.0 and True.
_Made = tuple[WorldState, str, str]


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
        self.tool = call.name


class World:
    """Dispatches calls to its environments and answers for their joint state.

    Forks share what does not change with the state (the tools, and who has them), the state that they stand in, and
    what calls came to: the same call in the same state is made once, as long as it is remembered. So nobody may change
    what an observation holds.

    Raises:
        ValueError: two environments have the same name, or a tool of the same name, or the specification shows a tool
            that no environment has.
    """

    def __init__(self, spec: WorldSpec, environments: Sequence[Environment]) -> None:
        self.spec = spec
        self._state = WorldState([EnvironmentState(environment) for environment in environments])
        names = [environment.name for environment in environments]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two environments are named {repeated[0]!r}: their states could not be told apart")
        self._tools = _shown(spec, _owned(environments))
        self._validators: dict[str, Validator] = {}
        self._profile: list[tuple[ProfileEntry, ...]] = []
        self._results: Remembered[_Made, Result] = Remembered(_REMEMBERED)

    def remember(self, calls: int) -> None:
        """How many calls are remembered, with what they came to, by this world and the forks that are made of it from
        now on. With 0 each call is made anew, for whoever tries out whether a tool always answers alike."""
        self._results = Remembered(calls)

    def reset(self) -> None:
        """Begin anew in the initial state of the specification."""
        initial = self.spec.initial_state
        self._state = WorldState([part.begun(json_safe(initial[part.name])) for part in self._state.parts])

    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that it shows, always in the same order."""
        return tuple(tool for tool, _ in self._tools.values())

    def declared_edges(self) -> tuple[Edge, ...]:
        """The declared dependencies between tools that it shows."""
        edges = [edge for part in self._state.parts for edge in part.environment.declared_edges()]
        if not self.spec.tools:
            return tuple(edges)
        return tuple(edge for edge in edges if edge.producer in self._tools and edge.consumer in self._tools)

    @property
    def state(self) -> WorldState:
        """The state that it stands in: one object for all forks that stand in it, which no call changes."""
        return self._state

    def known_values(self) -> tuple[KnownValue, ...]:
        """What the user could say in the present state."""
        return self._state.known_values

    def profile(self) -> tuple[ProfileEntry, ...]:
        """What the system message tells about the user, as far as the tools that it shows take it. It is what holds in
        the initial state, whatever was called since."""
        if not self._profile:
            first = self.fork()
            first.reset()
            pick = derive_seed("profile", self.spec.seed)
            entries = [entry for part in first._state.parts for entry in profile_of(part.environment, pick)]
            self._profile.append(distinct(entries, self.specs()))
        return self._profile[0]

    def policy(self) -> tuple[Rule, ...]:
        """The rules of the house that a call of a tool that it shows can break, bound to the present state."""
        return tuple(rule for rule in self._state.rules if self._tools.keys() & {*rule.tools})

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
        if call.name not in self._tools:
            return _failed(call, "unknown_tool", f"There is no tool named {call.name!r}.")
        made = (self._state, call.name, repr(call.arguments))
        result = self._results.get(made, lambda: self._result(call))
        self._state = result.after
        return Observation(call_id=call.id, content=result.content, error=result.error)

    def _result(self, call: ToolCall) -> Result:
        """What a call of a tool comes to in the present state, which it does not change."""
        tool, position = self._tools[call.name]
        problem = next(iter(sorted(self._validator(tool).iter_errors(call.arguments), key=str)), None)
        if problem is not None:
            where = ".".join(str(key) for key in problem.absolute_path)
            text = f"{where}: {problem.message}" if where else problem.message
            return Result(None, ToolError(kind="invalid_arguments", message=text), self._state)
        try:
            answer, part = self._state.parts[position].call(call.name, json_safe(call.arguments))
        except Exception as error:
            raise ToolDefectError(call, error) from error
        after = self._state.replaced(position, part)
        if isinstance(answer, ToolFailure):
            return Result(None, ToolError(kind=answer.kind, message=answer.message), after)
        return Result(answer, None, after)

    def replay(self, calls: Iterable[ToolCall]) -> tuple[Observation, ...]:
        """Run calls in order and return their observations."""
        return tuple(self.execute(call) for call in calls)

    def snapshot(self) -> tuple[object, ...]:
        return tuple(part.environment.snapshot() for part in self._state.parts)

    def restore(self, snapshot: tuple[object, ...]) -> None:
        parts = zip(self._state.parts, snapshot, strict=True)
        self._state = WorldState([part.restored(taken) for part, taken in parts])

    def fork(self) -> World:
        """An independent world in the same state; it costs nothing until a call changes something in it."""
        twin = object.__new__(World)
        twin.__dict__.update(self.__dict__)
        return twin

    def replay_hash(self) -> str:
        """Equal exactly for equal states, hidden state too."""
        return self._state.replay_hash

    def made_ids(self) -> frozenset[str | int]:
        """The identifiers that calls have made since the reset."""
        return self._state.made_ids

    def public_hash(self, since: frozenset[str | int] = frozenset()) -> str:
        """Equal for states that a user could not tell apart; ids made after ``since`` are compared up to renaming."""
        return self._state.public_hash(since)

    def _validator(self, tool: ToolSpec) -> Validator:
        """Checks arguments of ``tool``; made when it is first called, since a large world has many that never are."""
        if tool.name not in self._validators:
            self._validators[tool.name] = jsonschema.Draft202012Validator(tool.parameters)
        return self._validators[tool.name]


def _owned(environments: Sequence[Environment]) -> _Tools:
    """All tools by name, each with the position of its environment."""
    owned: _Tools = {}
    for position, environment in enumerate(environments):
        for tool in environment.specs():
            if tool.name in owned:
                other = environments[owned[tool.name][1]].name
                raise ValueError(
                    f"environments {other!r} and {environment.name!r} both have a tool {tool.name!r}: "
                    "give one of them an alias, or leave one environment out"
                )
            owned[tool.name] = (tool, position)
    return owned


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
