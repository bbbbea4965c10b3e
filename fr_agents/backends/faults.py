"""What can go wrong between a backend and its model."""

from __future__ import annotations

from typing import Literal

from fr_agents.errors import FrAgentsError, InfrastructureError

FaultKind = Literal[
    "refused",
    "unreachable",
    "timeout",
    "rate_limit",
    "server",
    "malformed",
    "quota",
    "authentication",
    "permission",
    "unknown_model",
    "bad_request",
]
_TRANSIENT: frozenset[FaultKind] = frozenset({"refused", "unreachable", "timeout", "rate_limit", "server", "malformed"})


class BackendFault(InfrastructureError):  # noqa: N818 - named like the other faults of a service
    """A request failed for a reason that lies in the service, not in the request. The text names model and address.

    ``where`` is the model and its address alone, ``detail`` what happened there, and ``retry_after`` the seconds that
    the service asked to wait.
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


class UnanswerableRequest(FrAgentsError):  # noqa: N818 - an outcome for one request, not a defect
    """The model cannot answer this one request (too long for it, filtered, unreadable to its server); others it can."""
