"""Applies the operators that a turn gets."""

from __future__ import annotations

from collections.abc import Sequence

from graphs.context import RunContext
from graphs.messages import told
from graphs.noise.operators import TRACE_OPERATORS, WORD_OPERATORS, choosing, drawn
from graphs.noise.sampled import SampledTurn
from graphs.records.job import Job
from graphs.records.query import Noise
from graphs.settings import NoiseSettings
from tools.base import JsonObject
from tools.trace import Step, Trace


def varied(
    context: RunContext, job: Job, turn: int, history: Sequence[Step], messages: Sequence[JsonObject], trace: Trace
) -> tuple[Trace, tuple[Noise, ...]]:
    """The trace of a sampled turn after the operators that were drawn for it and change traces, and what they did:
    nothing where none fits. Writes, public state and requested outputs stay."""
    operators = [name for name in drawn(context.author.noise, job.seed, turn) if name in TRACE_OPERATORS]
    if not operators:
        return trace, ()
    done: list[Noise] = []
    expected = history[-1].replay_hash if history else None
    with context.worlds.branch(context.world_of(job), [step.call for step in history], expected) as lease:
        for name in operators:
            sampled = SampledTurn(
                start=lease.world,
                trace=trace,
                graph=context.api_graph(job),
                history=tuple(history),
                told=told(messages),
                longest=context.sampler.calls_per_turn,
                avoided=context.left_out,
            )
            change = TRACE_OPERATORS[name](sampled, choosing(job.seed, turn, name))
            if change is not None:
                trace, noise = change
                done.append(noise)
    return trace, tuple(done)


def worded(settings: NoiseSettings, seed: int, turn: int, trace: Trace, *, by_rules: bool = False) -> tuple[Noise, ...]:
    """How the query of a turn is to be worded, by the operators that were drawn for it: what the querying role is told.

    ``by_rules`` leaves out what a role without a model cannot do: speak another language.
    """
    names = [name for name in drawn(settings, seed, turn) if name in WORD_OPERATORS]
    if by_rules:
        names = [name for name in names if name != "language"]
    found = (WORD_OPERATORS[name](trace, settings, choosing(seed, turn, name)) for name in names)
    return tuple(noise for noise in found if noise is not None)
