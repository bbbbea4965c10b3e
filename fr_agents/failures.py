"""What ends a run from outside, in words for the person who runs it: the one place where such exceptions are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from envs.pool import ReplayError
from envs.world import ToolDefectError
from fr_agents.errors import FrAgentsError, InfrastructureError
from graphs.aside import StuckToolsError


@contextmanager
def infrastructure_errors() -> Iterator[None]:
    """Turns the failures of worlds and disks into InfrastructureError, and several at once into one.

    Errors that fr-agents raises on purpose come out as they are, and so does what nobody foresaw: a defect of the
    program, whose traceback is needed.
    """
    try:
        yield
    except ExceptionGroup as group:
        errors = list(_members(group))
        texts = [_told(error) for error in errors]
        if None in texts:
            raise
        if isinstance(errors[0], FrAgentsError) and len({(type(error), str(error)) for error in errors}) == 1:
            raise errors[0] from None
        raise InfrastructureError("\n".join(dict.fromkeys(text for text in texts if text))) from group
    except (ToolDefectError, ReplayError, StuckToolsError, OSError) as error:
        raise InfrastructureError(_told(error)) from error


def _told(error: Exception) -> str | None:
    """The text for a failure; none for one that nobody foresaw."""
    if isinstance(error, ToolDefectError | ReplayError | StuckToolsError):
        return f"The run was ended by a world: {error}"
    if isinstance(error, OSError):
        return f"A file cannot be read or written: {error}."
    return str(error) if isinstance(error, FrAgentsError) else None


def _members(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    """The failures in a group and in the groups inside it."""
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _members(error)
        else:
            yield error
