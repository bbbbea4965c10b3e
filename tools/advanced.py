"""The advanced tool of a turn, whose signature follows from the trace (FunReason-MT, phase II)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from tools.base import Json, JsonObject, Record, canonical_json
from tools.origin import ArgumentOrigin
from tools.schema_path import fields_through
from tools.spec import ToolSpec
from tools.trace import Step, Trace, succeeded
from tools.wording import label, labels, request_phrase

_EXTREMES = {"min": "lowest", "max": "highest"}


class AdvancedInput(Record):
    """A value that the user has to give: an argument, or what picks an entry of a list, that no call produced.

    ``name`` is unique in its tool; ``call_id`` and ``parameter`` say where it is used. ``value`` is what is said: where
    that is a slip of a name which a call then finds, the slip. ``earlier`` marks a value of an earlier turn, which a
    query refers to without saying it; ``verbatim`` is false for what may be said in any words.
    """

    name: str
    call_id: str
    parameter: str
    label: str
    value: Json
    earlier: bool = False
    verbatim: bool = True


class Sink(Record):
    """Something the turn is for: a write, or an output that is asked for. ``task`` says it as a request."""

    call_id: str
    tool: str
    task: str
    outputs: JsonObject


class AdvancedTool(Record):
    """One composite tool that does what a turn's trace did (T_adv). Its signature follows from the trace: the inputs
    are the values that no call of the trace produced, the outputs belong to its sinks; only name and description are
    written by the tooling role."""

    name: str
    description: str
    inputs: tuple[AdvancedInput, ...]
    sinks: tuple[Sink, ...]
    covered: tuple[str, ...]

    def plain_description(self) -> str:
        """What the tool does, in the words of its sinks' and inputs' descriptions."""
        tasks = " and ".join(dict.fromkeys(sink.task for sink in self.sinks))
        given = [f"the {text}" for text in dict.fromkeys(item.label for item in self.inputs if not item.earlier)]
        listed = " and ".join([", ".join(given[:-1]), given[-1]] if len(given) > 1 else given)
        told = f", given {listed}" if given else ""
        return f"{tasks[:1].upper()}{tasks[1:]}{told}."

    def decomposition(self, specs: Mapping[str, ToolSpec]) -> str:
        """The hint that every hinted attempt begins with: the tool, and the operations that it is equal to."""
        parts = dict.fromkeys(request_phrase(specs[name]) for name in self.covered)
        return f"{self.description.rstrip('.')}. This is equal to: {'; '.join(parts)}."


def signature(trace: Trace, specs: Mapping[str, ToolSpec]) -> AdvancedTool:
    """The advanced tool of a trace, without a name and a description. It knows nothing of calls that failed: what they
    said is said for the calls that mend them."""
    inputs: list[AdvancedInput] = []
    done = succeeded(trace.steps)
    for step in done:
        spec = specs[step.call.name]
        names = labels(spec)
        for parameter, origin in step.origins.items():
            value = step.call.arguments[parameter]
            inputs += _inputs(step, parameter, names[parameter], value, origin)
            inputs += _choices(step, parameter, origin, trace, specs)
    sinks = tuple(
        Sink(
            call_id=step.call.id,
            tool=step.call.name,
            task=request_phrase(specs[step.call.name]),
            outputs=specs[step.call.name].returns,
        )
        for step in trace.sinks()
    )
    covered = tuple(step.call.name for step in done)
    return AdvancedTool(name="", description="", inputs=tuple(_numbered(inputs)), sinks=sinks, covered=covered)


def _inputs(step: Step, parameter: str, text: str, value: Json, origin: ArgumentOrigin) -> Iterator[AdvancedInput]:
    earlier = any(part.kind == "earlier_turn" for part in origin.observed)
    slips = [part.selector.value for part in origin.observed if part.selector and part.selector.kind == "nearest"]
    if origin.kind == "query" or earlier or slips:
        yield AdvancedInput(
            name=parameter,
            call_id=step.call.id,
            parameter=parameter,
            label=text,
            value=slips[0] if slips else value,
            earlier=earlier,
            verbatim=not earlier and not isinstance(value, bool),
        )


def _choices(
    step: Step, parameter: str, origin: ArgumentOrigin, trace: Trace, specs: Mapping[str, ToolSpec]
) -> Iterator[AdvancedInput]:
    """What the user says to pick one entry of a list that a call of this trace, or of an earlier turn, returned."""
    producers = {item.call.id: specs[item.call.name] for item in trace.steps}
    for part in origin.observed:
        choice = part.selector
        if choice is None or choice.kind in ("only", "first", "nearest"):
            continue
        producer = producers.get(part.source or "")
        said = choice.value if choice.kind == "equals" else _EXTREMES[choice.kind]
        yield AdvancedInput(
            name=choice.field,
            call_id=step.call.id,
            parameter=parameter,
            label=field_label(producer, part.path or "", choice.field) if producer else label(choice.field, {}),
            value=said,
            verbatim=choice.kind == "equals",
        )


def field_label(spec: ToolSpec, path: str, field: str) -> str:
    """How a person calls a field of the entries that ``path`` goes through."""
    return label(field, fields_through(spec.returns, path).get(field, {}))


def _numbered(inputs: list[AdvancedInput]) -> Iterator[AdvancedInput]:
    """Distinct names: what one argument needs twice is one input, others of the same name are numbered."""
    seen: set[str] = set()
    names: set[str] = set()
    for item in inputs:
        key = canonical_json([item.name, item.value, item.call_id, item.parameter])
        if key not in seen:
            seen.add(key)
            name = next(name for name in _variants(item.name) if name not in names)
            names.add(name)
            yield item.model_copy(update={"name": name})


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))
