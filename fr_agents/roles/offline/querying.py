"""The querying agent by rules: says the sinks of a trace as tasks, and every input as a slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fr_agents.roles.offline.openers import FUSED, FUSED_IN_ANY_ORDER, PLAIN, STYLES, asks, chosen
from fr_agents.roles.offline.phrases import Slot, TaskPhrase, Unsayable, say_slot, say_task
from fr_agents.roles.offline.role import OfflineRole
from graphs.records.query import Mention, Noise
from graphs.roles import QueryDraft, QueryingView, RoleFailure
from tools.advanced import AdvancedInput, field_label
from tools.base import generator
from tools.origin import ArgumentOrigin, Selector
from tools.speaker import spoken_request
from tools.trace import Step, Trace
from tools.wording import label, labels

# How often a sentence that asks for nothing comes first.
_BEFORE = 0.5


class OfflineQuerying(OfflineRole[QueryingView, QueryDraft]):
    """Writes one sentence a sink. What a look-up needs stands where its result is used, so no step is told.

    Noise gives it other openers and joiners (``style``, ``indirect``), one sentence for all sinks (``fuse``), and a
    sentence that asks for nothing (``persona``, ``distractor``). It speaks English whatever the ``language``.
    """

    def answer(self, view: QueryingView) -> QueryDraft:
        writer = _Writer(view)
        try:
            sinks = _in_order(view.trace)
            tasks = [writer.task(step) for step in sinks]
            sentences = [say_task(task) for task in tasks]
            mentions = tuple(writer.mentions())
        except Unsayable as problem:
            raise RoleFailure(str(problem)) from problem
        text = _request(sentences, view.noise, in_order=sinks == list(view.trace.sinks()))
        spans = [task.text if task.text in text else _capitalised(task.text) for task in tasks]
        asked = tuple(Mention(of=step.call.id, span=span) for step, span in zip(sinks, spans, strict=True))
        return QueryDraft(text=_beside(text, view.noise), mentions=mentions, sinks=asked)


def _in_order(trace: Trace) -> list[Step]:
    """The sinks in the order in which a user asks for them: that of their calls, failed ones included, since what is
    tried too early was asked for before what it needs."""
    signatures = [step.call.signature for step in trace.steps]
    return sorted(trace.sinks(), key=lambda step: signatures.index(step.call.signature))


def _request(sentences: Sequence[str], noise: Sequence[Noise], *, in_order: bool) -> str:
    """The tasks as sentences of their own, or joined to one."""
    drawn = {item.operator: item.detail for item in noise}
    manner = STYLES.get(drawn.get("style", ""), PLAIN)
    openers = chosen(manner, sentences, indirect="indirect" in drawn, in_order=in_order)
    joint = FUSED if in_order else FUSED_IN_ANY_ORDER
    if "fuse" in drawn and not any(word in sentence for word in (FUSED, FUSED_IN_ANY_ORDER) for sentence in sentences):
        openers, sentences = openers[:1], [joint.join(sentences)]
    return " ".join(_sentence(opener, body) for opener, body in zip(openers, sentences, strict=True))


def _sentence(opener: str, body: str) -> str:
    return _capitalised(f"{opener}{body}{'?' if asks(opener) else '.'}")


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _beside(text: str, noise: Sequence[Noise]) -> str:
    """The request with the sentences that ask for nothing: who speaks, before it, and what is said by the way, before
    or after it."""
    for item in noise:
        if item.operator == "distractor":
            first = generator("beside", text).random() < _BEFORE
            text = f"{item.detail} {text}" if first else f"{text} {item.detail}"
    speakers = [f"I am {item.detail}." for item in noise if item.operator == "persona"]
    return " ".join([*speakers, text])


class _Writer:
    def __init__(self, view: QueryingView) -> None:
        self._specs = {spec.name: spec for spec in view.tools}
        self._steps = {step.call.id: step for step in view.trace.steps}
        self._sinks = {step.call.id for step in view.trace.sinks()}
        self._inputs = view.advanced_tool.inputs
        self._said: dict[tuple[str, str], Slot] = {}

    def task(self, step: Step) -> TaskPhrase:
        return TaskPhrase(text=spoken_request(self._specs[step.call.name]), slots=tuple(self._slots(step)))

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
