"""What the keys of one model must not say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fr_agents.config.model_names import MIX
from fr_agents.config.parameters import check_parameters

if TYPE_CHECKING:
    from fr_agents.config.models import ModelSettings

# What a mix itself may be given: everything else belongs to its members.
_OF_A_MIX = frozenset({"model", "mix", "fallbacks", "weight"})
_OF_A_SERVER = ("base_url", "api_key_env", "parameters")


def check_model(model: ModelSettings) -> None:
    """Refuse what would be left unheard, or could not be done. Raises ValueError; the text names the key."""
    check_parameters(model.parameters, constructor=model.kind in ("class", "provider"))
    if model.kind == "scripted" and (useless := [name for name in _OF_A_SERVER if getattr(model, name)]):
        raise ValueError(f"{', '.join(useless)}: a script has no server")
    _check_mix(model)
    if any(other.offline for other in (*model.fallbacks, *model.mix)) or (model.offline and model.fallbacks):
        raise ValueError("offline stands alone: it has no fallbacks, is none, and is in no mix")
    if any(other.weight != 1 for other in model.fallbacks):
        raise ValueError("weight: only a member of a mix has one")


def _check_mix(model: ModelSettings) -> None:
    if (model.model == MIX) != bool(model.mix):
        raise ValueError("mix: give either a model or a mix of them" if model.mix else "mix: names no models")
    if not model.mix:
        return
    fields = type(model).model_fields.items()
    defaults = {name: field.get_default(call_default_factory=True) for name, field in fields}
    changed = [name for name, default in defaults.items() if getattr(model, name) != default]
    if names := [name for name in changed if name not in _OF_A_MIX]:
        raise ValueError(f"{', '.join(names)}: give it to each member of the mix")
    if any(member.mix for member in model.mix):
        raise ValueError("mix: a member is a model, or a list of a model and its fallbacks, and no mix")
