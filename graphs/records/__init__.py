"""What a run is made of and what it leaves behind. Free of LangGraph, so that rewards and verification load light."""

from graphs.records.attempt import Attempt, Verdict
from graphs.records.job import Job, TurnPlan
from graphs.records.query import HardQuery, Mention
from graphs.records.trajectory import SCHEMA_VERSION, Lineage, RecordedCall, Rejection, Trajectory, Turn
from tools.advanced import AdvancedInput, AdvancedTool, Sink
from tools.intent import WantedEdge

__all__ = [
    "SCHEMA_VERSION",
    "AdvancedInput",
    "AdvancedTool",
    "Attempt",
    "HardQuery",
    "Job",
    "Lineage",
    "Mention",
    "RecordedCall",
    "Rejection",
    "Sink",
    "Trajectory",
    "Turn",
    "TurnPlan",
    "Verdict",
    "WantedEdge",
]
