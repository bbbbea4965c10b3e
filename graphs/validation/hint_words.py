"""What a finding says to a solver in code's words, by level, and never with a value.

Level 1 names the kind of mistake and where to look, level 2 the step and the argument, and level 3 also where the right
value comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from graphs.records.attempt import ErrorClass
from graphs.roles import CritiqueView, Finding
from tools.origin import ArgumentOrigin
from tools.provenance import normalised
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import labels, request_phrase

PLAINEST = 3
_MOST_FINDINGS = 2
_ELSEWHERE: dict[str, str] = {
    "query": "The user's request says it.",
    "earlier_turn": "It was shown earlier in the conversation.",
    "profile": "It stands in the system message.",
    "default": "The tool's own default is right.",
    "free_text": "Put what the user wants to say into it.",
}
# Level 1, by error class.
KINDS: dict[ErrorClass, str] = {
    "missing_call": "A step is missing. Read the request again, part by part: what is not done, or not looked up?",
    "wrong_tool": "One of your tools does something else than what is needed. Compare what each tool does with the "
    "request.",
    "wrong_argument": "A value in your calls is not the right one. Compare each with the words of the request and with "
    "the results.",
    "unseen_value": "You used a value before it was seen. Look up what you need first, and wait for the result.",
    "superfluous_call": "You made a call that is not needed. Do what the request asks for, and nothing else.",
    "failed_call": "A call failed. Read what the tool answered, and mend the cause first.",
    "no_call": "You called no tool. Use the tools to do what the request asks for.",
    "wrong_order": "The order of the steps changes the result. Follow the order of the request.",
    "wrong_answer": "Your calls were right, your answer to the user was not. Compare it with the results of the calls.",
    "forbidden_effect": "A call changed something that must not be changed. Keep to the request, and to the rules in "
    "the system message.",
    "no_answer": "You did not answer the user. When all is done, say in a sentence or two what came of it.",
    "too_many_calls": "You made too many calls. Stop as soon as all that the request asks for is done.",
    "unusable_output": "Your answer could not be read. Call a tool in the form that is asked for, or answer in plain "
    "words.",
}
_PLACES: dict[ErrorClass, str] = {
    "missing_call": "A step is missing: {wanted}.",
    "wrong_tool": "Instead of the step to {given}, this is needed: {wanted}.",
    "wrong_argument": "Check the {argument} in the step to {wanted}: it is not the right one.",
    "unseen_value": "The {argument} in the step to {wanted} was used before it was seen. Look it up first.",
    "superfluous_call": "The step to {given} is not needed. Leave it out.",
    "failed_call": "The step to {given} failed. Read what it answered, and mend the cause first.",
    "no_call": "Use the tools. A step that is needed: {wanted}.",
    "wrong_order": "The order of the steps changes the result: {wanted} before you {given}.",
    "wrong_answer": "Check each name, number and date of your answer against the results, first that of the step to "
    "{wanted}.",
    "forbidden_effect": "The step to {given} must not be made like that. Keep to the request, and to the rules in the "
    "system message.",
    "no_answer": "When the step to {wanted} is done, answer the user: say in a sentence or two what came of it.",
    "too_many_calls": "You made too many calls. The last step that is needed is to {wanted}; answer the user then.",
    "unusable_output": "Your answer could not be read. Begin with a call of the tool to {wanted}.",
}
_LEFT_OUT = "The {argument} in the step to {wanted} is not asked for. Leave it out."
_ABOUT_THE_WAY: frozenset[ErrorClass] = frozenset(
    {"missing_call", "wrong_tool", "unseen_value", "superfluous_call", "no_call", "wrong_order", "too_many_calls"}
)
_LONGEST_WAY = 4
# What level 3 adds where it is not about where a value comes from.
_MORE: dict[ErrorClass, str] = {
    "superfluous_call": "All that you need is known without its result.",
    "failed_call": "Compare each of its values with the results before it and with the request.",
    "wrong_order": "What the one does changes what the other one finds or does.",
    "wrong_answer": "Say nothing that no result shows, and leave nothing out that the user asked for.",
    "forbidden_effect": "Where a rule forbids it, tell the user so instead.",
    "no_answer": "Tell what its result shows.",
    "too_many_calls": "Make no call twice: its result stays in view.",
}


def computed_hint(view: CritiqueView) -> str:
    """A hint for the findings at the view's level, or, where that was said before, a plainer or a further one. It is
    never equal to an earlier one."""
    earlier = {normalised(hint) for hint in view.earlier_hints}
    return next(hint for hint in _candidates(view) if normalised(hint) not in earlier)


def _candidates(view: CritiqueView) -> Iterator[str]:
    level = min(max(view.level, 1), PLAINEST)
    for plainer in range(level, PLAINEST + 1):
        yield _joined(view.findings[:_MOST_FINDINGS], view, plainer)
    for start in range(_MOST_FINDINGS, len(view.findings), _MOST_FINDINGS):
        yield _joined(view.findings[start : start + _MOST_FINDINGS], view, PLAINEST)
    last = _joined(view.findings[:1], view, PLAINEST)
    for times in count(1):
        yield f"{'Still: ' * times}{last}"


def _joined(findings: Sequence[Finding], view: CritiqueView, level: int) -> str:
    way = _way(findings, view) if level >= PLAINEST else ""
    levels = [PLAINEST - 1 if way and finding.error in _ABOUT_THE_WAY else level for finding in findings]
    pairs = zip(findings, levels, strict=True)
    said = [finding_words(finding, view.gold, view.tools, plainly) for finding, plainly in pairs]
    return " ".join(dict.fromkeys(part for part in (*said, way) if part))


def finding_words(finding: Finding, gold: Sequence[Step], tools: Sequence[ToolSpec], level: int) -> str:
    """One finding in words, as plainly as ``level`` allows and as the finding knows where the mistake is."""
    specs = {spec.name: spec for spec in tools}
    place = _place(finding, specs) if level > 1 else ""
    if not place:
        return KINDS[finding.error]
    if level < PLAINEST:
        return place
    more = _MORE.get(finding.error) or _origin(finding, gold, specs)
    return f"{place} {more}".strip()


def _way(findings: Sequence[Finding], view: CritiqueView) -> str:
    """All steps that are needed, where a mistake is about which to take. To be told what not to do brings a weak solver
    to do it; to be told what to do helps. Empty for a long way, which the solver has to find in parts."""
    specs = {spec.name: spec for spec in view.tools}
    tasks = [task for step in view.gold if (task := _task(step, specs))]
    about_it = any(finding.error in _ABOUT_THE_WAY for finding in findings)
    return (
        f"All that is needed, in this order: {'; '.join(tasks)}." if about_it and 1 < len(tasks) <= _LONGEST_WAY else ""
    )


def _place(finding: Finding, specs: Mapping[str, ToolSpec]) -> str:
    """The step and the argument; empty where the finding has no such step, or its tool is not known."""
    wanted, given = _task(finding.missing, specs), _task(finding.wrong, specs)
    template = _LEFT_OUT if _unneeded(finding) else _PLACES[finding.error]
    if finding.error == "unseen_value" and not wanted:
        # No right call is like it: it is the call that is not needed, whatever its values.
        template = _PLACES["superfluous_call"]
    if ("{wanted}" in template and not wanted) or ("{given}" in template and not given):
        return ""
    return template.format(wanted=wanted, given=given, argument=_argument(finding, specs))


def _unneeded(finding: Finding) -> bool:
    """Whether the finding is about an argument that gold's call does without."""
    step = finding.missing
    return finding.parameter is not None and step is not None and finding.parameter not in step.call.arguments


