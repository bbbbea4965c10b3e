"""LangGraph's own suite for checkpoint savers finds nothing wrong with ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability

from fr_agents.checkpointing import open_checkpointer


@pytest.mark.parametrize("capability", [each.value for each in Capability])
async def test_a_capability_conforms(tmp_path: Path, capability: str) -> None:
    @checkpointer_test(name=f"GroupedSqliteSaver {uuid4()}")
    async def saver() -> AsyncIterator[BaseCheckpointSaver[int]]:
        async with open_checkpointer("sqlite", tmp_path / "checkpoints.sqlite", history=True) as opened:
            yield opened

    result = (await validate(saver, capabilities={capability})).results[capability]
    assert result.failures == []
    assert result.passed
    assert result.tests_passed >= 5
