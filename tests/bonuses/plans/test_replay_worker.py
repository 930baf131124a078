"""A replay outlives a database that is away for a moment."""

from unittest.mock import AsyncMock, Mock

import pytest
from sqlalchemy.exc import InterfaceError

from conveyor.bonuses.plans import replay_worker
from conveyor.bonuses.plans.replay_worker import ReplayWorker
from conveyor.kit.database import DatabaseBusy, DatabaseUnavailable


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (DatabaseUnavailable(), DatabaseUnavailable),
        (DatabaseBusy(), DatabaseBusy),
        (InterfaceError("SELECT 1", {}, Exception(), connection_invalidated=True), DatabaseUnavailable),
    ],
)
async def test_it_is_not_given_up_for_the_database(
    error: Exception, raised: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = AsyncMock()
    monkeypatch.setattr(replay_worker, "advance_replay", AsyncMock(side_effect=error))
    monkeypatch.setattr(replay_worker, "fail_replay", given_up)

    with pytest.raises(raised):
        await ReplayWorker(Mock()).advanced()

    given_up.assert_not_awaited()


async def test_what_cannot_be_computed_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = AsyncMock()
    monkeypatch.setattr(replay_worker, "advance_replay", AsyncMock(side_effect=ZeroDivisionError))
    monkeypatch.setattr(replay_worker, "fail_replay", given_up)

    assert await ReplayWorker(Mock()).advanced()

    given_up.assert_awaited_once()
