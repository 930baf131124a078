"""A telemarketing service for each test, with two SDRs, Anna and Zoya."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers import FreshDatabase
from tests.telemarketing.line import Line, open_line


@pytest.fixture
async def line(fresh_database: FreshDatabase, tmp_path: Path) -> AsyncIterator[Line]:
    opened = open_line(fresh_database("telemarketing").app, tmp_path)
    await opened.hire("Anna")
    await opened.hire("Zoya")
    yield opened
    await opened.service.database.close()
