"""The built-in world ``workspace``: the files, contacts, messages, tickets and calendar of one office worker."""

from envs.workspace.domain import WorkspaceDomain
from envs.workspace.environment import WorkspaceEnvironment

__all__ = ["WorkspaceDomain", "WorkspaceEnvironment"]
