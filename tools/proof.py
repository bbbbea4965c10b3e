"""The proof that every argument comes from where its origin says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tools.claim import Claim, Said
from tools.known import Told
from tools.origin import ArgumentOrigin
from tools.provenance import known_to
from tools.spec import ToolSpec
from tools.texts import text_kind
from tools.trace import Step


class Proof(NamedTuple):
    """Steps with the origins that were proved, and a sentence for each argument that has no proof."""

    steps: tuple[Step, ...]
    problems: tuple[str, ...]


def proven_gold(steps: Sequence[Step], told: Told, mentions: Sequence[Said], specs: Mapping[str, ToolSpec]) -> Proof:
    """The gold steps once the query is written: what the user says with the place where the query says it, and every
    other origin worked out again.

    A value of the query stands in the words of its mention, or where else the query says it. What was looked up is read
    from the source's observation once more: a reference that is tied there ("the cheapest" of two that cost the same)
    is no proof.
    """
    done, problems = [], []
    for step in steps:
        known, origins = known_to(step, steps, told, specs), dict(step.origins)
        schemas = specs[step.call.name].properties if step.call.name in specs else {}
        for name, value in step.call.arguments.items():
            claim = Claim(step.call.name, name, schemas.get(name, {}), value, known)
            if name in origins:
                origins[name] = claim.placed(origins[name], mentions)
            flaw = claim.flaw(origins[name]) if name in origins else "it has no origin"
            if flaw:
                problems.append(f"The {name} of {step.call.name} is not proven: {flaw}.")
        extra = sorted(set(origins) - set(step.call.arguments))
        problems += [f"The {name} of {step.call.name} has an origin, and the call does not give it." for name in extra]
        done.append(step.model_copy(update={"origins": origins}))
    return Proof(tuple(done), tuple(problems))


def unproven(steps: Sequence[Step], specs: Mapping[str, ToolSpec]) -> tuple[tuple[Step, str], ...]:
    """The arguments whose inferred origins are no proof: guesses, even lucky ones.

    Those are free texts in a parameter that takes none, or with a fact that nothing has shown; a ``state`` or an
    ``observation`` without its call in an earlier group; a derived value without its operands.
    """
    found = []
    for step in steps:
        schemas = specs[step.call.name].properties if step.call.name in specs else {}
        seen = {item.call.id for item in steps if item.group < step.group}
        for name, origin in step.origins.items():
            if _is_open(origin, text_kind(step.call.name, name, schemas.get(name, {})) is not None, seen):
                found.append((step, name))
    return tuple(found)


def _is_open(origin: ArgumentOrigin, takes_text: bool, seen: set[str]) -> bool:
    if origin.kind == "free_text":
        return not takes_text or any(part.kind == "free_text" for part in origin.parts)
    if origin.kind in ("state", "observation") and origin.source not in seen:
        return True
    if origin.kind == "derived" and not origin.expression:
        return True
    return any(_is_open(part, takes_text, seen) for part in origin.parts)
