"""The querying agent by rules: says the sinks of a trace as tasks, and every input as a slot."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.roles.offline.phrases import Slot, TaskPhrase, Unsayable, say_slot, say_task
from fr_agents.roles.offline.role import OfflineRole
from graphs.records.query import Mention
from graphs.roles import QueryDraft, QueryingView, RoleFailure
from tools.advanced import AdvancedInput, field_label
from tools.base import generator
from tools.origin import ArgumentOrigin, Selector
from tools.trace import Step, Trace
from tools.wording import label, labels, request_phrase

_FIRST = ("Please ", "I would like you to ", "I need you to ", "Could you ")
_IN_ANY_ORDER = "Also, "
_LATER = ("Then ", "After that, ", _IN_ANY_ORDER)


class OfflineQuerying(OfflineRole[QueryingView, QueryDraft]):
    """Writes one sentence a sink. What a look-up needs stands where its result is used, so no step is told."""

    def answer(self, view: QueryingView) -> QueryDraft:
        writer = _Writer(view)
        try:
            sinks = _in_order(view.trace)
            tasks = [writer.task(step) for step in sinks]
            sentences = [say_task(task) for task in tasks]
            mentions = tuple(writer.mentions())
        except Unsayable as problem:
            raise RoleFailure(str(problem)) from problem
        rng = generator("opening", *sentences)
        openers = [rng.choice(_FIRST), *(rng.choice(_LATER) for _ in sentences[1:])]
        if sinks != list(view.trace.sinks()):
            openers[1:] = [_IN_ANY_ORDER] * len(sentences[1:])
        text = " ".join(_sentence(opener, body) for opener, body in zip(openers, sentences, strict=True))
        asked = tuple(Mention(of=step.call.id, span=task.text) for step, task in zip(sinks, tasks, strict=True))
        return QueryDraft(text=text, mentions=mentions, sinks=asked)


def _in_order(trace: Trace) -> list[Step]:
    """The sinks in the order in which a user asks for them: that of their calls, failed ones included, since what is
    tried too early was asked for before what it needs."""
    signatures = [step.call.signature for step in trace.steps]
    return sorted(trace.sinks(), key=lambda step: signatures.index(step.call.signature))


def _sentence(opener: str, body: str) -> str:
    return f"{opener}{body}{'?' if opener.startswith(('Could', 'Can')) else '.'}"


class _Writer:
    def __init__(self, view: QueryingView) -> None:
        self._specs = {spec.name: spec for spec in view.tools}
        self._steps = {step.call.id: step for step in view.trace.steps}
        self._sinks = {step.call.id for step in view.trace.sinks()}
        self._inputs = view.advanced_tool.inputs
        self._said: dict[tuple[str, str], Slot] = {}

    def task(self, step: Step) -> TaskPhrase:
        return TaskPhrase(text=request_phrase(self._specs[step.call.name]), slots=tuple(self._slots(step)))

    def mentions(self) -> Iterator[Mention]:
        """The words that say each input of the advanced tool, among what was said for its call and parameter."""
        for item in self._inputs:
            slot = self._said.get((item.call_id, item.parameter))
            if slot is not None:
                yield Mention(of=item.name, span=_span(slot, item))

    def _slots(self, step: Step) -> Iterator[Slot]:
        names = labels(self._specs[step.call.name])
        for parameter, origin in step.origins.items():
            slot = self._slot(step, parameter, names[parameter], origin)
            if slot is not None:
                self._said[step.call.id, parameter] = slot
                yield slot

    def _slot(self, step: Step, parameter: str, text: str, origin: ArgumentOrigin) -> Slot | None:
        if origin.kind == "query":
            value = step.call.arguments[parameter]
            return Slot(label=text, values=tuple(value) if isinstance(value, list) else (value,))
        if not origin.observed:
            return None
        source = origin.observed[0]
        if source.selector is not None and source.selector.kind == "nearest":
            return Slot(label=text, values=(source.selector.value,))
        if source.kind == "earlier_turn":
            return Slot(label=text, earlier=True, selector=self._worded(source))
        producer = self._steps[str(source.source)]
        selector = self._worded(source)
        if producer.call.id in self._sinks:
            return Slot(label=text, resulting=True, selector=selector)
        inner = tuple(self._slots(producer))
        required = parameter in self._specs[step.call.name].required
        if required and selector is None and not inner:
            return None
        return Slot(label=text, selector=selector, inner=inner)

    def _worded(self, source: ArgumentOrigin) -> Selector | None:
        """The selector with the field's label for its name; none where no choice has to be said."""
        choice = source.selector
        if choice is None or choice.kind == "only":
            return None
        producer = self._steps.get(str(source.source))
        if producer is None:
            return choice.model_copy(update={"field": label(choice.field, {}) if choice.field else ""})
        field = field_label(self._specs[producer.call.name], source.path or "", choice.field) if choice.field else ""
        return choice.model_copy(update={"field": field})


def _span(slot: Slot, item: AdvancedInput) -> str:
    """The part of a slot's words that says one input."""
    bare = slot.model_copy(update={"inner": ()})
    return say_slot(bare)
