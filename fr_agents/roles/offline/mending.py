"""Names in a request that turn out to be slightly wrong: which tool lists the right ones, and a plan that uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fr_agents.roles.offline.conversation import Made
from fr_agents.roles.offline.planning import Known, Output, PlannedCall, with_argument
from fr_agents.roles.offline.progressing import Progress
from tools.base import Json
from tools.listing import fitting_lists
from tools.origin import Selector
from tools.provenance import said_in
from tools.spec import ToolSpec

_ABSENT = re.compile(
    r"\b(?:no|not|unknown|nothing|nobody|invalid|missing|does ?n[o']t|cannot|can't|could ?n[o']t)\b", re.IGNORECASE
)
_LONGEST_NAME = 5


@dataclass(frozen=True)
class Mend:
    """A name that no tool knows as the request says it (``said``), as an argument of a call, and where the right one
    is to be found."""

    said: str
    spec: ToolSpec
    parameter: str
    found: Output

    def meant(self, progress: Progress) -> Json:
        """The right name; None while it is not known, or where there is no such."""
        try:
            return progress.value(self.found)
        except LookupError:
            return None


def mended(
    plan: tuple[PlannedCall, ...], progress: Progress, tools: Sequence[ToolSpec], *, guess: bool
) -> tuple[tuple[PlannedCall, ...], tuple[Mend, ...]]:
    """The plan, where calls that are still to be made take names that failed from tools that list the right ones, and
    what was mended like that, in the order of the failures.

    An error has to say that there is no such name, unless the right one was found since. With ``guess``, for when there
    is nothing else to do, it may be any name and any error.
    """
    mends: list[Mend] = []
    for failure in progress.conversation.failures:
        ways = [mend for mend in _mends(plan, failure, progress, tools) if mend.meant(progress) != mend.said]
        absent = _ABSENT.search(failure.error)
        sure = [
            mend for mend in ways if (absent and said_in(mend.said, failure.error)) or mend.meant(progress) is not None
        ]
        found = min(sure or (ways if guess else ()), key=lambda mend: mend.meant(progress) is None, default=None)
        if found is not None:
            mends.append(found)
            plan = tuple(_taking(call, found, progress) for call in plan)
    return plan, tuple(mends)


def _mends(plan: Sequence[PlannedCall], failure: Made, progress: Progress, tools: Sequence[ToolSpec]) -> Iterator[Mend]:
    """The ways to mend a failed call of the plan: a name that the request says, and that no other task makes."""
    for call in (inner for goal in plan for inner in _with_lookups(goal)):
        if progress.key(call) != failure.key:
            continue
        for parameter, said in _names(call):
            if not any(_makes(goal, said, progress) for goal in plan if goal != call):
                for found in _listings(call, parameter, said, tools):
                    yield Mend(said=said, spec=call.spec, parameter=parameter, found=found)


def _names(call: PlannedCall) -> Iterator[tuple[str, str]]:
    """What the request says for a call, by parameters, as far as it may be a name."""
    for parameter, source in call.arguments:
        said = source.value if isinstance(source, Known) else None
        if isinstance(said, str) and len(said.split()) <= _LONGEST_NAME:
            yield parameter, said


def _makes(goal: PlannedCall, said: str, progress: Progress) -> bool:
    """Whether a task may bring about what a name is the name of: it changes something, takes it, and did not fail."""
    takes = any(source == Known(said) for _, source in goal.arguments)
    return takes and goal.spec.effect == "write" and not progress.conversation.failed(progress.key(goal) or "")


def _listings(call: PlannedCall, parameter: str, said: str, tools: Sequence[ToolSpec]) -> Iterator[Output]:
    """Outputs that list names for a parameter, of tools that need nothing that the call does not have itself."""
    given = {name: source for name, source in call.arguments if name != parameter}
    by_name = {spec.name: spec for spec in tools}
    for listing in fitting_lists(tuple(tools), call.spec.name, parameter):
        producer = by_name[listing.tool]
        if given.keys() >= set(producer.required):
            made = PlannedCall(spec=producer, arguments=tuple((name, given[name]) for name in producer.required))
            choice = Selector(kind="nearest", field=listing.field, value=said)
            yield Output(call=made, path=listing.path, selector=choice)


def _taking(call: PlannedCall, mend: Mend, progress: Progress) -> PlannedCall:
    """The call and its look-ups, as far as they are still to be made, with the name from where it is found."""
    if progress.made(call):
        return call
    for name, source in call.arguments:
        if isinstance(source, Known) and source.value in (mend.said, [mend.said]):
            call = with_argument(call, name, replace(mend.found, wrapped=source.value == [mend.said]))
        elif isinstance(source, Output):
            call = with_argument(call, name, replace(source, call=_taking(source.call, mend, progress)))
    return call


def _with_lookups(call: PlannedCall) -> Iterator[PlannedCall]:
    for _, source in call.arguments:
        if isinstance(source, Output):
            yield from _with_lookups(source.call)
    yield call
