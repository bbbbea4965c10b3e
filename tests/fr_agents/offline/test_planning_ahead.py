"""The offline reasoner in plan mode: all calls at once, then the reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envs.toolkit import ToolkitEnvironment, tool
from fr_agents.roles.offline import OfflineReasoning
from graphs.execution import Recorder
from graphs.messages import assistant_message, system_message, tool_message, user_message
from graphs.plan_mode import is_reference, part, rounds, shown, unresolved
from graphs.roles import Move, ReasoningView
from tools.base import JsonObject
from tools.call import ToolCall
from tools.trace import Step


async def planned(turn: Any, messages: Sequence[JsonObject] = (), role: Any = None) -> Move:
    """The reasoner's move on a sampled turn in plan mode, after ``messages`` of the attempt."""
    talk = (*turn.task.messages, user_message(turn.turn.query), *messages)
    view = ReasoningView(tools=turn.tools, messages=talk, hints=(), plan=True)
    move: Move = await (role or OfflineReasoning(mistakes=0.0))(view)
    return move


def carried_out(move: Move, turn: Any, context: Any) -> tuple[list[Step], list[JsonObject]]:
    """The steps of a plan, round by round, and the messages that show them."""
    contents: dict[int, Any] = {}
    steps: list[Step] = []
    messages: list[JsonObject] = []
    spec = context.world_of(turn.task.job)
    with context.worlds.branch(spec, [step.call for step in turn.task.history]) as lease:
        world = lease.world.fork()
    recorder = Recorder(world)
    for group, indices in enumerate(rounds(move)):
        made = part(move, indices, contents)
        assert not [call for call in made.calls if unresolved(call.arguments)]
        calls = [
            ToolCall(id=f"p{index}", name=call.name, arguments=call.arguments)
            for index, call in zip(indices, made.calls, strict=True)
        ]
        done = [recorder.run(call, group=group) for call in calls]
        contents |= shown(indices, done)
        steps += done
        messages += [assistant_message(made.thought, "", calls), *(tool_message(step.observation) for step in done)]
    return steps, messages


async def test_plans_come_to_the_same_as_going_step_by_step(sampled: Any, solve: Any, context: Any) -> None:
    same = referring = 0
    for turn in sampled:
        move = await planned(turn)
        if not move.calls:
            continue
        steps, messages = carried_out(move, turn, context)
        honest = await solve(turn)
        if sorted(step.call.signature for step in steps) == sorted(step.call.signature for step in honest.steps):
            same += 1
            referring += len(rounds(move)) > 1
            reply = await planned(turn, messages)
            assert reply.calls == ()
            assert reply.reply == honest.reply
    assert same > 0.8 * len(sampled)
    assert referring > 5


async def test_a_plan_holds_no_value_that_has_to_be_looked_up(sampled: Any) -> None:
    referring = 0
    for turn in sampled:
        move = await planned(turn)
        for call in move.calls:
            referring += any(is_reference(value) for value in call.arguments.values())
            for value in turn.turn.hard_query.hidden:
                assert value not in call.arguments.values()
    assert referring > 10


async def test_mistakes_are_made_in_plans_too(sampled: Any) -> None:
    erring = OfflineReasoning(seed=1, mistakes=1.0)
    changed = [await planned(turn) != await planned(turn, role=erring) for turn in sampled]
    assert sum(changed) > len(sampled) / 3


async def test_a_failed_plan_is_told() -> None:
    class DeskEnvironment(ToolkitEnvironment):
        """A desk that knows nobody."""

        name = "desk"

        @tool(effect="read")
        def find_member(self, member_name: str) -> dict[str, str]:
            """Find a member by name.

            Args:
                member_name: Name of the member.
            """
            raise self.fail("There is no such member.")

    tools = DeskEnvironment().specs()
    talk: tuple[JsonObject, ...] = (
        system_message(),
        user_message('Please find a member by name (name of the member "Ada").'),
    )
    call = ToolCall(id="c0", name="find_member", arguments={"member_name": "Ada"})
    failed = {"role": "tool", "tool_call_id": "c0", "content": '{"error":"There is no such member."}'}
    view = ReasoningView(tools=tools, messages=(*talk, assistant_message("", "", [call]), failed), hints=(), plan=True)
    move = await OfflineReasoning()(view)
    assert move.calls == ()
    assert move.reply
