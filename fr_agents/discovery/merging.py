"""How far several processes are together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from envs.discovery import Progress


@dataclass
class _Group:
    """How far one group is: the stages of its initial states one after the other, so that it never goes back."""

    latest: Progress
    done: float = 0.0
    calls: int = 0
    start: int = 0


class MergedProgress:
    """Makes one account of those of all groups: their calls and tools are added up, and of the environments that are
    probed at the moment the one that was begun first is named.

    Args:
        sizes: The groups, with their numbers of tools.
        starts: How many initial states each of them has, at most.
        tell: Is told of every change.
    """

    def __init__(self, sizes: Mapping[str, int], starts: int, tell: Callable[[Progress], None] | None) -> None:
        self._sizes = sizes
        self._starts = max(starts, 1)
        self._tell = tell
        self._groups: dict[str, _Group] = {}
        self._finished: set[str] = set()

    def of(self, group: str) -> Callable[[Progress], None]:
        """What the process of that group, begun for the first time or again, tells its progress."""
        if group in self._groups:
            self._groups[group].start = 0

        def told(progress: Progress) -> None:
            self._note(self._groups.setdefault(group, _Group(progress)), progress)
            self._show()

        return told

    def finish(self, group: str, calls: int) -> None:
        """All that there is to know of the group is known, after so many calls."""
        self._finished.add(group)
        if group in self._groups:
            self._groups[group].calls = max(self._groups[group].calls, calls)
        self._show()

    def _note(self, group: _Group, progress: Progress) -> None:
        if progress.done < group.latest.done:  # the next initial state
            group.start = min(group.start + 1, self._starts - 1)
        share = progress.done / progress.total if progress.total else 0.0
        group.latest = progress
        group.done = max(group.done, (group.start + share) / self._starts)
        group.calls = max(group.calls, progress.calls)

    def _show(self) -> None:
        if self._tell is None or not self._groups:
            return
        running = [group.latest for name, group in self._groups.items() if name not in self._finished]
        named = running[0] if running else list(self._groups.values())[-1].latest
        done = sum(self._done(name) for name in self._sizes)
        calls = sum(group.calls for group in self._groups.values())
        total = sum(self._sizes.values())
        self._tell(named.model_copy(update={"done": done, "total": total, "calls": calls}))

    def _done(self, name: str) -> int:
        share = self._groups[name].done if name in self._groups else 0.0
        return self._sizes[name] if name in self._finished else int(self._sizes[name] * share)
