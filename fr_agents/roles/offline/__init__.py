"""Roles by rules: deterministic, without a model. Their language is templated; what they call is real.

``phrases`` is the small language that the querying role writes and the reasoning role reads. Everything in it comes
from tool descriptions, so tool names may be anything.
"""

from fr_agents.roles.offline.critiquing import OfflineCritiquing
from fr_agents.roles.offline.querying import OfflineQuerying
from fr_agents.roles.offline.reasoning import OfflineReasoning
from fr_agents.roles.offline.tooling import OfflineTooling

__all__ = ["OfflineCritiquing", "OfflineQuerying", "OfflineReasoning", "OfflineTooling"]
