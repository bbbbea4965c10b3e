"""Tools that list names: where somebody looks who got one slightly wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tools.base import Record
from tools.fits import fits_into
from tools.paths import names_field, schema_leaves
from tools.spec import ToolSpec
from tools.wording import words

_LITTLE = frozenset(
    {"a", "an", "the", "of", "for", "to", "in", "on", "at", "by", "with", "and", "or", "all", "list", "get", "name"}
)


class Listing(Record):
    """A tool that reads, and the path in its output that goes through a list of names; ``field`` is the one that holds
    them, empty where the list, or the keys of a table, are names themselves."""

    tool: str
    path: str
    field: str


def fitting_lists(specs: tuple[ToolSpec, ...], tool: str, parameter: str) -> Iterator[Listing]:
    """The lists that can hold names for a parameter, as far as descriptions tell: the best fit of schemas first, then
    plain lists that the descriptions of both tools relate."""
    by_name = {spec.name: spec for spec in specs}
    fits = [fit for fit in fits_into(by_name[tool], specs) if fit.parameter == parameter]
    for fit in sorted(fits, key=lambda fit: -fit.score):
        field = names_field(fit.path)
        if field is not None and by_name[fit.producer].effect == "read":
            yield Listing(tool=fit.producer, path=fit.path, field=field)
    spec = by_name[tool]
    wanted = _terms(f"{spec.description} {spec.properties[parameter].get('description', '')}")
    scored = [(_share(_terms(by_name[item.tool].description), wanted), item) for item in plain_lists(specs)]
    yield from (item for score, item in sorted(scored, key=lambda pair: -pair[0]) if score and item.tool != tool)


def plain_lists(specs: Iterable[ToolSpec]) -> Iterator[Listing]:
    """The lists of texts that tools return which read and need no argument."""
    for spec in specs:
        if spec.effect == "read" and not spec.required:
            for leaf in schema_leaves(spec.returns):
                if leaf.schema_.get("type") == "string" and names_field(leaf.path) == "":
                    yield Listing(tool=spec.name, path=leaf.path, field="")


def _share(terms: set[str], wanted: set[str]) -> float:
    return len(terms & wanted) / len(terms) if terms else 0.0


def _terms(text: str) -> set[str]:
    return set(words(text)) - _LITTLE
