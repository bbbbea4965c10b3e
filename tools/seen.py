"""What a turn has shown so far: numbers that later ones can follow from, and the names that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tools.base import Json, JsonObject, is_number
from tools.dates import newest_date
from tools.entities import Entity, is_name, said_kind, shown_kind
from tools.figures import Figure, Role, figure_role
from tools.paths import OutputLeaf, leaf_values, schema_leaves
from tools.signing_in import signs_in
from tools.spec import ToolSpec
from tools.trace import Step


@dataclass(frozen=True)
class Seen:
    """The steps of a turn, and before them those of earlier turns, as its user saw them.

    Attributes:
        specs: The tools by name.
        steps: This turn's steps.
        earlier: Those of earlier turns.
        observed_numbers: How often a number that the user says follows from one that was seen (rule 6).
        today: The day that it is, where no environment tells.
    """

    specs: Mapping[str, ToolSpec]
    steps: Sequence[Step]
    earlier: Sequence[Step] = ()
    observed_numbers: float = 0.0
    today: str | None = None

    def numbers(
        self, tool: str, parameter: str, schema: JsonObject, chosen: Mapping[str, Json] | None = None
    ) -> list[tuple[Figure, Role]]:
        """Numbers in results that bear on a parameter, and how: the same thing, or a bound for it.

        Those come first that are about what ``chosen`` arguments of the same call are about (the price of that very
        stock), then newer ones; those about something else of its kind are left out.
        """
        roles = ((figure, figure_role(tool, parameter, schema, figure)) for figure in self.figures_about(chosen or {}))
        return [(figure, role) for figure, role in roles if role is not None]

    def figures_about(self, chosen: Mapping[str, Json]) -> list[Figure]:
        """All numbers of results, without those about something else than the chosen arguments; nearest first."""
        beside = {name: value for name, value in chosen.items() if isinstance(value, str)}
        near = ((figure.about(beside), figure) for figure in self._figures)
        ranked = sorted(((depth, figure) for depth, figure in near if depth is not None), key=lambda item: -item[0])
        return [figure for _, figure in ranked]

    def entities(self) -> tuple[str, ...]:
        """Names of people, places and things that the user said or that results showed, newest first."""
        return tuple(dict.fromkeys(entity.name for entity in self.named))

    @cached_property
    def named(self) -> tuple[Entity, ...]:
        """The same with what each one names; ``known`` are those that the user said or saw in an earlier turn."""
        found: dict[str, Entity] = {}
        for entity in self._named():
            if entity.name not in found or (entity.known and not found[entity.name].known):
                found[entity.name] = entity
        return tuple(found.values())

    def addressee(self, chosen: Mapping[str, Json]) -> str | None:
        """The person whom a call with these arguments goes to: whose look-up gave one of them, or who is one."""
        given = {value for value in chosen.values() if isinstance(value, str)}
        for step in self._newest_first:
            people = self._said_in(step, kinds=("person",))
            shown = {value for _, value in leaf_values(step.observation.content) if isinstance(value, str)}
            for entity in people:
                if entity.name in given or given & shown:
                    return entity.name
        return None

    @cached_property
    def latest_date(self) -> str | None:
        """The latest day that stands in the results: where nobody tells what day it is, it is at least about then."""
        return newest_date(step.observation.content for step in self._newest_first)

    @cached_property
    def _newest_first(self) -> tuple[Step, ...]:
        steps = (*reversed(self.steps), *reversed(self.earlier))
        return tuple(step for step in steps if not step.observation.failed)

    @cached_property
    def _figures(self) -> tuple[Figure, ...]:
        return tuple(figure for step in self._newest_first for figure in self._figures_of(step))

    def _figures_of(self, step: Step) -> Iterator[Figure]:
        leaves = self._leaves(step)
        for path, value in leaf_values(step.observation.content):
            if is_number(value):
                leaf = _leaf_at(leaves, path)
                row = {**step.call.arguments, **_row(step.observation.content, path)}
                texts = tuple((key, item) for key, item in sorted(row.items()) if isinstance(item, str))
                yield Figure(value, leaf.name, leaf.description, texts)

    def _named(self) -> Iterator[Entity]:
        own = {step.call.id for step in self.steps}
        for step in self._newest_first:
            yield from self._said_in(step)
            leaves = self._leaves(step)
            for path, value in leaf_values(step.observation.content):
                leaf = _leaf_at(leaves, path)
                kind = shown_kind(leaf.name, leaf.parent, leaf.description)
                if kind is not None and is_name(value, kind):
                    yield Entity(value, kind, known=step.call.id not in own)

    def _said_in(self, step: Step, kinds: Sequence[str] = ()) -> Iterator[Entity]:
        """The names among the arguments that the user said; whoever signs in is nobody to write about."""
        spec = self.specs.get(step.call.name)
        if spec is None or signs_in(spec):
            return
        properties = spec.properties
        for name, origin in step.origins.items():
            kind = said_kind(step.call.name, name, properties.get(name, {})) if origin.kind == "query" else None
            value = step.call.arguments.get(name)
            if kind is not None and (not kinds or kind in kinds) and is_name(value, kind):
                yield Entity(str(value), kind)

    def _leaves(self, step: Step) -> dict[str, OutputLeaf]:
        if step.call.name not in self.specs:
            return {}
        return _leaves_of(self.specs[step.call.name])


_LEAVES: dict[str, dict[str, OutputLeaf]] = {}


def _leaves_of(spec: ToolSpec) -> dict[str, OutputLeaf]:
    """The leaves of a tool's result by path, remembered for each tool: a walk asks for them at every step."""
    if spec.fingerprint not in _LEAVES:
        _LEAVES[spec.fingerprint] = {leaf.path: leaf for leaf in schema_leaves(spec.returns)}
    return _LEAVES[spec.fingerprint]


def _leaf_at(leaves: Mapping[str, OutputLeaf], path: str) -> OutputLeaf:
    """The leaf that the schema declares for a path, or one without a description."""
    general = ".".join("*" if key.isdecimal() else key for key in path.split("."))
    return leaves.get(general) or OutputLeaf(path=general, schema_={})


def _row(content: Json, path: str) -> JsonObject:
    """The object that a scalar of a result stands in."""
    value = content
    row: JsonObject = {}
    for key in path.split("."):
        if isinstance(value, dict):
            row, value = value, value.get(key)
        elif isinstance(value, list):
            value = value[int(key)]
    return row
