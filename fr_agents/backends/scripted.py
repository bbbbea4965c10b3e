"""A backend that is a function: for tests, and for whoever has a model behind something else than HTTP."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fr_agents.backends.answers_file import AnswersFile
from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.faults import BackendFault
from fr_agents.config.model_names import SCRIPTED
from fr_agents.errors import FrAgentsError, PreflightError

Answering = Callable[[Request], Answer | str | Awaitable[Answer | str]]


class ScriptedBackend:
    """Answers with what ``function`` returns for a request: an answer, or its text alone.

    The function may be asynchronous, and should be where it takes its time. It may raise UnanswerableRequest, and
    BackendFault of any kind.
    """

    def __init__(self, function: Answering, name: str = "scripted") -> None:
        self.name = name
        self._function = function

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises BackendFault where the function fails or returns something else."""
        try:
            answer = self._function(request)
            if inspect.isawaitable(answer):
                answer = await answer
        except FrAgentsError:
            raise
        except Exception as error:  # a function of anyone's may raise anything
            raise BackendFault("bad_request", self.name, f"raised {error!r}") from error
        if isinstance(answer, str):
            return Answer(text=answer)
        if not isinstance(answer, Answer):
            raise BackendFault("bad_request", self.name, f"returned {type(answer).__name__}, and no Answer or text")
        return answer


def open_script(name: str) -> ScriptedBackend:
    """The backend of ``scripted/FILE.py:function`` or ``scripted/FILE.jsonl``, read from the working directory on.

    A file of Python runs as code when it is opened; it is the user's own, as a world's module is.

    Raises:
        PreflightError: there is no such file or function, or the file cannot be used.
    """
    script = name.removeprefix(SCRIPTED)
    if script.endswith(".jsonl"):
        return ScriptedBackend(AnswersFile.read(Path(script), name).answer, name)
    path, _, attribute = script.rpartition(":")
    function = getattr(_module(Path(path), name), attribute, None)
    if not callable(function):
        raise PreflightError(f"{name}: {path} has no function {attribute}. Nothing was started.")
    return ScriptedBackend(function, name)


def _module(path: Path, name: str) -> Any:
    if not path.is_file():
        raise PreflightError(f"{name}: there is no file {path.absolute()}. Nothing was started.")
    spec = importlib.util.spec_from_file_location(f"fr_agents_script_{path.stem}", path)
    assert spec is not None  # noqa: S101 - the name ends with .py, for which there is a loader
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a file of anyone's may raise anything
        raise PreflightError(f"{name}: {path} does not run: {error!r}. Nothing was started.") from error
    return module
