"""The models of a run: each behind its retries and its server's pace, within the run's budget, and with its journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fr_agents.backends.backend import Backend
from fr_agents.backends.clients import open_client
from fr_agents.backends.mending import MendingBackend
from fr_agents.backends.mixing import arranged
from fr_agents.backends.pacing.endpoint import Endpoints
from fr_agents.backends.retrying import RetryingBackend
from fr_agents.backends.text_tools import TextToolsBackend
from fr_agents.backends.watching import WatchedBackend
from fr_agents.config import RunConfig
from fr_agents.config.models import ModelSettings
from fr_agents.config.run import LimitsSettings
from fr_agents.journal.answers import Journal, open_journal
from fr_agents.journal.budget import Budget
from fr_agents.journal.journaled import JournaledBackend
from fr_agents.journal.ledger import spent_before
from fr_agents.journal.paying import PaidBackend
from fr_agents.models_now import ModelsNow


@dataclass(frozen=True)
class Books:
    """Where a run's paid answers are kept: the journal's file, the run's id in it, and the folder that is resumed.
    ``opened`` is told, once the models are there, what tells how they are; in any thread."""

    path: Path
    run: str
    folder: Path
    opened: Callable[[Callable[[], ModelsNow]], None] | None = None


class RunModels:
    """Opens each model once, for all roles that name it; made by ``open_models``."""

    def __init__(
        self, stack: AsyncExitStack, endpoints: Endpoints, budget: Budget, journal: Journal | None = None
    ) -> None:
        self._stack = stack
        self._endpoints = endpoints
        # A model that another one stands in for is not waited for.
        self._impatient = endpoints.impatient()
        self._budget = budget
        self._journal = journal
        self._singles: dict[tuple[ModelSettings, bool], Backend] = {}
        self._opened: dict[ModelSettings, Backend] = {}

    async def of(self, settings: ModelSettings) -> Backend:
        """What answers for ``settings``, with their mix and their fallbacks.

        Raises:
            PreflightError: a model needs a key and there is none, or cannot be loaded.
        """
        if settings not in self._opened:
            self._opened[settings] = await self._open(settings)
        return self._opened[settings]

    def now(self) -> ModelsNow:
        """How they are; in any thread."""
        return ModelsNow(self._budget.spent, self._endpoints.troubles())

    async def _open(self, settings: ModelSettings) -> Backend:
        all_in_text = all(member.tools == "text" for member in settings.every())
        last = settings.last_resorts()
        singles = {member: await self._single(member, all_in_text, last=member in last) for member in settings.every()}
        # Watched below the tools in text, so that what is seen is what the model reads.
        backend: Backend = WatchedBackend(arranged(settings, lambda member: singles[member.alone()]))
        if self._journal is not None:
            backend = JournaledBackend(backend, self._journal, settings)
        return TextToolsBackend(backend) if all_in_text else backend

    async def _single(self, member: ModelSettings, all_in_text: bool, *, last: bool) -> Backend:
        """One model. Among others that take tools natively, one that does not has them in text for itself."""
        if (member, last) not in self._singles:
            client = await self._stack.enter_async_context(open_client(member))
            pace = (self._endpoints if last else self._impatient).of(member)
            retrying = RetryingBackend(client, member.retries + 1, pace, member.max_tokens)
            paid = PaidBackend(retrying, member, self._budget)
            held = member.output != "text"
            self._singles[member, last] = MendingBackend(paid, max_tokens=member.max_tokens, held=held)
        single = self._singles[member, last]
        return TextToolsBackend(single) if member.tools == "text" and not all_in_text else single


def endpoints_for(limits: LimitsSettings) -> Endpoints:
    """The servers of a run, each with its own pace."""
    return Endpoints(limits.concurrency, limits.outage)


@asynccontextmanager
async def open_models(config: RunConfig, books: Books | None = None) -> AsyncIterator[RunModels]:
    """The models of a run, open until the context ends. Without ``books`` nothing is kept, and nothing found again.

    Raises:
        RunFolderError or InfrastructureError: the journal cannot be read or written.
    """
    async with AsyncExitStack() as stack:
        endpoints = endpoints_for(config.limits)
        if books is None:
            yield RunModels(stack, endpoints, Budget(config.limits))
            return
        journal = await stack.enter_async_context(open_journal(books.path, books.run))
        budget = Budget(config.limits, spent_before(books.path, books.run), str(books.folder))
        models = RunModels(stack, endpoints, budget, journal)
        if books.opened is not None:
            books.opened(models.now)
        yield models
