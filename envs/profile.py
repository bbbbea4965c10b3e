"""What a world's system message tells about its user: what environments declare, and what names give away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol, runtime_checkable

from envs.environment import Environment, KnownValue
from tools.base import Json, JsonObject, canonical_json
from tools.profile import ProfileEntry, is_secret
from tools.signing_in import signs_in
from tools.spec import ToolSpec
from tools.wording import labels

__all__ = ["HasProfile", "ProfileEntry", "declared_profile", "distinct", "profile_of"]


@runtime_checkable
class HasProfile(Protocol):
    """An environment that declares what is known of its user. No environment has to."""

    def profile(self) -> Sequence[ProfileEntry]:
        """The entries in the present state, one value for a parameter at most: a request names none of them."""
        ...


def profile_of(environment: Environment, pick: int = 0) -> tuple[ProfileEntry, ...]:
    """What an environment declares, and, of the known values of other parameters, one for each that is a secret by its
    name or that the user signs in with. Where the user could be one of several people, ``pick`` says which."""
    declared = declared_profile(environment)
    held = {parameter for entry in declared for parameter in entry.parameters}
    found: dict[str, ProfileEntry] = {}
    for new in _derived(environment, held, pick):
        key = canonical_json([new.label, new.value])
        entry = found.get(key, new)
        parameters = tuple(dict.fromkeys([*entry.parameters, *new.parameters]))
        found[key] = entry.model_copy(update={"parameters": parameters})
    return (*declared, *found.values())


def declared_profile(environment: Environment) -> tuple[ProfileEntry, ...]:
    """What an environment declares; a tool named like the declaration is none."""
    if not isinstance(environment, HasProfile) or any(spec.name == "profile" for spec in environment.specs()):
        return ()
    return tuple(environment.profile())


def _derived(environment: Environment, held: Collection[str], pick: int) -> Iterator[ProfileEntry]:
    """An entry for each parameter of each tool; all of them are about one person, and of one card."""
    known: dict[str, list[KnownValue]] = {}
    for item in environment.known_values():
        known.setdefault(item.parameter, []).append(item)
    chosen: dict[str, Json] = {}
    for spec in environment.specs():
        for name, schema in spec.properties.items():
            qualified = f"{spec.name}.{name}"
            listed = known.get(qualified, known.get(name, []))
            values = [item.value for item in listed if item.goes_with(chosen)]
            if values and not {name, qualified}.intersection(held) and _own(spec, name, schema, listed[0]):
                value = values[pick % len(values)]
                chosen.setdefault(name, value)
                yield ProfileEntry(label=labels(spec)[name], value=value, parameters=(qualified,))


def _own(spec: ToolSpec, name: str, schema: JsonObject, known: KnownValue) -> bool:
    """Whether a parameter takes what is the user's own: a secret, or the name to sign in with."""
    if is_secret(name):
        return True
    return signs_in(spec) and schema.get("type") == "string" and "enum" not in schema and not known.opaque


def distinct(entries: Sequence[ProfileEntry], specs: Sequence[ToolSpec]) -> tuple[ProfileEntry, ...]:
    """The entries that one of these tools takes; where two of them are for parameters of the same name, or have the
    same label, each says which tool it is for."""
    kept = [entry for entry in entries if _takers(entry, specs)]
    taken = Counter(word for entry in kept for word in _called(entry))
    return tuple(
        _explained(entry, specs) if any(taken[word] > 1 for word in _called(entry)) else entry for entry in kept
    )


def _called(entry: ProfileEntry) -> frozenset[str]:
    """What an entry might be taken for: the names of its parameters, and its label."""
    return frozenset([entry.label.casefold(), *(name.rpartition(".")[2] for name in entry.parameters)])


def _takers(entry: ProfileEntry, specs: Sequence[ToolSpec]) -> tuple[str, ...]:
    """The tools that take an entry's value."""
    names = {*entry.parameters}
    return tuple(spec.name for spec in specs if names & {key for name in spec.properties for key in _keys(spec, name)})


def _keys(spec: ToolSpec, name: str) -> tuple[str, str]:
    return name, f"{spec.name}.{name}"


def _explained(entry: ProfileEntry, specs: Sequence[ToolSpec]) -> ProfileEntry:
    return entry.model_copy(update={"label": f"{entry.label} (for {', '.join(_takers(entry, specs))})"})
