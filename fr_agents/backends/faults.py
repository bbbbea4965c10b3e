"""What can go wrong between a backend and its model."""

from __future__ import annotations

from typing import Literal

from fr_agents.errors import FrAgentsError, InfrastructureError

FaultKind = Literal[
    "refused",
    "unreachable",
    "reset",
    "timeout",
    "rate_limit",
    "server",
    "malformed",
    "outage",
    "quota",
    "authentication",
    "permission",
    "unknown_model",
    "bad_request",
]
_TRANSIENT: frozenset[FaultKind] = frozenset(
    {"refused", "unreachable", "reset", "timeout", "rate_limit", "server", "malformed"}
)
_SHOWS_LIFE: frozenset[FaultKind] = frozenset(
    {"rate_limit", "quota", "authentication", "permission", "unknown_model", "bad_request"}
)


class BackendFault(InfrastructureError):  # noqa: N818 - named like the other faults of a service
    """A request failed for a reason that lies in the service, not in the request. The text names model and address.

    ``where`` is the model and its address alone, ``detail`` what happened there, and ``retry_after`` the seconds that
    the service asked to wait. Of the kinds, ``reset`` is a connection that broke off in the middle of an answer,
    ``malformed`` an answer that is no completion, and ``outage`` a service that was waited for long enough.
    """

    def __init__(self, kind: FaultKind, where: str, detail: str, retry_after: float | None = None) -> None:
        super().__init__(f"{where} {detail}")
        self.kind: FaultKind = kind
        self.where = where
        self.detail = detail
        self.retry_after = retry_after

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in _TRANSIENT

    @property
    def shows_life(self) -> bool:
        """Whether the service itself answered, and said why it does not serve the request."""
        return self.kind in _SHOWS_LIFE


class UnanswerableRequest(FrAgentsError):  # noqa: N818 - an outcome for one request, not a defect
    """The model cannot answer this one request (too long for it, filtered, unreadable to its server); others it can."""
