"""Which tools open a session: whoever does so is the principal of all that follows."""

from __future__ import annotations

from functools import lru_cache

from tools.spec import ToolSpec
from tools.wording import words

_VERBS = frozenset({"login", "signin", "authenticate", "logon"})
_CREDENTIALS = frozenset({"password", "pin", "secret", "passphrase"})


def signs_in(spec: ToolSpec) -> bool:
    """Whether a tool opens a session, by the verb of its name or by the credentials that it takes."""
    return spec.effect != "read" and _signs_in(spec.name, tuple(spec.properties))


@lru_cache(maxsize=8192)
def _signs_in(tool: str, parameters: tuple[str, ...]) -> bool:
    name = words(tool)
    if _VERBS.intersection(name) or name[:2] in (("sign", "in"), ("log", "in")):
        return True
    return any(_CREDENTIALS.intersection(words(parameter)[-1:]) for parameter in parameters)
