"""The language of offline queries: tasks, and slots that say or circumscribe a value.

    task   Please book a flight, using SLOT, SLOT and SLOT.
    slot   the LABEL "text"            the LABEL 12            the LABEL set to yes
           the LABEL from before       the LABEL "a" and "b"       the resulting LABEL
           the LABEL from before with the lowest FIELD     the LABEL from before whose FIELD is "text"
           the LABEL with the lowest FIELD     the LABEL whose FIELD is "text"     the LABEL that comes first
           the LABEL for SLOT                  the LABEL (given SLOT and SLOT)

A slot whose value has to be looked up names what it is looked up from, never the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tools.base import Json, Record
from tools.origin import Selector

_IDENTIFIER = re.compile(r"^(?:unique )?(?:ID|identifier) of the (?:newly |new )?", re.IGNORECASE)


class Slot(Record):
    """A value in a request: said (``values``), meant from an earlier turn (``earlier``) or from an earlier task of the
    same request (``resulting``), or to be looked up from the ``inner`` ones.

    ``selector`` names the entry where the look-up gives a list; its ``field`` is a label, as a person says it.
    """

    label: str
    values: tuple[Json, ...] | None = None
    earlier: bool = False
    resulting: bool = False
    selector: Selector | None = None
    inner: tuple[Slot, ...] = ()


class TaskPhrase(Record):
    """One thing that a request asks for."""

    text: str
    slots: tuple[Slot, ...]


class Unsayable(ValueError):  # noqa: N818 - not a defect: the language has no words for it
    """A value that this language cannot say."""


def say_task(task: TaskPhrase) -> str:
    """The task as a sentence without opening words and without a full stop."""
    return f"{task.text}, using {_joined(task.slots)}" if task.slots else task.text


def say_slot(slot: Slot) -> str:
    """The slot in words. Raises Unsayable."""
    if slot.values == ():
        raise Unsayable(f"there are no words for an empty {slot.label}")
    if slot.values is not None:
        return f"the {slot.label} {' and '.join(_literal(value) for value in slot.values)}"
    name = f"{'resulting ' if slot.resulting else ''}{spoken(slot.label)}{' from before' if slot.earlier else ''}"
    text = _selected(name, slot.selector) if slot.selector is not None else f"the {name}"
    if len(slot.inner) == 1 and not slot.inner[0].inner:
        return f"{text} for {say_slot(slot.inner[0])}"
    return f"{text} (given {_joined(slot.inner)})" if slot.inner else text


def _joined(slots: Sequence[Slot]) -> str:
    texts = [say_slot(slot) for slot in slots]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _selected(label: str, selector: Selector) -> str:
    if selector.kind == "first":
        return f"the {label} that comes first"
    field = short_field(selector.field)
    if selector.kind == "equals":
        return f"the {label} whose {field} is {_literal(selector.value)}"
    return f"the {label} with the {'lowest' if selector.kind == 'min' else 'highest'} {field}"


def spoken(label: str) -> str:
    """How a person means a thing without saying its identifier: "ID of the booking" is "booking"."""
    return _IDENTIFIER.sub("", label)


def short_field(label: str) -> str:
    """A field's label without the thing it belongs to, which the slot names: "price of the flight" is "price"."""
    return label.split(" of the ", 1)[0]


def _literal(value: Json) -> str:
    if isinstance(value, bool):
        return f"set to {'yes' if value else 'no'}"
    if isinstance(value, str):
        if '"' in value or "\n" in value:
            raise Unsayable(f"the text {value!r} cannot be put in quotation marks")
        return f'"{value}"'
    if isinstance(value, dict) and not any('"' in str(item) for item in value.values()):
        return json.dumps(value)
    if isinstance(value, int | float):
        return json.dumps(value)
    raise Unsayable(f"there are no words for {value!r}")


_TOKEN = re.compile(
    r'(?P<text>"[^"\n]*")|(?P<object>\{[^{}]*\})|(?P<number>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w]))'
    r"|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<stop>[.?!](?=\s|$))|(?P<word>[^\s\"(),]+?(?=[,)]|[.?!](?:\s|$)|\s|$))",
    re.IGNORECASE,
)


class Token(Record):
    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """The text in words, quoted texts, numbers and marks."""
    return [Token(kind=str(match.lastgroup), text=match.group()) for match in _TOKEN.finditer(text)]
