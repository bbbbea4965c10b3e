"""Turns a request that was read into calls, by tool descriptions and input-output fits alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fr_agents.roles.offline.fitting import Fitting, is_guess
from fr_agents.roles.offline.phrases import Slot, TaskPhrase, short_field, spoken
from fr_agents.roles.offline.profile import Profile, likeness
from tools.advanced import field_label
from tools.base import Json, JsonObject, canonical_json
from tools.fits import Fit
from tools.origin import Selector
from tools.paths import KEY
from tools.schema_path import fields_through, schema_at
from tools.speaker import spoken_request
from tools.spec import ToolSpec
from tools.wording import label, labels

_DEEPEST = 6
_ALIKE = 0.7


@dataclass(frozen=True)
class Known:
    """A value that the request or the system message says."""

    value: Json


@dataclass(frozen=True)
class Earlier:
    """A value that an earlier turn's observation holds for one of these output fields, the latest one, each with the
    selector of its entry in a list; wrapped in a list where the parameter takes one. The fields are mere guesses only
    where there are no better ones."""

    fits: tuple[tuple[Fit, Selector | None], ...]
    wrapped: bool = False


@dataclass(frozen=True)
class Output:
    """A value to be read from the result of a call, wrapped in a list where the parameter takes one."""

    call: PlannedCall
    path: str
    selector: Selector | None
    wrapped: bool = False


Expression = Known | Earlier | Output


@dataclass(frozen=True)
class PlannedCall:
    """A call whose arguments are still expressions."""

    spec: ToolSpec
    arguments: tuple[tuple[str, Expression], ...]

    def lookups(self) -> tuple[PlannedCall, ...]:
        """The calls that its arguments need."""
        needed = [source.call for _, source in self.arguments if isinstance(source, Output)]
        return tuple(call for source in needed for call in (*source.lookups(), source))


@dataclass(frozen=True)
class _Place:
    """Where in a plan a call is planned: after the goals of earlier tasks, beside the look-ups for the same task, and
    how deep in a chain of look-ups."""

    goals: Sequence[PlannedCall]
    beside: tuple[PlannedCall, ...] = ()
    depth: int = 0


class Planner:
    """Finds the tool of each task and a source for each argument."""

    def __init__(self, tools: Sequence[ToolSpec], fitting: Fitting, profile: Mapping[str, str] | None = None) -> None:
        self._tools = {spec.name: spec for spec in tools}
        self._profile = Profile(profile or {})
        self._fits = fitting.between(tools)

    def plan(self, tasks: Sequence[TaskPhrase]) -> tuple[PlannedCall, ...]:
        """One call for each task that names a tool's purpose; tasks that none fits are left out."""
        goals: list[PlannedCall] = []
        for task in tasks:
            spec = self._tool_for(task.text)
            planned = self._call(spec, task.slots, _Place(goals)) if spec else None
            if planned is not None:
                goals.append(planned)
        return tuple(goals)

    def _tool_for(self, text: str) -> ToolSpec | None:
        scored = [(likeness(text, spoken_request(spec)), spec) for spec in self._tools.values()]
        score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        return best if score >= _ALIKE else None

    def _call(self, spec: ToolSpec, slots: Sequence[Slot], place: _Place) -> PlannedCall | None:
        """A call of a tool with the slots as its arguments; none where a required one has no source."""
        if place.depth > _DEEPEST:
            return None
        assigned = assign(slots, labels(spec))
        if len(assigned) < len(slots):
            return None
        planned = PlannedCall(spec=spec, arguments=())
        for name in spec.properties:
            slot = assigned.get(name)
            if slot is None and name not in spec.required:
                continue
            beside = replace(place, beside=(*place.beside, *planned.lookups()))
            source = self._source(spec, name, slot, beside)
            if source is None:
                return None
            planned = replace(planned, arguments=(*planned.arguments, (name, source)))
        return planned

    def _source(self, spec: ToolSpec, name: str, slot: Slot | None, place: _Place) -> Expression | None:
        schema = spec.properties[name]
        if slot is not None and slot.values is not None:
            return Known(_as(schema, slot.values))
        if slot is None and (own := self._profile.value(spec, name)) is not None:
            return Known(own)
        fits = self._fits.get((spec.name, name), ())
        wrapped = schema.get("type") == "array"
        if slot is not None and slot.earlier:
            return self._from_before(fits, slot, wrapped=wrapped)
        if slot is not None and slot.resulting:
            return self._from_goal(fits, slot, place.goals, wrapped=wrapped)
        return self._from_lookup(fits, slot or Slot(label=""), place, wrapped=wrapped)

    def _from_before(self, fits: Sequence[Fit], slot: Slot, *, wrapped: bool) -> Earlier:
        """The output of an earlier turn, where its entries have what the request picks them by."""
        pairs = [(fit, self._selector(self._tools[fit.producer], fit.path, slot.selector)) for fit in fits]
        fitting = tuple(pair for pair in pairs if pair[1] is not None or slot.selector is None)
        return Earlier(tuple(pair for pair in fitting if not is_guess(pair[0])) or fitting, wrapped)

    def _from_goal(
        self, fits: Sequence[Fit], slot: Slot, goals: Sequence[PlannedCall], *, wrapped: bool
    ) -> Output | None:
        """The output of an earlier task of the same request, the latest that fits."""
        for goal in reversed(goals):
            for fit in fits:
                selector = self._selector(goal.spec, fit.path, slot.selector)
                if fit.producer == goal.spec.name and (selector is not None or slot.selector is None):
                    return _output(goal, fit.path, selector, wrapped=wrapped)
        return None

    def _from_lookup(self, fits: Sequence[Fit], slot: Slot, place: _Place, *, wrapped: bool) -> Output | None:
        """The output of a tool that can be called with what the slot tells: one that reads, since whatever changes
        something is asked for by itself.

        The shortest way comes first, then one without a choice that the request does not make, then one that uses what
        is looked up anyway, then the best fit; mere guesses come last.
        """
        found: list[tuple[bool, int, bool, int, float, Output]] = []
        deeper = replace(place, depth=place.depth + 1)
        for fit in fits:
            producer = self._tools[fit.producer]
            selector = self._selector(producer, fit.path, slot.selector)
            if producer.effect == "write" or (slot.selector is not None and selector is None):
                continue
            planned = self._call(producer, slot.inner, deeper)
            if planned is not None:
                output = _output(planned, fit.path, selector, wrapped=wrapped)
                unsaid = selector is None and _chooses(fit.path)
                calls = (*planned.lookups(), planned)
                new = sum(call not in place.beside for call in calls)
                found.append((is_guess(fit), len(calls), unsaid, new, -fit.score, output))
        return min(found, key=lambda item: item[:5])[5] if found else None

    @staticmethod
    def _selector(producer: ToolSpec, path: str, worded: Selector | None) -> Selector | None:
        """The selector with the field's name for its label, where the tool's entries have such a field; with the label
        where nobody declared what they have."""
        if worded is None or not _chooses(path):
            return None
        fields = fields_through(producer.returns, path)
        if not worded.field or not fields:
            return worded
        for field in fields:
            if worded.field in (short_field(field_label(producer, path, field)), label(field, {})):
                return worded.model_copy(update={"field": field})
        return None


