"""Checks records from the file alone: every call is made again, and all that follows from the calls is worked out anew.

What nothing else in a record tells is taken as it is: the words of the roles (thoughts, replies, hints, the advanced
tool's name and description, the style of a query), and where the record comes from (``lineage``, the world's seed).
"""

from fr_agents.verification.purpose import Purpose, purpose_of_file
from fr_agents.verification.reading import verify_file
from fr_agents.verification.record import verify_record

__all__ = ["Purpose", "purpose_of_file", "verify_file", "verify_record"]