def _task(step: Step | None, specs: Mapping[str, ToolSpec]) -> str:
    return request_phrase(specs[step.call.name]) if step is not None and step.call.name in specs else ""


def _argument(finding: Finding, specs: Mapping[str, ToolSpec]) -> str:
    step = finding.missing or finding.wrong
    if finding.parameter is None or step is None or step.call.name not in specs:
        return "value that is not known yet"
    return labels(specs[step.call.name]).get(finding.parameter, finding.parameter)


def _origin(finding: Finding, gold: Sequence[Step], specs: Mapping[str, ToolSpec]) -> str:
    """Where the right value comes from, or, for a step that is missing, what its result is for or what it takes."""
    step = finding.missing
    if step is None:
        return ""
    if finding.parameter is not None:
        origin = step.origins.get(finding.parameter)
        if origin is None:
            return "The step works without it."
        return _told_by(origin, gold, specs)
    return _use(step, gold, specs) or _need(step, gold, specs) or "The user's request says all that it takes."


def _told_by(origin: ArgumentOrigin, gold: Sequence[Step], specs: Mapping[str, ToolSpec]) -> str:
    tasks = _producers(origin, gold, specs)
    if not tasks:
        shown = any(part.kind in ("observation", "state", "earlier_turn") for part in origin.observed)
        return _ELSEWHERE["earlier_turn"] if shown else _ELSEWHERE.get(origin.kind, "")
    results = " and ".join(f"the step to {task}" for task in tasks)
    verb = "has to be worked out" if origin.kind == "derived" else "comes"
    return f"It {verb} from the result of {results}."


def _producers(origin: ArgumentOrigin, gold: Sequence[Step], specs: Mapping[str, ToolSpec]) -> list[str]:
    """The tasks of the gold calls whose results an argument comes from."""
    by_id = {step.call.id: step for step in gold}
    found = (_task(by_id.get(part.source or ""), specs) for part in origin.observed)
    return [task for task in dict.fromkeys(found) if task]


def _use(step: Step, gold: Sequence[Step], specs: Mapping[str, ToolSpec]) -> str:
    """What the result of a step is needed for, by the first gold call that uses it."""
    for other in gold:
        for name, origin in other.origins.items():
            if any(part.source == step.call.id for part in origin.observed) and (task := _task(other, specs)):
                return f"Its result gives the {labels(specs[other.call.name]).get(name, name)} for the step to {task}."
    return ""


def _need(step: Step, gold: Sequence[Step], specs: Mapping[str, ToolSpec]) -> str:
    """The first argument of a step that comes from a result, and from which."""
    for name, origin in step.origins.items():
        tasks = _producers(origin, gold, specs)
        if tasks and step.call.name in specs:
            word = labels(specs[step.call.name]).get(name, name)
            return f"It takes the {word} from the result of the step to {tasks[0]}."
    return ""
