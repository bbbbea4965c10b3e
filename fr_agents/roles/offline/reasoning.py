"""The reasoning agent by rules: reads the request, plans over tool descriptions, and goes step by step.

It gets what a model gets. Each message is worked out anew from the conversation: read, plan, see which calls were made,
make those whose arguments are known by now, and answer when nothing is left. A call that fails is mended, where it is
about a name that the request gets slightly wrong, or tried once more after the rest is done; where neither works, it
gives up.
"""

from __future__ import annotations

from collections.abc import Sequence

from fr_agents.roles.offline.conversation import Conversation, call_key
from fr_agents.roles.offline.fitting import Fitting
from fr_agents.roles.offline.mending import Mend, mended
from fr_agents.roles.offline.mistakes import with_mistake
from fr_agents.roles.offline.planning import PlannedCall, Planner
from fr_agents.roles.offline.planning_ahead import planned_ahead
from fr_agents.roles.offline.progressing import Progress
from fr_agents.roles.offline.reading import read_request
from fr_agents.roles.offline.role import OfflineRole
from fr_agents.roles.offline.telling import tell_mended, tell_outcome, tell_thought, tell_trouble
from graphs.roles import Move, ReasoningView, WantedCall
from tools.graph import Edge
from tools.wording import request_phrase


class OfflineReasoning(OfflineRole[ReasoningView, Move]):
    """Solves requests that are worded after tool descriptions; in a share ``mistakes`` of them it errs at first.

    Args:
        seed: Its own, for its mistakes; it never sees a job's.
        mistakes: The share of requests, from 0 to 1, in which it makes a mistake until a hint speaks of it.
        edges: What is known of which output can be an argument, besides what the tools' schemas tell.
    """

    def __init__(self, seed: int = 0, mistakes: float = 0.15, edges: Sequence[Edge] = ()) -> None:
        self._seed = seed
        self._mistakes = mistakes
        self._fitting = Fitting(edges)

    def answer(self, view: ReasoningView) -> Move:
        conversation = Conversation.of(view.messages)
        plan = Planner(view.tools, self._fitting, conversation.profile).plan(read_request(conversation.request))
        plan = with_mistake(plan, conversation.request, view.hints, seed=self._seed, share=self._mistakes)
        if not plan:
            return Move(thought="None of the tools does what is asked for.", reply="I cannot do this with my tools.")
        writes = frozenset(spec.name for spec in view.tools if spec.effect == "write")
        progress = Progress(conversation, writes)
        if view.plan:
            return _whole(plan, progress)
        surely, mends = mended(plan, progress, view.tools, guess=False)
        if all(map(progress.made, surely)) or progress.next_calls(surely):
            return _move(surely, mends, progress)
        return _move(*mended(plan, progress, view.tools, guess=True), progress)


def _whole(plan: Sequence[PlannedCall], progress: Progress) -> Move:
    """All calls at once, or the last word where they were made, or none can be."""
    calls = () if progress.conversation.calls else planned_ahead(plan, progress)
    if not calls:
        return _ending(plan, (), progress)
    thought = tell_thought(plan, [call for call, _ in calls], begun=False)
    return Move(thought=thought, calls=tuple(wanted for _, wanted in calls))


def _move(plan: Sequence[PlannedCall], mends: Sequence[Mend], progress: Progress) -> Move:
    """The next calls, or the last word where none can be made."""
    calls = progress.next_calls(plan)
    if not calls:
        return _ending(plan, mends, progress)
    conversation = progress.conversation
    again = any(conversation.failed(call_key(call.spec.name, arguments)) for call, arguments in calls)
    trouble = tell_trouble(conversation, mends, progress, again=again)
    listings = [mend.found.call for mend in mends]
    told = [call for call, _ in calls if call not in listings]
    thought = tell_thought(plan, told, begun=bool(conversation.calls)) if told else ""
    return Move(
        thought=" ".join(part for part in (trouble, thought) if part),
        calls=tuple(WantedCall(name=call.spec.name, arguments=arguments) for call, arguments in calls),
    )


def _ending(plan: Sequence[PlannedCall], mends: Sequence[Mend], progress: Progress) -> Move:
    """The last message: what came of the request, or why it could not be done."""
    unknown = [goal for goal in plan if not progress.made(goal)]
    failures = progress.conversation.failures
    if unknown and failures:
        reply = f"I could not finish this: {failures[-1].error}"
        return Move(thought="A call failed, and I see no other way.", reply=reply)
    if unknown:
        missing = request_phrase(unknown[0].spec)
        return Move(thought="I do not find all that this takes.", reply=f"I lack what it takes to {missing}.")
    taken = tell_mended(mends, progress)
    outcome = tell_outcome([(goal.spec, progress.result(goal)) for goal in plan])
    return Move(thought="Everything that was asked for is done.", reply=f"{taken} {outcome}".strip())
