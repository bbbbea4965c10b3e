"""Where jobs are checkpointed: SQLite, or memory. A checkpoint holds plain data; nothing else is ever read from one."""

from fr_agents.checkpointing.opening import open_checkpointer
from fr_agents.checkpointing.plain import PlainSerializer
from fr_agents.checkpointing.saver import GroupedSqliteSaver

__all__ = ["GroupedSqliteSaver", "PlainSerializer", "open_checkpointer"]
