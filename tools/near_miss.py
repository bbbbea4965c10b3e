"""Slips of the pen: a name as somebody gets it slightly wrong, and which name was meant."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_SHORTEST = 4
_OTHER_ENDINGS = {
    "txt": ("md", "doc"),
    "md": ("txt",),
    "pdf": ("docx",),
    "doc": ("docx", "pdf"),
    "docx": ("doc", "pdf"),
    "xls": ("xlsx", "csv"),
    "xlsx": ("xls", "csv"),
    "csv": ("xlsx", "txt"),
    "jpg": ("jpeg", "png"),
    "jpeg": ("jpg",),
    "png": ("jpg",),
    "json": ("yaml",),
    "yaml": ("yml",),
    "yml": ("yaml",),
    "html": ("htm",),
    "log": ("txt",),
    "py": ("txt",),
    "sh": ("txt",),
}
_SEPARATORS = re.compile(r"[-_ ]+")
_LETTERS_PER_SLIP = 4
_MOST_SLIPS = 2


def near_miss(name: str, rng: random.Random) -> str:
    """A plausible slip of a name that exists: two letters swapped, one doubled or lost, a singular for a plural, and in
    a file name another ending, case or separator. Never the name itself, and at least four characters long.

    Raises:
        ValueError: the name has too few letters to get it wrong and still be understood.
    """
    stem, ending = _split(name)
    is_file = bool(ending) or "_" in stem
    kinds = [_swapped(stem), _doubled(stem), _lost(stem), _other_number(stem)]
    if is_file:
        kinds += [_other_case(stem), _other_separator(stem)]
    slips = [[slip + ending for slip in kind] for kind in kinds]
    slips.append([f"{stem}.{other}" for other in _OTHER_ENDINGS.get(ending[1:].lower(), ())])
    fitting = [[slip for slip in kind if slip != name and len(slip) >= _SHORTEST] for kind in slips]
    fitting = [kind for kind in fitting if kind]
    if not fitting:
        raise ValueError(f"{name!r} is too short for a slip that could still be understood")
    return rng.choice(rng.choice(fitting))


def closest(name: str, among: Iterable[str]) -> str | None:
    """The one of ``among`` that ``name`` is, or is a slip of; None where two are about as close, or none is close.

    Case, separators and the ending of a file name weigh less than letters.
    """
    return _closest(name, tuple(sorted(set(among))))


@lru_cache(maxsize=4096)
def _closest(name: str, names: tuple[str, ...]) -> str | None:
    if name in names:
        return name
    ranked = sorted((_distance(name, other), other) for other in names)
    if not ranked or ranked[0][0] > min(_MOST_SLIPS, max(1, len(name) // _LETTERS_PER_SLIP)):
        return None
    rival = ranked[1][0] if len(ranked) > 1 else None
    return ranked[0][1] if rival is None or rival > 2 * ranked[0][0] else None


def _split(name: str) -> tuple[str, str]:
    """A name without, and with only, its ending: that of a file, or the domain of an address."""
    stem, dot, ending = name.rpartition(".")
    if stem and ending.lower() in _OTHER_ENDINGS:
        return stem, dot + ending
    stem, at, domain = name.partition("@")
    return (stem, at + domain) if stem else (name, "")


def _inner(stem: str) -> Iterator[int]:
    """Places of letters that follow a letter: nobody gets the first one of a word wrong."""
    return (place for place in range(1, len(stem)) if stem[place].isalpha() and stem[place - 1].isalpha())


def _swapped(stem: str) -> list[str]:
    pairs = [place for place in _inner(stem) if place + 1 < len(stem) and stem[place + 1].isalpha()]
    return [stem[:at] + stem[at + 1] + stem[at] + stem[at + 2 :] for at in pairs if stem[at] != stem[at + 1]]


def _doubled(stem: str) -> list[str]:
    """One letter too many, where there are not two alike already."""
    return [
        stem[: at + 1] + stem[at] + stem[at + 1 :]
        for at in _inner(stem)
        if stem[at] not in (stem[at - 1].lower(), stem[at + 1 : at + 2])
    ]


def _lost(stem: str) -> list[str]:
    return [stem[:at] + stem[at + 1 :] for at in _inner(stem)]


def _other_number(stem: str) -> list[str]:
    """The plural of a singular and the other way round; not of names of people and places, which have a capital."""
    last = _SEPARATORS.split(stem)[-1]
    if len(last) < _SHORTEST or not last.isalpha() or not last.islower():
        return []
    return [stem[:-1]] if last.endswith("s") and not last.endswith("ss") else [stem + "s"]


def _other_case(stem: str) -> list[str]:
    return [slip for slip in (stem.lower(), stem.title(), stem[0].upper() + stem[1:]) if slip != stem]


def _other_separator(stem: str) -> list[str]:
    return [_SEPARATORS.sub(mark, stem) for mark in "-_ "] if _SEPARATORS.search(stem.strip()) else []


def _distance(one: str, other: str) -> int:
    """How many letters two names differ in, where another ending of a file counts as one."""
    (stem, ending), (other_stem, other_ending) = _split(one), _split(other)
    return _edits(_plain(stem), _plain(other_stem)) + (ending.lower() != other_ending.lower())


def _plain(stem: str) -> str:
    return _SEPARATORS.sub(" ", stem.casefold())


def _edits(one: str, other: str) -> int:
    """Letters to insert, delete, replace or swap with their neighbours (optimal string alignment); as many as one name
    is longer, where that alone is too far off for any slip."""
    if abs(len(one) - len(other)) > 2 * _MOST_SLIPS:
        return abs(len(one) - len(other))
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        current = [i]
        for j, facing in enumerate(other, 1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and facing == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, row = row, current
    return row[-1]
