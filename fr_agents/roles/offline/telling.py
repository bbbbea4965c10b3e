"""What the offline reasoning agent says: its thoughts before calls, and the outcome in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fr_agents.roles.offline.conversation import Conversation, call_key
from fr_agents.roles.offline.mending import Mend
from fr_agents.roles.offline.planning import Output, PlannedCall
from fr_agents.roles.offline.progressing import Progress
from tools.base import Json, canonical_json
from tools.call import ToolCall
from tools.paths import leaf_values
from tools.shown import Shown
from tools.spec import ToolSpec
from tools.wording import label, labels, request_phrase

_MOST_FACTS = 4
_MOST_ENTRIES = 5


def tell_thought(plan: Sequence[PlannedCall], calls: Sequence[PlannedCall], *, begun: bool) -> str:
    """Why these calls come next; ``begun`` where others were made for the request already."""
    tasks = [request_phrase(goal.spec) for goal in plan]
    opening = "" if begun else f"The user wants me to {_listed(tasks)}. "
    lookups = [call for call in calls if call not in plan]
    if lookups:
        needed = [_needed_for(call, plan) for call in lookups]
        return f"{opening}Before that I need {_listed(list(dict.fromkeys(needed)))}, so I look that up first."
    now = _listed([request_phrase(call.spec) for call in calls])
    return f"{opening}I know all that it takes to {now}." if opening else f"Now I can {now}."


def tell_trouble(conversation: Conversation, mends: Sequence[Mend], progress: Progress, *, again: bool) -> str:
    """What the last calls had to say that was not expected: a name that nobody knows, the one that must be meant, and
    a call that has to wait. ``again`` where such a call is made once more now."""
    found = []
    latest = {call.key: call for call in (conversation.latest if conversation.calls else ())}
    for call in latest.values():
        said = [mend for mend in mends if call.error and mend.said in call.arguments.values()]
        found += [f'There is no {_thing(mend)} called "{mend.said}", so I look at what there is.' for mend in said]
        if call.error and not said:
            later = "" if again else " I go on with the rest, and come back to it."
            found.append(f"That does not work yet: {call.error}{later}")
    for mend in mends:
        meant = mend.meant(progress)
        if meant is not None and progress.key(mend.found.call) in latest:
            found.append(f'"{mend.said}" must mean "{meant}".')
    if again:
        found.append("What was missing may be there by now, so I try again what failed.")
    return " ".join(dict.fromkeys(found))


def tell_mended(mends: Sequence[Mend], progress: Progress) -> str:
    """Which names were taken for others: the user should know."""
    pairs = dict.fromkeys((mend.said, mend.meant(progress)) for mend in mends)
    return " ".join(f'I took "{said}" to mean "{meant}".' for said, meant in pairs if meant is not None)


def _thing(mend: Mend) -> str:
    """What a name is the name of."""
    text = labels(mend.spec)[mend.parameter]
    return re.sub(r"^(?:\w+ )?name of (?:the |a |an )?| name$", "", text, flags=re.IGNORECASE) or text


def tell_step(conversation: Conversation, calls: Sequence[tuple[ToolSpec, ToolCall]]) -> str:
    """Why calls that are about to be made follow from what was said and returned so far; the plan is not known."""
    failed = [call for call in (conversation.latest if conversation.calls else ()) if call.error]
    trouble = [f"That did not work: {call.error.rstrip('.')}." for call in failed]
    again = any(conversation.failed(call_key(call.name, call.arguments)) for _, call in calls)
    now = _listed(list(dict.fromkeys(request_phrase(spec) for spec, _ in calls)))
    if again:
        reason = f"What was missing may be there by now, so I try once more to {now}."
    elif failed:
        reason = f"So I go another way: I {now}."
    else:
        reason = _reason(conversation, calls, now)
    return " ".join(dict.fromkeys([*trouble, reason]))


def _reason(conversation: Conversation, calls: Sequence[tuple[ToolSpec, ToolCall]], now: str) -> str:
    """What is known that makes calls possible; or, of calls that take nothing, that there is something to be seen."""
    latest = [call.content for call in (conversation.latest if conversation.calls else ()) if not call.error]
    results = [call.content for call in conversation.calls if not call.error]
    earlier = [content for _, content in conversation.earlier]
    said = [conversation.request, *conversation.profile.values()]
    if new := _labels_of(calls, Shown.of([], latest)) or _labels_of(calls, Shown.of([], results)):
        return f"Now I have {_listed(new)}, so I can {now}."
    if told := _labels_of(calls, Shown.of(said, [])):
        return f"The user tells me {_listed(told)}, so I can {now}."
    if known := _labels_of(calls, Shown.of([], earlier)):
        return f"I know {_listed(known)} from before, so I can {now}."
    if all(spec.effect == "read" for spec, _ in calls):
        return f"I need to see what there is, so I {now}."
    return f"The user asks for it, so I {now}."


def _labels_of(calls: Sequence[tuple[ToolSpec, ToolCall]], shown: Shown) -> list[str]:
    """The labels of the arguments of which all values were shown."""
    found = []
    for spec, call in calls:
        names = labels(spec)
        for name, value in call.arguments.items():
            leaves = [leaf for _, leaf in leaf_values(value) if leaf is not None and not isinstance(leaf, bool)]
            if name in names and leaves and all(map(shown.says, leaves)):
                found.append(f"the {names[name]}")
    return list(dict.fromkeys(found))


def tell_done(conversation: Conversation) -> str:
    """Why it is time to answer: nothing is left to do, or what was done failed last."""
    if conversation.calls and conversation.latest[-1].error:
        return "The last call failed, and I see no other way, so I tell the user."
    if not conversation.calls:
        return "I can answer this from what was said already."
    return "Everything that was asked for is done, so I tell the user what came of it."


def tell_outcome(results: Sequence[tuple[ToolSpec, Json]]) -> str:
    """What came of each task, with the facts that its call returned and nothing else."""
    return " ".join(_outcome(spec, content) for spec, content in results)


def _outcome(spec: ToolSpec, content: Json) -> str:
    task = request_phrase(spec)
    done = f"{task[:1].upper()}{task[1:]}: done."
    facts = "; ".join(_facts(spec, content))
    told = f"{facts[:1].upper()}{facts[1:]}." if facts else ""
    if spec.effect == "write":
        return f"{done} {told}".strip()
    return told or done


def _facts(spec: ToolSpec, content: Json) -> list[str]:
    if not isinstance(content, dict):
        return [] if content in (None, [], "") else [_short(content)]
    fields = spec.returns.get("properties", {})
    shown = list(content.items())[:_MOST_FACTS]
    return [f"{label(name, fields.get(name, {}))}: {_short(value)}" for name, value in shown]


def _short(value: Json) -> str:
    """A value in words; of a long list the first entries, and how many more there are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, [], {}, ""):
        return "none"
    if isinstance(value, list):
        more = f" and others ({len(value)} in all)" if len(value) > _MOST_ENTRIES else ""
        return ", ".join(_short(item) for item in value[:_MOST_ENTRIES]) + more
    if isinstance(value, dict):
        first, *others = [_short(item) for item in value.values()]
        return f"{first} ({', '.join(others)})" if others else first
    return value.rstrip(".") if isinstance(value, str) else canonical_json(value)


def _needed_for(lookup: PlannedCall, plan: Sequence[PlannedCall]) -> str:
    """The label of the argument that a look-up is for."""
    queue = list(plan)
    while queue:
        call = queue.pop(0)
        for name, source in call.arguments:
            if isinstance(source, Output):
                if source.call == lookup:
                    return f"the {labels(call.spec)[name]}"
                queue.append(source.call)
    return f"to {request_phrase(lookup.spec)}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