def _chooses(path: str) -> bool:
    """Whether a path goes through a list or table, of which an entry has to be picked."""
    return not {"*", KEY}.isdisjoint(path.split("."))


def assign(slots: Sequence[Slot], names: dict[str, str]) -> dict[str, Slot]:
    """The slots by the parameters whose labels they bear, best likeness first."""
    pairs = sorted(
        ((_means(slot, text), index, name) for index, slot in enumerate(slots) for name, text in names.items()),
        key=lambda item: -item[0],
    )
    found: dict[str, Slot] = {}
    used: set[int] = set()
    for score, index, name in pairs:
        if score >= _ALIKE and index not in used and name not in found:
            found[name] = slots[index]
            used.add(index)
    return found


def _means(slot: Slot, text: str) -> float:
    """How well a slot's label names a parameter; one that says no value may leave the identifier away."""
    said = likeness(slot.label, text)
    return said if slot.values is not None else max(said, 0.99 * likeness(slot.label, spoken(text)))


def with_argument(call: PlannedCall, name: str, value: Expression) -> PlannedCall:
    """The call with another source for one argument."""
    return replace(call, arguments=tuple((key, value if key == name else old) for key, old in call.arguments))


def _as(schema: JsonObject, values: tuple[Json, ...]) -> Json:
    if schema.get("type") == "array":
        return list(values)
    value = values[0]
    if schema.get("type") == "string" and not isinstance(value, str):
        return canonical_json(value)
    return value


def _output(call: PlannedCall, path: str, selector: Selector | None, *, wrapped: bool) -> Output:
    """A list of scalars is taken as it is by a parameter that is a list; a scalar is wrapped."""
    plain = schema_at(call.spec.returns, path).get("type") != "array"
    return Output(call=call, path=path, selector=selector, wrapped=wrapped and plain)
