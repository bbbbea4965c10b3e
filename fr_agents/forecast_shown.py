"""A forecast as a person reads it."""

from __future__ import annotations

from collections.abc import Callable

from fr_agents.forecast import Forecast, Range
from fr_agents.funnel import counted
from fr_agents.funnel_paid import usd

_LABEL = 12


def forecast_lines(told: Forecast, priced: bool) -> list[str]:
    """What the rest will take, one line each, with its range. ``priced``: whether any model has a price, so that money
    is not passed over in silence where it cannot be told."""
    made = f"{told.accepted} accepted of {counted(told.jobs, 'job')}"
    left = "the last trajectory" if told.left == 1 else f"the other {told.left:,} trajectories"
    lines = [f"forecast for {left}, from {made}:"]
    lines += [_line("time", _ranged(told.seconds, _time))]
    if told.roles:
        lines += [_line("calls", _ranged(told.calls, _number)), _line("tokens", _tokens(told))]
        lines += [_line(f"  {role}", _tokens_of_role(told, role)) for role in told.roles]
    if told.money is not None:
        lines.append(_line("money", _ranged(told.money, usd)))
    elif priced and told.roles:
        lines.append(_line("money", "not told: some of the models that are called have no price"))
    if told.untold:
        lines.append(f"{counted(told.untold, 'call')} came without a count of tokens: it will be more than this.")
    return lines


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL}} {text}"


def _ranged(told: Range, worded: Callable[[float], str]) -> str:
    return f"{worded(told.expected)} ({worded(told.low)} to {worded(told.high)})"


def _tokens(told: Forecast) -> str:
    return f"{_ranged(told.prompt_tokens, _number)} in, {_ranged(told.completion_tokens, _number)} out"


def _tokens_of_role(told: Forecast, name: str) -> str:
    role = told.roles[name]
    tokens = f"{_number(role.prompt_tokens.expected)} tokens in, {_number(role.completion_tokens.expected)} out"
    return f"{_number(role.calls.expected)} calls, {tokens}"


def _number(value: float) -> str:
    """Two or three digits that mean something, the rest is not known."""
    if value < 100:
        return f"{value:.0f}"
    digits = 10 ** (len(str(int(value))) - 2)
    return f"{round(value / digits) * digits:,}"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 100:
        return f"{minutes:.0f} min" if minutes >= 10 else f"{minutes:.1f} min"
    hours = minutes / 60
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
