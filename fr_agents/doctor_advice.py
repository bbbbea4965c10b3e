"""What to change where a configuration asks for what a model does not do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fr_agents.config.run import RunConfig
from fr_agents.doctor import Diagnosis
from fr_agents.doctor_models import Use
from tools.base import Record

_OUTPUTS = ("json_schema", "function_calling", "text")
_TOOLS = ("native", "text")


class Advice(Record):
    """One sentence to act on. What is ``needed`` keeps a run from working; the rest is good to know."""

    text: str
    needed: bool


def advice(config: RunConfig, diagnoses: Sequence[Diagnosis]) -> list[Advice]:
    """All advice for a configuration; none is needed where each role can ask its model as it is set to."""
    found: list[Advice] = []
    for diagnosis in diagnoses:
        if not diagnosis.reachable:
            keys = ", ".join(use.key for use in diagnosis.subject.uses)
            told = _told(diagnosis, "reachable")
            found.append(Advice(text=f"{keys}: {diagnosis.subject.told()} cannot be used: {told}.", needed=True))
            continue
        for use in diagnosis.subject.uses:
            found += _of_use(use, config.refiner.mode, diagnosis)
        found += _to_know(config, diagnosis)
    return found


def configured(diagnosis: Diagnosis, mode: str) -> frozenset[str]:
    """The checks that some role's settings depend on."""
    wanted = {"reachable"}
    for use in diagnosis.subject.uses:
        if use.needs_output(mode):
            wanted.add(use.settings.output)
        if use.needs_tools(mode):
            wanted.add(_check_of_tools(use.settings.tools))
    return frozenset(wanted)


def _of_use(use: Use, mode: str, diagnosis: Diagnosis) -> Iterator[Advice]:
    output, tools = use.settings.output, use.settings.tools
    output_works = not use.needs_output(mode) or _works(diagnosis, output)
    if not output_works:
        yield _change(f"{use.key}.output", output, output, [(name, name) for name in _OUTPUTS], diagnosis)
    # Tools in text are asked for with the output that is set: where that does not work, it is what is to be changed.
    told_enough = tools == "text" and not output_works
    if use.needs_tools(mode) and not told_enough and not _works(diagnosis, _check_of_tools(tools)):
        checks = [(name, _check_of_tools(name)) for name in _TOOLS]
        yield _change(f"{use.key}.tools", tools, _check_of_tools(tools), checks, diagnosis)


def _change(key: str, value: str, check: str, others: Sequence[tuple[str, str]], diagnosis: Diagnosis) -> Advice:
    """What to set instead of a ``value`` whose ``check`` failed; ``others`` are values with their checks."""
    told = _told(diagnosis, check)
    better = next((name for name, other in others if _works(diagnosis, other)), None)
    finding = diagnosis.of(check)
    if finding is None or finding.works is None:
        text = f"{key}: whether {value} works could not be found out ({told}). Try again"
        return Advice(text=f"{text}, or set {_last(key)}: {better}." if better else f"{text}.", needed=True)
    text = f"{key}: {value} does not work with this model and server ({told})"
    advised = f"set {_last(key)}: {better}" if better else "nor does any other way; take another model"
    return Advice(text=f"{text}; {advised}.", needed=True)


def _to_know(config: RunConfig, diagnosis: Diagnosis) -> Iterator[Advice]:
    """What does not keep a run from working."""
    key = diagnosis.subject.uses[0].key
    limits = config.limits
    usage, cut_off = diagnosis.of("usage"), diagnosis.of("cut-off")
    counted = [name for name in ("budget_usd", "max_tokens") if getattr(limits, name) is not None]
    if usage is not None and usage.works is False and counted:
        names = " and ".join(f"limits.{name}" for name in counted)
        text = f"{names}: this server does not tell how many tokens an answer took; limits.max_calls works anyway."
        yield Advice(text=f"{key}: {text}", needed=False)
    if cut_off is not None and cut_off.works is False:
        text = f"{cut_off.told}. An answer that is cut off may be taken for a whole one: set max_tokens high enough"
        yield Advice(text=f"{key}: {text}.", needed=False)


def _works(diagnosis: Diagnosis, check: str) -> bool:
    finding = diagnosis.of(check)
    return finding is not None and finding.works is True


def _told(diagnosis: Diagnosis, check: str) -> str:
    finding = diagnosis.of(check)
    return finding.told if finding is not None else "it was not tried"


def _check_of_tools(tools: str) -> str:
    return f"{tools} tools"


def _last(key: str) -> str:
    return key.rpartition(".")[2]
