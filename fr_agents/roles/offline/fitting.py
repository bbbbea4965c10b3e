"""What the offline reasoning agent knows of which output can be an argument: the common sense that a model brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tools.fits import THRESHOLD, Fit, find_fits
from tools.graph import Edge
from tools.remembered import Remembered
from tools.spec import ToolSpec

# From this score on, a fit is more than a guess.
_SURE = 0.7
# So many different sets of tools are remembered.
_TOOL_SETS = 256

Between = Mapping[tuple[str, str], tuple[Fit, ...]]


class Fitting:
    """The outputs that can give parameters their values: by edges, which were found by trying, and by schemas. Where
    edges tell of a parameter, what merely looks like it is a guess."""

    def __init__(self, edges: Iterable[Edge] = ()) -> None:
        self._by_consumer: dict[str, list[Fit]] = {}
        self._between: Remembered[tuple[str, ...], Between] = Remembered(_TOOL_SETS)
        for edge in edges:
            if edge.parameter is not None and edge.kind != "breaks":
                self._by_consumer.setdefault(edge.consumer, []).append(_fit_of(edge, edge.parameter))

    def between(self, tools: Sequence[ToolSpec]) -> Between:
        """The fits between these tools, by consumer and parameter."""
        return self._between.get(tuple(spec.fingerprint for spec in tools), lambda: self._found(tools))

    def _found(self, tools: Sequence[ToolSpec]) -> Between:
        names = {spec.name for spec in tools}
        found: dict[tuple[str, str], dict[tuple[str, str], Fit]] = {}
        for fit in self._known(tools):
            if fit.producer in names and fit.producer != fit.consumer:
                found.setdefault((fit.consumer, fit.parameter), {}).setdefault((fit.producer, fit.path), fit)
        return {key: tuple(fits.values()) for key, fits in found.items()}

    def _known(self, tools: Sequence[ToolSpec]) -> Iterator[Fit]:
        tried: set[tuple[str, str]] = set()
        for spec in tools:
            for fit in self._by_consumer.get(spec.name, ()):
                tried.add((fit.consumer, fit.parameter))
                yield fit
        for fit in find_fits(tools):
            guessed = (fit.consumer, fit.parameter) in tried
            yield fit.model_copy(update={"score": THRESHOLD}) if guessed else fit


def is_guess(fit: Fit) -> bool:
    """Whether a fit is to be used only where there is nothing better."""
    return fit.score < _SURE


def _fit_of(edge: Edge, parameter: str) -> Fit:
    return Fit(producer=edge.producer, path=edge.path, consumer=edge.consumer, parameter=parameter, score=edge.score)
