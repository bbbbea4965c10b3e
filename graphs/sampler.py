"""Phase I: samples one turn by walking the API graph toward a target and executing what it finds.

aim -> call -> ... -> trim -> done
 ^       |
 +-- backtrack
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from envs.pool import Lease
from envs.world import World
from graphs.context import RunContext, api_graph
from graphs.execution import Recorder, grouped
from graphs.messages import told
from graphs.records.job import Job
from graphs.validation.attempts import Goal, validate
from graphs.validation.needed import drop_unneeded
from tools.base import Json, JsonObject, canonical_json, generator
from tools.binding import Binding, Supply
from tools.call import ToolCall
from tools.graph import ApiGraph
from tools.paths import leaf_values
from tools.pools import Pools
from tools.trace import Step, Trace
from tools.walk import Needs, Walk, draw_needs

_BACKTRACKS = 3
_DEEP = 4.0
RECURSION_LIMIT = 2000


class SamplerState(TypedDict, total=False):
    """One turn in the making. ``history`` holds the accepted steps of earlier turns, ``steps`` those of this one."""

    job: JsonObject
    turn: int
    history: list[JsonObject]
    messages: list[JsonObject]
    past_targets: list[str]
    tries: int
    needs: JsonObject
    goals: list[str]
    steps: list[JsonObject]
    banned: list[str]
    backtracks: int
    status: str
    trace: JsonObject | None


async def aim(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Choose the next target to try, and begin with no calls."""
    turn = _Turn(state, runtime.context)
    tries = state.get("tries", -1) + 1
    with turn.lease() as lease:
        graph = api_graph(lease.world)
        ranking = turn.ranking(graph)
        needs = turn.draw_needs(graph, Pools(lease.world.known_values()), tries)
    if tries >= min(len(ranking), runtime.context.sampler.max_targets):
        return {"status": "failed", "tries": tries}
    return {
        "tries": tries,
        "goals": [ranking[tries]],
        "needs": needs.plain(),
        "steps": [],
        "banned": [],
        "backtracks": 0,
        "status": "walking",
        "trace": None,
    }


