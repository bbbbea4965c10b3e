"""One turn as the sampler walks it: its intent, its goals, its next call, and what ends it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from typing import Any

from envs.pool import Lease
from envs.world import World
from graphs.constraints import constraints_of
from graphs.context import RunContext
from graphs.execution import Recorder
from graphs.records.job import Job
from graphs.roles import Proposal
from graphs.turn_memory import turn_memory
from tools.base import JsonObject, generator
from tools.binding import Binding
from tools.call import ToolCall
from tools.graph import ApiGraph
from tools.intent import Goal, Intent
from tools.needs import Needs
from tools.seen import Seen
from tools.supply import Supply
from tools.trace import Step
from tools.walk import Walk


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
        self.memory = turn_memory()
        self.history = self.memory.steps(state["history"])
        self.steps = self.memory.steps(state.get("steps", []))
        self.goals = [Goal.model_validate(item) for item in state.get("goals", [])]
        self.trials = int(state.get("trials", 0))

    @cached_property
    def intent(self) -> Intent:
        return Intent.model_validate(self.state["intent"])

    @cached_property
    def proposal(self) -> Proposal | None:
        """What the sampling role thought of; none without such a role."""
        found = self.state.get("proposal")
        return Proposal.model_validate(found) if found else None

    @cached_property
    def graph(self) -> ApiGraph:
        return self.context.api_graph(self.job)

    def lease(self, *, before: bool = False) -> AbstractContextManager[Lease]:
        """A lease on the world as it is now, or as it was before the turn."""
        steps = self.history if before else [*self.history, *self.steps]
        spec = self.context.world_of(self.job)
        expected = steps[-1].replay_hash if steps else None
        return self.context.worlds.branch(spec, [step.call for step in steps], expected)

    def rng(self, *keys: str | int) -> random.Random:
        return generator(*self.keys, *keys)

    @property
    def keys(self) -> tuple[str | int, ...]:
        """What seeds the draws of this try."""
        return (self.job.seed, self.state["turn"], self.state.get("tries", 0))

    @property
    def full(self) -> bool:
        return len(self.steps) >= self.settings.calls_per_turn

    @property
    def exhausted(self) -> bool:
        """Whether as many calls were tried out as a turn may try."""
        return self.trials >= self.settings.max_trials

    @property
    def padding(self) -> bool:
        """Whether the policy goes on with any legal call once the target was called, until the turn is full."""
        return self.settings.policy in ("random", "paper")

    def step(self, call_id: str) -> Step:
        """A step of this turn by its call's id."""
        return next(step for step in self.steps if step.call.id == call_id)

    def next_call(self, world: World, goal: Goal) -> tuple[str, Binding] | None:
        """The policy's choice among the legal calls (eq. 2, or any)."""
        walk = self._walk(world, goal)
        if self.settings.policy == "random" or (self.settings.policy == "paper" and goal.call):
            rank = list(self.graph.specs)
            self.rng("rank", len(self.steps)).shuffle(rank)
            return walk.anywhere(rank)
        edge = self.intent.edge
        called = {step.call.name for step in (*self.history, *self.steps)}
        if edge is not None and edge.parameter is None and edge.producer not in called:
            return walk.toward(edge.producer)
        return walk.toward(goal.tool)

    def execute(self, lease: Lease, tool: str, binding: Binding) -> JsonObject:
        """Make the call in the leased world, and update the state by it; a call that brings back a public state which
        the turn has left undoes what was done, and is a dead end."""
        number = len(self.history) + len(self.steps)
        call = ToolCall(id=f"g{self.state['turn']}_{number}", name=tool, arguments=binding.arguments)
        recorder = Recorder(lease.world, frozenset(self.state["made_before"]))
        step = recorder.run(call, binding.origins)
        lease.calls.append(call)
        undone = step.changed_state and recorder.public_hash in self.state["hashes"] and self.settings.no_undo
        reached = [
            goal.model_copy(update={"call": call.id}) if not goal.call and goal.tool == tool else goal
            for goal in self.goals
        ]
        return {
            "status": "stuck" if undone else "walking",
            "steps": [*self.state["steps"], step.plain()],
            "hashes": [*self.state["hashes"], recorder.public_hash],
            "goals": [goal.plain() for goal in reached],
            "trials": self.trials,
        }

    def _walk(self, world: World, goal: Goal) -> Walk:
        suggested = self.proposal.values if self.proposal is not None else None
        constraints = constraints_of(self.intent, goal, self.steps, self.graph, suggested)
        needs = Needs(
            graph=self.graph,
            pools=self.memory.sayable(world).pools,
            keys=(*self.keys, "needs"),
            implicit=self.settings.implicit,
            optional=self.settings.optional,
            constraints=constraints,
            purposeful=self.settings.policy == "purposeful",
            first=self.memory.draws(world, self.state.get("tries", 0), constraints),
        )
        return self._walk_from(world, needs, self.steps, goal)

    def _walk_from(self, world: World, needs: Needs, steps: Sequence[Step], goal: Goal) -> Walk:
        """The walk in a world in which ``steps`` were made in this turn."""

        def succeeds(tool: str, arguments: JsonObject) -> bool:
            if self.exhausted:
                return False
            self.trials += 1
            call = ToolCall(id="trial", name=tool, arguments=arguments)
            return not world.fork().execute(call).failed and not world.broken_rule(call)

        def after(tool: str, binding: Binding) -> Walk:
            ahead = world.fork()
            call = ToolCall(id=f"ahead_{len(steps)}", name=tool, arguments=binding.arguments)
            step = Step(call=call, observation=ahead.execute(call), origins=binding.origins)
            there = replace(needs, pools=self.memory.sayable(ahead).pools, first={})
            return self._walk_from(ahead, there, (*steps, step), goal)

        share = self.settings.observed_numbers if self.settings.policy == "purposeful" else 0.0
        return Walk(
            supply=Supply(
                needs=needs,
                steps=steps,
                earlier=self.history,
                seen=Seen(specs=self.graph.specs, steps=steps, earlier=self.history, observed_numbers=share),
                constraints=needs.constraints,
                readings=self.memory.readings,
            ),
            trial=succeeds,
            keys=(*self.keys, len(self.goals)),
            banned={*self.state["banned"], *(() if self.padding else self._pointless(steps))},
            avoided=self._avoided(goal),
            foresee=None if self.padding else after,
        )

    def _avoided(self, goal: Goal) -> frozenset[str]:
        """Tools that are not to be called: those that misbehave, and whatever would make a thing only to compare it."""
        if goal.kind != "second":
            return self.context.left_out
        return self.context.left_out.union(name for name, spec in self.graph.specs.items() if spec.effect == "write")

    def _pointless(self, steps: Sequence[Step]) -> frozenset[str]:
        """Calls that would be for nothing if they were made again: those of this turn and of earlier ones."""
        return self._made.union(step.call.signature for step in steps[len(self.steps) :])

    @cached_property
    def _made(self) -> frozenset[str]:
        """The signatures of the calls that were made so far; each look ahead asks for them."""
        return frozenset(step.call.signature for step in (*self.history, *self.steps))
