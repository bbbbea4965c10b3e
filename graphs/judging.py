"""Asks the optional judging role about a query that code has found nothing wrong with."""

from __future__ import annotations

from graphs.context import RunContext
from graphs.roles import JudgingView, QueryDraft, QueryingView, RoleFailure, Unanswerable
from graphs.validation.problem import Problem

_REASONS = "judged not {}"


async def judged(draft: QueryDraft, view: QueryingView, context: RunContext) -> Problem | None:
    """What the judge finds wrong with a draft, by the first of the configured rubrics that does not hold; None where
    all hold, or nobody judges. A judge who gives no usable answer has not found it good.

    Args:
        draft: The query; code has checked it.
        view: What its author was shown.
        context: Whether there is a judge, and what it is asked.

    Raises:
        Unanswerable: the judge cannot be asked about this conversation at all.
    """
    judge = context.roles.judging
    if judge is None:
        return None
    tool = view.advanced_tool
    for rubric in context.author.rubrics:
        asked = JudgingView(
            rubric=rubric,
            query=draft.text,
            tasks=tuple(sink.task for sink in tool.sinks),
            said=tuple(item.value for item in tool.inputs if not item.earlier),
            earlier_messages=view.earlier_messages,
        )
        try:
            judgement = await judge(asked)
        except Unanswerable:
            raise
        except RoleFailure as failure:
            return Problem(reason="query could not be judged", text=str(failure))
        if not judgement.passed:
            return Problem(reason=_REASONS.format(rubric), text=f"The query is not {rubric}: {judgement.reason}")
    return None
