"""Thoughts of an accepted attempt that are written anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from graphs.cleaning import build_cleaner, needs_cleaning
from graphs.context import RunContext
from graphs.records import Attempt
from graphs.roles import RewritingView, RoleFailure, Thought
from graphs.validation.leaks import leaks, thought_of

HINTED = ("As the hint says, I look up both.", "Now the tickets.", "Done.")


class Writer:
    """A rewriting role that says its thoughts in order and keeps what it was shown."""

    model = "scripted"

    def __init__(self, thoughts: Sequence[str | Exception], *, makes_model_calls: bool = True) -> None:
        self.makes_model_calls = makes_model_calls
        self.views: list[RewritingView] = []
        self._thoughts = list(thoughts)

    async def __call__(self, view: RewritingView) -> Thought:
        self.views.append(view)
        said = self._thoughts.pop(0)
        if isinstance(said, Exception):
            raise said
        return Thought(text=said)


@pytest.fixture
def run(tickets: Any, context: RunContext) -> Callable[..., Any]:
    """Cleans an attempt with a role: ``run(attempt, role)`` gives the final state and the number of steps it took."""
    graph = build_cleaner().compile()

    async def clean(attempt: Attempt, role: Any, hints: Sequence[str] = ("Look them up.",)) -> tuple[Any, int]:
        bound = replace(context, roles=replace(context.roles, rewriting=role))
        state: Any = tickets.state(attempt, hints)
        steps = 0
        async for update in graph.astream(state, context=bound, stream_mode="updates"):
            state, steps = {**state, **(update["clean"] or {})}, steps + 1
        return state, steps

    return clean


async def test_thoughts_of_a_hinted_attempt_are_written_anew(run: Any, tickets: Any, honest: Sequence[str]) -> None:
    old = tickets.attempt(HINTED, hints=1)
    role = Writer(honest)
    state, steps = await run(old, role)
    before, after = (Attempt.model_validate(item) for item in state["attempts"])
    assert before == old
    assert (after.index, after.hints, after.rewritten) == (2, 0, True)
    unchanged = {"steps", "reply", "public_hash", "verdicts", "error"}
    assert after.model_dump(include=unchanged) == before.model_dump(include=unchanged)
    assert after.messages == tickets.messages(honest)
    assert steps == len(honest)
    assert state["cleaning"] is None
    assert state.get("rejection") is None


async def test_the_role_sees_what_a_blind_attempt_shows_and_no_hint(
    run: Any, tickets: Any, honest: Sequence[str]
) -> None:
    role = Writer(honest)
    await run(tickets.attempt(HINTED, hints=1), role, ("Look up the secret hint.",))
    first, second, last = role.views
    assert [message["role"] for message in first.messages] == ["system", "user"]
    assert [call.name for call in first.calls] == ["get_zip_code", "get_zip_code"]
    assert thought_of(second.messages[2]) == honest[0]
    assert (last.calls, last.reply) == ((), tickets.reply)
    assert "hint" not in "".join(view.model_dump_json() for view in role.views)


async def test_rules_write_all_thoughts_in_one_step(run: Any, tickets: Any, honest: Sequence[str]) -> None:
    state, steps = await run(tickets.attempt(HINTED, hints=1), Writer(honest, makes_model_calls=False))
    assert steps == 1
    assert len(state["attempts"]) == 2


async def test_the_offline_role_writes_thoughts_that_pass(run: Any, tickets: Any, context: RunContext) -> None:
    from fr_agents.roles.offline.rewriting import OfflineRewriting  # noqa: PLC0415

    state, _ = await run(tickets.attempt(HINTED, hints=1), OfflineRewriting())
    messages = state["attempts"][-1]["messages"]
    assert leaks(messages, tickets.known, tickets.steps, tickets.tools, HINTED, tickets.steps) == ()
    assert all(thought_of(message) for message in messages if message["role"] == "assistant")


async def test_a_blind_attempt_that_leaks_is_written_anew(run: Any, tickets: Any, honest: Sequence[str]) -> None:
    early = (f"The zip code is {tickets.zip_codes[0]}.", *honest[1:])
    state, _ = await run(tickets.attempt(early), Writer(honest))
    assert state["attempts"][-1]["rewritten"]


async def test_a_leaking_thought_is_sent_back_once(run: Any, tickets: Any, honest: Sequence[str]) -> None:
    role = Writer(["The hint says so.", *honest])
    state, steps = await run(tickets.attempt(HINTED, hints=1), role)
    assert role.views[0].feedback == ()
    assert "hint" in role.views[1].feedback[0]
    assert role.views[2].feedback == ()
    assert Attempt.model_validate(state["attempts"][-1]).messages == tickets.messages(honest)
    assert steps == len(honest) + 1


async def test_a_thought_that_leaks_twice_rejects_the_job(run: Any, tickets: Any, honest: Sequence[str]) -> None:
    early = f"The zip code is {tickets.zip_codes[0]}."
    state, _ = await run(tickets.attempt(HINTED, hints=1), Writer([early, early, *honest]))
    rejection = state["rejection"]
    assert (rejection["stage"], rejection["reason"]) == ("cleaner", "thoughts give a hint away")
    assert tickets.zip_codes[0] in rejection["detail"]
    assert len(state["attempts"]) == 1


@pytest.mark.parametrize("role", [None, Writer([RoleFailure("nothing that could be read")])])
async def test_without_thoughts_the_job_is_rejected(run: Any, tickets: Any, role: Any) -> None:
    state, _ = await run(tickets.attempt(HINTED, hints=1), role)
    assert state["rejection"]["stage"] == "cleaner"
    assert len(state["attempts"]) == 1


async def test_a_reply_that_speaks_of_a_hint_rejects_the_job(run: Any, tickets: Any, honest: Sequence[str]) -> None:
    attempt = tickets.attempt(honest, hints=1)
    said = attempt.model_copy(update={"reply": "I followed the hint."})
    state, _ = await run(said, Writer(honest))
    assert state["rejection"]["detail"].startswith("the reply speaks of")


def test_what_needs_cleaning(tickets: Any, honest: Sequence[str]) -> None:
    def needed(attempt: Attempt) -> bool:
        return needs_cleaning(attempt, tickets.known, tickets.tools, (), tickets.steps)

    assert not needed(tickets.attempt(honest))
    assert needed(tickets.attempt(honest, hints=1))
    assert needed(tickets.attempt(HINTED))
