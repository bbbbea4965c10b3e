"""How a turn goes on with earlier ones, as far as its executed calls tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.base import canonical_json
from tools.reference import belongs_to_session, earlier_sources, made_ids, names_in, said_names
from tools.spec import ToolSpec
from tools.trace import Relation, Step, succeeded
from tools.wording import words

# Verbs of tools that change or take back what another call did: anywhere in a name, or first in a description.
_CHANGES = frozenset(
    {"cancel", "undo", "remove", "delete", "revoke", "reverse", "revert", "withdraw", "retract", "rescind", "void"}
    | {"unfollow", "unlike", "unshare", "unpublish", "unassign", "unsubscribe", "unregister", "uninvite", "unpin"}
    | {"reopen", "edit", "modify", "amend", "correct", "update", "rename", "reschedule", "replace", "reassign"}
)
# Verbs that are nouns as well count where a name begins with them. A description's "Return" or "Returns" says only that
# there is a result.
_CHANGES_FIRST = frozenset({"return", "close", "change"})


def possible_relations(
    steps: Sequence[Step], earlier: Sequence[Step], specs: Mapping[str, ToolSpec]
) -> tuple[Relation, ...]:
    """The relations that a turn's gold ``steps`` can have to the accepted steps of earlier turns, the strongest claim
    first; never empty, and ``new_topic`` alone where nothing else holds.

    What belongs to a session (``belongs_to_session``) makes no relation: to have logged in once is no topic. Neither do
    calls that failed.

    correction: A call that changes the state refers to what an earlier turn's change made or named, and either makes
        the same call with at least one argument the same and one different, without making a further thing by it (a
        second message to the same person corrects nothing), or its tool changes or takes back (``cancel_booking``).
    drill_down: All calls only read, and an argument comes from an earlier turn's observation.
    follow_up: An argument comes from an earlier turn's observation.
    same_entity: No argument does, but one that the user says names something (``names_in``) that an argument of an
        earlier turn named too.
    new_topic: None of these.
    """
    return tuple(related_calls(steps, earlier, specs)) or ("new_topic",)


def related_calls(
    steps: Sequence[Step], earlier: Sequence[Step], specs: Mapping[str, ToolSpec]
) -> dict[Relation, tuple[str, ...]]:
    """The ids of the earlier calls that each possible relation goes back to, the strongest claim first; empty for a new
    topic."""
    steps, earlier = succeeded(steps), succeeded(earlier)
    taken = {source for step in steps for sources in earlier_sources(step).values() for source in sources}
    corrected = {write.call.id for write in earlier if any(_corrects(step, write, specs) for step in steps)}
    reads_only = all(_reads(step, specs) for step in steps)
    claims: dict[Relation, set[str]] = {
        "correction": corrected,
        "drill_down": taken if reads_only else set(),
        "follow_up": taken,
        "same_entity": set() if taken else _about_the_same(steps, earlier, specs),
    }
    found = {name: tuple(step.call.id for step in earlier if step.call.id in ids) for name, ids in claims.items()}
    return {name: ids for name, ids in found.items() if ids}


def _reads(step: Step, specs: Mapping[str, ToolSpec]) -> bool:
    spec = specs.get(step.call.name)
    return not step.changed_state and (spec is None or spec.effect == "read")


def _about_the_same(steps: Sequence[Step], earlier: Sequence[Step], specs: Mapping[str, ToolSpec]) -> set[str]:
    said = frozenset[str]().union(*(names for step in steps for names in said_names(step, specs).values()))
    return {step.call.id for step in earlier if any(said & names for names in names_in(step, specs).values())}


def _corrects(step: Step, write: Step, specs: Mapping[str, ToolSpec]) -> bool:
    if not (step.changed_state and write.changed_state):
        return False
    return _does_again(step, write, specs) or (takes_back(specs.get(step.call.name)) and _takes(step, write, specs))


def _does_again(step: Step, write: Step, specs: Mapping[str, ToolSpec]) -> bool:
    """Whether it is the same call about the same thing with something else in it, and no second thing comes of it."""
    if step.call.name != write.call.name:
        return False
    now, then = ({name: canonical_json(value) for name, value in item.call.arguments.items()} for item in (step, write))
    references = {*earlier_sources(step), *said_names(step, specs)}
    same = any(now[name] == then.get(name) for name in references)
    different = any(now.get(name) != then.get(name) for name in {*now, *then} if not belongs_to_session(name))
    return same and different and made_ids(step) <= made_ids(write)


def takes_back(spec: ToolSpec | None) -> bool:
    """Whether a tool changes or takes back what another call did, by the verbs of its name and description."""
    if spec is None:
        return False
    name = words(spec.name)
    return bool(_CHANGES.intersection((*name, *words(spec.description)[:1])) or _CHANGES_FIRST.intersection(name[:1]))


def _takes(step: Step, write: Step, specs: Mapping[str, ToolSpec]) -> bool:
    """Whether an argument that the user says or an earlier turn gave is something that ``write`` made or named."""
    sources = earlier_sources(step)
    if any(write.call.id in ids for ids in sources.values()):
        return True
    names = names_in(step, specs)
    touched = made_ids(write).union(*names_in(write, specs).values())
    return any(touched & names[name] for name in {*sources, *said_names(step, specs)} if name in names)
