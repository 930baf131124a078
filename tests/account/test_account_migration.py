"""What the migrations make is what the code declares."""

import pytest

from conveyor.kit.migrations.drift import differences
from tests.handoffs.stage_at_work import STAGES
from tests.servers import FreshDatabase

ROOMS = ("account",)


@pytest.mark.parametrize("room", ROOMS)
def test_tables_are_as_declared(fresh_database: FreshDatabase, room: str) -> None:
    assert STAGES["account"].ACCOUNT.stage == "account"
    urls = fresh_database("account")

    found = differences(urls.app, packages=[room])

    assert [change for change in found if change[0] != "remove_table" and change[0] != "remove_index"] == []
