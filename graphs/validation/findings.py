"""Names what is wrong with a failed attempt; the critic only finds the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphs.records.attempt import ErrorClass
from graphs.roles import Finding
from tools.paths import leaf_values
from tools.provenance import observed_values, said_in
from tools.trace import Step, succeeded

_REST = {
    "unseen_value": "A value was used before any tool returned it.",
    "wrong_order": "The order of the calls changes the result.",
}


def find_errors(gold: Sequence[Step], attempted: Sequence[Step], told: str) -> tuple[Finding, ...]:
    """The differences of an attempt from the gold calls, the first to mend first. ``told`` is all text that the solver
    knew. Never empty. Where gold has calls that fail, failed calls that were mended are no difference, nor are gold's
    own: what is missing is the way on from them."""
    if not attempted:
        return (Finding(error="no_call", detail="No tool was called.", missing=gold[0]),)
    if any(step.observation.failed for step in gold):
        attempted = _unmended(gold, attempted)
        gold = succeeded(gold)
    arguments = list(_argument_errors(gold, attempted, told))
    guessed = [finding for finding in arguments if finding.error == "unseen_value"]
    wrong = [finding for finding in arguments if finding.error != "unseen_value"]
    # A call that failed for a wrong argument is why those that it was made for are missing.
    cause = [finding for finding in wrong if finding.wrong and finding.wrong.observation.failed]
    wrong = [finding for finding in wrong if finding not in cause]
    missing = list(_missing_calls(gold, attempted))
    purpose = [item for item in missing if item.missing and (item.missing.changed_state or item.missing is gold[-1])]
    way = [item for item in missing if item not in purpose]
    found = [*guessed, *cause, *purpose, *wrong, *way, *_failures(attempted), *_extra_calls(gold, attempted)]
    in_order = [step.call.signature for step in attempted] == [step.call.signature for step in gold]
    rest: ErrorClass = "unseen_value" if in_order else "wrong_order"
    return tuple(found) or (Finding(error=rest, detail=_REST[rest], missing=gold[-1]),)


def _argument_errors(gold: Sequence[Step], attempted: Sequence[Step], told: str) -> Iterator[Finding]:
    """Calls of the right tool with other arguments, paired in order."""
    for wanted, given in _pairs(gold, attempted):
        for name in dict.fromkeys([*wanted.call.arguments, *given.call.arguments]):
            right, wrong = wanted.call.arguments.get(name), given.call.arguments.get(name)
            if right == wrong:
                continue
            unseen = _looked_up(wanted, name) and wrong is not None and not _seen(given, name, attempted, told)
            yield Finding(
                error="unseen_value" if unseen else "wrong_argument",
                detail=f"{name} of {wanted.call.name} "
                + ("was used before any tool returned it." if unseen else "is not what was asked for."),
                parameter=name,
                missing=wanted,
                wrong=given,
            )


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


def _failures(attempted: Sequence[Step]) -> Iterator[Finding]:
    for step in attempted:
        if step.observation.error is not None:
            detail = f"{step.call.name} failed: {step.observation.error.message}"
            yield Finding(error="failed_call", detail=detail, wrong=step)


def _extra_calls(gold: Sequence[Step], attempted: Sequence[Step]) -> Iterator[Finding]:
    counts = [step.call.name for step in gold]
    for step in attempted:
        if step.call.name in counts:
            counts.remove(step.call.name)
        else:
            yield Finding(error="superfluous_call", detail=f"{step.call.name} was not needed.", wrong=step)


def _pairs(gold: Sequence[Step], attempted: Sequence[Step]) -> Iterator[tuple[Step, Step]]:
    """Gold and attempted calls of the same tool that differ, after equal ones are matched off."""
    open_signatures = [step.call.signature for step in attempted]
    rest_gold = [step for step in gold if not _take(open_signatures, step.call.signature)]
    unmatched = [step for step in attempted if _take(open_signatures, step.call.signature)]
    for wanted in rest_gold:
        given = next((step for step in unmatched if step.call.name == wanted.call.name), None)
        if given is not None:
            unmatched.remove(given)
            yield wanted, given


def _take(items: list[str], item: str) -> bool:
    if item in items:
        items.remove(item)
        return True
    return False


def _looked_up(step: Step, name: str) -> bool:
    origin = step.origins.get(name)
    return origin is not None and any(part.kind == "observation" for part in origin.observed)


def _seen(step: Step, name: str, attempted: Sequence[Step], told: str) -> bool:
    """Whether every value of an argument stood in an earlier group's observation or in the conversation."""
    shown = {
        str(value)
        for other in attempted
        if other.group < step.group
        for _, value in observed_values(other.observation.content)
    }
    return all(str(leaf) in shown or said_in(leaf, told) for _, leaf in leaf_values(step.call.arguments[name]))
