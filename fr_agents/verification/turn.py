"""What must hold of one turn: its gold calls, its query, its attempts, and that they belong together."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.verification.attempts import verify_attempt
from fr_agents.verification.before import Before
from fr_agents.verification.comparing import replayed, same
from fr_agents.verification.gold import verify_gold
from fr_agents.verification.needed import verify_needed
from fr_agents.verification.policy import verify_policy
from fr_agents.verification.query import verify_query
from graphs.records import RecordedCall, Turn
from graphs.validation.leaks import leaks


def verify_turn(turn: Turn, before: Before) -> Iterator[str]:
    """What does not hold of a turn."""
    yield from verify_gold(turn, before)
    yield from verify_needed(turn, before)
    yield from verify_query(turn, before)
    yield from verify_policy(turn, before)
    for index, attempt in enumerate(turn.attempts):
        name = "accepted" if index == len(turn.attempts) - 1 else f"attempt {index}:"
        yield from verify_attempt(name, attempt, turn, before)
    yield from _accepted(turn, before)
    yield from _hinted(turn, before)
    yield from _clean(turn, before)


def _accepted(turn: Turn, before: Before) -> Iterator[str]:
    """The turn records its last attempt, and that one may be accepted."""
    accepted = turn.attempts[-1]
    if not same(turn.calls, RecordedCall.of(turn.steps)):
        yield "accepted calls are not those that were executed"
    if not same(accepted.steps, turn.steps):
        yield "the accepted attempt is not the one that the turn records"
        yield from replayed("accepted", before.start, turn.steps)
    if not same(accepted.verdicts, turn.verdicts):
        yield "the verdicts are not those of the accepted attempt"
    if not accepted.passed:
        yield "no validation holds"
    if accepted.error is not None:
        yield f"the accepted attempt has the error {accepted.error}"
    if not accepted.reply.strip():
        yield "the turn ends without a reply"


def _hinted(turn: Turn, before: Before) -> Iterator[str]:
    """The first attempts are blind, if any are, and each later one had one hint more than the one before it, the first
    of them the decomposition. Where it took hints, what is published has none: thoughts written anew, or one more blind
    attempt."""
    if [attempt.index for attempt in turn.attempts] != list(range(len(turn.attempts))):
        yield "the attempts are not numbered from 0"
    given = [attempt.hints for attempt in turn.attempts]
    hinted = list(range(1, len(turn.hints) + 1))
    blind = len(given) - len(hinted) - 1
    if given not in ([0] * (blind + 1), [*[0] * blind, *hinted, 0]):
        yield "hints are not those of the attempts"
    if turn.hints and turn.hints[0] != turn.advanced_tool.decomposition(before.specs):
        yield "the first hint is not what the advanced tool is equal to"
    if any(attempt.rewritten for attempt in turn.attempts[:-1]):
        yield "an attempt that is not the last has thoughts that were written anew"


def _leaks(turn: Turn, before: Before) -> tuple[str, ...]:
    last, tools = turn.attempts[-1], tuple(before.specs.values())
    return leaks(last.messages, before.known(turn.query), last.steps, tools, turn.hints, turn.gold_steps)


def _clean(turn: Turn, before: Before) -> Iterator[str]:
    """The published thoughts give nothing away; where they were written anew, the calls are those of the attempt before
    them."""
    last = turn.attempts[-1]
    yield from (f"a thought gives something away: {leak}" for leak in _leaks(turn, before))
    if last.rewritten:
        solved = turn.attempts[-2] if len(turn.attempts) > 1 else None
        if solved is None or not same(solved.steps, last.steps) or solved.reply != last.reply:
            yield "thoughts were written anew for other calls than those of the attempt before"
