"""What the system message tells about the user: who it is, and secrets that nobody would say in a chat."""

from __future__ import annotations

from tools.base import Json, Record
from tools.wording import words

_SECRETS = frozenset({"password", "passphrase", "passcode", "pin", "secret", "cvv", "cvc"})
_SECRET_PAIRS = frozenset(
    {("pin", "code"), ("card", "number"), ("card", "code"), ("security", "code"), ("verification", "number")}
    | {("passport", "number"), ("security", "number"), ("api", "key"), ("secret", "key"), ("private", "key")}
    | {("access", "token"), ("refresh", "token"), ("auth", "token"), ("bearer", "token"), ("token",)}
)


class ProfileEntry(Record):
    """One thing that the system message tells about the user: a password, a user name, the number of a card.

    ``parameters`` are those that take it as their value: a parameter of any tool, or ``tool.parameter``.
    """

    label: str
    value: Json
    parameters: tuple[str, ...]


def is_secret(parameter: str) -> bool:
    """Whether a parameter of this name takes what a user would not say in a chat: a password, a PIN, the number of a
    card or a passport, an access token."""
    own = words(parameter)
    return bool(_SECRETS.intersection(own[-1:])) or own[-2:] in _SECRET_PAIRS
