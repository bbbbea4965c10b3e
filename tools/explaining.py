"""What a tool needs, said to a person in a sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence

from tools.graph import ApiGraph, Edge
from tools.wording import words

_LONGEST_LIST = 5
_SHOWN = 3
# "a user_id", "an hour", "an sms": what decides is how a word is spoken, not how it is written.
_LIKE_YOU = ("eu", "one", "ui", "uk", "uni", "uri", "url", "usa", "usb", "usd", "use", "usu", "utc", "util", "uuid")
_SILENT_H = ("heir", "honest", "honor", "honour", "hour")
_SPELLED = frozenset({*"aefhilmnorsx", "ftp", "html", "http", "mfa", "rgb", "sms", "sql", "ssh", "ssl", "ssn", "xml"})


def explain(graph: ApiGraph, tool: str) -> str:
    """What ``tool`` needs before it can be called, what it can take from others, and what undoes it, in plain English.

    Raises:
        LookupError: the graph has no such tool.
    """
    if tool not in graph.specs:
        raise LookupError(_unknown(graph, tool))
    needs = [clause for clause in (_values(graph, tool), _state(graph, tool)) if clause]
    clauses = needs or [f"{tool} needs nothing first"]
    clauses += [clause for clause in (_optional(graph, tool), _offers(graph, tool)) if clause]
    clauses += _breaks(graph, tool)
    if undoers := graph.undoers(tool):
        clauses.append(f"undone by {_listed(undoers, 'or')}")
    return "; ".join(clauses) + "."


def _unknown(graph: ApiGraph, tool: str) -> str:
    close = difflib.get_close_matches(tool, graph.specs, n=3)
    hint = f" Did you mean {_listed(close, 'or')}?" if close else ""
    return f"there is no tool {tool!r} among the {len(graph.specs)} of this graph.{hint}"


def _values(graph: ApiGraph, tool: str) -> str:
    """ "book_flight needs an access_token from authenticate_travel": the values that it cannot be called without."""
    needed = {name: graph.required_sources(tool, name) for name in graph.needed_values(tool)}
    groups = [_from([_with_article(name) for name in names], tools) for names, tools in _grouped(needed)]
    return f"{tool} needs {_phrases(groups)}" if groups else ""


def _state(graph: ApiGraph, tool: str) -> str:
    """ "before it, sign_in must have been called": the state that it checks."""
    needs = graph.state_needs(tool)
    if not needs:
        return ""
    opening = "before it" if graph.needed_values(tool) else f"Before {tool}"
    if len(needs) == 1:
        told = _listed(needs[0], "or")
    elif all(len(need) == 1 for need in needs):
        told = _listed((name for need in needs for name in need), "and")
    else:
        told = _phrases([_one_of(need) for need in needs])
    return f"{opening}, {told} must have been called"


def _optional(graph: ApiGraph, tool: str) -> str:
    """ "its optional coupon comes from list_coupons"."""
    spec = graph.specs[tool]
    free = {name: graph.required_sources(tool, name) for name in spec.properties if name not in spec.required}
    groups = [_from(names, tools, _comes(names)) for names, tools in _grouped(free)]
    return f"its optional {_phrases(groups)}" if groups else ""


def _offers(graph: ApiGraph, tool: str) -> str:
    """ "it can take travel_from from get_nearest_airport (or the user says it)"."""
    offered = {
        name: graph.sources(tool, name)
        for name in graph.specs[tool].properties
        if not graph.required_sources(tool, name)
    }
    grouped = _grouped(offered)
    count = sum(len(names) for names, _ in grouped)
    groups = [_from(names, tools) for names, tools in grouped]
    return f"it can take {_phrases(groups)} (or the user says {'it' if count == 1 else 'them'})" if groups else ""


def _breaks(graph: ApiGraph, tool: str) -> Iterator[str]:
    """ "it no longer works after sign_out": what undoes its needs. Of a tool that meets the same need, only other
    arguments do that ("cool_camera with other arguments undoes it")."""
    enablers = {name for need in graph.prerequisites(tool) for name in need}
    breakers = [name for name in graph.breakers(tool) if name != tool]
    if others := [name for name in breakers if name not in enablers]:
        yield f"it no longer works after {_listed(others, 'or')}"
    if ambivalent := [name for name in breakers if name in enablers]:
        yield f"{_listed(ambivalent, 'or')} with other arguments undoes it"
    if tool in graph.breakers(tool):
        yield "calling it uses up what it needs"


def _grouped(sources: dict[str, tuple[Edge, ...]]) -> list[tuple[list[str], tuple[str, ...]]]:
    """Parameters with the tools that give them a value; those with the same tools together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for parameter, edges in sources.items():
        if edges:
            groups.setdefault(tuple(dict.fromkeys(edge.producer for edge in edges)), []).append(parameter)
    return [(parameters, producers) for producers, parameters in groups.items()]


def _from(parameters: Sequence[str], producers: Sequence[str], verb: str = "") -> str:
    return f"{_listed(parameters, 'and')} {verb}from {_listed(producers, 'or')}"


def _comes(parameters: Sequence[str]) -> str:
    return "come " if len(parameters) > 1 or _plural(parameters[0]) else "comes "


def _one_of(need: Sequence[str]) -> str:
    """Alternatives as one item of a list."""
    if len(need) == 1:
        return need[0]
    return f"either {_listed(need, 'or')}" if len(need) == 2 else f"one of {_listed(need, 'and')}"


def _listed(items: Iterable[str], conjunction: str) -> str:
    """ "a", "a or b", "a, b or c", "a, b, c or 7 others"."""
    names = list(items)
    if len(names) > _LONGEST_LIST:
        names = [*names[:_SHOWN], f"{len(names) - _SHOWN} others"]
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}" if len(names) > 1 else names[0]


def _phrases(phrases: Sequence[str]) -> str:
    """A list with "and", its items set apart by commas where there are many, one holds an "and" itself, or the first
    one an "or", to which the "and" would seem to belong."""
    apart = len(phrases) > 2 or " or " in phrases[0] or any(" and " in phrase for phrase in phrases)
    if len(phrases) == 1 or not apart:
        return " and ".join(phrases)
    return f"{', '.join(phrases[:-1])}, and {phrases[-1]}"


def _with_article(name: str) -> str:
    if _plural(name):
        return name
    first = next(iter(words(name)), name.lower())
    if first in _SPELLED or first.startswith(_SILENT_H):
        return f"an {name}"
    like_vowel = first[0] in "aeiou" and len(first) > 1 and not first.startswith(_LIKE_YOU)
    return f"an {name}" if like_vowel else f"a {name}"


def _plural(name: str) -> bool:
    """Whether the last word is no singular: "card_ids", "cities", but not "status"."""
    last = words(name)[-1:]
    return bool(last) and not name.lower().endswith(last[0])
