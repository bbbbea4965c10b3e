"""Names what is wrong with a failed attempt; the critic only finds the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphs.records.attempt import ErrorClass
from graphs.roles import Finding
from graphs.validation.pairing import gold_of, looked_up, pairs, seen, unseen_argument
from tools.trace import Step, succeeded

# What to say of errors that are not found by comparing calls, where whoever found them gave no detail.
_GIVEN: dict[ErrorClass, str] = {
    "wrong_answer": "The answer says what no result shows, or leaves out what was asked for.",
    "forbidden_effect": "A call changed something that must not be changed.",
    "no_answer": "The user got no answer.",
    "too_many_calls": "More calls were made than the request can need.",
    "unusable_output": "An answer could not be read as calls or as a reply.",
}

_BEFORE = "was used before any tool returned it"


def find_errors(
    gold: Sequence[Step], attempted: Sequence[Step], told: str, given: tuple[ErrorClass, str] | None = None
) -> tuple[Finding, ...]:
    """The differences of an attempt from the gold calls, the first to mend first. Never empty.

    ``told`` is all text that the solver knew. ``given`` is an error that was found by other means than comparing calls,
    with its detail, which may be empty: it comes first, and a wrong answer comes alone, since the calls before it were
    right. A call that was refused for a value that nothing had shown is an ``unseen_value``.

    Where gold has calls that fail, failed calls that were mended are no difference, nor are gold's own: what is missing
    is the way on from them.
    """
    if given is not None:
        first = _given(given, gold, attempted)
        return (first,) if first.error == "wrong_answer" else (first, *_differences(gold, attempted, told))
    return tuple(_differences(gold, attempted, told)) or (_rest(gold, attempted, told),)


def _given(given: tuple[ErrorClass, str], gold: Sequence[Step], attempted: Sequence[Step]) -> Finding:
    """The finding for an error from elsewhere, with the step that it is about."""
    error, detail = given
    expected = {step.call.signature for step in gold}
    changed = [step for step in attempted if step.changed_state and step.call.signature not in expected]
    about = gold[:1] if error == "unusable_output" else gold[-1:]
    return Finding(
        error=error,
        detail=detail or _GIVEN.get(error, error.replace("_", " ")),
        missing=about[0] if about and error != "forbidden_effect" else None,
        wrong=changed[-1] if changed and error == "forbidden_effect" else None,
    )


def _differences(gold: Sequence[Step], attempted: Sequence[Step], told: str) -> list[Finding]:
    if not attempted:
        return [Finding(error="no_call", detail="No tool was called.", missing=wanted) for wanted in gold[:1]]
    gold, attempted = _comparable(gold, attempted)
    refused = list(_refusals(gold, attempted, told))
    attempted = [step for index, step in enumerate(attempted) if not _made_later(step, attempted[index + 1 :])]
    arguments = [item for item in _argument_errors(gold, attempted, told) if not _refused(item)]
    guessed = [finding for finding in arguments if finding.error == "unseen_value"]
    wrong = [finding for finding in arguments if finding.error != "unseen_value"]
    # A call that failed for a wrong argument is why those that it was made for are missing.
    cause = [finding for finding in wrong if finding.wrong and finding.wrong.observation.failed]
    wrong = [finding for finding in wrong if finding not in cause]
    missing = list(_missing_calls(gold, attempted))
    purpose = [item for item in missing if item.missing and (item.missing.changed_state or item.missing is gold[-1])]
    way = [item for item in missing if item not in purpose]
    rest = [item for item in (*_failures(gold, attempted), *_extra_calls(gold, attempted)) if not _refused(item)]
    return [*refused, *guessed, *cause, *purpose, *wrong, *way, *rest]


def _rest(gold: Sequence[Step], attempted: Sequence[Step], told: str) -> Finding:
    """What is wrong with gold's calls, no more and no less: a value was right before it was seen, or their order."""
    gold, attempted = _comparable(gold, attempted)
    differing = [(want, made) for want, made in zip(gold, attempted, strict=False) if not _same(want, made)]
    if differing:
        detail = "The order of the calls changes the result."
        wanted, given = differing[0]
        return Finding(error="wrong_order", detail=detail, missing=wanted, wrong=given)
    for step in attempted:
        wanted = gold_of(step, gold) or step
        for name in step.call.arguments:
            if looked_up(wanted, name) and not seen(step, name, attempted, told):
                return _unseen(wanted, step, name)
    detail = "A value was used before any tool returned it."
    return Finding(error="unseen_value", detail=detail, missing=gold[-1] if gold else None)


