"""A stage to work with."""

from collections.abc import AsyncIterator

import pytest

from tests.handoffs.stage_at_work import StageAtWork, StageUrl, stage_at_work, stage_templates, stage_url

__all__ = ["stage_templates", "stage_url"]


@pytest.fixture
def own_url(stage_url: StageUrl) -> str:
    return stage_url("account")


@pytest.fixture
async def stage(own_url: str) -> AsyncIterator[StageAtWork]:
    async with stage_at_work("account", own_url) as made:
        yield made
