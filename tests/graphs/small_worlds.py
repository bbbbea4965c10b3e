"""Worlds of one environment, and small ones that are difficult in one way each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from typing_extensions import TypedDict

from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from tools.base import JsonObject
from tools.spec import ToolSpec


class Answer(TypedDict):
    item_id: str


class Token(TypedDict):
    gate_token: str


class Opened(TypedDict):
    room: str


class SulkingEnvironment(ToolkitEnvironment):
    """Its only tool always fails."""

    name: ClassVar[str] = "sulking"

    @tool(effect="read")
    def ask(self) -> Answer:
        """Ask for anything at all."""
        raise self.fail("Not today.")


class GateEnvironment(ToolkitEnvironment):
    """Two tokens of which a visitor may take one, and only the blue one opens the gate."""

    name: ClassVar[str] = "gate"

    @tool(effect="write")
    def take_red(self) -> Token:
        """Take the red token of the gate."""
        return self._take("red")

    @tool(effect="write")
    def take_blue(self) -> Token:
        """Take the blue token of the gate."""
        return self._take("blue")

    @tool(effect="write")
    def open_gate(self, gate_token: str) -> Opened:
        """Open the gate with a token.

        Args:
            gate_token: Gate token.
        """
        if gate_token != "T-blue" or self.data["open"]:
            raise self.fail("The gate stays shut.")
        self.data["open"] = True
        return {"room": "garden"}

    def _take(self, colour: str) -> Token:
        if self.data["taken"]:
            raise self.fail("One token for each visitor.")
        self.data["taken"] = colour
        return {"gate_token": f"T-{colour}"}


class Lamp(TypedDict):
    is_lit: bool


class LampEnvironment(ToolkitEnvironment):
    """A lamp; switching it off undoes switching it on."""

    name: ClassVar[str] = "lamp"

    @tool(effect="write")
    def switch_on(self) -> Lamp:
        """Switch the lamp on."""
        return self._switch(lit=True)

    @tool(effect="write")
    def switch_off(self) -> Lamp:
        """Switch the lamp off."""
        return self._switch(lit=False)

    def _switch(self, *, lit: bool) -> Lamp:
        if self.data["is_lit"] == lit:
            raise self.fail("It is so already.")
        self.data["is_lit"] = lit
        return {"is_lit": lit}


class SmallDomain:
    """Worlds of one small environment, all in the same initial state."""

    version = "1"

    def __init__(self, environment: type[ToolkitEnvironment], state: JsonObject) -> None:
        self.name = environment.name
        self._environment = environment
        self._state = state

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        return {self.name: self._environment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        return WorldSpec(
            name=self.name,
            version=self.version,
            seed=seed % 1000,
            environments=(self.name,),
            initial_state={self.name: self._state},
        )

    def open(self, spec: WorldSpec) -> World:
        world = World(spec, [self._environment()])
        world.reset()
        return world