async def call(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Execute the next call of the walk, or say that there is none, or that the turn is complete."""
    turn = _Turn(state, runtime.context)
    with turn.lease() as lease:
        graph = api_graph(lease.world)
        goals = turn.goals(graph)
        if turn.complete(goals):
            return {"status": "complete", "goals": goals}
        found = None if turn.full else turn.next_call(graph, lease.world, goals[-1])
        if found is None:
            return turn.dead_end(goals)
        step = turn.execute(lease, *found)
    if turn.undoes(step):
        return {"status": "stuck", "steps": [item.plain() for item in (*turn.steps, step)]}
    return {"status": "walking", "goals": goals, "steps": [item.plain() for item in (*turn.steps, step)]}


async def backtrack(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Leave a dead end: take the last call back and never make it again in this turn."""
    steps = [Step.model_validate(item) for item in state["steps"]]
    if not steps or state["backtracks"] >= _BACKTRACKS:
        return {"status": "aim"}
    banned = [*state["banned"], steps[-1].call.signature]
    return {
        "status": "walking",
        "steps": state["steps"][:-1],
        "banned": banned,
        "backtracks": state["backtracks"] + 1,
        "goals": state["goals"][:1],
    }


async def trim(state: SamplerState, runtime: Runtime[RunContext]) -> JsonObject:
    """Drop the calls that nothing needs, and put the rest into groups. A turn whose own calls would not be accepted as
    its solution is given up: it looks up what was known before, or asks for what another call has shown."""
    turn = _Turn(state, runtime.context)
    requested = turn.requested()
    with turn.lease(before=True) as lease:
        steps = grouped(drop_unneeded(lease.world, turn.steps, requested))
        if not turn.proves_itself(lease.world, steps, requested):
            return {"status": "aim"}
    trace = Trace(target_tool=state["goals"][0], steps=steps, requested=requested)
    return {"status": "done", "trace": trace.plain(), "steps": []}


async def by_status(state: SamplerState) -> str:
    """Routes go by what the last node found. Like all nodes, it is async: LangGraph runs others in threads."""
    return state["status"]


class _Turn:
    """The state of one turn as objects, with the rules of the walk."""

    def __init__(self, state: SamplerState, context: RunContext) -> None:
        self.state = state
        self.context = context
        self.settings = context.sampler
        self.job = Job.model_validate(state["job"])
        self.history = [Step.model_validate(item) for item in state["history"]]
        self.steps = [Step.model_validate(item) for item in state.get("steps", [])]

    @property
    def full(self) -> bool:
        return len(self.steps) >= self.settings.calls_per_turn

    def requested(self) -> tuple[str, ...]:
        """The calls that the turn is for: those that reached its goals, unless a later call uses what they returned."""
        goals = self.state["goals"]
        reached = {step.call.name: step for step in reversed(self.steps) if step.call.name in goals}
        used = ancestors(reached[goals[-1]], self.steps)
        return tuple(step.call.id for step in reached.values() if step.call.id not in used)

    def proves_itself(self, start: World, steps: Sequence[Step], requested: Sequence[str]) -> bool:
        """Whether the turn asks for something that is there, and its gold calls pass validation as an attempt of
        somebody who knows the conversation and the values that the query will say."""
        said = [
            canonical_json(step.call.arguments[name])
            for step in steps
            for name, origin in step.origins.items()
            if origin.kind == "query"
        ]
        known = "\n".join([told(self.state["messages"]), *said])
        goal = Goal(start=start, gold=tuple(steps), requested=tuple(requested))
        if not all(step.changed_state or _tells(step.observation.content) for step in goal.outputs()):
            return False
        return all(verdict.passed for verdict in validate(goal, steps, known, {}))

    def lease(self, *, before: bool = False) -> Any:
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

    def dead_end(self, goals: list[str]) -> JsonObject:
        """No call leads on: back to before the last one, or, where only the follow-up is out of reach, the target."""
        if len(goals) == 1:
            return {"status": "stuck", "goals": goals}
        names = [step.call.name for step in self.steps]
        kept = self.steps[: names.index(goals[0]) + 1]
        return {"status": "complete", "goals": goals[:1], "steps": [step.plain() for step in kept]}

    def draw_needs(self, graph: ApiGraph, pools: Pools, tries: int) -> Needs:
        rng = self.rng("needs", tries)
        return draw_needs(graph, pools, rng, implicit=self.settings.implicit, optional=self.settings.optional)

    def goals(self, graph: ApiGraph) -> list[str]:
        """The goals so far; once the target was called, sometimes one more tool that uses what it returned."""
        goals = list(self.state["goals"])
        last = next((step for step in self.steps if step.call.name == goals[-1]), None)
        if last is None or len(goals) > 1 or self.settings.policy != "directed":
            return goals
        rng = self.rng("follow", self.state["tries"])
        done = {step.call.name for step in self.steps}
        fed = {edge.consumer for edge in graph.edges if edge.producer == goals[0] and edge.parameter}
        consumers = sorted(fed - done)
        room = self.settings.calls_per_turn - len(self.steps)
        if consumers and room > 0 and rng.random() < self.settings.follow:
            goals.append(rng.choice(consumers))
        return goals

    def complete(self, goals: Sequence[str]) -> bool:
        """Directed: every goal was called. Random: all calls that a turn may have were made, the target among them."""
        called = {step.call.name for step in self.steps}
        return called.issuperset(goals) and (self.full or self.settings.policy == "directed")

    def next_call(self, graph: ApiGraph, world: World, goal: str) -> tuple[str, Binding] | None:
        """The policy's choice among the legal calls (eq. 2, or any)."""
        pools = Pools(world.known_values())
        index = (self.state["tries"], len(self.steps), self.state["backtracks"])
        rng = self.rng("call", *index)
        walk = Walk(
            supply=Supply(graph=graph, pools=pools, steps=self.steps, earlier=self.history),
            needs=Needs.model_validate(self.state["needs"]),
            trial=lambda tool, arguments: (
                not world.fork().execute(ToolCall(id="trial", name=tool, arguments=arguments)).failed
            ),
            rng=rng,
            banned={*self.state["banned"], *(step.call.signature for step in self.made(graph))},
        )
        if self.settings.policy == "random":
            rank = list(graph.specs)
            rng.shuffle(rank)
            return walk.anywhere(rank)
        return walk.toward(goal)

    def made(self, graph: ApiGraph) -> list[Step]:
        """Calls that would be for nothing if they were made again: those of this turn, and earlier turns' reads."""
        reads = [step for step in self.history if graph.specs[step.call.name].effect == "read"]
        return [*self.steps, *reads]

    def execute(self, lease: Lease, tool: str, binding: Binding) -> Step:
        """Make the call in the leased world."""
        number = len(self.history) + len(self.steps)
        wanted = ToolCall(id=f"g{self.state['turn']}_{number}", name=tool, arguments=binding.arguments)
        made_before = self._made_before()
        step = Recorder(lease.world, made_before).run(wanted, binding.origins)
        lease.calls.append(wanted)
        return step

    def undoes(self, step: Step) -> bool:
        """Whether a call brings back a public state that the turn has left, and so undoes what was done."""
        if not step.changed_state or not any(item.changed_state for item in self.steps):
            return False
        with self.lease(before=True) as lease:
            recorder = Recorder(lease.world)
            seen = {recorder.public_hash}
            for item in self.steps:
                recorder.run(item.call)
                seen.add(recorder.public_hash)
            recorder.run(step.call)
        return recorder.public_hash in seen

    def _made_before(self) -> frozenset[str | int]:
        with self.lease(before=True) as lease:
            made: frozenset[str | int] = lease.world.made_ids()
        return made


def _tells(content: Json) -> bool:
    """Whether a result holds anything: nobody asks for an empty list."""
    return any(value not in (None, "", "None") for _, value in leaf_values(content))


def ancestors(step: Step, steps: Sequence[Step]) -> set[str]:
    """Ids of the calls whose observations led, directly or not, to a step's arguments."""
    found: set[str] = set()
    waiting = list(step.sources())
    by_id = {item.call.id: item for item in steps}
    while waiting:
        source = waiting.pop()
        if source in by_id and source not in found:
            found.add(source)
            waiting += by_id[source].sources()
    return found


def build_sampler() -> StateGraph[SamplerState, RunContext, SamplerState, SamplerState]:
    """The state machine, not yet compiled."""
    builder = StateGraph(SamplerState, context_schema=RunContext)
    builder.add_node("aim", aim)
    builder.add_node("call", call)
    builder.add_node("backtrack", backtrack)
    builder.add_node("trim", trim)
    builder.add_edge(START, "aim")
    builder.add_conditional_edges("aim", by_status, {"walking": "call", "failed": END})
    builder.add_conditional_edges("call", by_status, {"walking": "call", "stuck": "backtrack", "complete": "trim"})
    builder.add_conditional_edges("backtrack", by_status, {"walking": "call", "aim": "aim"})
    builder.add_conditional_edges("trim", by_status, {"done": END, "aim": "aim"})
    return builder
