"""The critiquing agent by rules: puts the computed findings into words, without a value."""

from __future__ import annotations

from collections.abc import Mapping

from fr_agents.roles.offline.role import OfflineRole
from graphs.roles import CritiqueView, Finding, Hint
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import labels, request_phrase

_MOST_FINDINGS = 2


class OfflineCritiquing(OfflineRole[CritiqueView, Hint]):
    """Names the error and where it is: the step by its tool's description, the argument by its label."""

    def answer(self, view: CritiqueView) -> Hint:
        specs = {spec.name: spec for spec in view.tools}
        texts = [_words(finding, specs) for finding in view.findings[:_MOST_FINDINGS]]
        return Hint(text=" ".join(dict.fromkeys(texts)))


def _words(finding: Finding, specs: Mapping[str, ToolSpec]) -> str:
    wanted, given = _task(finding.missing, specs), _task(finding.wrong, specs)
    argument = _argument(finding, specs)
    texts = {
        "missing_call": f"A step is missing: {wanted}.",
        "wrong_tool": f"Instead of the step to {given}, this is needed: {wanted}.",
        "wrong_argument": f"Check the {argument} in the step to {wanted}: it is not what the request says.",
        "unseen_value": f"The {argument} in the step to {wanted} was used before it was seen. Look it up first.",
        "superfluous_call": f"The step to {given} is not needed.",
        "failed_call": f"The step to {given} failed. Read what it answered, and mend the cause first.",
        "no_call": f"Use the tools. A step that is needed: {wanted}.",
        "wrong_order": "The order of the steps changes the result. Follow the order of the request.",
    }
    return texts.get(finding.error, finding.detail)


def _task(step: Step | None, specs: Mapping[str, ToolSpec]) -> str:
    return request_phrase(specs[step.call.name]) if step is not None and step.call.name in specs else "another step"


def _argument(finding: Finding, specs: Mapping[str, ToolSpec]) -> str:
    if finding.parameter is None or finding.missing is None:
        return "arguments"
    return labels(specs[finding.missing.call.name]).get(finding.parameter, finding.parameter)
