"""Finds out what the models of a configuration can do, by asking each one a handful of tiny questions.

Nothing is written, and no question stops the others: what goes wrong is a finding that says why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import anyio

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.clients import open_client
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.text_tools import TextToolsBackend
from fr_agents.config.models import ModelSettings
from fr_agents.doctor_models import Subject
from fr_agents.doctor_probes import FIRST, Finding, Probe, cut_off, probes, thoughts, usage
from fr_agents.doctor_server import Naming, served_models, told_names
from fr_agents.errors import InfrastructureError, PreflightError
from tools.base import Record

Opening = Callable[[ModelSettings], AbstractAsyncContextManager[Backend]]
OnFinding = Callable[[Subject, Finding], None]

# What lies in the way of a question is no answer to it.
_UNTOLD = frozenset(
    {"refused", "unreachable", "reset", "timeout", "rate_limit", "outage", "quota", "authentication", "permission"}
)


class Diagnosis(Record):
    """What was found out about one model, in the order in which it is shown."""

    subject: Subject
    findings: tuple[Finding, ...]

    @property
    def reachable(self) -> bool:
        return any(finding.check == "reachable" and finding.works for finding in self.findings)

    def of(self, check: str) -> Finding | None:
        """The finding of a check; none where it was not made."""
        return next((finding for finding in self.findings if finding.check == check), None)


class Doctor:
    """Examines models.

    Args:
        opening: Opens the bare client of a model, which neither repeats nor mends.
        naming: Asks a server for the models that it serves.
        clock: Gives seconds.
        on_finding: Is told of each finding as it is made.
    """

    def __init__(
        self,
        opening: Opening = open_client,
        naming: Naming = served_models,
        clock: Callable[[], float] = time.monotonic,
        on_finding: OnFinding = lambda subject, finding: None,
    ) -> None:
        self._opening = opening
        self._naming = naming
        self._clock = clock
        self._on_finding = on_finding

    async def examine_all(self, subjects: Sequence[Subject]) -> list[Diagnosis]:
        """Examine several models at the same time, each one question after the other. Raises nothing but what
        cancels it."""
        found: dict[int, Diagnosis] = {}

        async def one(index: int, subject: Subject) -> None:
            found[index] = await self.examine(subject)

        async with anyio.create_task_group() as group:
            for index, subject in enumerate(subjects):
                group.start_soon(one, index, subject)
        return [found[index] for index in range(len(subjects))]

    async def examine(self, subject: Subject) -> Diagnosis:
        """Examine one model. One that cannot be reached is asked nothing else."""
        findings: list[Finding] = []

        def keep(finding: Finding) -> None:
            findings.append(finding)
            self._on_finding(subject, finding)

        async with _Clients(self._opening) as clients:
            await self._examine(subject.settings, clients, keep)
        return Diagnosis(subject=subject, findings=tuple(findings))

    async def _examine(self, settings: ModelSettings, clients: _Clients, keep: Callable[[Finding], None]) -> None:
        reached, first = await self._reach(settings, clients)
        keep(reached)
        if not reached.works:
            return
        answers = [] if first is None else [first]
        if first is not None:
            keep(usage(first))
            keep(cut_off(first))
        for probe in probes():
            finding, answer = await _tried(probe, settings, clients)
            keep(finding)
            # What is asked for as a thought where tools are in text is none of the model's own.
            if answer is not None and probe.check != "text tools":
                answers.append(answer)
        keep(thoughts(answers))

    async def _reach(self, settings: ModelSettings, clients: _Clients) -> tuple[Finding, Answer | None]:
        """Whether the model answers at all, and its first answer; none where it is there and did not like the
        question."""
        answer = None
        began = self._clock()
        try:
            answer = await clients.ask(settings, FIRST)
        except (InfrastructureError, PreflightError) as error:
            told = _said(error)
            if "output limit was reached" not in told:
                return Finding(check="reachable", works=False, told=told), None
        except UnanswerableRequest:
            pass
        seconds = self._clock() - began
        name = told_names(settings, await self._naming(settings))
        told = " · ".join(part for part in (f"answers in {seconds:.1f} s", name) if part)
        return Finding(check="reachable", works=True, told=told), answer


class _Clients(AsyncExitStack):
    """The open clients of one model: one for each way of asking for JSON."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self._opening = opening
        self._open: dict[str, Backend] = {}

    async def ask(self, settings: ModelSettings, request: Request, *, as_text: bool = False) -> Answer:
        """Answer. ``as_text`` puts the request's tools into the prompt. Raises as backends do, and PreflightError."""
        if settings.output not in self._open:
            self._open[settings.output] = await self.enter_async_context(self._opening(settings))
        backend = self._open[settings.output]
        return await (TextToolsBackend(backend) if as_text else backend).complete(request)


async def _tried(probe: Probe, settings: ModelSettings, clients: _Clients) -> tuple[Finding, Answer | None]:
    """The finding of a probe, and the answer if there was one."""
    changed = _settings_for(probe, settings)
    try:
        answer = await _asked(probe, changed, clients)
    except BackendFault as fault:
        works = None if fault.kind in _UNTOLD else False
        return Finding(check=probe.check, works=works, told=_said(fault)), None
    except UnanswerableRequest as error:
        return Finding(check=probe.check, works=False, told=_said(error)), None
    except (InfrastructureError, PreflightError) as error:
        return Finding(check=probe.check, works=None, told=_said(error)), None
    return probe.judge(answer), answer


async def _asked(probe: Probe, settings: ModelSettings, clients: _Clients) -> Answer:
    """The answer to a probe. A server that fails is asked once more: it tells that it cannot do something in no other
    way than that it is in trouble, which may have passed by then."""
    as_text = probe.check == "text tools"
    try:
        return await clients.ask(settings, probe.request, as_text=as_text)
    except BackendFault as fault:
        if fault.kind != "server":
            raise
    return await clients.ask(settings, probe.request, as_text=as_text)


def _settings_for(probe: Probe, settings: ModelSettings) -> ModelSettings:
    """The settings with which a probe is asked: tools in text take the output that is configured."""
    if probe.check in ("json_schema", "function_calling", "text"):
        return settings.model_copy(update={"output": probe.check})
    return settings


def _said(error: Exception) -> str:
    """What happened, without the model and its address, which stand above the findings."""
    text = error.detail if isinstance(error, BackendFault) else str(error)
    return text.removesuffix("Nothing was started.").strip().rstrip(".")
