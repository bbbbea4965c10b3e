"""One BFCL class as an environment."""

from __future__ import annotations

import copy
import inspect
from functools import cache
from typing import Any

from envs.bfcl.answers import made_ids, plain_answer
from envs.bfcl.failure import exception_failure, failure_of
from envs.bfcl.pinned import check_bounds, pinned_class, standard_numbers
from envs.bfcl.pools import known_values
from envs.bfcl.schema import tool_specs
from envs.bfcl.state import Attributes, copied, observable_values, public_state, whole_state
from envs.environment import KnownValue, ToolFailure
from tools.base import Json, JsonObject, json_safe
from tools.graph import Edge
from tools.spec import Effect, ToolSpec


class BfclEnvironment:
    """The tools of the class ``name`` over one object of it.

    An object's attributes are its whole state. A call that fails may still have changed them, as it does in BFCL:
    stopping the engine reports an invalid mode and stops the engine.

    Raises:
        UnknownWorldError: BFCL has no such class, or bfcl-eval is not installed.
    """

    def __init__(self, name: str) -> None:
        self._class = pinned_class(name)
        self.name = name
        self.reset({})

    def specs(self) -> tuple[ToolSpec, ...]:
        return tool_specs(self.name)

    def declared_edges(self) -> tuple[Edge, ...]:
        """None: BFCL declares no dependencies; they are found by schemas and by execution."""
        return ()

    def reset(self, initial_state: JsonObject) -> None:
        """Begin anew in a configuration as BFCL writes it; ``{}`` is the class's own blank state."""
        self._object: Any = self._class()
        self._made: list[str | int] = []
        if hasattr(self._object, "_load_scenario"):
            self._object._load_scenario(copy.deepcopy(initial_state), long_context=False)

    def call(self, name: str, arguments: JsonObject) -> Json:
        """Run a tool on copies of its arguments and return a copy of its answer."""
        effect = _effects(self.name).get(name)
        if effect is None:
            raise ToolFailure(f"There is no tool named {name!r}.", "unknown_tool")
        given = json_safe(arguments)
        known = observable_values(self.public_state()) if effect == "write" else frozenset()
        answer = self._run(name, given)
        failure = failure_of(name, given, answer)
        if failure is not None:
            raise failure
        content = plain_answer(answer)
        if effect == "write":
            self._made += made_ids(content, known, given)
        return content

    def snapshot(self) -> object:
        return copied(vars(self._object)), tuple(self._made)

    def restore(self, snapshot: object) -> None:
        match snapshot:
            case (dict() as attributes, tuple() as made):
                self._object = self._like(attributes)
                self._made = list(made)
            case _:
                raise TypeError("not a snapshot of this environment")

    def fork(self) -> BfclEnvironment:
        twin = object.__new__(BfclEnvironment)
        twin.name, twin._class = self.name, self._class
        twin._object = self._like(vars(self._object))
        twin._made = list(self._made)
        return twin

    def state(self) -> Json:
        return whole_state(vars(self._object))

    def public_state(self) -> JsonObject:
        return public_state(vars(self._object))

    def made_ids(self) -> tuple[str | int, ...]:
        return tuple(self._made)

    def known_values(self) -> tuple[KnownValue, ...]:
        """Catalogue values, values of the present state, and plausible ones for what a user is free to say."""
        return known_values(self.name, self.specs(), self._object)

    def _like(self, attributes: Attributes) -> Any:
        """An object of the class with a copy of these attributes, without running its constructor."""
        twin = object.__new__(self._class)
        vars(twin).update(copied(attributes))
        return twin

    def _run(self, name: str, arguments: JsonObject) -> Any:
        """Run foreign code: whatever it raises is the tool's failure. Cancellation is no Exception and passes."""
        complete = {**copy.deepcopy(_shared_defaults(self.name, name)), **arguments}
        try:
            if self.name != "MathAPI":
                return getattr(self._object, name)(**complete)
            check_bounds(name, arguments)
            with standard_numbers():
                return getattr(self._object, name)(**complete)
        except ToolFailure:
            raise
        except Exception as error:  # the class documents no exceptions; the model sees them
            raise exception_failure(error) from error


@cache
def _effects(class_name: str) -> dict[str, Effect]:
    return {spec.name: spec.effect for spec in tool_specs(class_name)}


@cache
def _shared_defaults(class_name: str, tool: str) -> JsonObject:
    """Defaults that all calls would share, because they are lists or dicts: each call gets its own copy."""
    parameters = inspect.signature(getattr(pinned_class(class_name), tool)).parameters
    return {name: item.default for name, item in parameters.items() if isinstance(item.default, list | dict)}
