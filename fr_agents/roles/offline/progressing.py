"""Where a plan stands in a conversation: which of its calls were made, what they gave, and which come next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from fr_agents.roles.offline.conversation import Conversation, call_key
from fr_agents.roles.offline.planning import Earlier, Expression, Known, Output, PlannedCall
from tools.base import Json, JsonObject
from tools.origin import Selector
from tools.paths import KEY, entries_of, resolve
from tools.wording import label


@dataclass(frozen=True)
class Progress:
    """A conversation as planned calls see it. ``writes`` are the tools that change something."""

    conversation: Conversation
    writes: Collection[str]
    # By the identity of calls, which are kept beside their keys: calls hold whole tools, and are dear to compare.
    _keys: dict[int, tuple[PlannedCall, str | None]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def key(self, call: PlannedCall) -> str | None:
        """The key of a planned call, or none while its arguments are not known."""
        if id(call) not in self._keys:
            self._keys[id(call)] = call, self._key(call)
        return self._keys[id(call)][1]

    def _key(self, call: PlannedCall) -> str | None:
        try:
            return call_key(call.spec.name, {name: self.value(source) for name, source in call.arguments})
        except LookupError:
            return None

    def made(self, call: PlannedCall) -> bool:
        """Whether a planned call was made, and succeeded."""
        return self.key(call) in self.conversation.results

    def result(self, call: PlannedCall) -> Json:
        """What a planned call returned, or None while it did not succeed."""
        return self.conversation.results.get(self.key(call) or "")

    def value(self, source: Expression) -> Json:
        """The value of an expression. Raises LookupError where it is not known, or not unique."""
        if isinstance(source, Known):
            return source.value
        if isinstance(source, Earlier):
            return self._earlier(source)
        result = self.result(source.call)
        if result is None:
            raise LookupError("not called yet")
        value = _read(result, source.path, source.selector)
        return [value] if source.wrapped else value

    def next_calls(self, plan: Sequence[PlannedCall]) -> list[tuple[PlannedCall, JsonObject]]:
        """The calls of the next message: look-ups that are ready, and tasks in their order up to the first that waits.
        What failed is left out; once all the rest is done and has changed something, it is tried once more."""
        return list(self._ready(plan, again=False)) or list(self._ready(plan, again=True))

    def _ready(self, plan: Sequence[PlannedCall], *, again: bool) -> Iterator[tuple[PlannedCall, JsonObject]]:
        asked: set[str] = set()
        for goal in plan:
            pending = list(self._pending(goal, again=again))
            for planned, arguments in pending:
                key = call_key(planned.spec.name, arguments)
                if key not in asked:
                    asked.add(key)
                    yield planned, arguments
            if pending and all(planned is not goal for planned, _ in pending):
                return

    def _pending(self, call: PlannedCall, *, again: bool) -> Iterator[tuple[PlannedCall, JsonObject]]:
        """The calls to make now for ``call``: itself if its arguments are known, else what they wait for."""
        arguments: JsonObject = {}
        waiting = False
        for name, source in call.arguments:
            if isinstance(source, Output) and self.result(source.call) is None:
                yield from self._pending(source.call, again=again)
                waiting = True
                continue
            try:
                arguments[name] = self.value(source)
            except LookupError:
                return
        if not waiting and self._open(call_key(call.spec.name, arguments), again=again):
            yield call, arguments

    def _open(self, key: str, *, again: bool) -> bool:
        if self.conversation.failed(key):
            return again and self.conversation.changed_since(key, self.writes)
        return key not in self.conversation.results

    def _earlier(self, source: Earlier) -> Json:
        for name, content in reversed(self.conversation.earlier):
            for fit, selector in source.fits:
                if fit.producer == name:
                    try:
                        value = _read(content, fit.path, selector)
                    except LookupError:
                        continue
                    return [value] if source.wrapped and not isinstance(value, list) else value
        raise LookupError("no earlier turn told it")


def _read(content: Json, path: str, selector: Selector | None) -> Json:
    """The value at a path. A selector that has a label for its field's name, because the schema does not tell what
    fields there are, gets the name from the entries. Raises LookupError."""
    if selector is None or not selector.field:
        return resolve(content, path, selector)
    keys = path.split(".")
    choice = next(position for position, key in enumerate(keys) if key in ("*", KEY))
    rows = [entry for entry in entries_of(resolve(content, ".".join(keys[:choice]))) if isinstance(entry, dict)]
    named = {label(name, {}): name for row in rows for name in row}
    known = any(selector.field in row for row in rows)
    name = selector.field if known else named.get(selector.field, selector.field)
    return resolve(content, path, selector.model_copy(update={"field": name}))
