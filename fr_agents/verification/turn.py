"""What must hold of one turn: its gold calls, its query, its attempts, and that they belong together."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.verification.attempts import verify_attempt
from fr_agents.verification.before import Before
from fr_agents.verification.comparing import replayed, same
from fr_agents.verification.gold import verify_gold
from fr_agents.verification.needed import verify_needed
from fr_agents.verification.query import verify_query
from graphs.records import RecordedCall, Turn


def verify_turn(turn: Turn, before: Before) -> Iterator[str]:
    """What does not hold of a turn."""
    yield from verify_gold(turn, before)
    yield from verify_needed(turn, before)
    yield from verify_query(turn, before)
    for index, attempt in enumerate(turn.attempts):
        name = "accepted" if index == len(turn.attempts) - 1 else f"attempt {index}:"
        yield from verify_attempt(name, attempt, turn, before)
    yield from _accepted(turn, before)
    yield from _hinted(turn)


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


def _hinted(turn: Turn) -> Iterator[str]:
    """The first attempt is blind or has one hint, and each later one had one hint more than the one before it.

    A record does not say with which settings it was made. That its first attempt was hinted is told by its hints: there
    are as many as attempts then, and one less where the first attempt was blind.
    """
    if [attempt.index for attempt in turn.attempts] != list(range(len(turn.attempts))):
        yield "the attempts are not numbered from 0"
    first = len(turn.hints) - len(turn.attempts) + 1
    given = ["\n".join(turn.hints[: first + index]) or None for index in range(len(turn.attempts))]
    if first not in (0, 1) or given != [attempt.hint for attempt in turn.attempts]:
        yield "hints are not those of the attempts"
