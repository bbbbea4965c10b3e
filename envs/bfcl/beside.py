"""Values that make sense only beside others of the same call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from tools.base import Json

_NOTHING: Any = MappingProxyType({})


class Beside(NamedTuple):
    """A value, and for other parameters of its call the values beside which alone it makes sense."""

    value: Json
    beside: dict[str, tuple[Json, ...]] = _NOTHING


Told = dict[str, list[Json | Beside]]


def paired(pairs: Iterable[tuple[Json, Json]], first: str) -> Iterator[Beside]:
    """The second value of each pair, beside the values of the parameter ``first`` with which it forms one."""
    found: dict[Json, list[Json]] = {}
    for one, other in pairs:
        found.setdefault(other, []).append(one)
    return (Beside(other, {first: tuple(ones)}) for other, ones in found.items())


def different(values: Sequence[Json], first: str) -> Iterator[Beside]:
    """Each value, beside all others but itself."""
    return (Beside(value, {first: tuple(other for other in values if other != value)}) for value in values)
