"""One turn as the sampler walks it: its goals, its next call, and what ends it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from envs.pool import Lease
from envs.world import World
from graphs.context import RunContext
from graphs.execution import Recorder
from graphs.records.job import Job
from tools.base import JsonObject, generator
from tools.binding import Binding, Supply
from tools.call import ToolCall
from tools.graph import ApiGraph
from tools.pools import Pools
from tools.trace import Step
from tools.walk import Needs, Walk, draw_needs

_DEEP = 4.0


class TurnWalk:
    """A sampler's state as objects, with the rules of the walk.

    ``steps`` are the calls of this turn, ``history`` those of earlier ones. Public hashes compare ids that were made in
    this turn up to renaming, those before it (``made_before``) as they are.
    """

    def __init__(self, state: Mapping[str, Any], context: RunContext) -> None:
        self.state = state
        self.context = context
        self.settings = context.sampler
        self.job = Job.model_validate(state["job"])
        self.history = [Step.model_validate(item) for item in state["history"]]
        self.steps = [Step.model_validate(item) for item in state.get("steps", [])]

    def lease(self, *, before: bool = False) -> AbstractContextManager[Lease]:
        """A lease on the world as it is now, or as it was before the turn."""
        steps = self.history if before else [*self.history, *self.steps]
        spec = self.context.world_of(self.job)
        expected = steps[-1].replay_hash if steps else None
        return self.context.worlds.branch(spec, [step.call for step in steps], expected)

    def rng(self, *keys: str | int) -> random.Random:
        return generator(self.job.seed, self.state["turn"], *keys)

    def ranking(self, graph: ApiGraph) -> list[str]:
        """All tools in a weighted random order: those that take several calls and those that change something come
        early, targets of earlier turns and tools that take no arguments late."""
        rng = self.rng("targets")
        costs = graph.costs((), {name: graph.provided(name) for name in graph.specs})
        weights = {}
        for name, spec in graph.specs.items():
            weight = min(costs[name], _DEEP) ** 3 * (1.0 + (spec.effect == "write"))
            weight *= 1.0 if spec.properties else 0.3
            weights[name] = weight * (0.1 if name in self.state["past_targets"] else 1.0)
        return sorted(weights, key=lambda name: rng.random() ** (1 / weights[name]), reverse=True)

    def draw_needs(self, graph: ApiGraph, pools: Pools, tries: int) -> Needs:
        """What this turn looks up, and what its user says."""
        rng = self.rng("needs", tries)
        return draw_needs(graph, pools, rng, implicit=self.settings.implicit, optional=self.settings.optional)

    @property
    def full(self) -> bool:
        return len(self.steps) >= self.settings.calls_per_turn

    def goals(self, graph: ApiGraph) -> list[str]:
        """The goals so far; once the target was called, sometimes one more tool that uses what it returned."""
        goals = list(self.state["goals"])
        called = {step.call.name for step in self.steps}
        if goals[-1] not in called or len(goals) > 1 or self.settings.policy != "purposeful":
            return goals
        rng = self.rng("follow", self.state["tries"])
        consumers = sorted(graph.consumers(goals[0]) - called)
        if consumers and not self.full and rng.random() < self.settings.go_on.use:
            goals.append(rng.choice(consumers))
        return goals

    def complete(self, goals: Sequence[str]) -> bool:
        """Directed: every goal was called. Random: all calls that a turn may have were made, the target among them."""
        called = {step.call.name for step in self.steps}
        return called.issuperset(goals) and (self.full or self.settings.policy != "random")

    def dead_end(self, goals: list[str]) -> JsonObject:
        """No call leads on: back to before the last one, or, where only the follow-up is out of reach, the target."""
        if len(goals) == 1:
            return {"status": "stuck", "goals": goals}
        names = [step.call.name for step in self.steps]
        kept = self.steps[: names.index(goals[0]) + 1]
        return {"status": "complete", "goals": goals[:1], "steps": [step.plain() for step in kept]}

    def next_call(self, graph: ApiGraph, world: World, goal: str) -> tuple[str, Binding] | None:
        """The policy's choice among the legal calls (eq. 2, or any)."""
        rng = self.rng("call", self.state["tries"], len(self.steps), self.state["backtracks"])

        def succeeds(tool: str, arguments: JsonObject) -> bool:
            return not world.fork().execute(ToolCall(id="trial", name=tool, arguments=arguments)).failed

        walk = Walk(
            supply=Supply(graph=graph, pools=Pools(world.known_values()), steps=self.steps, earlier=self.history),
            needs=Needs.model_validate(self.state["needs"]),
            trial=succeeds,
            rng=rng,
            banned={*self.state["banned"], *(step.call.signature for step in self._pointless(graph))},
        )
        if self.settings.policy == "random":
            rank = list(graph.specs)
            rng.shuffle(rank)
            return walk.anywhere(rank)
        return walk.toward(goal)

    def execute(self, lease: Lease, tool: str, binding: Binding) -> JsonObject:
        """Make the call in the leased world, and update the state by it; a call that brings back a public state which
        the turn has left undoes what was done, and is a dead end."""
        number = len(self.history) + len(self.steps)
        call = ToolCall(id=f"g{self.state['turn']}_{number}", name=tool, arguments=binding.arguments)
        recorder = Recorder(lease.world, frozenset(self.state["made_before"]))
        step = recorder.run(call, binding.origins)
        lease.calls.append(call)
        undone = step.changed_state and recorder.public_hash in self.state["hashes"]
        return {
            "status": "stuck" if undone else "walking",
            "steps": [item.plain() for item in (*self.steps, step)],
            "hashes": [*self.state["hashes"], recorder.public_hash],
        }

    def _pointless(self, graph: ApiGraph) -> list[Step]:
        """Calls that would be for nothing if they were made again: those of this turn, and earlier turns' reads."""
        reads = [step for step in self.history if graph.specs[step.call.name].effect == "read"]
        return [*self.steps, *reads]