def _same(one: Step, other: Step) -> bool:
    return one.call.signature == other.call.signature


def _unneeded(wanted: Step | None, name: str) -> bool:
    """Whether gold makes the same call without the argument."""
    return wanted is not None and name not in wanted.call.arguments


def _unseen(wanted: Step | None, given: Step, name: str) -> Finding:
    what = "was made up, and is not needed: it can be left out" if _unneeded(wanted, name) else _BEFORE
    detail = f"{name} of {given.call.name} {what}."
    return Finding(error="unseen_value", detail=detail, parameter=name, missing=wanted, wrong=given)


def _refused(finding: Finding) -> bool:
    """Whether a finding is about a call that was never made; its refusal says what is wrong with it."""
    return finding.wrong is not None and finding.wrong.refused


def _made_later(step: Step, later: Sequence[Step]) -> bool:
    """Whether a call was refused first and made afterwards."""
    return step.refused and any(other.call.name == step.call.name and not other.refused for other in later)


def _refusals(gold: Sequence[Step], attempted: Sequence[Step], told: str) -> Iterator[Finding]:
    for step in attempted:
        if step.refused:
            wanted = gold_of(step, gold)
            name = unseen_argument(step, wanted, attempted, told)
            yield _unseen(wanted, step, name or next(iter(step.call.arguments), "a value"))


def _argument_errors(gold: Sequence[Step], attempted: Sequence[Step], told: str) -> Iterator[Finding]:
    """Calls of the right tool with other arguments, paired in order."""
    for wanted, given in pairs(gold, attempted):
        for name in dict.fromkeys([*wanted.call.arguments, *given.call.arguments]):
            right, wrong = wanted.call.arguments.get(name), given.call.arguments.get(name)
            if right == wrong:
                continue
            if wrong is not None and looked_up(wanted, name) and not seen(given, name, attempted, told):
                yield _unseen(wanted, given, name)
                continue
            what = "was not asked for: it can be left out" if _unneeded(wanted, name) else "is not what was asked for"
            detail = f"{name} of {wanted.call.name} {what}."
            yield Finding(error="wrong_argument", detail=detail, parameter=name, missing=wanted, wrong=given)


def _comparable(gold: Sequence[Step], attempted: Sequence[Step]) -> tuple[Sequence[Step], Sequence[Step]]:
    """Gold and the attempt, where gold has failed calls both without those that count for nothing."""
    if not any(step.observation.failed for step in gold):
        return gold, attempted
    return succeeded(gold), _unmended(gold, attempted)


def _unmended(gold: Sequence[Step], attempted: Sequence[Step]) -> tuple[Step, ...]:
    """The attempted steps without the failed ones that gold has too, or that were made again with success."""
    expected = {step.call.signature for step in gold if step.observation.failed}
    return tuple(
        step
        for index, step in enumerate(attempted)
        if not step.observation.failed
        or (
            step.call.signature not in expected
            and step.call.name not in {later.call.name for later in succeeded(attempted[index + 1 :])}
        )
    )


def _missing_calls(gold: Sequence[Step], attempted: Sequence[Step]) -> Iterator[Finding]:
    counts = [step.call.name for step in attempted]
    extra = [step for step in attempted if step.call.name not in {item.call.name for item in gold}]
    for wanted in gold:
        if wanted.call.name in counts:
            counts.remove(wanted.call.name)
        elif extra:
            wrong = extra.pop(0)
            detail = f"{wrong.call.name} was called where {wanted.call.name} was needed."
            yield Finding(error="wrong_tool", detail=detail, missing=wanted, wrong=wrong)
        else:
            yield Finding(error="missing_call", detail=f"{wanted.call.name} was never called.", missing=wanted)


def _failures(gold: Sequence[Step], attempted: Sequence[Step]) -> Iterator[Finding]:
    for step in attempted:
        if step.observation.error is not None:
            detail = f"{step.call.name} failed: {step.observation.error.message}"
            yield Finding(error="failed_call", detail=detail, missing=gold_of(step, gold), wrong=step)


def _extra_calls(gold: Sequence[Step], attempted: Sequence[Step]) -> Iterator[Finding]:
    counts = [step.call.name for step in gold]
    for step in attempted:
        if step.call.name in counts:
            counts.remove(step.call.name)
        else:
            yield Finding(error="superfluous_call", detail=f"{step.call.name} was not needed.", wrong=step)
