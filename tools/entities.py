"""Names of people, places and things among the texts of arguments and results, told by what the fields are called."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from tools.base import Json, JsonObject
from tools.texts import text_kind
from tools.wording import words

EntityKind = Literal["person", "place", "room", "file", "company", "topic"]

_KINDS: dict[str, EntityKind] = {
    **dict.fromkeys(("person", "colleague", "contact", "customer", "guest", "owner", "author", "friend"), "person"),
    **dict.fromkeys(("user", "username", "receiver", "recipient", "employee", "assignee", "attendee"), "person"),
    **dict.fromkeys(("city", "town", "location", "place", "country", "region"), "place"),
    "room": "room",
    **dict.fromkeys(("file", "document", "folder", "directory", "dir"), "file"),
    **dict.fromkeys(("company", "firm", "airline", "vendor", "supplier"), "company"),
    **dict.fromkeys(("event", "meeting", "topic", "project", "product"), "topic"),
}
_GENERIC = frozenset({"name", "title", "label", "source", "full"})
# What is no name even where it stands beside one: a word to search for, a property, a number written as text.
_NO_NAMES = frozenset(
    {"keyword", "pattern", "query", "type", "mode", "status", "state", "class", "unit", "format", "currency", "date"}
    | {
        "time",
        "role",
        "job",
        "department",
        "priority",
        "email",
        "phone",
        "address",
        "zip",
        "zipcode",
        "code",
        "id",
        "number",
    }
    | {"first", "last", "password", "pin", "secret", "token", "key", "passport", "card", "path"}
)
_OWN = frozenset({"username", "user", "login", "owner", "author", "creator"})
_CODE = re.compile(r"\d{3,}|^[A-Z0-9]{1,6}$|[A-Za-z]+[-_]\d|^\W|[/@\\\"\n]|://")
_FILE = re.compile(r"[\w .-]+\.[A-Za-z]{1,5}")
_LONGEST = 40
_MOST_WORDS = 5


class Entity(NamedTuple):
    """A name, what it names, and whether the user knows it: said it, or was shown it in an earlier turn."""

    name: str
    kind: EntityKind
    known: bool = True


def entity_kind(name: str, description: str = "", parent: str = "") -> EntityKind | None:
    """What a parameter or a field names, or None where it names nothing; a mere ``name`` is told by the list that it
    stands in or by its description."""
    own = words(name)
    if _NO_NAMES.intersection(own):
        return None
    for group in (own, words(parent) if _GENERIC.intersection(own) else (), words(description)):
        found = next((_KINDS[word] for word in reversed(group) if word in _KINDS), None)
        if found is not None:
            return found
        if not _GENERIC.intersection(own):
            return None
    return None


def said_kind(tool: str, name: str, schema: JsonObject) -> EntityKind | None:
    """What an argument that the user said names; nothing where it is one of a few set words, or free text."""
    kind = entity_kind(name, str(schema.get("description", "")))
    if "enum" in schema and kind not in ("place", "company", "person"):
        return None
    return kind if kind == "topic" or text_kind(tool, name, schema) is None else None


def shown_kind(name: str, parent: str, description: str) -> EntityKind | None:
    """What a text of a result names. Whose account it is stands in many of them, which is no news to its user."""
    return None if _OWN.intersection(words(name)) else entity_kind(name, description, parent)


def is_name(value: Json, kind: EntityKind) -> bool:
    """Whether a value can stand in a sentence as a name: short, no code or account, no number, no date, no
    sentence."""
    if not isinstance(value, str) or not 2 < len(value) <= _LONGEST or len(value.split()) > _MOST_WORDS:
        return False
    if kind == "file":
        return _FILE.fullmatch(value) is not None and any(letter.isalpha() for letter in value)
    return _CODE.search(value) is None and value[0].isupper() and value[-1] not in ".!?,;:"
