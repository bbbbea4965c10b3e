"""Errors for the person who runs fr-agents: each text says what happened, where, and what to do.

``exit_code`` is what the command line ends with. The texts are complete sentences or lines; nothing is to be added.
"""

from __future__ import annotations


class FrAgentsError(Exception):
    """The base of all errors that fr-agents raises on purpose."""

    exit_code = 1


class ConfigError(FrAgentsError, ValueError):
    """A configuration that cannot be used: one line for each wrong key."""

    exit_code = 2


class RunFolderError(FrAgentsError):
    """A folder that is no run, is another version's, is damaged, or cannot be written."""

    exit_code = 2


class RunExistsError(RunFolderError):
    """A new run was to be put where something is already."""


class RunInUseError(RunFolderError):
    """A live process holds the run's lock."""


class PreflightError(FrAgentsError):
    """A model that would not answer: found before the first trajectory was started."""

    exit_code = 2


class InfrastructureError(FrAgentsError):
    """Something outside failed in the middle of a run: a server, a disk, a world's tool. What was done so far is kept,
    and the run can be resumed."""

    exit_code = 3
